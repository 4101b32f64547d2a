import Foundation
import Glibc
import RawJSON
import Testing

/// Processes beside a running `run`, and how it ends.
@Suite(.serialized)
struct SecondProcessTests {
  /// Runs beside a `run` that has said in the log that it is there.
  private func withRun(
    _ stage: Stage, _ body: (Program) async throws -> Void
  ) async throws {
    let running = try stage.start(["run"])
    defer { running.signal(SIGKILL) }
    try await wait("run.started") {
      try await !stage.rows("events", "--type", "run.started").isEmpty || !running.isRunning
    }
    try #require(running.isRunning)
    try await body(running)
  }

  @Test func `a second run is refused and told which process runs it`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await withRun(stage) { running in
        let second = try await stage.daybook("run")
        #expect(second.status == 1)
        #expect(second.complaint?.contains("\(running.process)") == true, "\(second.errors)")
      }
    }
  }

  @Test func `another name of the journal leads to the same locks and key`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let link = stage.folder + "/link.journal"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: stage.journal)
      try await withRun(stage) { running in
        let second = try await stage.daybook("--journal", link, "run")
        #expect(second.status == 1)
        #expect(second.complaint?.contains("\(running.process)") == true, "\(second.errors)")
      }
      _ = try await stage.createEvent("Planning")
      let poll = try await stage.rows("-c", "version", "-c", "poll run 1")
      #expect(poll.last?["status"] == "completed")
      try await stage.done("--journal", link, "deliver")
      #expect(header("webhook-signature", of: try await stage.received().last) != nil)
      let files = try FileManager.default.contentsOfDirectory(atPath: stage.folder)
      #expect(files.filter { $0.hasPrefix("link.journal") } == ["link.journal"])
    }
  }

  @Test func `rebuilds at once and work beside them come to their ends`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await withThrowingTaskGroup(of: Finished.self) { group in
        for _ in 0..<4 { group.addTask { try await stage.daybook("rebuild") } }
        for _ in 0..<4 {
          group.addTask { try await stage.daybook("-c", "deliver", "-c", "deliver") }
        }
        for _ in 0..<4 {
          group.addTask {
            try await stage.daybook(
              "callback", "disable", stage.url + "/receiver/hook", "--yes", "--reason", "a test")
          }
        }
        for try await ended in group { #expect(ended.status == 0, "\(ended.errors)") }
      }
      try await stage.done("rebuild", "--check")
      try await stage.done("verify")
      #expect(try await stage.rows("events", "--type", "callback.disabled").count == 1)
    }
  }

  @Test func `what another process asks for is done by the running one`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await withRun(stage) { running in
        _ = try await stage.createEvent("Planning")
        let poll = try await stage.rows("poll", "run", "1", Stage.resource)
        #expect(poll.map { $0["status"]?.text } == ["completed"])
        #expect(poll.map { $0["changes"]?.integer } == [1])
        let asked = try await stage.rows("events", "--type", "poll.requested")
        #expect(asked.count == 1)
        let wish = "\(try #require(asked.first?["position"]?.integer))"
        let traced = try await stage.rows("trace", wish).map { $0["type"]?.text }
        #expect(traced.contains("poll.completed") && traced.contains("change.observed"))
        try await wait("the delivery") { try await stage.received().count == 1 }
        try await wait("its record") {
          try await stage.rows("deliveries", "--status", "succeeded").count == 1
        }
        let delivery = try await stage.rows("deliveries")[0]
        let position = "\(try #require(delivery["position"]?.integer))"
        let again = try await stage.rows("redeliver", position, "--execute")
        #expect(again.map { $0["outcome"]?.text } == ["succeeded"])
        #expect(try await stage.received().count == 2)
        let replay = try await stage.done(
          "replay", "1..head", "--to", stage.url + "/receiver/other", "--execute")
        #expect(try replay.json()["succeeded"]?.integer == 1)
        let request = "\(try #require(try replay.json()["replay"]?.integer))"
        let came = try await stage.rows("trace", request).map { $0["type"]?.text }
        #expect(came.contains("replay.completed"))
        #expect(try await stage.received("/receiver/other").count == 1)
        #expect(running.isRunning)
      }
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends a run after it is recorded`(signal: Int32) async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await withRun(stage) { running in
        running.signal(signal)
        let ended = try await running.end()
        #expect(ended.status == (signal == SIGTERM ? 0 : 130))
        #expect(try await stage.rows("events", "--type", "run.stopped").count == 1)
        try await stage.done("verify")
      }
    }
  }

  @Test func `who waits for a process that is killed does the work itself`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await withRun(stage) { running in
        try await stage.tell(
          "POST", "/sandbox/faults",
          #"{"kind":"delay","delayMs":3000,"path":"/calendar/v3/"}"#)
        let event = try await stage.createEvent("Planning")
        let waiting = try stage.start(["poll", "run", "1", Stage.resource])
        try await wait("poll.requested") {
          try await !stage.rows("events", "--type", "poll.requested").isEmpty
        }
        running.signal(SIGKILL)
        let ended = try await waiting.end()
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(try ended.rows().map { $0["changes"]?.integer } == [1])
        let changes = try await stage.rows("changes")
        #expect(changes.map { $0["objectId"]?.text } == [event])
      }
    }
  }

  @Test func `who waits for deliveries waits for their retries and tells their ends`() async throws
  {
    try await withStage { stage in
      var stage = stage
      stage.environment["DAYBOOK_RETRY"] = "3s"
      try await stage.prepare()
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[503,503]}"#)
      try await withRun(stage) { _ in
        _ = try await stage.createEvent("Planning")
        try await stage.done("poll", "run", "1", Stage.resource)
        try await wait("the end") {
          try await stage.rows("deliveries").first?["status"] == "exhausted"
        }
        let delivery = try await stage.rows("deliveries")[0]
        try await stage.tell(
          "POST", "/sandbox/receiver",
          // The last answer comes late, so that who starts slowly still sees it come.
          #"{"path":"/receiver/hook","answers":[503,{"status":503,"delayMs":8000}]}"#)
        let position = "\(try #require(delivery["position"]?.integer))"
        let first = try await stage.daybook("redeliver", position, "--execute")
        #expect(first.status == 5)
        #expect(try first.rows().map { $0["outcome"]?.text } == ["failed"])
        let second = try await stage.daybook("deliver", "--until-idle", "--for", "60s")
        #expect(second.status == 5)
        #expect(try second.rows().map { $0["outcome"]?.text } == ["exhausted"])
      }
    }
  }

  @Test func `a wait of the provider is not passed over beside a run, and it is said`() async throws
  {
    try await withStage { stage in
      try await stage.prepare()
      try await stage.tell(
        "POST", "/sandbox/faults",
        #"{"kind":"status","status":429,"retryAfter":"600","path":"/calendar/v3/"}"#)
      #expect(try await stage.daybook("poll", "run", "1", Stage.resource).status == 5)
      try await withRun(stage) { running in
        let asked = try await stage.rows("poll", "run", "1", Stage.resource)
        #expect(asked.map { $0["status"]?.text } == ["skipped"])
        #expect(asked[0]["nextAt"]?.text != nil)
        let forced = try await stage.rows("poll", "run", "1", Stage.resource, "--force")
        #expect(forced.map { $0["status"]?.text } == ["skipped"])
        #expect(forced[0]["error"]?.text?.contains("\(running.process)") == true)
      }
      let alone = try await stage.rows("poll", "run", "1", Stage.resource, "--force")
      #expect(alone.map { $0["status"]?.text } == ["completed"])
    }
  }

  @Test func `two processes append at once and nothing is lost`() async throws {
    let seconds = soak("DAYBOOK_APPEND_SECONDS") ?? 5
    try await withStage { stage in
      try await stage.prepare()
      let (first, second) = (stage.url + "/receiver/hook", stage.url + "/receiver/second")
      let form = try await stage.form(["event.notification.callback.url": .string(second)])
      try await stage.done("instance", "create", try stage.write(form, to: "second.json"))
      let before = try await stage.rows("events").count
      let deadline = ContinuousClock.now + .seconds(seconds)
      async let one = appends(stage, first, until: deadline)
      async let two = appends(stage, second, until: deadline)
      let counts = try await [one, two]
      #expect(counts.allSatisfy { $0 > 0 })
      let events = try await stage.rows("events")
      let positions = events.compactMap { $0["position"]?.integer }
      #expect(positions == Array(1...events.count))
      let mine = events.dropFirst(before)
      #expect(mine.count == counts.reduce(0, +), "appended: \(counts)")
      try await stage.done("verify")
      try await stage.done("rebuild", "--check")
      let integrity = try await onThread { try ask(stage.journal, "PRAGMA integrity_check") }
      #expect(integrity == ["ok"])
    }
  }

  /// Disables and enables a callback, one script after the other.
  ///
  /// - Returns: How many appends were answered.
  private func appends(
    _ stage: Stage, _ url: String, until deadline: ContinuousClock.Instant
  ) async throws -> Int {
    var count = 0
    let pair = "callback disable \(url) --yes --reason test\ncallback enable \(url)\n"
    while ContinuousClock.now < deadline {
      let ended = try await stage.daybook(input: String(repeating: pair, count: 100))
      try #require(ended.status == 0, "\(ended.errors)")
      count += 200
    }
    return count
  }
}

/// A number that `make soak` sets.
func soak(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
