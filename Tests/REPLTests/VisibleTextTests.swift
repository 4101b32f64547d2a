import REPL
import Testing

@Suite struct VisibleTextTests {
  static let widths: [(String, Int)] = [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("ﾊﾝ", 2), ("한국", 4),
    ("\u{1112}\u{1161}\u{11AB}", 2), ("🎉", 2),
    ("👨‍👩‍👧‍👦", 2), ("🇩🇪", 2), ("👍🏽", 2), ("❤️", 2), ("❤", 1),
    ("1️⃣", 2), ("ไทย", 3), ("ที่", 1), ("…", 1), ("🩷", 2), ("𠀀", 2),
  ]

  @Test(arguments: widths) func `a text takes its cells`(text: String, cells: Int) {
    #expect(displayWidth(text) == cells)
  }

  static let hidden: [(String, String)] = [
    ("\u{1B}[31mred", #"\u{1B}[31mred"#), ("a\nb\tc\rd", #"a\nb\tc\rd"#),
    ("\0", #"\u{0}"#), ("\u{7F}", #"\u{7F}"#), ("\u{9B}31m", #"\u{9B}31m"#),
    ("\u{202E}txt", #"\u{202E}txt"#), ("\u{2066}\u{2069}", #"\u{2066}\u{2069}"#),
    ("\u{61C}\u{200E}\u{200F}", #"\u{61C}\u{200E}\u{200F}"#),
    ("\u{200B}\u{2060}\u{FEFF}", #"\u{200B}\u{2060}\u{FEFF}"#),
    ("\u{2028}\u{2029}", #"\u{2028}\u{2029}"#), ("\u{E0041}", #"\u{E0041}"#),
    ("👨‍👩‍👧 é «»", "👨‍👩‍👧 é «»"), ("\r\n", #"\r\n"#),
  ]

  @Test(arguments: hidden)
  func `what a terminal would obey is shown as an escape`(text: String, shown: String) {
    #expect(visible(text) == shown)
    #expect(visible(text, cells: 1_000) == shown)
  }

  @Test func `a text is cut to its cells with an ellipsis`() {
    #expect(visible("Team lunch", cells: 10) == "Team lunch")
    #expect(visible("Team lunch", cells: 9) == "Team lun…")
    #expect(visible("日本語", cells: 6) == "日本語")
    #expect(visible("日本語", cells: 5) == "日本…")
    #expect(visible("日本語", cells: 4) == "日…")
    #expect(visible("日本語", cells: 1) == "…")
    #expect(visible("日本語", cells: 0) == "")
    #expect(visible("👨‍👩‍👧👨‍👩‍👧", cells: 3) == "👨‍👩‍👧…")
  }

  @Test func `one character of a million marks is cut short`() {
    let tower = "a" + String(repeating: "\u{301}", count: 1_000_000)
    #expect(visible(tower, cells: 10).unicodeScalars.count == 32)
  }
}
