import Crypto
import Domain
import Engine
import EventStore
import Events
import RawJSON

/// The lines of an exported log.
///
///     {"export":1,"format":0,"journal":"0001…","after":0,"digest":"0000…"}
///     {"payload":"9f86…","salt":"00…","kind":"evidence","form":"bytes","length":3,"content":…}
///     {"position":1,"stream":"journal","version":1,"type":"journal.created",…,"digest":"77ab…"}
///     {"manifest":1,"events":1,"payloads":1,"head":1,"digest":"77ab…","sha256":"e3b0…"}
///
/// Payloads stand before the first event that names them. `sha256` is over all lines before it,
/// their ends included. docs/moving.md has every field.
enum LogBundle {
  /// The version of this form.
  static let version: Int64 = 1

  /// The first line: whose log it is, and the event that it continues.
  struct Header: Equatable {
    var journal: String
    var after: Int64
    /// The digest of that event in hexadecimal digits; zeros before the first.
    var digest: String
  }

  /// The last line.
  struct Manifest: Equatable {
    var events: Int64 = 0
    var payloads: Int64 = 0
    var head: Int64
    var digest: String
    var sha256 = ""
  }

  /// One line, by its first member.
  enum Line {
    case header(Header)
    case payload(StoredPayload)
    case event(RecordedEvent)
    case manifest(Manifest)
  }
}

extension LogBundle {
  static func line(_ header: Header) -> [UInt8] {
    bytes([
      "export": .integer(version), "format": .integer(0), "journal": .hex(header.journal),
      "after": .integer(header.after), "digest": .hex(header.digest),
    ])
  }

  static func line(_ payload: StoredPayload) -> [UInt8] {
    bytes([
      "payload": .hex(hexadecimal(payload.digest)), "salt": .hex(hexadecimal(payload.salt)),
      "kind": .text(payload.kind), "form": .text(payload.form),
      "length": .integer(payload.length), "content": .text(base64(payload.content)),
    ])
  }

  static func line(_ row: RecordedEvent) -> [UInt8] {
    bytes([
      "position": .integer(row.position), "stream": .text(row.stream.text),
      "version": .integer(row.version), "type": .text(row.type),
      "revision": .integer(Int64(row.revision)),
      "recordedAtMs": .integer(row.recordedAt.milliseconds),
      "cause": row.cause.map(Field.integer) ?? .null, "key": row.key.map(Field.text) ?? .null,
      // The text as it stands: the digest covers its bytes.
      "body": .text(row.body), "digest": .hex(hexadecimal(row.digest)),
    ])
  }

  static func line(_ manifest: Manifest) -> [UInt8] {
    bytes([
      "manifest": .integer(version), "events": .integer(manifest.events),
      "payloads": .integer(manifest.payloads), "head": .integer(manifest.head),
      "digest": .hex(manifest.digest), "sha256": .hex(manifest.sha256),
    ])
  }

  private static func bytes(_ row: Row) -> [UInt8] { row.json + [10] }
}

extension LogBundle.Line {
  /// Reads a line without its end; nil where it is none of a bundle.
  init?(_ bytes: [UInt8]) {
    guard let json = try? JSON.parse(bytes) else { return nil }
    let line: LogBundle.Line? =
      if json["position"] != nil {
        RecordedEvent(json).map { .event($0) }
      } else if json["payload"] != nil {
        StoredPayload(json).map { .payload($0) }
      } else if json["export"] != nil {
        LogBundle.Header(json).map { .header($0) }
      } else {
        LogBundle.Manifest(json).map { .manifest($0) }
      }
    guard let line else { return nil }
    self = line
  }
}

extension LogBundle.Header {
  fileprivate init?(_ json: JSON) {
    guard json["export"]?.whole == LogBundle.version, json["format"]?.whole == 0,
      let journal = json["journal"]?.text, bytesOf(hexadecimal: journal)?.count == 16,
      let after = json["after"]?.whole, (0..<Int64.max).contains(after),
      let digest = json["digest"]?.text
    else { return nil }
    self.init(journal: journal, after: after, digest: digest)
  }
}

extension LogBundle.Manifest {
  fileprivate init?(_ json: JSON) {
    guard json["manifest"]?.whole == LogBundle.version, let events = json["events"]?.whole,
      let payloads = json["payloads"]?.whole, let head = json["head"]?.whole,
      let digest = json["digest"]?.text, let sha256 = json["sha256"]?.text
    else { return nil }
    self.init(events: events, payloads: payloads, head: head, digest: digest, sha256: sha256)
  }
}

extension StoredPayload {
  fileprivate init?(_ json: JSON) {
    guard let digest = json["payload"]?.text.flatMap({ bytesOf(hexadecimal: $0) }),
      digest.count == 32, let salt = json["salt"]?.text.flatMap({ bytesOf(hexadecimal: $0) }),
      salt.count == 16, let kind = json["kind"]?.text, ["state", "evidence"].contains(kind),
      let form = json["form"]?.text, ["bytes", "recipe"].contains(form),
      let length = json["length"]?.whole, length >= 0,
      let content = json["content"]?.text.flatMap({ bytesOf(base64: $0) })
    else { return nil }
    self.init(
      digest: digest, salt: salt, kind: kind, form: form, length: length, content: content)
  }
}

extension RecordedEvent {
  fileprivate init?(_ json: JSON) {
    guard let position = json["position"]?.whole, position > 0,
      let stream = json["stream"]?.text, let version = json["version"]?.whole, version > 0,
      let type = json["type"]?.text, let revision = json["revision"]?.whole, revision > 0,
      let recordedAtMs = json["recordedAtMs"]?.whole, let body = json["body"]?.text,
      let digest = json["digest"]?.text.flatMap({ bytesOf(hexadecimal: $0) }), digest.count == 32
    else { return nil }
    let cause = json["cause"]?.whole
    // The digest is the same for no cause and for 0, which the walk of `verify` would refuse later.
    guard cause.map({ (1..<position).contains($0) }) ?? (json["cause"] == .null) else { return nil }
    self.init(
      position: position, stream: StreamName(stored: stream), version: version, type: type,
      revision: Int(revision), recordedAt: Moment(milliseconds: recordedAtMs),
      cause: cause, key: json["key"]?.text, body: body, digest: digest)
  }
}

extension JSON {
  fileprivate var whole: Int64? { integer.map { Int64($0) } }
}
