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
}
