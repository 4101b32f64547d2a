import Foundation
import RawJSON
import Testing

/// Readers of what is printed: programs that go away, and pagers that are none.
@Suite(.serialized)
struct ReaderTests {
  @Test func `a reader that goes away is no fault, and takes nothing along`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let program = try daybookPath()
      let head = try #require(try await stage.rows("tail", "-n", "1").first?["position"])
      let attempt = try #require(
        try await stage.rows("events", "--type", "delivery.attempted").first?["position"]?.integer)
      for command in [
        "events", "changes --output table", "help", "show \(attempt) --raw",
        "show \(attempt) --curl", "sql 'SELECT * FROM events, changes'", "verify", "deliver",
      ] {
        let line = #"{ "\#(program)" \#(command); echo "$?" >&2; } | head -c 1 > /dev/null"#
        let piped = try await Program(
          "/bin/sh", ["-c", line], environment: stage.environment
        ).end()
        #expect(piped.errors == "0\n", "\(command)")
      }
      #expect(try await stage.rows("tail", "-n", "1").first?["position"] == head)
    }
  }

  @Test(arguments: ["/nowhere/pager", "kill -KILL $$", "exit 7"])
  func `a pager that is none leaves all rows on the terminal, under one line`(
    pager: String
  ) async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let all = try await stage.rows("events").count
      let terminal = try Terminal(columns: 160)
      let environment = stage.environment.merging(
        ["TERM": "dumb", "PAGER": pager, "LINES": "5"]) { $1 }
      let program = try Program(
        daybookPath(), ["-c", "sql 'SELECT a.position FROM events a, changes'"],
        environment: environment, terminal: terminal.path)
      try await wait("the end") {
        _ = terminal.shown()
        return !program.isRunning
      }
      #expect(try await program.end().status == 0)
      let lines = terminal.shown().split(separator: "\n")
      let changes = try await stage.rows("changes").count
      #expect(lines.count { Int($0.trimmingCharacters(in: .whitespaces)) != nil } == all * changes)
      #expect(lines.count { $0.contains("here is all of it without one") } == 1)
    }
  }
}
