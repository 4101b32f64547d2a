import Foundation
import RawJSON
import Testing

/// The main job from outside: an instance, its polls, its deliveries, and the ways back.
@Suite(.serialized)
struct MainJobTests {
  @Test func `a change in the calendar reaches the receiver once, signed`() async throws {
    try await withStage { stage in
      let file = try stage.write(try await stage.form(), to: "instance.json")
      _ = try await stage.createEvent("Before the baseline")
      let instance = try await stage.done("instance", "create", file).json()
      #expect(instance["id"]?.integer == 1)
      #expect(instance["token"]?.text?.isEmpty == false)
      let baseline = try await stage.rows("poll", "run", "1", Stage.resource)
      #expect(baseline.map { $0["status"]?.text } == ["completed"])
      #expect(baseline.map { $0["changes"]?.integer } == [0])
      #expect(try await stage.rows("deliver").isEmpty)

      let event = try await stage.createEvent("Planning")
      let poll = try await stage.rows("poll", "run", "1", Stage.resource)
      #expect(poll.map { $0["changes"]?.integer } == [1])
      let attempts = try await stage.rows("deliver", "--until-idle", "--for", "30s")
      #expect(attempts.map { $0["outcome"]?.text } == ["succeeded"])
      let received = try await stage.received()
      #expect(received.count == 1)
      let body = try JSON.parse(Array((received.first?["body"]?.text ?? "").utf8))
      #expect(body["message"]?["events"]?.elements?.map { $0["objectId"]?.text } == [event])
      #expect(try await stage.rows("poll", "run", "1", Stage.resource)[0]["changes"] == 0)
      #expect(try await stage.rows("deliver").isEmpty)
    }
  }

