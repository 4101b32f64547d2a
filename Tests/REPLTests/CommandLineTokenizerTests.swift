import Daybook
import Testing

@testable import REPL

@Suite struct CommandLineTokenizerTests {
  static let lines: [(String, [String])] = [
    ("", []), ("  \t ", []), ("instance list", ["instance", "list"]),
    ("  a\t b  ", ["a", "b"]), (#"mark before\ lunch"#, ["mark", "before lunch"]),
    (#"mark 'a "b" \c'"#, ["mark", #"a "b" \c"#]),
    (#"mark "a \"b\" \\ \n""#, ["mark", #"a "b" \ \n"#]),
    ("show 41 # the delivery", ["show", "41"]), ("# only a comment", []),
    ("show a#b ''", ["show", "a#b", ""]), (#"a'b c'"d""#, ["ab cd"]), ("\\#", ["#"]),
    ("sql 'SELECT \"x\" FROM y # z'", ["sql", "SELECT \"x\" FROM y # z"]),
    ("mark 日本 'é 🎉'", ["mark", "日本", "é 🎉"]), ("'a\u{301}'", ["a\u{301}"]),
    ("a\nb\r", ["a", "b"]),
  ]

  @Test(arguments: lines) func `a line splits into its words`(line: String, words: [String]) throws
  {
    #expect(try CommandLineTokenizer.split(line) == words)
  }

  static let broken: [(String, TokenizerError)] = [
    ("mark 'a", .openQuote("'", line: 1, column: 6)),
    (#"mark "a\""#, .openQuote("\"", line: 1, column: 6)),
    ("日本\n 'é", .openQuote("'", line: 2, column: 2)),
    (#"mark a\"#, .openBackslash(line: 1, column: 7)),
  ]

  @Test(arguments: broken)
  func `an open quote or backslash is refused with its column`(line: String, error: TokenizerError)
  {
    #expect(throws: error) { try CommandLineTokenizer.split(line) }
  }

  @Test(arguments: [
    "a", "two words", "", "it's", "a\"b", #"it's "a" \ b"#, "#x", "日本 é", "a\tb", "a>b|c;d",
  ])
  func `a quoted word splits back into itself`(word: String) throws {
    #expect(try CommandLineTokenizer.split(CommandLineTokenizer.quoted(word)) == [word])
    #expect(try CommandLineTokenizer.split(CommandLineTokenizer.quoted(word, in: "\"")) == [word])
    #expect(try CommandLineTokenizer.split(CommandLineTokenizer.quoted(word, in: "'")) == [word])
  }

  @Test func `the word under way is told apart from those before it`() {
    #expect(
      CommandLineTokenizer.open("mark 'two wo")
        == OpenWord(before: ["mark"], value: "two wo", raw: "'two wo", quote: "'"))
    #expect(
      CommandLineTokenizer.open(#"mark two\ wo"#)
        == OpenWord(before: ["mark"], value: "two wo", raw: #"two\ wo"#, quote: nil))
    #expect(
      CommandLineTokenizer.open("mark ")
        == OpenWord(before: ["mark"], value: "", raw: "", quote: nil))
    #expect(CommandLineTokenizer.open("mark # de") == nil)
  }

  @Test func `the nearest name within two edits is suggested`() {
    let names = ["deliver", "deliveries", "diff", "events", "at"]
    #expect(suggestion(for: "delivreies", among: names) == "deliveries")
    #expect(suggestion(for: "Dif", among: names) == "diff")
    #expect(suggestion(for: "evnets", among: names) == "events")
    #expect(suggestion(for: "vents", among: names) == "events")
    #expect(suggestion(for: "frobnicate", among: names) == nil)
    #expect(suggestion(for: "x", among: names) == nil)
    #expect(suggestion(for: "", among: names) == nil)
  }
}
