import Daybook
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// The lists over HTTP are the rows of the door.
@Suite struct ListRouteTests {
  @Test func `every list has its rows, as an array and as lines`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      _ = try await stage.journal.polls.run(.instance(created.id))
      _ = try await stage.tell(
        "POST", "/sandbox/calendars/primary/events",
        #"{"summary":"Planning","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
          + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#)
      _ = try await stage.journal.polls.run(.instance(created.id))
      for table in RowTable.lists {
        let path = "/daybook/v1/\(table.name)"
        let rows = try #require(try await stage.json("GET", path).elements)
        for row in rows { #expect(row.members?.names == table.names, "\(table.name)") }
        let lines = ServerStage.owner + [("Accept", "application/jsonl")]
        let reply = try await stage.ask("GET", path, headers: lines)
        #expect(reply.headers["content-type"] == "application/jsonl")
        let count = reply.text.split(separator: "\n").count
        // Deliveries are under way meanwhile.
        if table != .events { #expect(count == rows.count, "\(table.name)") }
      }
      let changes = try await stage.json("GET", "/daybook/v1/changes?type=created&limit=1")
      #expect(changes.elements?.count == 1)
      #expect(changes.elements?[0]["eventType"]?.text == "CREATED")
    }
  }

  @Test func `the past answers as it was`() async throws {
    try await ServerStage.with { stage in
      _ = try await stage.journal.instances.create(stage.form())
      let before = try await stage.json("GET", "/daybook/v1/instances?at=1")
      #expect(before.elements?.isEmpty == true)
      #expect(try await stage.json("GET", "/daybook/v1/instances").elements?.count == 1)
      let events = try await stage.json("GET", "/daybook/v1/events?at=1")
      #expect(events.elements?.count == 1)
    }
  }

  @Test func `a long list comes whole, in pages of its own`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      for round in 0..<600 {
        try await stage.journal.instances.disable(created.id, reason: "\(round)")
        try await stage.journal.instances.enable(created.id, reason: "\(round)")
      }
      let path = "/daybook/v1/events?type=instance.disabled"
      #expect(try await stage.json("GET", path).elements?.count == 600)
      let newest = try await stage.json("GET", path + "&reverse&limit=2").elements
      let positions = newest?.compactMap { $0["position"]?.integer } ?? []
      #expect(positions.count == 2 && positions[0] > positions[1])
    }
  }

  @Test func `a limit leaves the newest, and pages go on after the last position`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      for round in 0..<10 {
        try await stage.journal.instances.disable(created.id, reason: "\(round)")
        try await stage.journal.instances.enable(created.id, reason: "\(round)")
      }
      func positions(_ query: String) async throws -> [Int] {
        let path = "/daybook/v1/events?type=instance.disabled" + query
        let rows = try await stage.json("GET", path).elements ?? []
        return rows.compactMap { $0["position"]?.integer }
      }
      let whole = try await positions("")
      #expect(whole.count == 10)
      #expect(try await positions("&limit=3") == Array(whole.suffix(3)))
      #expect(try await positions("&limit=3&reverse") == whole.suffix(3).reversed())
      #expect(try await positions("&limit=3&before=\(whole[5])") == Array(whole[2..<5]))
      var paged: [Int] = []
      while true {
        let page = try await positions("&limit=3&after=\(paged.last ?? 0)")
        if page.isEmpty { break }
        paged += page
      }
      #expect(paged == whole)
    }
  }

  @Test func `a filter that names what is not there is refused`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      let object = try await stage.json("GET", "/elements/api-v2/instances/\(created.id)")
      let name = try #require(object["name"]?.text)
      for (query, status) in [
        ("events?instance=99", 404), ("events?instance=Nobody", 404),
        ("changes?resource=typo", 404),
        ("deliveries?instance=99", 404), ("events?after=999999", 404),
        ("notices?before=999999", 404), ("events?at=999999", 404), ("changes?object=none", 200),
        ("events?instance=\(name)", 200), ("cursors?instance=99", 404), ("events?since=x", 400),
        ("events?since=yesterday", 200), ("events?until=10:00", 200),
        ("events?at=3&after=4", 404),
      ] {
        let reply = try await stage.ask("GET", "/daybook/v1/" + query)
        #expect(reply.status == status, "\(query): \(reply.text)")
      }
      let unknown = try await stage.ask("GET", "/daybook/v1/events?instance=99")
      #expect(
        unknown.text.contains("there is no instance 99; the only one is \(created.id) (\(name))"))
      // An element token is told of no other.
      let token = [("Authorization", "Element \(created.token)")]
      for query in ["instance=99", "instance=Nobody"] {
        let own = try await stage.ask("GET", "/daybook/v1/events?" + query, headers: token)
        #expect(own.status == 404)
        #expect(!own.text.contains(name))
      }
      let named = try await stage.ask(
        "GET", "/daybook/v1/events?instance=\(name)", headers: token)
      #expect(named.status == 200)
      for positions in ["1..99999", "5..1"] {
        let body = #"{"selection":{"positions":"\#(positions)"},"to":"http://127.0.0.1:1025/x"}"#
        let reply = try await stage.ask("POST", "/daybook/v1/replays", body)
        #expect(reply.status == (positions == "5..1" ? 400 : 404), "\(reply.text)")
      }
    }
  }
}