  @Test func `what an attempt shows as sent is what arrived`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let attempts = try await stage.rows("events", "--type", "delivery.attempted")
      let received = try await stage.received()
      try #require(attempts.count == received.count && !attempts.isEmpty)
      func fields(_ headers: JSON?) -> [String] {
        (headers?.elements ?? []).map { pair in
          let words = (pair.elements ?? []).map { $0.text ?? "" }
          return "\(words.first?.lowercased() ?? ""): \(words.last ?? "")"
        }.sorted()
      }
      for (attempt, delivery) in zip(attempts, received) {
        let position = "\(try #require(attempt["position"]?.integer))"
        let request = try await stage.done("show", position).json()["request"]
        #expect(fields(request?["headers"]) == fields(delivery["headers"]))
        #expect(fields(delivery["headers"]).contains("host: 127.0.0.1:\(stage.port)"))
        let body = try JSON.parse(Array((delivery["body"]?.text ?? "").utf8))
        #expect(request?["body"] == body)
      }
    }
  }

  @Test func `history is replayed to another URL and one delivery again to its own`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let sent = try await stage.received().count
      let target = stage.url + "/receiver/other"
      let plan = try await stage.done("replay", "1..head", "--to", target).json()
      #expect(plan["notifications"]?.integer == sent)
      #expect(plan["alreadyDelivered"]?.integer == 0)
      #expect(try await stage.received("/receiver/other").isEmpty)
      let made = try await stage.done("replay", "1..head", "--to", target, "--execute").json()
      #expect(made["succeeded"]?.integer == sent)
      let other = try await stage.received("/receiver/other").compactMap { $0["body"]?.text }
      let own = try await stage.received().compactMap { $0["body"]?.text }
      #expect(own.sorted() == other.sorted())

      let delivery = try await stage.rows("deliveries", "--limit", "1", "--after", "0")[0]
      let position = "\(try #require(delivery["position"]?.integer))"
      try await stage.done("redeliver", position)
      #expect(try await stage.received().count == sent)
      try await stage.done("redeliver", position, "--execute")
      let again = try await stage.received()
      #expect(again.count == sent + 1)
      #expect(webhookID(again.last) == delivery["id"]?.text)
      try await stage.done("verify")
      try await stage.done("rebuild", "--check")
    }
  }

  @Test func `a trace leads from the poll to the attempt`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let succeeded = try await stage.rows("events", "--type", "delivery.succeeded", "--limit", "1")
      let position = "\(try #require(succeeded[0]["position"]?.integer))"
      let types = try await stage.rows("trace", position).compactMap { $0["type"]?.text }
      for type in ["poll.completed", "delivery.requested", "delivery.attempted"] {
        #expect(types.contains(type), "\(types)")
      }
    }
  }

  @Test func `time travel answers as of an event and writes nothing`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let polls = try await stage.rows("events", "--type", "poll.completed")
      let second = try #require(polls[1]["position"]?.integer)
      let then = try await stage.rows("-c", "at \(second)", "-c", "deliveries")
      #expect(then.isEmpty)
      let back = try await stage.rows("-c", "at \(second)", "-c", "now", "-c", "deliveries")
      #expect(try await stage.rows("deliveries") == back)
      let refused = try await stage.daybook("-c", "at \(second)", "-c", "poll run")
      #expect(refused.status == 1)
      #expect(refused.complaint?.contains("now") == true)
      let difference = try await stage.rows("diff", "\(second)", "head")
      let kinds = Set(difference.compactMap { $0["kind"]?.text })
      #expect(kinds.isSuperset(of: ["cursor", "delivery"]))
    }
  }

  @Test func `in the past stepping takes the time along`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let rows = try await stage.rows(
        "-c", "at 1", "-c", "next", "-c", "next --type feed.opened", "-c",
        "events --reverse --limit 1",
        "-c", "prev", "-c", "back", "-c", "forward", "-c", "goto 2", "-c", "events", "-c", "now")
      let places = rows.compactMap { $0["position"]?.integer }
      let feed = try #require(
        try await stage.rows("events", "--type", "feed.opened")[0]["position"]?.integer)
      #expect(places == [2, feed, feed, feed - 1, feed, feed - 1, 2, 1, 2])
      let early = try await stage.daybook("at", "2020-01-01")
      #expect(early.status == 1 && early.complaint?.contains("by then") == true)
    }
  }

  @Test func `a failed step into the past stays where it was, and replays answer as of then`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepareHistory()
      let made = try await stage.done(
        "replay", "1..head", "--to", stage.url + "/receiver/other", "--execute"
      ).json()
      let replay = "\(try #require(made["replay"]?.integer))"
      let script = try await stage.daybook("-c", "at 3", "-c", "at 999999", "-c", "events")
      #expect(script.status == 1)
      let failing = try stage.start(["-c", "at \(replay)", "-c", "replay show \(replay)"])
      let then = try await failing.end()
      #expect(then.status == 5)
      #expect(try then.rows().first?["state"] == "running" && then.rows().first?["sent"] == 0)
      let before = try await stage.daybook("-c", "at 3", "-c", "replay show \(replay)")
      #expect(before.status == 1)
    }
  }

  @Test func `a delivery that rests without an attempt is told and gives 5`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await stage.done(
        "callback", "disable", stage.url + "/receiver/hook", "--yes", "--reason", "a test")
      let delivery = try await stage.rows("deliveries", "--limit", "1")[0]
      let position = "\(try #require(delivery["position"]?.integer))"
      let held = try await stage.daybook("redeliver", position, "--execute")
      #expect(held.status == 5, "\(held.errors)")
      let row = try #require(try held.rows().first)
      #expect(row["outcome"] == "held" && row["status"] == .null && row["attempt"] == 1)
      #expect(row["id"] == delivery["id"] && row["url"] == delivery["url"])
      try await stage.done("callback", "enable", stage.url + "/receiver/hook")
      let skipped = try await stage.daybook(
        "deliver", environment: ["DAYBOOK_ALLOW_CALLBACKS": "10.9.9.9"])
      #expect(skipped.status == 5, "\(skipped.errors)")
      #expect(try skipped.rows().map { $0["outcome"]?.text } == ["skipped"])
    }
  }

  @Test func `verify holds the journal against a head kept elsewhere`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      let found = try await stage.done("verify").json()
      let head = try #require(found["head"]?.integer)
      let digest = try #require(found["digest"]?.text)
      try await stage.done("verify", "--head", "\(head):\(digest)")
      let wrong = try await stage.daybook(
        "verify", "--head", "\(head):\(String(digest.reversed()))")
      #expect(wrong.status == 1)
      #expect(try wrong.json()["ok"] == false)
      let cut = try await stage.daybook("verify", "--head", "\(head + 1):\(digest)")
      #expect(cut.status == 1)
      let unread = try await stage.daybook("verify", "--head", "nonsense")
      #expect(unread.status == 2)
    }
  }

  @Test func `verify tells in its own form that the file was tampered with`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      _ = try ask(stage.journal, "DROP TRIGGER payloads_never_go")
      let found = try await stage.daybook("--output", "jsonl", "verify")
      #expect(found.status == 1)
      let row = try #require(try found.rows().first)
      #expect(row["ok"] == false)
      #expect(row["problems"]?.elements?.first?.text?.contains("payloads_never_go") == true)
    }
  }

  @Test func `verify finds one flipped bit of an event`() async throws {
    try await withStage { stage in
      try await stage.prepareHistory()
      try await onThread { try settle(stage.journal) }
      var bytes = Array(FileManager.default.contents(atPath: stage.journal) ?? Data())
      let field = Array(#""journal":""#.utf8)
      let place = try #require(bytes.firstRange(of: field)).upperBound
      bytes[place] ^= 0x01
      try Data(bytes).write(to: URL(filePath: stage.journal))
      let found = try await stage.daybook("verify")
      #expect(found.status == 1)
    }
  }

  @Test func `a poll by hand is accepted or leaves the cursor alone`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      _ = try await stage.createEvent("Planning")
      let cursor = try await stage.done("cursor", "show", "1", Stage.resource).json()["cursor"]
      for stop in ["request", "reply", "changes"] {
        let rows = try await stage.rows(
          "poll", "step", "1", Stage.resource, "--until", stop, "--discard")
        #expect(rows.last?["phase"]?.text == "discarded")
        let kept = try await stage.done("cursor", "show", "1", Stage.resource).json()["cursor"]
        #expect(kept == cursor)
      }
      let rows = try await stage.rows("poll", "step", "1", Stage.resource, "--accept")
      #expect(rows.compactMap { $0["verdict"]?.text } == ["created"])
      #expect(rows.last?["phase"]?.text == "accepted")
      #expect(rows.last?["changes"]?.integer == 1)
      try await stage.done("deliver", "--until-idle", "--for", "30s")
      #expect(try await stage.received().count == 1)
    }
  }

  @Test func `the demonstration runs as it is and leaves a journal that verifies`() async throws {
    try await withStage { stage in
      let shown = try await stage.daybook("demo", "--no-repl")
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.text.contains("\"ok\":true"))
    }
  }
}

/// The id under which a receiver was told.
func webhookID(_ delivery: JSON?) -> String? { header("webhook-id", of: delivery) }

/// A header of a delivery that the receiver got.
func header(_ name: String, of delivery: JSON?) -> String? {
  let found = delivery?["headers"]?.elements?.first { pair in
    pair.elements?.first?.text?.lowercased() == name
  }
  return found?.elements?.last?.text
}
