import Daybook
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// Questions about the journal as a whole, and events in other forms.
@Suite struct QuestionRouteTests {
  @Test func `events are CloudEvents where they are asked for so`() async throws {
    try await ServerStage.with { stage in
      _ = try await stage.journal.instances.create(stage.form())
      let batch = ServerStage.owner + [("Accept", "application/cloudevents-batch+json")]
      let reply = try await stage.ask("GET", "/daybook/v1/events?limit=3&after=0", headers: batch)
      #expect(reply.headers["content-type"] == "application/cloudevents-batch+json")
      let events = try #require(try JSON.parse(reply.body).elements)
      #expect(events.count == 3)
      let rows = try await stage.json("GET", "/daybook/v1/events?limit=3&after=0").elements ?? []
      let journal = rows[0]["body"]?["journal"]?.text ?? ""
      for (event, row) in zip(events, rows) {
        #expect(event["specversion"]?.text == "1.0")
        #expect(event["id"]?.text == row["position"]?.integer.map { "\($0)" })
        #expect(event["source"]?.text == "urn:daybook:\(journal)")
        #expect(event["type"] == row["type"])
        #expect(event["subject"] == row["stream"])
        #expect(event["time"] == row["recordedAt"])
        #expect(event["data"] == row["body"])
        // Names of attributes: lower-case letters and digits.
        for name in event.members?.names ?? [] {
          #expect(name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) })
        }
      }
      let one = ServerStage.owner + [("Accept", "application/cloudevents+json")]
      let single = try await stage.ask("GET", "/daybook/v1/events/2", headers: one)
      #expect(single.headers["content-type"] == "application/cloudevents+json")
      #expect(try JSON.parse(single.body) == events[1])
    }
  }

  @Test func `the head has the digest of the last event`() async throws {
    try await ServerStage.with { stage in
      let head = try await stage.json("GET", "/daybook/v1/head")
      let position = try #require(head["position"]?.integer)
      let event = try await stage.json("GET", "/daybook/v1/events/\(position)")
      #expect(event["digest"] == head["digest"])
      let digest = head["digest"]?.text ?? ""
      let found = try await stage.json(
        "POST", "/daybook/v1/verify", #"{"head":"\#(position):\#(digest)"}"#)
      #expect(found["ok"]?.flag == true)
      let other = String(repeating: "0", count: 64)
      let wrong = try await stage.json(
        "POST", "/daybook/v1/verify", #"{"head":"\#(position):\#(other)"}"#)
      #expect(wrong["ok"]?.flag == false)
      #expect(wrong["problems"]?.elements?.isEmpty == false)
      #expect(try await stage.json("POST", "/daybook/v1/verify")["ok"]?.flag == true)
      let check = try await stage.json("POST", "/daybook/v1/rebuild/check", "{}")
      #expect(check["ok"]?.flag == true)
    }
  }

  @Test func `what changed between two events is told`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      let before = try await stage.journal.head()
      try await stage.journal.instances.disable(created.id, reason: "test")
      let rows = try await stage.json("GET", "/daybook/v1/diff?from=\(before)&to=head").elements
      #expect(rows?.contains { $0["field"]?.text == "state" } == true)
      #expect(try await stage.ask("GET", "/daybook/v1/diff?from=1").status == 400)
      #expect(try await stage.ask("GET", "/daybook/v1/diff?from=1&to=900").status == 404)
    }
  }

  @Test func `one SELECT runs, with bounds, and nothing else does`() async throws {
    try await ServerStage.with { stage in
      func ask(_ statement: String, at: String = "") async throws -> RawReply {
        let body = JSON.object(Members([("statement", .string(statement))])).bytes()
        return try await stage.ask(
          "POST", "/daybook/v1/sql\(at)", String(decoding: body, as: UTF8.self))
      }
      let count = try await ask("SELECT count(*) AS n FROM events", at: "?at=1")
      #expect(try JSON.parse(count.body).elements?.first?["n"]?.integer != nil)
      let none = try await ask("SELECT position FROM events WHERE position < 0")
      #expect(try JSON.parse(none.body).elements?.isEmpty == true)
      for statement in [
        "SELEC", "DELETE FROM events", "SELECT * FROM secrets", "SELECT 1; SELECT 2",
      ] {
        let reply = try await ask(statement)
        #expect(reply.status == 400, "\(statement): \(reply.text)")
        #expect(reply.text.contains("statement: "), "\(reply.text)")
      }
      let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
      let reply = try await ask(long)
      #expect(reply.status == 413)
      #expect(reply.text.contains("add a LIMIT"))
      let body = #"{"statement":"SELECT 1","limit":1}"#
      let unknown = try await stage.ask("POST", "/daybook/v1/sql", body)
      #expect(unknown.status == 400)
      #expect(unknown.text.contains("limit: there is no such member; there are statement"))
      for body in ["", "{}", "[]", "{", #"{"statement":1}"#, #"{"statement":""}"#] {
        #expect(try await stage.ask("POST", "/daybook/v1/sql", body).status == 400, "\(body)")
      }
    }
  }

  @Test func `questions about everything need both secrets`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      let token = [("Authorization", "Element \(created.token)")]
      for (method, path) in [
        ("POST", "sql"), ("POST", "verify"), ("POST", "rebuild/check"), ("GET", "diff?from=1&to=1"),
        ("POST", "replays"), ("POST", "callbacks/enable"), ("GET", "replays/1"),
      ] {
        let body = method == "POST" ? "{}" : nil
        let reply = try await stage.ask(method, "/daybook/v1/\(path)", body, headers: token)
        #expect(reply.status == 403, "\(path)")
      }
    }
  }

  @Test func `a state that is none is refused, and not searched for in vain`() async throws {
    try await ServerStage.with { stage in
      for (query, status) in [
        ("status=failed&status=held", 200), ("status=", 400), ("status=done", 400),
        ("status=failed&status=done", 400), ("reverse", 200), ("reverse=yes", 400),
      ] {
        let reply = try await stage.ask("GET", "/daybook/v1/deliveries?\(query)")
        #expect(reply.status == status, "\(query): \(reply.text)")
      }
    }
  }

  @Test func `the version names the libraries`() async throws {
    try await ServerStage.with { stage in
      let version = try await stage.json("GET", "/daybook/v1/version")
      #expect(version["daybook"]?.text == "test")
      #expect(version["sqlite"]?.text == Journal.sqliteVersion)
      #expect(version["walResetFix"]?.flag != nil)
    }
  }
}
