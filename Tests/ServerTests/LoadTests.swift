import Daybook
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// Many clients at once, while polls and deliveries go on.
@Suite struct LoadTests {
  @Test func `two hundred requests at once are all answered while there is work`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      _ = try await stage.journal.polls.run(.instance(created.id))
      let work = Task {
        for number in 0..<20 where !Task.isCancelled {
          try await stage.tell(
            "POST", "/sandbox/calendars/primary/events",
            #"{"summary":"Event \#(number)","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
              + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#)
          _ = try await stage.journal.polls.run(.instance(created.id))
        }
      }
      let paths = [
        "/daybook/v1/health", "/daybook/v1/events", "/daybook/v1/instances",
        "/daybook/v1/deliveries", "/daybook/v1/changes?limit=5", "/daybook/v1/trace/3",
      ]
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for place in 0..<200 {
          group.addTask { try await stage.ask("GET", paths[place % paths.count]).status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.count == 200)
      #expect(statuses.allSatisfy { $0 == 200 })
      try await work.value
      let changes = try await stage.json("GET", "/daybook/v1/changes")
      #expect(changes.elements?.count == 20)
    }
  }

  @Test func `clients that break off leave nothing under way`() async throws {
    try await ServerStage.with { stage in
      for round in 0..<1_000 {
        let path = round % 3 == 0 ? "events/stream?after=0" : "events"
        let client = try RawClient(port: stage.port)
        client.send(
          "GET /daybook/v1/\(path) HTTP/1.1\r\nHost: 127.0.0.1:\(stage.port)\r\n"
            + "Authorization: \(ServerStage.owner[0].1)\r\n\r\n")
        if round % 2 == 0 { _ = await client.nextPiece() }
        client.reset()
      }
      // Those that were on their way out end of their own; only the one that asks is left.
      var left = ""
      for _ in 0..<10_000 where left != "requests 1, streams 0" {
        let text = try await stage.ask("GET", "/daybook/v1/metrics").text
        func figure(_ name: String) -> String {
          let line = text.split(separator: "\n").first { $0.hasPrefix("daybook_http_\(name) ") }
          return line?.split(separator: " ").last.map(String.init) ?? "none"
        }
        left = "requests \(figure("requests_under_way")), streams \(figure("streams"))"
      }
      #expect(left == "requests 1, streams 0")
    }
  }
}
