import Foundation
import Glibc
import RawJSON
import Testing

/// Commands that look at the journal again and again, backwards, or otherwise: nothing is written.
@Suite struct LookingTests {
  @Test func `bisect finds the event at which an answer turns`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let head = try await stage.rows("tail", "-n", "1")
      let changes = try await stage.rows("changes").compactMap { $0["position"]?.integer }
      for (count, position) in changes.enumerated() {
        let statement = "SELECT count(*) > \(count) AS n FROM changes"
        let row = try await stage.rows("bisect", statement)[0]
        #expect(row["position"]?.integer == position)
        #expect(row["type"]?.text == "change.observed")
        #expect(row["before"]?.elements?.first?["n"] == .number("0"))
        #expect(row["after"]?.elements?.first?["n"] == .number("1"))
        #expect((3...10).contains(row["looks"]?.integer ?? 0))
      }
      let same = try await stage.daybook("bisect", "SELECT 1")
      #expect(same.status == 1 && same.errors.contains("the answer is the same"), "\(same.errors)")
      let words = try await stage.rows("bisect", "SELECT", "count(*)", "FROM", "instances")
      #expect(words[0]["type"]?.text == "instance.created")
      let crossed = try await stage.daybook("bisect", "SELECT 1", "--after", "9", "--before", "3")
      #expect(crossed.status == 2)
      #expect(try await stage.rows("tail", "-n", "1") == head)
    }
  }

  @Test func `step goes along causes and effects, and writes nothing`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let events = try await stage.rows("events")
      func position(_ type: String) throws -> Int {
        try #require(events.first { $0["type"]?.text == type }?["position"]?.integer)
      }
      let (change, asked) = (try position("change.observed"), try position("delivery.requested"))
      let poll = try #require(events.first { $0["position"]?.integer == change }?["cause"]?.integer)
      let steps: [(commands: [String], position: Int)] = [
        (["goto \(poll)", "step"], change),
        (["goto \(poll)", "step into", "step over"], change + 1),
        (["goto \(change)", "step"], asked), (["goto \(asked)", "step out"], change),
        // Of several causes it is the first, also from another of them.
        (["goto \(change + 1)", "step", "step out"], change),
        (["at \(poll)", "step"], change),
      ]
      for (commands, position) in steps {
        let done = try await stage.start(commands.flatMap { ["-c", $0] }).end()
        #expect(done.status == 0, "\(commands): \(done.errors)")
        #expect(try done.rows().last?["position"]?.integer == position, "\(commands)")
      }
      let back = ["-c", "goto \(poll)", "-c", "step", "-c", "back"]
      #expect(try await stage.start(back).end().rows().last?["position"]?.integer == poll)
      let ends = [
        ("step out", "event 1 came of no other"), ("step over", "event 1 came of no other"),
        ("step", "nothing came of event 1; `step over`"),
      ]
      for (command, fault) in ends {
        let done = try await stage.daybook("-c", "goto 1", "-c", command)
        #expect(done.status == 1 && done.errors.hasPrefix("daybook: \(fault)"), "\(done.errors)")
      }
      #expect(try await stage.daybook("step", "away").status == 2)
      #expect(try await stage.rows("tail", "-n", "1")[0]["position"] == events.last?["position"])
    }
  }

  @Test func `what-if shows what today's settings make of a notification`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let delivery = try #require(try await stage.rows("deliveries")[0]["position"]?.integer)
      let change = try #require(try await stage.rows("changes")[0]["position"]?.integer)
      for position in [delivery, change] {
        #expect(try await stage.rows("what-if", "\(position)").isEmpty)
      }
      let file = try stage.write(#"{"name":"Other team"}"#, to: "update.json")
      try await stage.done("instance", "update", "1", file)
      let head = try await stage.rows("tail", "-n", "1")
      for position in [delivery, change] {
        let rows = try await stage.rows("what-if", "\(position)")
        #expect(
          rows == [
            ["field": "message.instanceName", "recorded": "Team", "today": "Other team"]
          ])
      }
      let none = try await stage.daybook("what-if", "1")
      #expect(none.status == 1 && none.errors.contains("event 1 is neither"), "\(none.errors)")
      #expect(try await stage.rows("tail", "-n", "1") == head)
    }
  }

  @Test func `stats count what the log says`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      func sum(_ rows: [JSON], _ name: String) -> Int {
        rows.reduce(0) { $0 + ($1[name]?.integer ?? 0) }
      }
      let types = try await stage.rows("events").compactMap { $0["type"]?.text }
      let rows = try await stage.rows("stats")
      #expect(sum(rows, "changes") == types.count { $0 == "change.observed" })
      #expect(sum(rows, "deliveries") == types.count { $0 == "delivery.requested" })
      #expect(sum(rows, "attempts") == types.count { $0 == "delivery.attempted" })
      #expect(sum(rows, "succeeded") == types.count { $0 == "delivery.succeeded" })
      #expect(rows[0]["p50Ms"]?.integer != nil && rows[0]["attemptsUntilSuccess"] != .null)
      for (by, value) in [
        ("instance", JSON.number("1")), ("resource", .string(Stage.resource)),
        ("callback", .string(stage.url + "/receiver/hook")),
      ] {
        let parts = try await stage.rows("stats", "--by", by)
        #expect(parts.allSatisfy { $0[by] == value }, "\(parts)")
        #expect(sum(parts, "attempts") == sum(rows, "attempts"), "\(by)")
      }
      #expect(try await stage.rows("stats", "--since", "2030-01-01").isEmpty)
    }
  }

  @Test func `watch prints each answer, and ends with another`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let twice = try await stage.done(
        "watch", "--count", "2", "--every", "100ms", "instance", "list", "--output", "csv")
      #expect(twice.lines.count == 4 && twice.lines[0] == twice.lines[2], "\(twice.text)")
      let program = try stage.start(
        ["watch", "--until-changes", "--every", "100ms", "instance", "list", "--output", "csv"])
      defer { program.signal(SIGKILL) }
      try await wait("an answer") { program.printed.contains("Team") }
      try await stage.done("instance", "disable", "1")
      let ended = try await program.end()
      #expect(ended.status == 0 && ended.text.contains("disabled"), "\(ended.errors)")
      for words in [["deliver"], ["instance", "delete", "1"], ["watch", "version"], ["nonsense"]] {
        let refused = try await stage.start(["watch"] + words).end()
        #expect(refused.status == 2, "\(words): \(refused.errors)")
        #expect(refused.output.isEmpty)
      }
    }
  }

  @Test func `on a terminal watch redraws in place until it is stopped`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let terminal = try Terminal()
      let program = try Program(
        daybookPath(), ["watch", "--every", "100ms", "instance", "list"],
        environment: stage.environment.merging(["TERM": "xterm", "PAGER": "cat"]) { $1 },
        terminal: terminal.path, seconds: 60)
      defer { program.signal(SIGKILL) }
      try await wait("two answers") {
        terminal.shown().components(separatedBy: "\u{1B}[H").count > 2
      }
      #expect(terminal.shown().contains("every 100ms: instance list"))
      #expect(terminal.shown().contains("Team"))
      program.signal(SIGINT)
      try await wait("its end") {
        _ = terminal.shown()
        return !program.isRunning
      }
      #expect(try await program.end().status == 130)
    }
  }
}
