import Events
import Foundation
import TestSupport
import Testing

@testable import EventStore

@Suite struct BodyDecoderTests {
  @Test func `whole numbers are read to their last digit`() throws {
    for number in [0, 1, -1, Int64.max, .min] {
      #expect(try BodyDecoder.decode(Int64.self, from: "\(number)") == number)
    }
    for text in ["9223372036854775808", "-9223372036854775809", "1.5", "\"1\"", "null", "1e400"] {
      #expect(throws: DecodingError.self) { try BodyDecoder.decode(Int64.self, from: text) }
    }
    #expect(try BodyDecoder.decode(Int64.self, from: "1e3") == 1_000)
  }

  @Test func `every type of event is read as Foundation reads it`() async throws {
    let folder = Folder()
    let rows = try await plausibleRows(folder)
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
