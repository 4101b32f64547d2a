import Domain
import Engine
import EventStore
import Events
import Testing

/// What a changed configuration leads to, feed by feed.
@Suite struct InstancesUpdateTests {
  private func told(
    _ stage: EngineStage, _ resources: [(String, String)]
  ) async throws -> [String] {
    let before = try await stage.head()
    try await stage.watch(resources)
    return try await stage.told(since: before)
  }

  @Test func `feeds close, open and go on, each told by what it watches`() async throws {
    let stage = try EngineStage()
    try await stage.create([
      ("a", "/calendars/a/changed-events"), ("b", "/calendars/b/changed-events"),
      ("c", "/calendars/c/changed-events"),
    ])
    let told = try await told(
      stage,
      [
        ("a", "/hubs/crm/calendars/a/changed-events"), ("b", "/calendars/other/changed-events"),
        ("d", "/changed-groups"),
      ])
    #expect(
      told == [
        "instance.updated instance/1", "feed.updated feed/1", "feed.closed feed/2",
        "feed.closed feed/3", "feed.opened feed/4", "feed.opened feed/5",
      ])
    let feeds = try await stage.feeds()
    #expect(feeds.map(\.state) == [.open, .closed, .closed, .open, .open])
    #expect(feeds.map(\.resource) == ["a", "b", "c", "b", "d"])
    #expect(feeds.map(\.collection) == ["a", "b", "c", "other", "me"])
    #expect(feeds[0].url == "/hubs/crm/calendars/a/changed-events")
  }

  @Test func `a new grant alone changes no feed`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    let before = try await stage.head()
    try await stage.instances.update(1, Array(#"{"providerData":{"code":"4/0B"}}"#.utf8))
    #expect(
      try await stage.told(since: before)
        == ["instance.updated instance/1", "authorization.granted authorization/1"])
  }

  @Test func `another hub or page size leaves a calendar list and its members as they are`()
    async throws
  {
    let key = "calendars/{calendarId}/changed-events"
    let stage = try EngineStage()
    try await stage.create([(key, "/hubs/general/\(key)")])
    stage.answer(
      "/calendarList", 200, #"{"items":[{"id":"x@y.org","etag":"1"}],"nextSyncToken":"L1"}"#)
    _ = try await stage.worker.poll(1)
    stage.answer("/events", 200, #"{"items":[],"nextSyncToken":"S1"}"#)
    _ = try await stage.worker.poll(2)
    #expect(
      try await told(stage, [(key, "/\(key)")])
        == ["instance.updated instance/1", "feed.updated feed/1", "feed.updated feed/2"])
    let feeds = try await stage.feeds()
    #expect(feeds.map(\.cursor) == ["L1", "S1"])
    #expect(feeds.map(\.url) == ["/\(key)", "/calendars/x%40y.org/changed-events"])
    #expect(feeds.map(\.resource) == [key, "calendars/x@y.org/changed-events"])
    let events = "calendars/{calendarId}/events"
    #expect(
      try await told(stage, [(key, "/\(events)")]).dropFirst()
        == ["feed.closed feed/1", "feed.closed feed/2", "feed.opened feed/3"])
  }

  @Test func `a page size in a url changes how a feed is asked for, and no more`() async throws {
    let url = "/calendars/x%40y.org/events?where=q='a'"
    let stage = try EngineStage()
    try await stage.create([("dated", url + "&pageSize=50")])
    #expect(try await stage.feeds().map(\.rules?.pageSize) == [50])
    #expect(
      try await told(stage, [("dated", "/calendars/x@y.org/events?pageSize=20&where=q='a'")])
        == ["instance.updated instance/1", "feed.updated feed/1"])
    #expect(try await stage.feeds().map(\.rules?.pageSize) == [20])
    _ = try await told(stage, [("dated", url)])
    #expect(try await stage.feeds().map(\.rules?.pageSize) == [nil])
    #expect(
      try await told(stage, [("dated", "/calendars/x@y.org/events?where=q='b'")]).dropFirst()
        == ["feed.closed feed/1", "feed.opened feed/2"])
  }

  @Test func `a calendar that another entry names by dates is not watched by the list as well`()
    async throws
  {
    let stage = try EngineStage()
    try await stage.create([
      ("all", "/calendars/{calendarId}/events?pageSize=50"),
      ("team", "/calendars/team@y.org/events"),
    ])
    let items = #"{"items":[{"id":"team@y.org"},{"id":"x@y.org"}],"nextSyncToken":"L1"}"#
    stage.answer("/calendarList", 200, items)
    _ = try await stage.worker.poll(1)
    #expect(
      try await stage.feeds().map(\.collection)
        == ["me", "calendars/team%40y.org/events", "calendars/x%40y.org/events"])
    #expect(try await stage.feeds().map(\.rules?.pageSize) == [50, nil, 50])
  }
}
