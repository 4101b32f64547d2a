import RawJSON
import Testing

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

  @Test func `whole numbers are read to their last digit`() {
    for number in [0, 1, -1, Int64.max, .min] {
      let value = read("\(number)") { $0 }
      #expect(value?.kind == .integer)
      #expect(value?.number == number)
    }
    for text in ["9223372036854775808", "-9223372036854775809", "1.5", "1e3", "1e400"] {
      #expect(read(text) { $0.kind } == .decimal)
    }
    #expect(read("1e3") { $0.decimal } == 1_000)
  }

  @Test func `texts come out of their escapes, and half a pair is none`() {
    #expect(read(#""a\"\u00e9\n\ud83d\ude00""#) { $0.text } == "a\"é\n😀")
    #expect(read(#""\ud800""#) { $0.kind } == .text)
    #expect(read(#""\ud800""#) { $0.text } == .some(nil))
  }
}

/// What a walk makes of a text.
private func read<Answer>(_ text: String, _ take: (JSONWalk.Value) -> Answer) -> Answer? {
  Array(text.utf8).withUnsafeBytes { bytes in
    var walk = JSONWalk(bytes)
    return walk.whole().map(take)
  }
}
