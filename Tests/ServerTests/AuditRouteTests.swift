import Daybook
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// What became of changes, of one object and hour by hour, as the commands tell it.
@Suite struct AuditRouteTests {
  private func enter(_ title: String, _ stage: ServerStage) async throws {
    _ = try await stage.tell(
      "POST", "/sandbox/calendars/primary/events",
      #"{"summary":"\#(title)","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
        + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#)
  }

  /// Two instances that watch the same calendar; the first is polled again after something was
  /// entered.
  private func prepare(_ stage: ServerStage) async throws -> (own: CreatedInstance, other: Int64) {
    let own = try await stage.journal.instances.create(stage.form())
    let other = try await stage.journal.instances.create(stage.form())
    for id in [own.id, other.id] { _ = try await stage.journal.polls.run(.instance(id)) }
    try await enter("Planning", stage)
    _ = try await stage.journal.polls.run(.instance(own.id))
    return (own, other.id)
  }

  @Test func `an audit, a history and figures come as an array and as lines`() async throws {
    try await ServerStage.with { stage in
      let (own, _) = try await prepare(stage)
      let audit = try #require(try await stage.json("GET", "/daybook/v1/audit").elements)
      #expect(audit.count == 1 && audit[0].members?.names == RowTable.audit.names)
      let object = try #require(audit[0]["objectId"]?.text)
      let history = try #require(
        try await stage.json("GET", "/daybook/v1/history/\(object)").elements)
      #expect(history.count == 1 && history[0].members?.names == RowTable.history.names)
      let figures = try #require(
        try await stage.json("GET", "/daybook/v1/stats?by=instance").elements)
      #expect(figures.contains { $0["instance"]?.integer == Int(own.id) })
      let lines = ServerStage.owner + [("Accept", "application/jsonl")]
      for path in ["audit", "history/\(object)", "stats"] {
        let reply = try await stage.ask("GET", "/daybook/v1/" + path, headers: lines)
        #expect(reply.headers["content-type"] == "application/jsonl", "\(path)")
        let rows = try reply.text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
        #expect(!rows.isEmpty, "\(path)")
      }
      let before = try await stage.json("GET", "/daybook/v1/audit?at=1")
      #expect(before.elements?.isEmpty == true)
      for (query, status) in [
        ("audit?instance=99", 404), ("audit?since=x", 400), ("stats?by=x", 400),
        ("stats?since=x", 400), ("history/none", 404), ("audit?at=99999", 404),
      ] {
        #expect(try await stage.ask("GET", "/daybook/v1/\(query)").status == status, "\(query)")
      }
    }
  }

  @Test func `an element token is told of its own instance alone`() async throws {
    try await ServerStage.with { stage in
      let (own, other) = try await prepare(stage)
      _ = try await stage.journal.polls.run(.instance(other))
      let token = [("Authorization", "Element \(own.token)")]
      let all = try #require(try await stage.json("GET", "/daybook/v1/audit").elements)
      #expect(all.count == 2)
      let mine = try #require(
        try await stage.json("GET", "/daybook/v1/audit", headers: token).elements)
      #expect(mine.map { $0["instance"]?.integer } == [Int(own.id)])
      let object = try #require(mine[0]["objectId"]?.text)
      let history = try await stage.json("GET", "/daybook/v1/history/\(object)", headers: token)
      #expect(history.elements?.map { $0["instance"]?.integer } == [Int(own.id)])
      for query in ["audit?instance=\(other)", "history/\(object.dropLast())"] {
        let reply = try await stage.ask("GET", "/daybook/v1/\(query)", headers: token)
        #expect(reply.status == 404, "\(query): \(reply.text)")
        #expect(!reply.text.contains(object))
      }
      #expect(try await stage.ask("GET", "/daybook/v1/stats", headers: token).status == 403)
    }
  }

  @Test func `a replay of what is missing leaves out what was accepted`() async throws {
    try await ServerStage.with { stage in
      _ = try await prepare(stage)
      try await stage.journal.deliveries.deliver()
      func plan(_ isMissing: Bool) async throws -> JSON {
        let hook = "http://127.0.0.1:\(stage.google)/receiver/hook"
        return try await stage.json(
          "POST", "/daybook/v1/replays",
          #"{"selection":{"since":"today"},"to":"\#(hook)","missing":\#(isMissing)}"#)
      }
      #expect(try await plan(false)["notifications"]?.integer == 1)
      let missing = try await plan(true)
      #expect(missing["notifications"]?.integer == 0)
      #expect(missing["alreadyDelivered"]?.integer == 1 && missing["open"]?.integer == 0)
    }
  }

  @Test func `what a URL has not accepted is told, and with execute sent`() async throws {
    try await ServerStage.with { stage in
      let (own, _) = try await prepare(stage)
      let hook = "http://127.0.0.1:\(stage.google)/receiver/hook"
      // The server delivers by itself: here it is held until the callback is enabled.
      try await stage.journal.deliveries.deliver()
      func recover(_ more: String = "") async throws -> RawReply {
        try await stage.ask(
          "POST", "/daybook/v1/callbacks/recover",
          #"{"url":"\#(hook)","since":"today"\#(more)}"#)
      }
      let plan = try JSON.parse(try await recover().body)
      #expect(plan.members?.names == RowTable.recoveryPlans.names)
      #expect(plan["notifications"]?.integer == 0 && plan["url"]?.text == hook)
      try await stage.journal.callbacks.disable(hook, reason: "moving")
      let refused = try await recover(#","execute":true"#)
      #expect(refused.status == 409 && refused.text.contains("takes no deliveries"))
      let token = [("Authorization", "Element \(own.token)")]
      let denied = try await stage.ask(
        "POST", "/daybook/v1/callbacks/recover", "{}", headers: token)
      #expect(denied.status == 403)
      for (body, status) in [
        (#"{"url":"http://127.0.0.1:1/x","since":"today"}"#, 404), (#"{"url":"\#(hook)"}"#, 400),
        (#"{"url":"\#(hook)","since":"x"}"#, 400),
      ] {
        let reply = try await stage.ask("POST", "/daybook/v1/callbacks/recover", body)
        #expect(reply.status == status, "\(body): \(reply.text)")
      }
    }
  }
}
