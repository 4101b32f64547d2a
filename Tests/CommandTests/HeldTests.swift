import Foundation
import RawJSON
import Testing

/// What keeps a delivery from being sent, and what lets it go on.
@Suite(.serialized)
struct HeldTests {
  /// An instance with a change whose notification was not sent yet.
  private func withPending(
    _ changes: [String: JSON] = [:], _ body: (Stage) async throws -> Void
  ) async throws {
    try await withStage { stage in
      try await stage.prepare(changes)
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Stage.resource)
      try await body(stage)
    }
  }

  @Test func `nothing goes out unsigned while the key is away`() async throws {
    try await withPending { stage in
      let key = stage.journal + ".key"
      try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
      let held = try await stage.daybook("--output", "jsonl", "deliver")
      #expect(held.status == 5, "\(held.errors)")
      #expect(try held.rows().map { $0["outcome"]?.text } == ["held"])
      // Another key opens nothing either.
      try String(repeating: "ab", count: 32).write(toFile: key, atomically: true, encoding: .utf8)
      let position = "\(try #require(try await stage.rows("deliveries")[0]["position"]?.integer))"
      _ = try await stage.daybook("redeliver", position, "--execute")
      #expect(try await stage.received().isEmpty)
      let open = try await stage.rows("notices", "--open")
      #expect(open.map { $0["kind"]?.text } == ["secrets-unreadable"])
      try FileManager.default.removeItem(atPath: key)
      try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
      try await stage.done("deliver")
      let received = try await stage.received()
      #expect(received.count == 1)
      #expect(header("webhook-signature", of: received.last) != nil)
      #expect(try await stage.rows("notices", "--open").isEmpty)
      try await stage.done("rebuild", "--check")
    }
  }

  @Test func `secrets given anew under another key are all that is needed`() async throws {
    try await withPending { stage in
      _ = try await stage.createEvent("Review")
      try await stage.done("poll", "run", "1", Stage.resource)
      try FileManager.default.removeItem(atPath: stage.journal + ".key")
      try String(repeating: "ab", count: 32)
        .write(toFile: stage.journal + ".key", atomically: true, encoding: .utf8)
      #expect(try await stage.daybook("deliver").status == 5)
      // Told once, however many are held.
      #expect(try await stage.rows("events", "--type", "notice.raised").count == 1)
      let update = try stage.write(
        #"{"configuration":{"event.notification.signature.key":"another"}}"#, to: "update.json")
      try await stage.done("instance", "update", "1", update)
      try await stage.done("deliver")
      let received = try await stage.received()
      #expect(received.count == 2)
      #expect(received.allSatisfy { header("webhook-signature", of: $0) != nil })
      #expect(try await stage.rows("notices", "--open").isEmpty)
    }
  }

  @Test func `what a URL refuses after the instance has moved goes to the next one`() async throws {
    try await withPending { stage in
      try await stage.tell(
        "POST", "/sandbox/receiver",
        #"{"path":"/receiver/hook","answers":[{"status":410,"delayMs":3000}]}"#)
      let deliver = try stage.start(["deliver"])
      try await wait("the attempt") {
        try await !stage.rows("events", "--type", "delivery.attempted").isEmpty
      }
      let moved = stage.url + "/receiver/moved"
      let update = try stage.write(
        #"{"configuration":{"event.notification.callback.url":"\#(moved)"}}"#, to: "update.json")
      try await stage.done("instance", "update", "1", update)
      _ = try await deliver.end()
      try await stage.done("deliver")
      #expect(try await stage.received("/receiver/moved").count == 1)
      try await stage.done("rebuild", "--check")
    }
  }

  @Test func `whenever callback enable is killed, what was held goes out in its order`()
    async throws
  {
    try await withPending { stage in
      var stage = stage
      // One after the other, so that they arrive in the order in which they are begun.
      stage.environment["DAYBOOK_CONCURRENCY"] = "1"
      let library = try await stage.killswitch()
      let hook = stage.url + "/receiver/hook"
      var kills = 0
      for at in stride(from: 3, through: 43, by: 4) {
        try await stage.done("callback", "disable", hook, "--yes", "--reason", "a test")
        _ = try await stage.createEvent("Held \(at)")
        try await stage.done("poll", "run", "1", Stage.resource)
        #expect(try await stage.daybook("deliver").status == 5)
        _ = try await stage.createEvent("Later \(at)")
        try await stage.done("poll", "run", "1", Stage.resource)
        let ended = try await stage.daybook(
          "callback", "enable", hook,
          environment: ["LD_PRELOAD": library, "KILLSWITCH_AT": "\(at)"])
        if ended.status == 128 + SIGKILL { kills += 1 }
        _ = try await stage.daybook("deliver")
        // Killed before it had begun, it has enabled nothing.
        if try await stage.rows("callback", "list")[0]["state"]?.text == "disabled" {
          try await stage.done("callback", "enable", hook)
          try await stage.done("deliver")
        }
        #expect(
          try await stage.rows("deliveries", "--status", "held", "pending").isEmpty, "call \(at)")
      }
      #expect(kills > 3)
      let numbers = try await stage.received().map { header("daybook-sequence", of: $0) }
        .compactMap { $0.flatMap { Int($0) } }
      #expect(numbers.count == 23 && numbers == numbers.sorted(), "\(numbers)")
    }
  }

  @Test func `what is pending or held is skipped as its instance is deleted`() async throws {
    try await withPending { stage in
      let hook = stage.url + "/receiver/hook"
      try await stage.done("callback", "disable", hook, "--yes", "--reason", "a test")
      #expect(try await stage.daybook("deliver").status == 5)
      _ = try await stage.createEvent("Review")
      try await stage.done("poll", "run", "1", Stage.resource)
      #expect(
        try await stage.rows("deliveries").map { $0["status"]?.text } == ["held", "pending"])
      try await stage.done("instance", "delete", "1", "--yes", "--reason", "an example")
      #expect(
        try await stage.rows("deliveries").map { $0["status"]?.text } == ["skipped", "skipped"])
      #expect(try await stage.rows("deliver").isEmpty)
      #expect(try await stage.received().isEmpty)
      #expect(try await stage.daybook("poll", "run", "1").status == 1)
      try await stage.done("rebuild", "--check")
    }
  }

  @Test func `what one URL holds up goes to the next one`() async throws {
    try await withPending { stage in
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[410]}"#)
      #expect(try await stage.daybook("deliver").status == 5)
      #expect(try await stage.rows("deliveries").map { $0["status"]?.text } == ["held"])
      let moved = stage.url + "/receiver/moved"
      let update = try stage.write(
        #"{"configuration":{"event.notification.callback.url":"\#(moved)"}}"#, to: "update.json")
      try await stage.done("instance", "update", "1", update)
      try await stage.done("deliver")
      #expect(try await stage.received("/receiver/moved").count == 1)
      let callbacks = try await stage.rows("callback", "list")
      #expect(callbacks.first { $0["url"]?.text == moved }?["state"] == "enabled")
    }
  }

  @Test func `a stopped replay holds what is due, and nothing has failed`() async throws {
    try await withStage { stage in
      var stage = stage
      stage.environment["DAYBOOK_RETRY"] = "5s,5s,5s,5s,5s,5s,5s,5s"
      try await stage.prepareHistory()
      let other = stage.url + "/receiver/other"
      try await stage.tell(
        "POST", "/sandbox/receiver",
        #"{"path":"/receiver/other","answers":[{"status":503,"repeat":true}]}"#)
      _ = try await stage.daybook("replay", "1..head", "--to", other, "--execute")
      let replay = "\(try #require(try await stage.rows("replay", "list")[0]["replay"]?.integer))"
      try await stage.done("replay", "stop", replay)
      let rest = try await stage.daybook(
        "--output", "jsonl", "deliver", "--until-idle", "--for", "30s")
      #expect(rest.status == 0, "\(rest.errors)")
      let rows = try rest.rows()
      #expect(!rows.isEmpty && rows.allSatisfy { $0["outcome"] == "held" })
      #expect(rows.allSatisfy { $0["url"]?.text == other })
      let held = try await stage.rows("deliveries", "--status", "held")
      #expect(held.count == rows.count && held.allSatisfy { $0["url"]?.text == other })
      try await stage.tell("POST", "/sandbox/receiver", #"{"path":"/receiver/other","answers":[]}"#)
      try await stage.done("replay", "resume", replay)
      #expect(try await stage.rows("deliveries", "--status", "held").isEmpty)
    }
  }

  @Test func `a redelivery is in the trace of its delivery`() async throws {
    try await withPending { stage in
      try await stage.done("deliver")
      let position = "\(try #require(try await stage.rows("deliveries")[0]["position"]?.integer))"
      try await stage.done("redeliver", position, "--execute")
      let types = try await stage.rows("trace", position).compactMap { $0["type"]?.text }
      #expect(types.contains("delivery.released"))
      #expect(types.count { $0 == "delivery.succeeded" } == 2)
    }
  }

  @Test func `a range of positions sends whole what tells of a change in it`() async throws {
    try await withPending { stage in
      try await stage.done("deliver")
      let change = try #require(try await stage.rows("changes")[0]["position"]?.integer)
      let delivery = try #require(try await stage.rows("deliveries")[0]["position"]?.integer)
      #expect(change < delivery)
      for part in ["\(change)", "\(change)..\(change)", "1..\(change)", "\(delivery)..\(delivery)"]
      {
        for mode in ["exact", "rebuilt"] {
          let plan = try await stage.done(
            "replay", part, "--mode", mode, "--to", stage.url + "/receiver/other"
          ).json()
          #expect(plan["notifications"] == 1 && plan["changes"] == 1, "\(part) \(mode)")
        }
      }
      let none = try await stage.done(
        "replay", "1..\(change - 1)", "--to", stage.url + "/receiver/other"
      ).json()
      #expect(none["notifications"] == 0)
    }
  }
}
