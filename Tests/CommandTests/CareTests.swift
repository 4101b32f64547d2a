import Foundation
import Glibc
import RawJSON
import Testing

/// What removes, revokes, holds back or sends in bulk asks first.
@Suite struct CareTests {
  /// Commands that ask, over a journal with a history.
  private static func commands(_ stage: Stage) -> [[String]] {
    [
      ["instance", "delete", "1"], ["callback", "disable", stage.url + "/receiver/hook"],
      ["replay", "1..head", "--to", "https://example.com/hook", "--execute"],
    ]
  }

  @Test func `without a terminal nothing is done before yes and a reason are given`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let head = try await stage.rows("tail", "-n", "1")
      for words in Self.commands(stage) {
        for flags in [[], ["--yes"], ["--reason", "a test"]] {
          let ended = try await stage.start(words + flags).end()
          #expect(ended.status == 4, "\(words + flags): \(ended.errors)")
          #expect(ended.complaint?.contains("--reason TEXT") == true, "\(ended.errors)")
          #expect(ended.output.isEmpty)
        }
        let script = try await stage.daybook(input: words.joined(separator: " ") + "\n")
        #expect(script.status == 3 && script.errors.contains("line 1"), "\(script.errors)")
      }
      #expect(try await stage.rows("tail", "-n", "1") == head)
    }
  }

  @Test func `a reason is recorded as it was given, and as nothing where nobody gave one`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      let hook = stage.url + "/receiver/hook"
      try await stage.done("instance", "disable", "1")
      #expect(try await stage.rows("instance", "list")[0]["reason"] == .null)
      try await stage.done("instance", "enable", "1", "--reason", "-5 min")
      try await stage.done("callback", "disable", hook, "--yes", "--reason", "moving")
      #expect(try await stage.rows("callback", "list")[0]["reason"]?.text == "moving")
      try await stage.done("callback", "enable", hook)
      #expect(try await stage.rows("callback", "list")[0]["reason"] == .null)
      let file = try stage.write(#"{"name":"Other"}"#, to: "update.json")
      try await stage.done("instance", "update", "1", file, "--reason", "a better name")
      let position = try #require(try await stage.rows("deliveries")[0]["position"]?.integer)
      try await stage.done("redeliver", "\(position)", "--execute", "--reason", "lost there")
      try await stage.done("poll", "run", "1", Stage.resource, "--reason", "a look")
      try await stage.done(
        "poll", "step", "1", Stage.resource, "--discard", "--reason", "only looked")
      try await stage.done("instance", "delete", "1", "--yes", "--reason", "over")
      var reasons: [String: [JSON?]] = [:]
      for row in try await stage.rows("events") {
        guard let type = row["type"]?.text, let body = row["body"] else { continue }
        reasons[type, default: []].append(
          type == "delivery.released" ? body["text"] : body["reason"])
      }
      #expect(reasons["instance.disabled"] == [nil])
      #expect(reasons["instance.enabled"] == ["-5 min"])
      #expect(reasons["callback.disabled"] == ["moving"])
      #expect(reasons["callback.enabled"] == [nil])
      #expect(reasons["instance.updated"] == ["a better name"])
      #expect(reasons["delivery.released"] == ["lost there"])
      #expect(reasons["poll.requested"] == ["a look"])
      #expect(reasons["poll.discarded"] == ["only looked"])
      #expect(reasons["instance.deleted"] == ["over"])
      try await stage.done("verify")
      try await stage.done("rebuild", "--check")
    }
  }

  /// Types a command at a terminal of its own, and an answer once it asks.
  private func ask(
    _ stage: Stage, _ words: [String], _ answer: String, at question: String
  ) async throws -> (status: Int32, shown: String) {
    let terminal = try Terminal()
    let program = try Program(
      daybookPath(), words,
      environment: stage.environment.merging(["TERM": "xterm", "PAGER": "cat"]) { $1 },
      terminal: terminal.path, seconds: 60)
    defer { program.signal(SIGKILL) }
    var shown = ""
    try await wait("the question of \(words)") {
      shown = terminal.shown()
      return shown.contains(question) || !program.isRunning
    }
    terminal.type(answer + "\r")
    try await wait("its end") {
      shown = terminal.shown()
      return !program.isRunning
    }
    return (try await program.end().status, terminal.shown())
  }

  @Test func `on a terminal it says what will happen, and asks once`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      _ = try await stage.createEvent("Waiting")
      try await stage.done("poll", "run", "1", Stage.resource)
      let hook = stage.url + "/receiver/hook"
      let head = try await stage.rows("tail", "-n", "1")
      let kept = try await ask(stage, ["instance", "delete", "1"], "n", at: "[y/N]")
      #expect(kept.status == 1, "\(kept.shown)")
      for words in [
        "instance 1 (Team)", "1 feed closes", "1 pending delivery is skipped",
        "asked to revoke its grant", "nothing was done",
      ] {
        #expect(kept.shown.contains(words), "\(kept.shown)")
      }
      let open = try await ask(stage, ["callback", "disable", hook], "", at: "[y/N]")
      #expect(open.status == 1 && open.shown.contains("1 delivery that waits is held"), "\(open)")
      let reset = try await ask(
        stage, ["cursor", "reset", "1", Stage.resource, "--reason", "x", "--baseline"], "no",
        at: "[y/N]")
      #expect(reset.status == 1 && reset.shown.contains("announces nothing"), "\(reset.shown)")
      #expect(try await stage.rows("tail", "-n", "1") == head)
      let deleted = try await ask(stage, ["instance", "delete", "1"], "y", at: "[y/N]")
      #expect(deleted.status == 0, "\(deleted.shown)")
      let gone = try await stage.rows("events", "--type", "instance.deleted")
      #expect(gone.count == 1 && gone[0]["body"]?["reason"] == nil)
    }
  }
}
