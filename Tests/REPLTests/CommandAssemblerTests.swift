import Testing

@testable import REPL

/// What a text comes to, wherever it was typed.
@Suite struct CommandAssemblerTests {
  private func words(_ text: String) throws -> [[String]] {
    try CommandAssembler.commands(in: text).map(\.words)
  }

  static let texts: [(String, [[String]])] = [
    ("", []), ("  \n\t\n", []), ("  # only\n   # comments", []),
    ("events\n  # no\nshow 41 # why\n\nchanges", [["events"], ["show", "41"], ["changes"]]),
    ("mark 'a\nb' 7\nnow", [["mark", "a\nb", "7"], ["now"]]),
    ("events \\\n  --limit 3", [["events", "--limit", "3"]]),
    ("events; changes;;\n;now", [["events"], ["changes"], ["now"]]),
    ("mark a\\;b 'c;d' e#f", [["mark", "a;b", "c;d", "e#f"]]),
    ("SELECT 1", [["sql", "--", "SELECT 1"]]),
    ("select 1,\n  2 ; changes", [["sql", "--", "select 1,\n  2"], ["changes"]]),
    ("SELECT 1; SELECT 2;", [["sql", "--", "SELECT 1"], ["sql", "--", "SELECT 2"]]),
    (
      "SELECT ';' AS \";\", [;], `;` -- ;\n/* ; */ FROM x; now",
      [["sql", "--", "SELECT ';' AS \";\", [;], `;` -- ;\n/* ; */ FROM x"], ["now"]]
    ),
    ("SELECT 'it''s; fine'; now", [["sql", "--", "SELECT 'it''s; fine'"], ["now"]]),
    ("SELECT /*/ ; */ 1; now", [["sql", "--", "SELECT /*/ ; */ 1"], ["now"]]),
    ("SELECT a->>'b' > 1 | 2;", [["sql", "--", "SELECT a->>'b' > 1 | 2"]]),
    ("-- a comment\n  /* and\nanother */ VALUES(1)", [["sql", "--", "VALUES(1)"]]),
    (
      "With a AS (SELECT 1) SELECT * FROM a",
      [["sql", "--", "With a AS (SELECT 1) SELECT * FROM a"]]
    ),
    ("explain query plan select 1;", [["sql", "--", "explain query plan select 1"]]),
    ("sql SELECT 1\n+ 1; now", [["sql", "--", "SELECT 1\n+ 1"], ["now"]]),
    ("sql --output csv SELECT 1;", [["sql", "--output", "csv", "--", "SELECT 1"]]),
    (
      "sql --local --output=csv\nSELECT 1;", [["sql", "--local", "--output=csv", "--", "SELECT 1"]]
    ),
    ("sql -- why\nSELECT 1;", [["sql", "--", "-- why\nSELECT 1"]]),
    ("sql 'SELECT\n 1' --output csv\nnow", [["sql", "SELECT\n 1", "--output", "csv"], ["now"]]),
    ("sql 'SELECT 1';", [["sql", "SELECT 1"]]), ("sql --help", [["sql", "--help"]]),
    ("sql", [["sql"]]), ("selection 1", [["selection", "1"]]), ("with-all", [["with-all"]]),
  ]

