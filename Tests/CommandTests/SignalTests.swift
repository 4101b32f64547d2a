import Foundation
import Glibc
import RawJSON
import Testing

/// A first signal begins nothing new and waits for what is under way; a second one cuts it.
@Suite(.serialized)
struct SignalTests {
  /// Tells the receiver to take its time over everything.
  private func slow(_ stage: Stage, milliseconds: Int) async throws {
    try await stage.tell(
      "POST", "/sandbox/receiver",
      #"{"path":"/receiver/hook","answers":"#
        + #"[{"status":204,"delayMs":\#(milliseconds),"times":100}]}"#)
  }

  /// Notifications that are due and were not tried yet.
  private func prepare(_ stage: Stage, notifications: Int) async throws {
    try await stage.prepare()
    for number in 1...notifications {
      _ = try await stage.createEvent("Event \(number)")
      try await stage.done("poll", "run", "1", Stage.resource)
    }
  }

  /// Posts by notification and attempt, and attempts as recorded.
  private func counts(_ stage: Stage) async throws -> (posts: Int, attempts: Int, types: [String]) {
    let posts = try await stage.received()
    let types = try await stage.rows("events").compactMap { $0["type"]?.text }
    return (posts.count, types.count { $0 == "delivery.attempted" }, types)
  }

  @Test(arguments: [(SIGTERM, 0), (SIGINT, 130)] as [(Int32, Int32)])
  func `a script that waits for its next line ends at once`(
    signal: Int32, status: Int32
  ) async throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // A pipe that its reader holds open for writing has no end.
    let waiting = #"mkfifo "$0/script"; exec 3<>"$0/script"; echo version >&3; exec "$1" <&3"#
    let program = try Program(
      "/bin/sh", ["-c", waiting, folder, try daybookPath()],
      environment: ["HOME": folder, "PATH": "/usr/bin:/bin"])
    defer { program.signal(SIGKILL) }
    try await wait("the first line's answer") { program.printed.contains("\n") }
    program.signal(signal)
    let ended = try await program.end()
    #expect(ended.status == status, "\(ended.errors)")
    #expect(!ended.errors.contains("failed"), "\(ended.errors)")
  }

