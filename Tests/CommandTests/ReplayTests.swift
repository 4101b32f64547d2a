import Foundation
import RawJSON
import Testing

/// What a replay comes to where its target does not take it, and how it is counted.
@Suite(.serialized)
struct ReplayTests {
  private func other(_ stage: Stage) -> String { stage.url + "/receiver/other" }

  /// Replays everything to a URL that takes nothing of it.
  private func replayInVain(_ stage: Stage) async throws -> Finished {
    try await stage.daybook(
      "--output", "jsonl", "replay", "1..head", "--to", other(stage), "--execute", seconds: 30)
  }

  @Test func `a replay to a disabled callback comes back and says what is held`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let total = try await stage.received().count
      // What no delivery ever went to cannot be switched.
      try await stage.done("replay", "1..head", "--to", other(stage), "--execute")
      try await stage.done("callback", "disable", other(stage), "--yes", "--reason", "a test")
      let held = try await replayInVain(stage)
      #expect(held.status == 5, "\(held.errors)")
      #expect(held.complaint?.contains("\(total) of them held") == true, "\(held.errors)")
      let row = try #require(try held.rows().first)
      #expect(row["total"]?.integer == total && row["sent"] == 0 && row["state"] == "running")
      try await stage.done("callback", "enable", other(stage))
      let replay = "\(try #require(row["replay"]?.integer))"
      let resumed = try await stage.done("replay", "resume", replay).json()
      #expect(resumed["succeeded"]?.integer == total)
      #expect(try await stage.received("/receiver/other").count == 2 * total)
    }
  }

  @Test func `a replay to a receiver that answers 410 comes back with what it holds`() async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/other","answers":[410]}"#)
      let gone = try await replayInVain(stage)
      #expect(gone.status == 5, "\(gone.errors)")
      #expect(gone.complaint?.contains("held") == true, "\(gone.errors)")
      let row = try #require(try gone.rows().first)
      let (sent, total) = (row["sent"]?.integer ?? 0, row["total"]?.integer ?? 0)
      #expect((1...total).contains(sent))
      try await stage.done("rebuild", "--check")
    }
  }

  @Test func `a replayed delivery counts once however often it is sent`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await stage.tell(
        "POST", "/sandbox/receiver",
        #"{"path":"/receiver/other","answers":[{"status":503,"retryAfter":"15"},200]}"#)
      let first = try await replayInVain(stage)
      try await stage.done("deliver", "--until-idle", "--for", "30s")
      let replay = "\(try #require(try first.rows().first?["replay"]?.integer))"
      let shown = try await stage.done("replay", "show", replay).json()
      let total = try #require(shown["total"]?.integer)
      #expect(shown["sent"]?.integer == total && shown["succeeded"]?.integer == total)
      #expect(shown["state"] == "completed")
      let copy = try await stage.rows("deliveries").last { $0["replay"]?.integer != nil }
      try await stage.done(
        "redeliver", "\(try #require(copy?["position"]?.integer))", "--execute")
      #expect(try await stage.done("replay", "show", replay).json() == shown)
      #expect(try await stage.rows("-c", "at head", "-c", "replay list").last == shown)
      try await stage.done("rebuild", "--check")
    }
  }

  @Test func `history outlives its instance, whose own URL gets nothing more`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let total = try await stage.received().count
      let first = "\(try #require(try await stage.rows("deliveries")[0]["position"]?.integer))"
      try await stage.done("instance", "delete", "1", "--yes", "--reason", "an example")
      let before = try await stage.rows("events").count
      let again = try await stage.daybook("redeliver", first, "--execute")
      #expect(again.status == 1 && again.complaint?.contains("deleted") == true, "\(again.errors)")
      #expect(try await stage.rows("events").count == before)
      for (round, mode) in ["exact", "rebuilt"].enumerated() {
        let replay = try await stage.done(
          "replay", "1..head", "--mode", mode, "--to", other(stage), "--execute"
        ).json()
        #expect(replay["succeeded"]?.integer == total && replay["state"] == "completed")
        #expect(try await stage.received("/receiver/other").count == total * (round + 1))
      }
      #expect(try await stage.received().count == total)
      let copy = try await stage.rows("deliveries").last { $0["replay"]?.integer != nil }
      try await stage.done("redeliver", "\(try #require(copy?["position"]?.integer))", "--execute")
      #expect(try await stage.received("/receiver/other").count == total * 2 + 1)
    }
  }

  @Test func `what was delivered once stays so, whatever becomes of sending it again`() async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      let hook = stage.url + "/receiver/hook"
      let first = "\(try #require(try await stage.rows("deliveries")[0]["position"]?.integer))"
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[500]}"#)
      #expect(try await stage.daybook("redeliver", first, "--execute").status == 5)
      for mode in ["exact", "rebuilt"] {
        let plan = try await stage.done("replay", first, "--mode", mode, "--to", hook).json()
        #expect(plan["notifications"] == 1 && plan["alreadyDelivered"] == 1, "\(mode)")
      }
    }
  }

  @Test func `without a callback what is recorded has not failed`() async throws {
    try await withStage { stage in
      try await stage.prepare(["event.notification.callback.url": ""])
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Stage.resource)
      let rows = try await stage.rows("deliver")
      #expect(rows.map { $0["outcome"]?.text } == ["skipped"])
    }
  }

  @Test func `credentials go to the origin that is the instance's own at the attempt`() async throws
  {
    try await withStage { stage in
      var stage = stage
      stage.environment["DAYBOOK_ALLOW_CALLBACKS"] = "127.0.0.1,localhost"
      try await stage.prepare([
        "event.notification.basic.username": "bell", "event.notification.basic.password": "ringer",
      ])
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Stage.resource)
      try await stage.done("deliver")
      let head = try await stage.rows("tail", "-n", "1")[0]["position"]?.integer
      stage.environment["SELECTION"] = "1..\(try #require(head))"
      for mode in ["exact", "rebuilt"] {
        #expect(try await replayed(stage, stage.url, mode) == "Basic YmVsbDpyaW5nZXI=", "\(mode)")
      }
      let moved = stage.url.replacing("127.0.0.1", with: "localhost") + "/receiver/hook"
      let update = try stage.write(
        #"{"configuration":{"event.notification.callback.url":"\#(moved)"}}"#, to: "update.json")
      try await stage.done("instance", "update", "1", update)
      for mode in ["exact", "rebuilt"] {
        #expect(try await replayed(stage, stage.url, mode) == nil, "\(mode)")
        let there = stage.url.replacing("127.0.0.1", with: "localhost")
        #expect(try await replayed(stage, there, mode) != nil, "\(mode)")
        let all = try await replayed(stage, stage.url, mode, ["--with-credentials"])
        #expect(all != nil, "\(mode)")
      }
    }
  }

  /// The authorization that a replay to a server brings along.
  private func replayed(
    _ stage: Stage, _ server: String, _ mode: String, _ flags: [String] = []
  ) async throws -> String? {
    let before = try await stage.received("/receiver/other").count
    let past = stage.environment["SELECTION"] ?? "1..head"
    let words = ["replay", past, "--mode", mode, "--to", server + "/receiver/other"]
    let ended = try await stage.start(words + ["--execute"] + flags).end()
    try #require(ended.status == 0, "\(ended.errors)")
    let received = try await stage.received("/receiver/other")
    try #require(received.count == before + 1)
    return header("authorization", of: received.last)
  }

  @Test func `a poll of two thousand changes is traced and replayed whole`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/generate", #"{"count":2000,"title":"Meeting"}"#)
      let poll = try await stage.rows("poll", "run", "1", Stage.resource)
      #expect(poll.first?["changes"]?.integer == 2_000)
      try await stage.done("deliver")
      let position = "\(try #require(poll.first?["position"]?.integer))"
      let types = try await stage.rows("trace", position).compactMap { $0["type"]?.text }
      #expect(types.count { $0 == "change.observed" } == 2_000)
      #expect(types.count { $0 == "delivery.succeeded" } == 200)
      let plan = try await stage.done(
        "replay", position, "--to", stage.url + "/receiver/other"
      ).json()
      #expect(plan["notifications"]?.integer == 200 && plan["changes"]?.integer == 2_000)
    }
  }
}

