import RawJSON
import Testing

/// What is other in a later version of a JSON value.
@Suite struct DifferencesTests {
  private func differences(_ before: String, _ after: String) throws -> [String] {
    let found = JSON.differences(
      from: try JSON.parse(Array(before.utf8)), to: try JSON.parse(Array(after.utf8)))
    return found.map { difference in
      func text(_ value: JSON?) -> String {
        value.map { String(decoding: $0.bytes(), as: UTF8.self) } ?? "-"
      }
      return "\(difference.field): \(text(difference.before)) → \(text(difference.after))"
    }
  }

  @Test(arguments: [
    ("{}", "{}", []),
    (#"{"a":1,"b":[1,{"c":null}]}"#, #"{"b":[1,{"c":null}],"a":1}"#, []),
    (#"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":{"c":2}}}"#, ["a.b.c: 1 → 2"]),
    (#"{"a":1,"b":2}"#, #"{"b":2,"c":3}"#, ["a: 1 → -", "c: - → 3"]),
    (#"{"a":null}"#, "{}", ["a: null → -"]),
    (#"{"a":{}}"#, #"{"a":[]}"#, ["a: {} → []"]),
    ("1", #""1""#, [#": 1 → "1""#]),
    ("[1]", "[2]", ["[0]: 1 → 2"]),
  ])
  func `members are compared by name and told by path`(
    before: String, after: String, expected: [String]
  ) throws {
    #expect(try differences(before, after) == expected)
  }

  @Test(arguments: [
    ("[1,2,3]", "[0,1,2,3]", ["a[0]: - → 0"]),
    ("[1,2,3]", "[1,3]", ["a[1]: 2 → -"]),
    ("[1,2,3]", "[1,9,3]", ["a[1]: 2 → 9"]),
    ("[]", "[1,2]", ["a[0]: - → 1", "a[1]: - → 2"]),
    ("[1,1]", "[1,1,1]", ["a[2]: - → 1"]),
    ("[1,1,1]", "[1]", ["a[1]: 1 → -", "a[2]: 1 → -"]),
    (
      #"[{"e":"a","r":"no"},{"e":"b","r":"yes"}]"#, #"[{"e":"a","r":"yes"},{"e":"b","r":"yes"}]"#,
      [#"a[0].r: "no" → "yes""#]
    ),
    ("[[1],[2]]", "[[1],[3]]", ["a[1][0]: 2 → 3"]),
  ])
  func `elements that stay are passed over at both ends of an array`(
    before: String, after: String, expected: [String]
  ) throws {
    #expect(try differences(#"{"a":\#(before)}"#, #"{"a":\#(after)}"#) == expected)
  }

  @Test func `numbers are kept as they were written and compared by their digits`() throws {
    #expect(
      try differences(
        #"{"a":1.0,"b":12345678901234567890123,"c":1e400}"#,
        #"{"a":1,"b":12345678901234567890124,"c":1e400}"#)
        == ["a: 1.0 → 1", "b: 12345678901234567890123 → 12345678901234567890124"])
  }

  @Test func `texts and names are compared byte for byte`() throws {
    #expect(try differences(#"{"é":1}"#, "{\"e\u{301}\":1}") == ["é: 1 → -", "e\u{301}: - → 1"])
    #expect(try differences(#"{"a":"\u00e9"}"#, #"{"a":"é"}"#) == [])
    #expect(
      try differences(#"{"a":"é"}"#, "{\"a\":\"e\u{301}\"}") == ["a: \"é\" → \"e\u{301}\""])
  }

  @Test func `a name that is no plain word is quoted`() throws {
    #expect(
      try differences(#"{"a":{"b.c":1,"":1,"d e":{"f\"":1},"größe":1}}"#, #"{"a":{}}"#) == [
        #"a["b.c"]: 1 → -"#, #"a[""]: 1 → -"#, #"a["d e"]: {"f\"":1} → -"#, "a.größe: 1 → -",
      ])
  }

  @Test func `a value as deep as can be read is compared to its end`() throws {
    let open = String(repeating: #"{"a":"#, count: 60)
    let close = String(repeating: "}", count: 60)
    let path = Array(repeating: "a", count: 60).joined(separator: ".")
    #expect(try differences("\(open)1\(close)", "\(open)2\(close)") == ["\(path): 1 → 2"])
  }
}
