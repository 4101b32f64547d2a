import Events
import Foundation
import Testing

@testable import EventStore

/// What wrote the bodies of the first journals.
private func byFoundation(_ body: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(body), as: UTF8.self)
}

/// Texts around every border of escaping and of eight bytes.
private let texts: [String] = {
  let plain = ["", "a", "1234567", "12345678", "a/b", "é日本", "👩‍👩‍👧", "\u{7f}\u{2028}"]
  let escaped = (0..<0x20).map { String(Unicode.Scalar(UInt8($0))) } + ["\"", "\\"]
  let placed = escaped.flatMap { mark in
    [mark, "1234567" + mark, "12345678" + mark + "é", mark + mark + "12345678"]
  }
  return plain + placed
}()

@Suite struct BodyTests {
  @Test func `every type of event is stored byte by byte as the first journals have it`()
    async throws
  {
    let folder = Folder()
    let rows = try await plausibleRows(folder)
    #expect(Set(rows.map(\.type)) == Set(Event.readers.keys))
    for row in rows {
      #expect(row.body == (try byFoundation(row.event().body)))
    }
  }

  @Test func `any text is stored byte by byte as the first journals have it`() throws {
    for text in texts {
      let notice = NoticeRaised(
        kind: StoredWord(stored: text), subject: StreamName(stored: text + "/" + text),
        text: "x" + text)
      let expected = try byFoundation(notice)
      #expect(Array(JSONBody.text(of: notice).utf8) == Array(expected.utf8))
    }
  }

  @Test func `any settings are stored byte by byte as the first journals have them`() throws {
    var table: [String: Setting] = [:]
    for text in texts + ["Z", "_", "\u{ffff}", "\u{10000}"] { table[text] = .text(text) }
    let numbers = [0, -0.0, 1, 1.5, 1e-7, 1e15, 1e16, 1e300, 123_456_789_012_345_680, .pi]
    table["list"] = .list(numbers.map(Setting.decimal) + [.nothing, .flag(true), .whole(.min)])
    table["nested"] = .table(["b": .table([:]), "a": .list([]), "": .list([.list([.nothing])])])
    let settings = InstanceSettings(
      name: "Team", element: "googlesuite", tags: ["a", "\"b\""], callback: nil, isWatching: true,
      intervalMinutes: -1, configuration: table, secrets: [])
    let expected = try byFoundation(settings)
    #expect(Array(try BodyEncoder.text(of: settings).utf8) == Array(expected.utf8))
  }
}