/// What a dry run says on a terminal, and how a replay goes on.
extension ReplayTests {
  private func onTerminal(_ stage: Stage, _ words: [String]) async throws -> String {
    let terminal = try Terminal()
    let program = try Program(
      daybookPath(), words,
      environment: stage.environment.merging(["TERM": "xterm", "PAGER": "cat"]) { $1 },
      terminal: terminal.path, seconds: 60)
    defer { program.signal(SIGKILL) }
    var shown = ""
    try await wait("its end") {
      shown = terminal.shown()
      return !program.isRunning
    }
    return shown + terminal.shown().dropFirst(shown.count)
  }

  @Test func `a dry run ends with the command that sends it, which sends just that`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let to = stage.url + "/receiver/it's here?a=1&b=2".replacing(" ", with: "%20")
      let changes = try await stage.rows("changes")
      let first = try #require(changes[0]["position"]?.integer)
      let shown = try await onTerminal(stage, ["replay", "\(first)", "--to", to])
      #expect(shown.contains("dry run, mode exact, nothing was sent"), "\(shown)")
      #expect(shown.contains("1 more change went out together"), "\(shown)")
      #expect(shown.contains("has accepted none of it"), "\(shown)")
      let flat = shown.replacing("\n", with: "")
      let line = try #require(flat.firstRange(of: "to send it: ")).upperBound
      let command = String(flat[line...])
      #expect(command.hasPrefix("daybook replay \(first) --to '"), "\(command)")
      #expect(command.hasSuffix(" --execute"), "\(command)")
      let sent = try await Program(
        "/bin/sh", ["-c", "exec \(try daybookPath())\(command.dropFirst(7))"],
        environment: stage.environment
      ).end()
      #expect(sent.status == 0, "\(sent.errors)")
      #expect(try await stage.rows("replay", "list")[0]["succeeded"]?.integer == 1)
      let again = try await onTerminal(stage, ["replay", "1..head", "--to", to])
      #expect(again.contains("--missing leaves it out"), "\(again)")
      let missing = try await stage.rows("replay", "1..head", "--to", to, "--missing")[0]
      #expect(missing["alreadyDelivered"]?.integer == 1)
      try await stage.done("replay", "1..head", "--to", to, "--missing", "--execute")
      let none = try await stage.daybook("replay", "1..head", "--to", to, "--missing", "--execute")
      #expect(none.status == 1 && none.errors.contains("nothing is missing"), "\(none.errors)")
      let requested = try await stage.rows("events", "--type", "replay.requested").last
      let selection = requested?["body"]?["selection"]?.text
      #expect(selection?.hasPrefix("1..") == true && selection?.hasSuffix("--missing") == true)
      #expect(selection?.contains("head") == false)
    }
  }

  @Test func `a private address names the setting, and a range past the head is refused`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      let far = try await stage.daybook("replay", "1..head", "--to", "http://192.168.1.1/")
      #expect(far.status == 1)
      #expect(far.complaint?.contains("DAYBOOK_ALLOW_CALLBACKS") == true, "\(far.errors)")
      let bad = try await stage.daybook("replay", "1..head", "--to", "nonsense")
      #expect(bad.complaint?.contains("DAYBOOK_ALLOW_CALLBACKS") == false, "\(bad.errors)")
      let past = try await stage.daybook("replay", "1..9999", "--to", other(stage))
      #expect(past.status == 1 && past.errors.contains("there is no event 9999"), "\(past.errors)")
    }
  }

  @Test func `a replay whose process died says how it goes on`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await stage.tell(
        "POST", "/sandbox/receiver",
        #"{"path":"/receiver/other","answers":[{"status":204,"delayMs":20000,"times":9}]}"#)
      let dying = try stage.start(["replay", "1..head", "--to", other(stage), "--execute"])
      try await wait("a post") { try await stage.received("/receiver/other").count > 0 }
      dying.signal(SIGKILL)
      _ = try await dying.end()
      let replay = "\(try #require(try await stage.rows("replay", "list")[0]["replay"]?.integer))"
      #expect(try await stage.rows("replay", "list")[0]["state"]?.text == "running")
      let listed = try await onTerminal(stage, ["replay", "list"])
      #expect(listed.contains("`replay resume \(replay)`"), "\(listed)")
      let shown = try await stage.daybook("replay", "show", replay)
      #expect(shown.status == 5 && shown.errors.contains("`replay resume \(replay)`"), "\(shown)")
      let stopped = try await onTerminal(stage, ["replay", "stop", replay])
      #expect(stopped.contains("replay \(replay) is stopped"), "\(stopped)")
    }
  }
}
