import Domain
import EventStore
import Events
import Testing

@testable import Engine

/// Answers of a provider that are none of what it promises: a poll fails or reads what can be
/// read, and the cursor and what is known stay right for the next one.
@Suite struct OddPageTests {
  private let stage: EngineStage

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
    try await stage.found(["a1", "b1"], cursor: "one")
  }

  /// Polls until the failures of a moment are over, at most as often as a feed may fail.
  private func poll() async throws -> PollReport {
    try await stage.poller().poll(1, isForced: true)
  }

  /// Bodies of a 200 that are no page.
  private static let unreadable = [
    "", " ", "null", "[]", "0", "\"x\"", "{", "{}", "<html>", "{\"items\":[]}",
    #"{"items":[{"id":"c","etag":"1"}]"#, #"{"items":{},"nextSyncToken":"two"}"#,
    #"{"items":"c","nextSyncToken":"two"}"#, #"{"items":[],"nextSyncToken":""}"#,
    #"{"items":[],"nextSyncToken":"  "}"#, #"{"items":[],"nextPageToken":""}"#,
    #"{"items":[],"nextSyncToken":5}"#, #"{"items":[],"nextSyncToken":["two"]}"#,
    #"{"items":[],"nextSyncToken":"two","nextPageToken":"p"}"#,
    #"{"items":[],"nextSyncToken":"two"} {}"#, #"{"items":[],"nextSyncToken":"two",}"#,
    #"{"items":[{"id":"c","etag":"1"},],"nextSyncToken":"two"}"#,
    "{\"items\":[],\"nextSyncToken\":\"tw\u{0}o\"}",
    String(repeating: "[", count: 100_000), #"{"error":{"code":500}}"#,
  ]

  @Test(arguments: unreadable)
  func `a 200 that is no page fails the poll, and the next one goes on from the same cursor`(
    body: String
  ) async throws {
    let head = try await stage.head()
    stage.always("/events", 200, body)
    let report = try await poll()
    #expect(report.status == .failed && report.error?.isEmpty == false, "\(body.prefix(80))")
    #expect(try await stage.changes(since: head) == [])
    #expect(try await stage.feeds().first?.cursor == "one")
    stage.always("/events", nil)
    stage.answer("syncToken=one", 200, EngineStage.page(["a2", "b-", "c1"], cursor: "two"))
    let next = try await poll()
    #expect(next.status == .completed && next.changes == 3, "\(body.prefix(80))")
    #expect(try await stage.feeds().first?.failures == 0)
  }

  /// Statuses that are no answer to this question.
  @Test(arguments: [201, 202, 204, 206, 300, 301, 302, 304, 307, 400, 404, 405, 418, 451, 500, 599])
  func `another status than 200 fails the poll, whatever its body is`(status: Int) async throws {
    let head = try await stage.head()
    stage.always("/events", status, EngineStage.page(["a2", "c1"], cursor: "two"))
    let report = try await poll()
    #expect(report.status == .failed && report.error?.isEmpty == false)
    #expect(try await stage.changes(since: head) == [])
    #expect(try await stage.feeds().first?.cursor == "one")
  }

  /// What pages say, and what is told of it.
  private static let readable: [(page: String, changes: [String])] = [
    // One object twice on a page: its last state against the known one, once.
    (EngineStage.page(["c1", "c2"], cursor: "two"), ["CREATED c"]),
    (EngineStage.page(["a2", "a3"], cursor: "two"), ["UPDATED a"]),
    (EngineStage.page(["a2", "a1"], cursor: "two"), []),
    (EngineStage.page(["a2", "a-"], cursor: "two"), ["DELETED a"]),
    (EngineStage.page(["a-", "a2"], cursor: "two"), ["UPDATED a"]),
    (EngineStage.page(["c1", "c-"], cursor: "two"), []),
    (EngineStage.page(["c-", "c1"], cursor: "two"), ["CREATED c"]),
    (EngineStage.page(["c-"], cursor: "two"), []),
    (EngineStage.page(["a1", "b1"], cursor: "two"), []),
    // Members in another order, unknown ones, and none of the objects.
    (#"{"nextSyncToken":"two"}"#, []),
    (#"{"nextSyncToken":"two","items":[{"etag":"2","id":"a","x":{"id":"b"}}]}"#, ["UPDATED a"]),
    // Ids are bytes: what looks the same in another normal form is another object.
    (
      #"{"items":[{"id":"e\u0301","etag":"1"},{"id":"\u00e9","etag":"1"}],"nextSyncToken":"two"}"#,
      ["CREATED e\u{301}", "CREATED \u{e9}"]
    ),
    (EngineStage.page(["A1"], cursor: "two"), ["CREATED A"]),
  ]

  @Test(arguments: readable.indices)
  func `a page is told of as it says, once for each object`(index: Int) async throws {
    let (page, changes) = Self.readable[index]
    let head = try await stage.head()
    stage.answer("syncToken=one", 200, page)
    let report = try await poll()
    #expect(report.status == .completed && report.changes == changes.count, "\(page)")
    let told = try await stage.changes(since: head)
    #expect(told.map { ExactText($0) } == changes.map { ExactText($0) }, "\(told)")
    #expect(try await stage.feeds().first?.cursor == "two")
    // Nothing of it is told a second time.
    let settled = try await stage.head()
    stage.answer("syncToken=two", 200, page)
    #expect(try await poll().status == .completed)
    if !page.contains("a-") || !page.contains("a2") {
      #expect(try await stage.changes(since: settled) == [], "\(page)")
    }
  }

  @Test func `an object on two pages of one poll is told of once, as the later page has it`()
    async throws
  {
    let head = try await stage.head()
    stage.answer(
      "syncToken=one", 200, #"{"items":[{"id":"c","etag":"1"}],"nextPageToken":"p"}"#)
    stage.answer("pageToken=p", 200, EngineStage.page(["c2", "a2"], cursor: "two"))
    #expect(try await poll().changes == 2)
    #expect(try await stage.changes(since: head).sorted() == ["CREATED c", "UPDATED a"])
    let settled = try await stage.head()
    stage.answer("syncToken=two", 200, EngineStage.page(["c2"], cursor: "three"))
    #expect(try await poll().changes == 0)
    #expect(try await stage.changes(since: settled) == [])
  }

  @Test func `a page token that leads back to its own page ends in a failed poll`() async throws {
    let head = try await stage.head()
    stage.always("/events", 200, #"{"items":[{"id":"c","etag":"1"}],"nextPageToken":"p"}"#)
    let report = try await poll()
    #expect(report.status == .failed && report.error?.isEmpty == false)
    #expect(try await stage.changes(since: head) == [])
    stage.always("/events", nil)
    stage.forgetAnswers()
    stage.answer("syncToken=one", 200, EngineStage.page(["c1"], cursor: "two"))
    #expect(try await poll().changes == 1)
  }

  @Test func `a page in the middle that fails has nothing told, and is not asked for alone`()
    async throws
  {
    let head = try await stage.head()
    stage.answer(
      "syncToken=one", 200, #"{"items":[{"id":"c","etag":"1"}],"nextPageToken":"p"}"#)
    stage.always("pageToken=p", 500, "")
    #expect(try await poll().status == .failed)
    #expect(try await stage.changes(since: head) == [])
    stage.always("pageToken=p", nil)
    // Whether it goes on at the page or begins anew, each object is told of once.
    stage.always("/events", 200, EngineStage.page(["c1", "a2"], cursor: "two"))
    #expect(try await poll().status == .completed)
    #expect(try await stage.changes(since: head).sorted() == ["CREATED c", "UPDATED a"])
  }

  @Test func `a page that has expired in the middle leaves nothing of the pages before it`()
    async throws
  {
    let head = try await stage.head()
    stage.answer(
      "syncToken=one", 200, #"{"items":[{"id":"c","etag":"1"}],"nextPageToken":"p"}"#)
    stage.answer("pageToken=p", 410, #"{"error":{"code":410}}"#)
    for _ in 1...2 {
      stage.answer("/events", 200, EngineStage.page(["a1", "b2", "d1"], cursor: "two"))
    }
    let report = try await poll()
    #expect(report.status == .completed, "\(report.error ?? "")")
    // What was on the page that came is not there, so that nothing is told of it.
    #expect(try await stage.changes(since: head).sorted() == ["CREATED d", "UPDATED b"])
    #expect(try await stage.feeds().first?.cursor == "two")
  }
}