  @Test(arguments: texts)
  func `a text is cut into commands`(text: String, expected: [[String]]) throws {
    #expect(try words(text) == expected)
    // The same from a script, which comes line by line.
    var assembler = CommandAssembler()
    var found: [[String]] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      found += try assembler.take(line: String(line)).map(\.words)
    }
    #expect(try found + assembler.finish().map(\.words) == expected)
  }

  static let targets: [(String, [String], TypedCommand.Target)] = [
    ("events > out", ["events"], .file("out", isAppending: false)),
    (
      "events --limit 3>>'two words' # why", ["events", "--limit", "3"],
      .file("two words", isAppending: true)
    ),
    ("SELECT 1 > 0; > out", ["sql", "--", "SELECT 1 > 0"], .file("out", isAppending: false)),
    ("changes | grep -c 'a | b' > n", ["changes"], .command("grep -c 'a | b' > n")),
    ("SELECT 1;| wc -l", ["sql", "--", "SELECT 1"], .command("wc -l")),
    (
      "sql 'SELECT 1 | 2' | awk '{\nprint }'", ["sql", "SELECT 1 | 2"],
      .command("awk '{\nprint }'")
    ),
  ]

  @Test(arguments: targets)
  func `a command may say where its results go`(
    text: String, words: [String], target: TypedCommand.Target
  ) throws {
    #expect(
      try CommandAssembler.commands(in: text) == [
        TypedCommand(words: words, target: target, line: 1)
      ])
  }

  @Test func `each command knows its line`() throws {
    let text = "\n# no\nevents\nSELECT\n1;\nshow 1"
    #expect(try CommandAssembler.commands(in: text).map(\.line) == [3, 4, 6])
  }

  static let faults: [(String, TokenizerError)] = [
    ("now\nmark 'a\nb", .openQuote("'", line: 2, column: 6)),
    ("SELECT 1,\n 'a", .openQuote("'", line: 2, column: 2)),
    ("SELECT [a", .openQuote("[", line: 1, column: 8)),
    ("now\n/* why", .openComment(line: 2)), ("events >", .badFile(line: 1)),
    ("events > a b", .badFile(line: 1)), ("events > a | b", .badFile(line: 1)),
    ("events |", .noCommand(line: 1)), ("events > 'a", .openQuote("'", line: 1, column: 10)),
  ]

  @Test(arguments: faults)
  func `what is not whole is refused with its line`(text: String, fault: TokenizerError) {
    #expect(throws: fault) { try CommandAssembler.commands(in: text) }
  }

  @Test func `a command of more than a mebibyte is refused`() {
    let long = "mark '" + String(repeating: "x\n", count: 600_000)
    #expect(throws: TokenizerError.tooLong(line: 1)) { try CommandAssembler.commands(in: long) }
  }

  @Test(arguments: [
    ("SELECT 1", true), ("SELECT 1;", false), ("SELECT ';", true), ("sql", true),
    ("sql --output csv", true), ("sql --output", false), ("sql --help", false),
    ("sql 'SELECT 1'", false), ("sql 'SELECT 1", true), ("mark \"a", true), ("events \\", true),
    ("events", false), ("events # 'x", false), ("events | sed 's/a", true), ("/* a", true),
    ("SELECT 1; mark 'a", true), ("-- a", false), ("events > 'a", true), ("events >", false),
  ])
  func `a text is open where the next line belongs to it`(text: String, isOpen: Bool) {
    #expect(CommandAssembler.isOpen(text) == isOpen)
  }

  @Test(
    arguments: [
      (["select", "1"], ["sql", "--", "select 1"]), (["SELECT 1"], ["sql", "--", "SELECT 1"]),
      (["sql", "SELECT", "1", "--output", "csv"], ["sql", "--output", "csv", "--", "SELECT 1"]),
      (["sql", "SELECT 5", "-", "-1"], ["sql", "--", "SELECT 5 - -1"]),
      (["sql", "-- a\nSELECT 1"], ["sql", "--", "-- a\nSELECT 1"]),
      (["sql", "SELECT 1", "--outptu", "csv"], ["sql", "SELECT 1", "--outptu", "csv"]),
      (["sql", "--output=csv", "--", "-1"], ["sql", "--output=csv", "--", "-1"]),
      (["sql"], ["sql"]), (["sql", "--help"], ["sql", "--help"]), (["events"], ["events"]),
    ] as [([String], [String])])
  func `words that make a statement are joined`(words: [String], expected: [String]) {
    #expect(Interpreter.settled(words) == expected)
  }

  @Test func `the word under way is found in a statement as in a command`() {
    func word(_ text: String) -> OpenWord? { CommandAssembler.openWord(text) }
    #expect(word("events\nshow 4")?.before == ["show"])
    #expect(word("events > ou")?.role == .file)
    #expect(word("events > ou")?.value == "ou")
    #expect(word("events | gr") == nil)
    let name = word("SELECT pos")
    #expect(name?.role == .sql)
    #expect(name?.before == ["SELECT "])
    #expect(name?.value == "pos")
    #expect(word("SELECT e.po")?.before == ["SELECT e."])
    let key = word("SELECT body ->> 'sta")
    #expect(key?.quote == "'")
    #expect(key?.value == "sta")
    #expect(key?.before == ["SELECT body ->> '"])
    #expect(word("SELECT 1 -- no") == nil)
    #expect(word("sql 'SELECT pos")?.value == "pos")
  }
}
