import REPL
import Testing

@Suite struct FittedTextTests {
  @Test(arguments: [
    ("short", 5, "short"), ("calendars/primary/changed-events", 20, "calendars/…ed-events"),
    ("abcdef", 5, "ab…ef"), ("abcdef", 2, "a…"), ("abcdef", 1, "…"), ("abcdef", 0, ""),
    ("日本語文字", 7, "日…字"), ("a\u{1B}b\u{202E}c", 9, "a\\u{…E}c"),
  ])
  func `a text is shortened in the middle`(text: String, cells: Int, expected: String) {
    let fitted = shortened(text, cells: cells)
    // Of an escape nothing is shown by half.
    #expect(text.contains("\u{1B}") ? displayWidth(fitted) <= cells : fitted == expected)
    #expect(!fitted.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" })
  }

  @Test(arguments: [
    ("", 5, [""]), ("fits", 4, ["fits"]),
    ("the grant was revoked", 10, ["the grant", "was", "revoked"]),
    ("1234567890", 4, ["1234", "5678", "90"]),
    ("https://example.com/hook", 12, ["https://", "example.com/", "hook"]),
    ("日本語", 3, ["日", "本", "語"]), ("a  b", 2, ["a", "b"]),
  ])
  func `a text goes on in the next line`(text: String, cells: Int, expected: [String]) {
    #expect(wrapped(text, cells: cells) == expected)
  }

  @Test func `wrapped text holds every character, and no control`() {
    let text = "e\u{301}x\u{1B}[2J 日本 👩‍👩‍👧 \u{202E}اختبار" + String(repeating: "z", count: 50)
    for cells in 8..<40 {
      let lines = wrapped(text, cells: cells)
      #expect(lines.allSatisfy { displayWidth($0) <= cells })
      #expect(lines.joined().filter { $0 != " " } == visible(text).filter { $0 != " " })
    }
  }

  @Test func `a text without end has an end on the screen`() {
    let lines = wrapped(String(repeating: "x", count: 1_000), cells: 10, lines: 3)
    #expect(lines.count == 3)
    #expect(lines[2].hasSuffix("…"))
  }
}
