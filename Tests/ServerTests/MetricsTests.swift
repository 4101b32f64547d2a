import Daybook
import DaybookLive
import Events
import Foundation
import HTTPTypes
import Logging
import RawJSON
import Synchronization
import TestSupport
import Testing

@testable import Server

/// Health and figures, for those who watch.
@Suite struct MetricsTests {
  @Test func `health tells how much waits and how late polls are`() async throws {
    try await ServerStage.with { stage in
      let health = try await stage.json("GET", "/daybook/v1/health", headers: [])
      #expect(health["status"]?.text == "ok")
      #expect(health["pending"]?.integer == 0)
      #expect(health["oldestPendingMs"] == .null)
      _ = try await stage.polled()
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[503,503,503]}"#)
      try await stage.meeting("Planning")
      _ = try await stage.journal.polls.run(.all)
      var waiting = JSON.null
      while waiting["pending"]?.integer != 1 {
        waiting = try await stage.json("GET", "/daybook/v1/health", headers: [])
      }
      #expect(waiting["oldestPendingMs"]?.integer != nil)
      #expect(waiting["pollLagMs"]?.integer == 0)
    }
  }

  @Test func `the server is live and ready while it works`() async throws {
    try await ServerStage.with { stage in
      for path in ["live", "ready"] {
        let reply = try await stage.ask("GET", "/daybook/v1/health/\(path)", headers: [])
        #expect(reply.status == 200, "\(path)")
      }
    }
  }

  @Test func `a server whose work has ended is not ready`() async throws {
    try await ServerStage.with { stage in
      let site = Site(
        stage.journal, .live(), ServerSettings(version: "test"),
        secrets: try await stage.journal.clients.secrets(), logger: Logger(label: "test"))
      let ready = try #require(HealthRoutes.all.first { $0.path.hasSuffix("/ready") })
      let call = Call(
        site: site, caller: Caller(), shown: nil, requestID: "",
        request: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/"), path: [:],
        query: try #require(QueryItems("")), body: [])
      await #expect(throws: Trouble.self) { try await ready.handle(call) }
      site.meters.state.withLock { $0.isWorking = true }
      #expect(try await ready.handle(call).status == .ok)
    }
  }

  @Test func `figures are told in Prometheus' format`() async throws {
    try await ServerStage.with { stage in
      _ = try await stage.polled()
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[503]}"#)
      try await stage.meeting("Planning")
      _ = try await stage.journal.polls.run(.all)
      _ = try await stage.ask("GET", "/daybook/v1/nothing")
      _ = try await stage.ask("GET", "/daybook/v1/events/900")
      let stream = try stage.stream("after=0")
      _ = await stream.place()
      var figures = try await stage.figures()
      while figures[#"daybook_attempts_total{class="2xx",outcome="succeeded"}"#] != 1 {
        figures = try await stage.figures()
      }
      let resource = #"{resource="calendars/primary/changed-events"}"#
      #expect(figures[#"daybook_attempts_total{class="5xx",outcome="failed"}"#] == 1)
      #expect(figures["daybook_retries_total"] == 1)
      #expect(figures["daybook_attempt_duration_seconds_count"] == 2)
      #expect(figures[#"daybook_attempt_duration_seconds_bucket{le="+Inf"}"#] == 2)
      #expect(figures["daybook_http_streams"] == 1)
      #expect(figures["daybook_worker_running"] == 1)
      #expect(figures["daybook_feeds\(resource)"] == 1)
      #expect(figures["daybook_poll_lag_seconds\(resource)"] == 0)
      #expect(figures["daybook_cursor_age_seconds\(resource)"] != nil)
      #expect(figures[#"daybook_deliveries{state="held"}"#] == 0)
      #expect(figures["daybook_commits_total"].map { $0 > 0 } == true)
      #expect(figures[#"daybook_journal_bytes{file="journal"}"#].map { $0 > 4_096 } == true)
      let requests = figures.keys.filter { $0.hasPrefix("daybook_http_requests_total") }
      #expect(
        requests.contains(
          #"daybook_http_requests_total{route="/daybook/v1/events/{position}",method="GET","#
            + #"status="404"}"#))
      #expect(
        requests.contains(
          #"daybook_http_requests_total{route="none",method="GET",status="404"}"#))
    }
  }

  @Test func `labels hold whatever a resource is called`() {
    var text = MetricsText()
    text.add("name", .gauge, "Help.", [.init(1, ["a": "x\"y\\z\nw"]), .init(0.5)])
    #expect(
      text.text == "# HELP name Help.\n# TYPE name gauge\nname 0.5\n"
        + #"name{a="x\"y\\z\nw"} 1"# + "\n")
  }
}

extension ServerStage {
  /// The samples by name and labels; every line has to be one.
  fileprivate func figures() async throws -> [String: Double] {
    let reply = try await ask("GET", "/daybook/v1/metrics", headers: [])
    #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    var figures: [String: Double] = [:]
    for line in reply.text.split(separator: "\n") where !line.hasPrefix("#") {
      let place = line.lastIndex(of: " ") ?? line.endIndex
      let value = Double(line[place...].dropFirst())
      #expect(value != nil && figures[String(line[..<place])] == nil, "\(line)")
      figures[String(line[..<place])] = value
    }
    return figures
  }
}
