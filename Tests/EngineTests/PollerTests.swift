import Domain
import EventStore
import Events
import Testing

@testable import Engine

/// A poll by itself: what it asks for, what it records, and what it does where others are faster.
@Suite struct PollerTests {
  private let stage: EngineStage

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
  }

  @Test func `a baseline announces nothing, and the next poll asks from its cursor`() async throws {
    #expect(try await stage.found(["a1", "b1"], cursor: "one").changes == 0)
    let head = try await stage.head()
    stage.answer("syncToken=one", 200, EngineStage.page(["a2", "b-", "c1"], cursor: "two"))
    let report = try await stage.poller().poll(1, isForced: true)
    #expect(report.changes == 3 && report.position == head + 1)
    #expect(try await stage.changes(since: head) == ["UPDATED a", "DELETED b", "CREATED c"])
    #expect(try await stage.feeds().first?.cursor == "two")
  }

  @Test func `poll, changes and cursor are one append`() async throws {
    try await stage.found([], cursor: "one")
    let head = try await stage.head()
    let stage = stage
    stage.answer("/events", 200, EngineStage.page(["a1", "b1"], cursor: "two"))
    let hasDied = try await stage.dies(after: 0) { repository, world in
      let poller = Poller(
        repository, connector: stage.connector, world: world, settings: EngineSettings(),
        wallClock: WallClock(repository, world: world), admission: Admission(attemptsMax: 1))
      _ = try await poller.poll(1, isForced: true)
    }
    #expect(hasDied)
    #expect(try await stage.told(since: head) == [])
    #expect(try await stage.feeds().first?.cursor == "one")
  }

  @Test func `a cursor that has expired leads to a comparison in the same poll`() async throws {
    try await stage.found(["a1", "b1"], cursor: "one")
    let head = try await stage.head()
    stage.answer("syncToken=one", 410, #"{"error":{"code":410}}"#)
    // So many are missing that a second listing has to agree.
    for _ in 1...2 {
      stage.answer("/events", 200, EngineStage.page(["a1", "c1"], cursor: "two"))
    }
    // What the listing missed is asked for by itself.
    stage.answer("/events/b", 200, #"{"id":"b","etag":"2","status":"cancelled"}"#)
    let report = try await stage.poller().poll(1)
    #expect(report.status == .completed)
    #expect(
      try await stage.told(since: head) == [
        "cursor.expired feed/1", "poll.completed feed/1", "change.observed feed/1",
        "change.observed feed/1",
      ])
    #expect(try await stage.changes(since: head).sorted() == ["CREATED c", "DELETED b"])
  }

  @Test func `a poll from a cursor that a person dropped meanwhile is thrown away`() async throws {
    try await stage.found(["a1"], cursor: "one")
    let head = try await stage.head()
    let stage = stage
    let world = stage.world(before: "/events") {
      try await stage.instances.resetCursor(
        of: 1, EngineStage.primary, toBaseline: true, reason: "meanwhile")
    }
    stage.answer("/events", 200, EngineStage.page(["a2"], cursor: "two"))
    stage.answer("/events", 200, EngineStage.page(["a3"], cursor: "three"))
    let report = try await stage.poller(world: world).poll(1, isForced: true)
    #expect(report.status == .completed)
    // The second one is a baseline, so that nothing is told of either.
    #expect(
      try await stage.told(since: head) == ["cursor.reset feed/1", "poll.completed feed/1"])
    #expect(try await stage.feeds().first?.cursor == "three")
  }

  @Test func `an interval that is changed meanwhile holds for the poll that is under way`()
    async throws
  {
    let stage = stage
    let world = stage.world(before: "/events") {
      let body = #"{"configuration":{"event.poller.refresh_interval":"2"}}"#
      try await stage.instances.update(1, Array(body.utf8))
    }
    stage.answer("/events", 200, EngineStage.page([], cursor: "one"))
    let report = try await stage.poller(world: world).poll(1)
    let next = try #require(report.nextAt)
    #expect(next - stage.now <= .seconds(240))
    #expect(try await stage.feeds().first?.nextAt == next)
  }

  @Test func `an instance that is deleted meanwhile has nothing recorded any more`() async throws {
    let head = try await stage.head()
    let stage = stage
    let world = stage.world(before: "/events") {
      try await stage.instances.delete(1, reason: "meanwhile", keepsGrant: true)
    }
    stage.answer("/events", 200, EngineStage.page(["a1"], cursor: "one"))
    let report = try await stage.poller(world: world).poll(1)
    #expect(report.status == .skipped && report.error == "the instance is deleted")
    #expect(try await stage.told(since: head).allSatisfy { !$0.hasPrefix("poll.") })
  }

  @Test func `a feed whose provider asks to be left alone is asked only by force`() async throws {
    stage.answer(
      "/events", 429, #"{"error":{"code":429,"errors":[{"reason":"rateLimitExceeded"}]}}"#)
    let failed = try await stage.poller().poll(1)
    #expect(failed.status == .failed && failed.error?.hasPrefix("rateLimitExceeded") == true)
    #expect(try await stage.feeds().first?.failures == 1)
    #expect(try await stage.found([], cursor: "one").status == .completed)
    #expect(try await stage.feeds().first?.failures == 0)
  }

  @Test func `failures in a row up to the bound disable the feed, with a notice`() async throws {
    let poller = stage.poller(settings: EngineSettings(failuresMax: 3))
    for count in 1...3 {
      #expect(try await stage.openNotices().isEmpty)
      stage.answer("/events", 500, #"{"error":{"code":500}}"#)
      #expect(try await poller.poll(1, isForced: true).status == .failed)
      #expect(try await stage.feeds().first?.failures == count)
    }
    #expect(try await stage.openNotices() == ["feed-disabled"])
    let report = try await poller.poll(1, isForced: true)
    #expect(report.error == "the feed is disabled after too many failures")
  }

  @Test func `a feed that is not there is told of, and nothing is asked`() async throws {
    _ = stage.asked(for: "")
    let report = try await stage.poller().poll(99)
    #expect(report.status == .skipped && report.error == "no such feed")
    #expect(stage.asked(for: "") == 0)
  }

  @Test func `a task that is cancelled asks nothing and records nothing`() async throws {
    let head = try await stage.head()
    let stage = stage
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await stage.poller().poll(1)
    }
    let report = try await task.value
    #expect(report.error == "stopped before it was read to its end")
    #expect(stage.asked(for: "/events") == 0)
    #expect(try await stage.told(since: head) == [])
  }
}
