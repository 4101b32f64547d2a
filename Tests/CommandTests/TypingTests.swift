import Foundation
import RawJSON
import Testing

/// What can be typed: statements, scripts, targets, settings of a sitting.
@Suite(.serialized)
struct TypingTests {
  private static let counted = "SELECT count(*) AS n, '; -- ' AS mark\nFROM events -- ;\n"

  /// Runs a command in the folder of the stage.
  private func daybook(
    in stage: Stage, _ arguments: [String] = [], input: String? = nil
  ) async throws -> Finished {
    let words = ["-c", #"cd "$0" && exec "$@""#, stage.folder, try daybookPath()] + arguments
    return try await Program(
      "/bin/sh", words, environment: stage.environment, input: input
    ).end()
  }

  @Test func `a statement needs no quotes, however it comes`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let quoted = try await stage.done("sql", "SELECT type, 1 + 1 AS two FROM events LIMIT 1")
      #expect(try quoted.rows()[0]["two"]?.integer == 2)
      for words in [
        ["sql", "SELECT", "type,", "1", "+", "1", "AS", "two", "FROM", "events", "LIMIT", "1"],
        ["select type, 1 + 1 AS two FROM events LIMIT 1"],
        ["sql", "SELECT type, 1 + 1 AS two FROM events LIMIT 1", "--", "twice", "one"],
        ["-c", "SELECT type, 1 + 1 AS two FROM events LIMIT 1;"],
        ["-c", "sql --output jsonl SELECT type, 1 + 1 AS two\nFROM events LIMIT 1"],
      ] {
        let done = try await stage.start(words).end()
        #expect(done.output == quoted.output, "\(words): \(done.errors)")
      }
      let script =
        "\u{FEFF}  # counts\n\(Self.counted);version\nVALUES ('a\nb'); sql 'SELECT\n 3'\n"
      let done = try await stage.daybook(input: script)
      #expect(done.status == 0, "\(done.errors)")
      let rows = try done.rows()
      #expect(rows.count == 4)
      #expect(rows[0]["mark"]?.text == "; -- ")
      #expect(rows[2]["column1"]?.text == "a\nb")
      #expect(rows[3]["3"]?.integer == 3)
    }
  }

  @Test func `what holds JSON is nested, what only looks like it is not`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let row = try await stage.rows(
        "sql",
        """
        SELECT body, body -> '$.format' AS part, json_object('a', 1) AS made, '{"a":1}' AS text,
          body || '' AS joined FROM (SELECT * FROM events ORDER BY position) LIMIT 1
        """)[0]
      #expect(row["body"]?.members != nil)
      #expect(row["made"]?["a"]?.integer == 1)
      #expect(row["text"]?.text == "{\"a\":1}")
      #expect(row["joined"]?.text != nil)
      let settings = try await stage.rows("sql", "SELECT settings FROM instances")[0]
      #expect(settings["settings"]?.members != nil)
    }
  }

  @Test func `a statement that fails says what is wrong first`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let faults = [
        ("sql 'SELECT 1 FROM nowhere'", "no such table: nowhere; `tables` lists them"),
        ("sql SELECT elsewhere", "no such column: elsewhere; `schema NAME` lists those of a table"),
        ("sql DELETE FROM events", "the statement could change something"),
        ("sql ''", "there is no statement"), ("sql \"SELECT json('{')\"", "malformed JSON"),
        ("sql --rows 3 'SELECT position FROM events'", "stopped after 3 rows; narrow it down"),
        (
          "sql --timeout 50ms 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            + " SELECT count(*) FROM n'", "stopped after 50ms; narrow it down, or --timeout"
        ),
      ]
      for (command, fault) in faults {
        let done = try await stage.daybook("-c", command)
        #expect(done.status == 1, "\(command)")
        #expect(done.errors.hasPrefix("daybook: \(fault)"), "\(command): \(done.errors)")
      }
      let script = try await stage.daybook(input: "version\nmark 'a\nb\n")
      #expect(script.status == 3)
      #expect(script.errors == "daybook: line 2: unclosed ' at column 6\n")
    }
  }

  @Test func `results go to files and programs, by their own forms`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let all = try await stage.done("events").text
      let script = """
        events > events.jsonl
        events --limit 1 >> 'two words'
        events --limit 1 >> "two words"
        SELECT 1 > 0 AS yes; > yes
        events | grep -c position
        events | head -1 > first
        output usual
        version
        set output csv
        set
        output
        SELECT 2 AS two;
        """
      let done = try await daybook(in: stage, input: script)
      #expect(done.status == 0, "\(done.errors)")
      func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(stage.folder)/\(name)", encoding: .utf8)
      }
      #expect(try text("events.jsonl") == all)
      #expect(try text("two words").split(separator: "\n").count == 2)
      #expect(try text("yes") == "{\"yes\":1}\n")
      #expect(try text("first") == all.split(separator: "\n")[0] + "\n")
      #expect(try text("usual").hasPrefix("{\"daybook\":"))
      #expect(done.lines.first == "\(all.split(separator: "\n").count)")
      #expect(done.lines.contains("output,csv,the form of results"))
      #expect(done.lines.suffix(2) == ["two", "2"])
      let facts = try FileManager.default.attributesOfItem(atPath: "\(stage.folder)/yes")
      #expect(facts[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func `results that do not arrive whole are told of`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let before = try await stage.done("events").text
      let faults = [
        ("events > daybook.journal", "daybook.journal is a file of the journal"),
        ("events > ./daybook.journal.key", "./daybook.journal.key is a file of the journal"),
        ("events > nowhere/file", "nowhere/file: No such file or directory"),
        ("events > /dev/full", "the output could not be written: No space left on device"),
        ("events | exit 7", "`exit 7` ended with status 7"),
        (
          "sql --rows 3 'SELECT position FROM events' > part",
          "stopped after 3 rows; narrow it down, or --rows N gives more of them;"
            + " part holds only a part of the result"
        ),
        ("set outptu csv", "there is no setting outptu; did you mean output?"),
        ("set output xml", "set output: xml is none of auto, table"),
        ("set timer maybe", "set timer: maybe is none of on, off"),
        ("record", "nothing is recorded"), ("read nowhere", "nowhere: No such file"),
        ("read loop", "loop: line 1: loop: line 1:"),
        ("read bad", "bad: line 3: there is no command nosuch"),
      ]
      _ = try stage.write("read loop\n", to: "loop")
      _ = try stage.write("version > /dev/null\n\nnosuch\n", to: "bad")
      for (command, fault) in faults {
        let done = try await daybook(in: stage, ["-c", command])
        #expect(done.status != 0, "\(command)")
        #expect(done.errors.hasPrefix("daybook: \(fault)"), "\(command): \(done.errors)")
      }
      #expect(try await stage.done("events").text == before)
    }
  }

  @Test func `tables are listed, and each column is explained`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let tables = try await stage.rows("tables")
      let names = tables.compactMap { $0["table"]?.text }
      #expect(Set(["events", "payloads", "changes", "deliveries", "cursors"]).isSubset(of: names))
      #expect(!names.contains("secrets"))
      for table in tables {
        let name = try #require(table["table"]?.text)
        #expect(table["about"]?.text != nil, "\(name)")
        let columns = try await stage.rows("schema", name)
        #expect(columns.count == table["columns"]?.integer.map { Int($0) })
        for column in columns { #expect(column["about"]?.text != nil, "\(name): \(column)") }
        // What is listed can be asked, also in the past.
        try await stage.done("-c", "at 1", "-c", "SELECT * FROM \(name) LIMIT 1;")
      }
      let readOnly = try await stage.done("--read-only", "tables")
      #expect(try readOnly.rows() == tables)
      let typo = try await stage.daybook("schema", "delivreies")
      #expect(typo.errors.contains("did you mean deliveries?"))
    }
  }

  @Test func `the place is where one stands`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let head = try await stage.rows("when")[0]
      #expect(head["place"] == head["head"])
      #expect(head["asOf"] == .null)
      let script = """
        at 3
        when
        show
        now
        when
        mark here
        marks
        mark --remove here
        marks
        """
      let rows = try await stage.daybook(input: script).rows()
      #expect(rows[0]["asOf"]?.integer == 3)
      #expect(rows[0]["place"]?.integer == 3)
      #expect(rows[1]["position"]?.integer == 3)
      #expect(rows[2]["place"] == head["head"])
      #expect(rows[4]["mark"]?.text == "here")
      #expect(rows[4]["position"] == head["head"])
      #expect(rows.count == 5)
      #expect(try await stage.daybook("-c", "at 3", "-c", "now", "-c", "next").status == 1)
      for name in ["", " ", "a/b"] {
        let refused = try await stage.daybook("mark", name)
        #expect(refused.status == 2)
        #expect(refused.errors.contains("'\(name)' is no name: letters"))
      }
      for name in ["list", "events", "marks"] {
        let refused = try await stage.daybook("mark", name)
        #expect(refused.status == 2)
        #expect(refused.errors.contains("`marks` lists marks"))
      }
      #expect(try await stage.daybook("mark", "--remove", "here").status == 1)
      #expect(try await stage.rows("diff", "1").count > 0)
    }
  }

  @Test func `help is grouped, and has topics`() async throws {
    try await withStage { stage in
      let help = try await stage.done("help").text
      for text in ["To begin\n", "  demo ", "help times", "quit, exit", "  schema "] {
        #expect(help.contains(text), "\(text)")
      }
      for topic in ["times", "selections", "keys"] {
        #expect(try await stage.done("help", topic).text.count > 200)
      }
      #expect(try await stage.done("help", "sql").text.contains("needs no quotes"))
    }
  }

  @Test func `the prompt says where it is, what fails, and what to try`() async throws {
    try await withStage { stage in
      let terminal = try Terminal()
      let environment = stage.environment.merging(["TERM": "dumb", "PAGER": "cat"]) { $1 }
      func typed(_ lines: [String], until last: String) async throws -> String {
        let program = try Program(
          daybookPath(), [], environment: environment, terminal: terminal.path, seconds: 60)
        defer { program.signal(SIGKILL) }
        try await wait("the prompt") { terminal.shown().contains("daybook.journal") }
        for line in lines { terminal.type(line + "\r") }
        try await wait(last) { terminal.shown().contains(last) }
        return terminal.shown()
      }
      #expect(try await typed([], until: "instance create FILE").contains("to begin:"))
      try await stage.prepare()
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Stage.resource)
      try await stage.tell(
        "POST", "/sandbox/receiver",
        #"{"path":"/receiver/hook","answers":[{"status":503,"retryAfter":"600"}]}"#)
      let delivered = try await stage.daybook("deliver")
      #expect(delivered.status == 5, "\(delivered)")
      let lines = ["at 2", "SELECT 40 +", "  2 AS sum;", "now", "set timer on"]
      let shown = try await typed(lines, until: "time: ")
      #expect(shown.contains("try: changes · trace "))
      #expect(shown.contains(/daybook.journal@\d+ !1> at 2/))
      #expect(shown.contains(/daybook.journal@2\/\d+ \([0-9T:-]+Z\)# SELECT 40/))
      #expect(shown.contains("...>   2 AS sum;"))
      #expect(shown.contains("sum\n---\n 42\n"))
    }
  }

  @Test func `a record holds what was shown, and no secret`() async throws {
    try await withStage { stage in
      let file = try stage.write(try await stage.form(), to: "instance.json")
      let script = "record sitting\ninstance create \(file)\nset timer on\ninstance list\nrecord\n"
      let done = try await daybook(in: stage, input: script)
      #expect(done.status == 0, "\(done.errors)")
      let token = try #require(try done.rows()[0]["token"]?.text)
      let kept = try String(contentsOfFile: "\(stage.folder)/sitting", encoding: .utf8)
      #expect(!kept.contains(token))
      #expect(kept.contains("(a line that may hold a secret is left out)"))
      #expect(kept.contains("> instance list\n{\"id\":1,"))
      #expect(kept.contains(/time: [0-9.]+ m?s/))
    }
  }
}
