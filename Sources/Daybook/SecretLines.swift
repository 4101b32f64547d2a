import Crypto
import Domain
import EventStore
import Events
import RawJSON

/// The secrets of a continuous backup as lines, each sealed as in the journal.
///
///     {"owner":"instance/1","name":"oauth.api.secret","sealed":…,"lookUp":null,"expiresAtMs":null}
///     {"secrets":1,"sha256":"e3b0…"}
enum SecretLines {
  static func bytes(of rows: [SecretRow]) -> [UInt8] {
    var lines: [UInt8] = []
    for row in rows {
      let line: Row = [
        "owner": .text(row.owner.text), "name": .text(row.name),
        "sealed": .text(base64(row.sealed)),
        "lookUp": row.lookUp.map { .text(base64($0)) } ?? .null,
        "expiresAtMs": row.expiresAt.map { .integer($0.milliseconds) } ?? .null,
      ]
      lines += line.json + [10]
    }
    let end: Row = [
      "secrets": .integer(Int64(rows.count)),
      "sha256": .hex(hexadecimal(Array(SHA256.hash(data: lines)))),
    ]
    return lines + end.json + [10]
  }

  /// Reads the lines; nil where they are not whole.
  static func rows(in file: LineFile) throws(JournalError) -> [SecretRow]? {
    var rows: [SecretRow] = []
    var hash = SHA256()
    while let bytes = try file.next() {
      guard let json = try? JSON.parse(Array(bytes)) else { return nil }
      if let count = json["secrets"]?.integer {
        let isWhole =
          count == rows.count && json["sha256"]?.text == hexadecimal(Array(hash.finalize()))
        return isWhole ? rows : nil
      }
      hash.update(data: bytes + [10])
      guard let row = SecretRow(json) else { return nil }
      rows.append(row)
    }
    return nil
  }
}

extension SecretRow {
  fileprivate init?(_ json: JSON) {
    guard let owner = json["owner"]?.text, let name = json["name"]?.text,
      let sealed = json["sealed"]?.text.flatMap({ bytesOf(base64: $0) })
    else { return nil }
    self.init(
      owner: StreamName(stored: owner), name: name, sealed: sealed,
      lookUp: json["lookUp"]?.text.flatMap { bytesOf(base64: $0) },
      expiresAt: json["expiresAtMs"]?.integer.map { Moment(milliseconds: Int64($0)) })
  }
}
