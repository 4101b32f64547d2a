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
