import Daybook
import DaybookLive
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

private let resource = "calendars/primary/changed-events"

/// What a program has Daybook do over HTTP.
@Suite struct WorkRouteTests {
  @Test func `a poll is made when it is asked for`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      let rows = try await stage.json(
        "POST", "/daybook/v1/polls", #"{"instance":\#(created.id),"resource":"\#(resource)"}"#)
      #expect(rows.elements?.first?["status"]?.text == "completed")
      let token = [("Authorization", "Element \(created.token)")]
      let own = try await stage.json("POST", "/daybook/v1/polls", "{}", headers: token)
      #expect(own.elements?.first?["instance"]?.integer == Int(created.id))
      for (body, status) in [
        (#"{"instance":99}"#, 404), (#"{"resource":"x"}"#, 400), (#"{"instance":"1"}"#, 400),
        (#"{"instance":\#(created.id),"resource":"x"}"#, 404), (#"{"forced":true}"#, 400),
        (#"{"all":1}"#, 400),
      ] {
        let reply = try await stage.ask("POST", "/daybook/v1/polls", body)
        #expect(reply.status == status, "\(body): \(reply.text)")
      }
    }
  }

  @Test func `a poll by hand goes page by page and is accepted`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.polled()
      try await stage.meeting("Planning")
      let begun = try await stage.json(
        "POST", "/daybook/v1/polls/steps",
        #"{"instance":\#(created.id),"resource":"\#(resource)"}"#)
      #expect(begun["state"]?.text == "open")
      #expect(begun["request"]?["method"]?.text == "GET")
      let step = "/daybook/v1/polls/steps/\(begun["step"]?.text ?? "")"
      #expect(try await stage.ask("POST", step + "/accept", "{}").status == 409)
      let page = try await stage.json("POST", step + "/next", "{}")
      #expect(page["request"] == .null)
      let change = try #require(page["changes"]?.elements?.first)
      #expect(change["verdict"]?.text == "created")
      #expect(change["object"]?["summary"]?.text == "Planning")
      #expect(try await stage.ask("POST", step + "/next", "{}").status == 409)
      let accepted = try await stage.json("POST", step + "/accept", "{}")
      #expect(accepted["state"]?.text == "accepted")
      #expect(accepted["recorded"]?.integer == 1)
      let position = accepted["position"]?.integer ?? 0
      let event = try await stage.json("GET", "/daybook/v1/events/\(position)")
      #expect(event["type"]?.text == "poll.completed")
      #expect(try await stage.ask("POST", step + "/accept", "{}").status == 404)
    }
  }

  @Test func `a poll by hand is another's to nobody but its instance`() async throws {
    try await ServerStage.with { stage in
      let first = try await stage.polled()
      let second = try await stage.polled()
      let body = #"{"resource":"\#(resource)"}"#
      let mine = [("Authorization", "Element \(first.token)")]
      let theirs = [("Authorization", "Element \(second.token)")]
      let begun = try await stage.json("POST", "/daybook/v1/polls/steps", body, headers: mine)
      let step = "/daybook/v1/polls/steps/\(begun["step"]?.text ?? "")"
      #expect(try await stage.ask("POST", step + "/next", "{}", headers: theirs).status == 404)
      let left = try await stage.json(
        "POST", step + "/discard", #"{"reason":"enough"}"#, headers: mine)
      #expect(left["state"]?.text == "discarded")
      let path = "/daybook/v1/events/\(left["position"]?.integer ?? 0)"
      #expect(try await stage.json("GET", path)["body"]?["reason"]?.text == "enough")
      #expect(try await stage.ask("POST", "/daybook/v1/polls/steps", body).status == 400)
    }
  }

  @Test func `polls by hand have a bound, and what is left alone is recorded`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.polled()
      let world = World.live()
      let steps = PollSteps(stage.journal, in: world, name: { UUID().uuidString })
      for _ in 0..<ServerLimits.stepsMax {
        _ = try await steps.begin(created.id, resource, Caller(isOwner: true))
      }
      await #expect(throws: Trouble.self) {
        try await steps.begin(created.id, resource, Caller(isOwner: true))
      }
      await steps.leave(untouchedSince: world.now() + .seconds(1))
      let left = try await stage.json("GET", "/daybook/v1/events?type=poll.discarded").elements
      #expect(left?.count == ServerLimits.stepsMax)
      #expect(left?.first?["body"]?["reason"]?.text == "left alone for 10 minutes")
      // Whoever stops leaves the rest, also where the task is cancelled.
      _ = try await steps.begin(created.id, resource, Caller(isOwner: true))
      let running = Task { await steps.run() }
      running.cancel()
      await running.value
      let all = try await stage.json("GET", "/daybook/v1/events?type=poll.discarded").elements
      #expect(all?.count == ServerLimits.stepsMax + 1)
      await #expect(throws: Trouble.self) {
        try await steps.begin(created.id, resource, Caller(isOwner: true))
      }
    }
  }

  @Test func `a replay says what it would send, and sends it when told to`() async throws {
    try await ServerStage.with { stage in
      _ = try await stage.delivered()
      let to = "http://127.0.0.1:\(stage.google)/receiver/other"
      func ask(
        _ more: String, _ selection: String = #"{"positions":"1..head"}"#
      ) async throws
        -> RawReply
      {
        try await stage.ask(
          "POST", "/daybook/v1/replays", #"{"selection":\#(selection),"to":"\#(to)"\#(more)}"#)
      }
      let plan = try JSON.parse(try await ask("").body)
      #expect(plan["notifications"]?.integer == 1)
      #expect(plan.members?.names == RowTable.replayPlans.names)
      #expect(try await stage.json("GET", "/daybook/v1/replays").elements?.isEmpty == true)
      let row = try JSON.parse(
        try await ask(#","execute":true,"mode":"exact","reason":"test","rate":100,"wait":true"#)
          .body)
      #expect(row["succeeded"]?.integer == 1)
      let replay = row["replay"]?.integer ?? 0
      let shown = try await stage.json("GET", "/daybook/v1/replays/\(replay)")
      #expect(shown["state"]?.text == "completed")
      let path = "/daybook/v1/replays/\(replay)"
      #expect(try await stage.ask("POST", path + "/stop", "{}").status == 409)
      #expect(try await stage.json("POST", path + "/resume", "{}")["replay"]?.integer == replay)
      #expect(try await stage.ask("POST", "/daybook/v1/replays/1/stop", "{}").status == 404)
      #expect(try await ask(#","mode":"other""#).status == 400)
      #expect(try await ask("", "{}").status == 400)
      #expect(try await ask("", #"{"positions":"9..1"}"#).status == 400)
      #expect(try await ask("", #"{"instance":99}"#).status == 404)
      let misspelt = try await ask("", #"{"stati":["failed"]}"#)
      #expect(misspelt.text.contains("selection.stati: there is no such member"))
      #expect(try await ask(#","execute":true"#, #"{"positions":"1"}"#).status == 400)
    }
  }

  @Test func `what leaves the machine needs a reason`() async throws {
    try await ServerStage.with { stage in
      _ = try await stage.delivered()
      let body =
        #"{"selection":{"positions":"1..head"},"to":"https://example.com/","execute":true}"#
      let reply = try await stage.ask("POST", "/daybook/v1/replays", body)
      #expect(reply.status == 400)
      #expect(reply.text.contains("reason: is missing"))
    }
  }

  @Test func `one delivery is sent again`() async throws {
    try await ServerStage.with { stage in
      let position = try await stage.delivered()
      let path = "/daybook/v1/deliveries/\(position)/redeliver"
      let dry = try await stage.json("POST", path, "{}")
      #expect(dry["attempts"]?.integer == 1)
      let sent = try await stage.json("POST", path, #"{"execute":true,"wait":true}"#)
      #expect(sent["attempts"]?.integer == 2)
      #expect(sent["status"]?.text == "succeeded")
      #expect(try await stage.ask("POST", "/daybook/v1/deliveries/1/redeliver", "{}").status == 404)
      let other = try await stage.journal.instances.create(stage.form())
      let token = [("Authorization", "Element \(other.token)")]
      #expect(try await stage.ask("POST", path, "{}", headers: token).status == 404)
    }
  }

  @Test func `a cursor is dropped, and a callback switched`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.polled()
      let reset = #"{"instance":\#(created.id),"resource":"\#(resource)","reason":"test"}"#
      let cursor = try await stage.json("POST", "/daybook/v1/cursors/reset", reset)
      #expect(cursor["mode"]?.text == "comparison")
      let bare = #"{"instance":\#(created.id),"resource":"\#(resource)"}"#
      let missing = try await stage.ask("POST", "/daybook/v1/cursors/reset", bare)
      #expect(missing.text.contains("reason: is missing"))
      let url = "http://127.0.0.1:\(stage.google)/receiver/hook"
      let off = try await stage.json(
        "POST", "/daybook/v1/callbacks/disable", #"{"url":"\#(url)","reason":"test"}"#)
      #expect(off["state"]?.text == "disabled")
      let listed = try await stage.json("GET", "/daybook/v1/callbacks").elements?.first
      #expect(listed?["state"]?.text == "disabled")
      let on = try await stage.json("POST", "/daybook/v1/callbacks/enable", #"{"url":"\#(url)"}"#)
      #expect(on["state"]?.text == "enabled")
      let unknown = #"{"url":"https://example.com/none"}"#
      for verb in ["enable", "disable"] {
        let path = "/daybook/v1/callbacks/\(verb)"
        #expect(try await stage.ask("POST", path, unknown).status == 404)
      }
      let none = #"{"url":"none"}"#
      #expect(try await stage.ask("POST", "/daybook/v1/callbacks/disable", none).status == 400)
    }
  }

  @Test func `a URL is tried, and its answer is the row's`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.polled()
      let path = "/daybook/v1/callbacks/probe"
      let url = "http://127.0.0.1:\(stage.google)/receiver/hook"
      let taken = try await stage.json("POST", path, #"{"url":"\#(url)","reason":"test"}"#)
      #expect(taken["outcome"]?.text == "succeeded")
      #expect(taken["instance"]?.integer == Int(created.id))
      #expect(taken["times"]?["endUs"]?.integer ?? 0 > 0)
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[503]}"#)
      let refused = try await stage.json("POST", path, #"{"url":"\#(url)"}"#)
      #expect(refused["outcome"]?.text == "failed")
      #expect(refused["status"]?.integer == 503)
      for (body, status) in [
        ("{}", 400), (#"{"url":"none"}"#, 400), (#"{"url":"http://127.0.0.1:25/"}"#, 400),
        (#"{"url":"\#(url)","instance":99}"#, 404), (#"{"url":"\#(url)","execute":true}"#, 400),
        (#"{"url":"\#(url)x","instance":\#(created.id)}"#, 400),
      ] {
        let reply = try await stage.ask("POST", path, body)
        #expect(reply.status == status, "\(body): \(reply.text)")
      }
      let token = [("Authorization", "Element \(created.token)")]
      let other = try await stage.ask("POST", path, #"{"url":"\#(url)"}"#, headers: token)
      #expect(other.status == 403 || other.status == 404, "\(other.status)")
    }
  }
}

extension ServerStage {
  /// An instance whose first poll has been.
  func polled() async throws -> CreatedInstance {
    let created = try await journal.instances.create(form())
    _ = try await journal.polls.run(.instance(created.id))
    return created
  }

  func meeting(_ title: String) async throws {
    try await tell(
      "POST", "/sandbox/calendars/primary/events",
      #"{"summary":"\#(title)","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
        + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#)
  }

  /// A change that was told.
  ///
  /// - Returns: The position of its `delivery.requested`.
  func delivered() async throws -> Int {
    let created = try await polled()
    try await meeting("Planning")
    _ = try await journal.polls.run(.instance(created.id))
    try await journal.deliveries.deliver(until: World.live().now() + .seconds(120))
    var part = Selection()
    part.statuses = ["succeeded"]
    let row = try await journal.deliveries.rows(part).first
    return Int(row?["position"]?.integer ?? 0)
  }
}
