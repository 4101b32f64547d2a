import Events
import Foundation
import Testing

@testable import EventStore

/// Whether the bytes are one JSON value.
private func isJSON(_ bytes: [UInt8]) -> Bool {
  bytes.withUnsafeBytes { bytes in
    guard !bytes.isEmpty else { return false }
    var walk = JSONWalk(bytes)
    return walk.whole() != nil
  }
}

private func isJSON(_ text: String) -> Bool { isJSON(Array(text.utf8)) }

@Suite struct JSONWalkTests {
  @Test(arguments: [
    "{}", "[]", " [ ] ", #""""#, "0", "-0", "1.5e-7", "1E+3", "true", "false", "null",
    #"{"a":[1,{"b":null}],"é":"\u00e9\n\ud83d\ude00"}"#, #""12345678\"12345678""#,
    "[\n1 ,\t2\r]", "\"\u{7f}日本👩‍👩‍👧\"", "9223372036854775808",
  ])
  func `JSON is accepted`(text: String) { #expect(isJSON(text)) }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "-", "1.", "1e", "+1", ".5", "tru", "nul",
    "\"", "\"\\", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "[1 2]", "{\"a\" 1}", "1 2", "'a'", "NaN",
    "\u{feff}1", "[", "\"12345678\u{1}\"",
  ])
  func `what is no JSON is refused`(text: String) { #expect(!isJSON(text)) }

  @Test func `UTF-8 that is not well formed is refused`() {
    let malformed: [[UInt8]] = [
      [0x80], [0xC0, 0x80], [0xC2], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF0, 0x80, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE2, 0x28, 0xA1],
    ]
    for bytes in malformed { #expect(!isJSON([0x22] + bytes + [0x22])) }
    #expect(isJSON([0x22] + Array("é日👩".utf8) + [0x22]))
  }

  @Test func `a text that ends anywhere is refused, whole or not`() {
    let text = Array(#"{"a":[1.5e3,"\u00e9日",true],"b":{"c":null}}"#.utf8)
    for end in 0..<text.count { #expect(!isJSON(Array(text[..<end]))) }
    #expect(isJSON(text))
  }

  @Test func `nothing is nested without end`() {
    #expect(isJSON(String(repeating: "[", count: 200) + String(repeating: "]", count: 200)))
    #expect(!isJSON(String(repeating: "[", count: 300) + String(repeating: "]", count: 300)))
  }

  @Test func `whole numbers are read to their last digit`() throws {
    for number in [0, 1, -1, Int64.max, .min] {
      #expect(try BodyDecoder.decode(Int64.self, from: "\(number)") == number)
    }
    for text in ["9223372036854775808", "-9223372036854775809", "1.5", "\"1\"", "null", "1e400"] {
      #expect(throws: DecodingError.self) { try BodyDecoder.decode(Int64.self, from: text) }
    }
    #expect(try BodyDecoder.decode(Int64.self, from: "1e3") == 1_000)
  }
}

@Suite struct BodyDecoderTests {
  @Test func `every type of event is read as Foundation reads it`() async throws {
    let folder = Folder()
    let log = try folder.open()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    let rows = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    #expect(Set(rows.map(\.type)) == Set(Event.readers.keys))
    for row in rows {
      let reader = try #require(Event.readers[row.type])
      #expect(try row.event() == reader.read(ByFoundation(text: row.body)))
    }
  }

  @Test func `a field too few, or of another kind, is not read`() throws {
    let notice = #"{"kind":"lag","subject":"journal","text":"Late."}"#
    #expect(throws: Never.self) { try JSONBody(text: notice).decode(NoticeRaised.self) }
    for text in [
      #"{"kind":"lag","subject":"journal"}"#, #"{"kind":1,"subject":"journal","text":"Late."}"#,
      #"{"kind":null,"subject":"journal","text":"Late."}"#, "[]", "null", "", notice + "x",
      #"{"kind":"lag","subject":"journal","text":"\ud800"}"#,
    ] {
      #expect(throws: DecodingError.self) { try JSONBody(text: text).decode(NoticeRaised.self) }
    }
  }

  @Test func `settings come back as they were`() throws {
    let numbers = [0, 1.5, 1e-7, 1e300, .pi].map(Setting.decimal)
    let table: [String: Setting] = [
      "a\"\\\n": .text("\u{0}\u{1f}é👩‍👩‍👧/"), "": .nothing, "yes": .flag(true), "no": .flag(false),
      "whole": .whole(.min), "list": .list([.list([]), .table([:])]), "numbers": .list(numbers),
    ]
    let settings = InstanceSettings(
      name: "Team", element: "googlesuite", tags: ["a", "\"b\""], callback: nil, isWatching: true,
      intervalMinutes: -1, configuration: table, secrets: [])
    let text = try BodyEncoder.text(of: settings)
    let found = try BodyDecoder.decode(InstanceSettings.self, from: text)
    #expect(found == (try ByFoundation(text: text).read(InstanceSettings.self)))
    #expect(try BodyEncoder.text(of: found) == text)
  }
}

/// What read the bodies of the first journals.
private struct ByFoundation: BodySource {
  let text: String

  func decode<Body: EventBody>(_ type: Body.Type) throws -> Body { try read(type) }

  func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