  @Test func `what interrupted a script is said with its line`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let program = try stage.start([], input: "version\ntail -f\n")
      defer { program.signal(SIGKILL) }
      try await wait("an event") { program.printed.contains("journal.created") }
      program.signal(SIGINT)
      let ended = try await program.end()
      #expect(ended.status == 130)
      #expect(ended.errors == "daybook: line 2: interrupted\n")
    }
  }

  @Test(
    arguments: [
      (["run"], SIGTERM, 0), (["run"], SIGINT, 130), (["deliver"], SIGTERM, 0),
      (["deliver", "--until-idle", "--for", "60s"], SIGINT, 130),
      (["-c", "deliver", "-c", "version"], SIGTERM, 0),
    ] as [([String], Int32, Int32)])
  func `a first signal waits for the attempts under way, and begins no other`(
    words: [String], signal: Int32, status: Int32
  ) async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 4)
      try await slow(stage, milliseconds: 1_500)
      let program = try stage.start(
        ["--output", "jsonl"] + words, environment: ["DAYBOOK_CONCURRENCY": "2"])
      defer { program.signal(SIGKILL) }
      try await wait("two posts") { try await stage.received().count == 2 }
      program.signal(signal)
      let ended = try await program.end()
      #expect(ended.status == status, "\(ended.errors)")
      #expect(!ended.text.contains("libcurl"))
      if words[0] != "run" { #expect(ended.lines.count == 2, "\(ended.text)") }
      let counts = try await counts(stage)
      #expect(counts.posts == 2)
      #expect(counts.attempts == 2)
      #expect(!counts.types.contains("delivery.unknown"))
      #expect(counts.types.count { $0 == "delivery.succeeded" } == 2)
      try await slow(stage, milliseconds: 0)
      try await stage.done("deliver")
      #expect(try await stage.received().count == 4)
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a second signal cuts the attempts under way, and they are unknown`(
    signal: Int32
  ) async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 3)
      try await slow(stage, milliseconds: 14_000)
      let program = try stage.start(["run"], environment: ["DAYBOOK_CONCURRENCY": "2"])
      defer { program.signal(SIGKILL) }
      try await wait("two posts") { try await stage.received().count == 2 }
      program.signal(signal)
      program.signal(signal == SIGTERM ? SIGINT : SIGTERM)
      let ended = try await program.end()
      #expect(ended.status == 130, "\(ended.errors)")
      let counts = try await counts(stage)
      #expect(counts.attempts == 2)
      #expect(counts.types.count { $0 == "delivery.unknown" } == 2)
      #expect(counts.types.last == "run.stopped")
    }
  }

  @Test func `a replay and a redelivery end what they have begun`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let before = try await counts(stage)
      try await slow(stage, milliseconds: 3_000)
      let lines = [
        ["replay", "1..head", "--to", stage.url + "/receiver/hook", "--execute"],
        ["redeliver", "\(try await delivery(stage))", "--execute"],
      ]
      for (place, words) in lines.enumerated() {
        let posts = try await stage.received().count
        let program = try stage.start(words, environment: ["DAYBOOK_CONCURRENCY": "1"])
        defer { program.signal(SIGKILL) }
        try await wait("a post") { try await stage.received().count > posts }
        program.signal(SIGTERM)
        #expect(try await program.end().status == 0, "\(words)")
        #expect(try await stage.received().count == posts + 1)
        let counts = try await counts(stage)
        #expect(counts.attempts == before.attempts + place + 1)
        #expect(!counts.types.contains("delivery.unknown"))
      }
    }
  }

  private func delivery(_ stage: Stage) async throws -> Int {
    try #require(try await stage.rows("deliveries").first?["position"]?.integer)
  }

  @Test(arguments: [["poll", "run", "--all"], ["poll", "step", "1", Stage.resource, "--accept"]])
  func `a poll under way takes the answer that it asked for`(words: [String]) async throws {
    try await withStage { stage in
      try await stage.prepare()
      _ = try await stage.createEvent("Planning")
      try await stage.tell(
        "POST", "/sandbox/faults",
        #"{"kind":"delay","delayMs":1500,"path":"/calendar/","times":1}"#)
      let program = try stage.start(words)
      defer { program.signal(SIGKILL) }
      try await wait("the request") {
        try await stage.tell("GET", "/sandbox/faults")["queue"]?.elements?.isEmpty == true
      }
      program.signal(SIGTERM)
      let ended = try await program.end()
      #expect(ended.status == 0, "\(ended.errors)")
      let types = try await stage.rows("events").suffix(2).compactMap { $0["type"]?.text }
      #expect(types == ["poll.completed", "change.observed"])
    }
  }

  @Test func `at the prompt Ctrl-C stops the command, and SIGTERM the program`() async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 2)
      try await slow(stage, milliseconds: 3_000)
      let terminal = try Terminal()
      let program = try Program(
        daybookPath(), [],
        environment: stage.environment.merging([
          "TERM": "xterm", "PAGER": "cat", "DAYBOOK_CONCURRENCY": "1",
        ]) { $1 },
        terminal: terminal.path, seconds: 60)
      defer { program.signal(SIGKILL) }
      try await wait("the prompt") { terminal.shown().contains("> ") }
      terminal.type("run\r")
      try await wait("a post") { try await stage.received().count == 1 }
      program.signal(SIGINT)
      try await wait("the end of the run") {
        _ = terminal.shown()
        return try await stage.rows("events", "--type", "run.stopped").count == 1
      }
      #expect(try await stage.received().count == 1)
      terminal.type("run\r")
      try await wait("another post") {
        _ = terminal.shown()
        return try await stage.received().count == 2
      }
      program.signal(SIGTERM)
      let ended = try await program.end()
      #expect(ended.status == 0)
      let counts = try await counts(stage)
      #expect(counts.types.count { $0 == "delivery.succeeded" } == 2)
      #expect(counts.types.last == "run.stopped")
    }
  }

  @Test func `a closed pipe does not cut the attempts under way`() async throws {
    try await withStage { stage in
      try await prepare(stage, notifications: 3)
      try await slow(stage, milliseconds: 500)
      let command = "\"\(try daybookPath())\" deliver | head -n 1"
      let program = try Program(
        "/bin/sh", ["-c", command],
        environment: stage.environment.merging(["DAYBOOK_CONCURRENCY": "1"]) { $1 })
      _ = try await program.end()
      let counts = try await counts(stage)
      #expect(counts.posts == counts.attempts)
      #expect(!counts.types.contains("delivery.unknown"))
      let ended = counts.types.count { $0 == "delivery.succeeded" }
      #expect(ended == counts.attempts)
    }
  }
}
