import Domain
import EventStore
import Events
import RawJSON
import Testing

@testable import Engine

/// Listings that go in circles, stop in the middle, or name what cannot be asked for.
@Suite struct ListingTests {
  private func page(_ ids: [String], _ next: String) -> String {
    let items = ids.map { #"{"id":"\#($0)","etag":"1"}"# }.joined(separator: ",")
    let token = next == "end" ? #""nextSyncToken":"S""# : #""nextPageToken":"\#(next)""#
    return #"{"items":[\#(items)],\#(token)}"#
  }

  private func poll(
    _ stage: EngineStage, _ pages: [(ids: [String], next: String)]
  ) async throws
    -> PollReport
  {
    for one in pages { stage.answer("/events", 200, page(one.ids, one.next)) }
    return try await stage.worker.poll(1, isForced: true)
  }

  @Test func `page tokens in a circle end the listing where one comes again`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    for ids in [["a"], []] {
      let report = try await poll(stage, [(ids, "A"), (["b"], "B"), (["c"], "A")])
      #expect(
        report.error == "unreadable: the page names one as the next that was read before",
        "\(report)")
    }
    let itself = try await poll(stage, [(["a"], "A"), (["b"], "A")])
    #expect(itself.error == "unreadable: the page names itself as the next one")
    #expect(try await poll(stage, [(["a"], "A"), (["b"], "B"), ([], "end")]).status == .completed)
  }

  @Test func `a page without items may name itself as the next one for a while`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    let empty = [([String](), "A")]
    let most = Limits.emptyPagesMax
    let some = empty + Array(repeating: empty[0], count: most) + [(["a"], "end")]
    #expect(try await poll(stage, some).status == .completed)
    let many = [(["b"], "A")] + Array(repeating: empty[0], count: most + 1)
    let report = try await poll(stage, many)
    #expect(report.error == "unreadable: the page names itself as the next one")
  }

  @Test func `a page that shows again what one before it did ends the listing`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    let report = try await poll(
      stage, [(["a", "b"], "A"), ([], "B"), ([], "C"), (["a", "b"], "D")])
    #expect(report.error == "unreadable: the page shows what one before it did")
  }

  @Test func `a circle is seen also where its pages were read by an earlier process`() async throws
  {
    let stage = try EngineStage()
    try await stage.create()
    let first = try await poll(stage, [(["a"], "A"), (["b"], "B")])
    #expect(first.error?.hasPrefix("backendError") == true)
    let second = try await poll(stage, [(["c"], "A")])
    #expect(second.error == "unreadable: the page names one as the next that was read before")
    // And then everything is begun anew.
    let third = try await poll(stage, [(["a"], "A"), (["b"], "end")])
    #expect(third.status == .completed && third.pages == 2)
  }

  @Test(
    arguments: [
      (400, #""errors":[{"reason":"failedPrecondition"}],"message":"Precondition check failed.""#),
      (400, #""errors":[{"reason":"invalid"}],"message":"Invalid Value""#),
      (403, #""errors":[{"reason":"forbidden"}],"message":"Forbidden""#),
      (503, #""errors":[{"reason":"backendError"}],"message":"Backend Error""#),
    ])
  func `what is refused in the middle is gone on with, in changes as well`(
    status: Int, error: String
  ) async throws {
    let stage = try EngineStage()
    try await stage.create()
    for isBaseline in [true, false] {
      let name = isBaseline ? "b" : "c"
      for number in 0..<3 {
        stage.answer("/events", 200, page(["\(name)\(number)"], "\(name)\(number)"))
      }
      stage.answer("/events", status, #"{"error":{"code":\#(status),\#(error)}}"#)
      #expect(try await stage.worker.poll(1, isForced: true).status == .failed)
      let report = try await poll(stage, [(["\(name)3"], "end")])
      #expect(report.status == .completed && report.items == 4, "\(report)")
      #expect(report.changes == (isBaseline ? 0 : 4))
    }
  }

  @Test(arguments: [
    #""errors":[{"reason":"invalid","location":"pageToken"}],"message":"Invalid Value""#,
    #""errors":[{"reason":"badRequest"}],"message":"Invalid page token value.""#,
    #""status":"INVALID_ARGUMENT","details":[{"fieldViolations":[{"field":"page_token"}]}]"#,
  ])
  func `only where the page token is refused is everything read anew`(error: String) async throws {
    let stage = try EngineStage()
    try await stage.create()
    stage.answer("/events", 200, page(["a"], "A"))
    stage.answer("/events", 400, #"{"error":{"code":400,\#(error)}}"#)
    #expect(try await stage.worker.poll(1, isForced: true).status == .failed)
    let report = try await poll(stage, [(["a"], "B"), (["b"], "end")])
    #expect(report.status == .completed && report.pages == 2 && report.items == 2)
  }

  @Test func `a calendar whatever its id is watched, or a person is told`() async throws {
    let stage = try EngineStage()
    try await stage.create([
      ("calendars/{calendarId}/changed-events", "/calendars/{calendarId}/changed-events")
    ])
    let ids = [#"a\u0001b/%?#"#, "..", "{calendarId}", " "]
    let items = ids.map { #"{"id":"\#($0)","etag":"1"}"# }.joined(separator: ",")
    stage.answer("/calendarList", 200, #"{"items":[\#(items)],"nextSyncToken":"S"}"#)
    #expect(try await stage.worker.poll(1).status == .completed)
    let feeds = try await stage.feeds().dropFirst()
    let states = Dictionary(
      uniqueKeysWithValues: feeds.map { ($0.member ?? "", $0.state == .open) })
    #expect(states == ["a\u{1}b/%?#": true, " ": true, "..": false, "{calendarId}": false])
    #expect(try await stage.openNotices() == ["feed-unsupported", "feed-unsupported"])
    let odd = try #require(feeds.first { $0.member == "a\u{1}b/%?#" })
    stage.answer("/calendars/a%01b%2F%25%3F%23/events", 200, page([], "end"))
    #expect(try await stage.worker.poll(odd.feed).status == .completed)
    // Who leaves the list needs nobody any more.
    let gone = #"{"items":[{"id":"..","deleted":true}],"nextSyncToken":"T"}"#
    stage.answer("/calendarList", 200, gone)
    let before = try await stage.head()
    #expect(try await stage.worker.poll(1, isForced: true).status == .completed)
    let dots = try #require(feeds.first { $0.member == ".." }).feed
    #expect(
      try await stage.told(since: before).contains(
        "notice.closed notice/feed-unsupported/feed/\(dots)"))
  }

  @Test(arguments: [
    ("calendar", 400, #""errors":[{"reason":"invalid","location":"syncToken"}]"#),
    ("calendar", 400, #""message":"Invalid sync token value.""#),
    ("changed-groups", 400, #""message":"Sync token is invalid.","status":"INVALID_ARGUMENT""#),
    ("changed-messages", 400, #""message":"Missing/invalid parameter: startHistoryId""#),
    ("changed-messages", 400, #""message":"Invalid value at 'start_history_id' (TYPE_UINT64)""#),
  ])
  func `a cursor that Google calls invalid is dropped as one that is too old`(
    resource: String, status: Int, error: String
  ) async throws {
    let stage = try EngineStage()
    let key = resource == "calendar" ? EngineStage.primary : resource
    try await stage.create([(key, "/" + key)])
    func answerListing() {
      stage.answer("/events", 200, page([], "end"))
      stage.answer("/contactGroups", 200, #"{"nextSyncToken":"S"}"#)
      stage.answer("/profile", 200, #"{"historyId":"7"}"#)
      stage.answer("/labels", 200, "{}")
      stage.answer("/messages", 200, "{}")
    }
    answerListing()
    #expect(try await stage.worker.poll(1).status == .completed)
    let refusal = #"{"error":{"code":400,\#(error)}}"#
    for part in ["syncToken=", "startHistoryId="] { stage.answer(part, status, refusal) }
    answerListing()
    let before = try await stage.head()
    #expect(try await stage.worker.poll(1, isForced: true).status == .completed)
    #expect(
      try await stage.told(since: before) == ["cursor.expired feed/1", "poll.completed feed/1"])
  }
}
