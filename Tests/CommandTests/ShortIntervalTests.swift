import Foundation
import RawJSON
import Testing

/// What makes a feed's life short enough to be watched.
@Suite(.serialized)
struct ShortIntervalTests {
  @Test func `DAYBOOK_INTERVAL replaces the interval of a feed that is opened meanwhile`()
    async throws
  {
    try await withStage { stage in
      var hurried = stage
      hurried.environment["DAYBOOK_INTERVAL"] = "2s"
      try await hurried.prepare()
      let opened = try await stage.rows("events", "--type", "feed.opened")
      #expect(opened.map { $0["body"]?["interval_ms"]?.integer } == [2_000])
      let wrong = try await stage.daybook(
        "cursor", "list", environment: ["DAYBOOK_INTERVAL": "soon"])
      #expect(wrong.status == 2)
      #expect(wrong.complaint?.contains("DAYBOOK_INTERVAL: soon") == true, "\(wrong.errors)")
    }
  }

  @Test func `polling.failures says after how many failures a feed is disabled`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      let file = try stage.write(#"{"polling": {"failures": 2}}"#, to: "daybook.json")
      try await stage.tell(
        "POST", "/sandbox/faults",
        #"{"kind":"status","status":503,"path":"/calendar/v3/","times":10}"#)
      for state in ["open", "disabled"] {
        #expect(try await stage.daybook("--config", file, "poll", "run", "1").status == 5)
        #expect(try await stage.rows("cursor", "list").map { $0["state"]?.text } == [state])
      }
      let notices = try await stage.rows("notices", "--open")
      #expect(notices.map { $0["kind"]?.text } == ["feed-disabled"])
    }
  }
}
