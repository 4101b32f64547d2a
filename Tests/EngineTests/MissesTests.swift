import Domain
import EventStore
import Events
import RawJSON
import Testing

@testable import Engine

/// Single objects that cannot be had or read: nothing else waits for them, and none is forgotten.
@Suite struct MissesTests {
  private static let broken = #"{"error":{"code":500,"errors":[{"reason":"backendError"}]}}"#
  private static let gone = #"{"error":{"code":404,"errors":[{"reason":"notFound"}]}}"#

  /// A mailbox with its baseline.
  private func mail() async throws -> EngineStage {
    let stage = try EngineStage()
    try await stage.create([("changed-messages", "/changed-messages")])
    stage.answer("/profile", 200, #"{"historyId":"7"}"#)
    stage.answer("/labels", 200, "{}")
    stage.answer("/messages", 200, "{}")
    #expect(try await stage.worker.poll(1).status == .completed)
    return stage
  }

  private func tell(_ stage: EngineStage, _ ids: [String]) {
    let added = ids.map { #"{"message":{"id":"\#($0)"}}"# }.joined(separator: ",")
    let history = ids.isEmpty ? "" : #""history":[{"id":"8","messagesAdded":[\#(added)]}],"#
    stage.answer("/history", 200, #"{\#(history)"historyId":"9"}"#)
  }

  private func give(_ stage: EngineStage, _ ids: [String]) {
    for id in ids { stage.always("/messages/\(id)?", 200, #"{"id":"\#(id)","historyId":"8"}"#) }
  }

  private func poll(_ stage: EngineStage, _ ids: [String] = []) async throws -> PollReport {
    tell(stage, ids)
    return try await stage.worker.poll(1, isForced: true)
  }

  private func missed(_ stage: EngineStage) async throws -> [String: Int] {
    let rows = try await stage.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.missed(of: 1)
    }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.object, $0.tries) })
  }

  @Test(
    arguments: [
      (500, broken), (400, #"{"error":{"code":400,"errors":[{"reason":"failedPrecondition"}]}}"#),
      (403, #"{"error":{"code":403,"errors":[{"reason":"forbidden"}]}}"#), (200, "{\"id\":"),
      (200, #"{"id":"m3","id":"m3"}"#), (200, #"{"id":"other"}"#), (404, "<html>"),
    ])
  func `a message that is never shown holds up no other, is set aside, and is told at last`(
    status: Int, body: String
  ) async throws {
    let stage = try await mail()
    give(stage, ["m1", "m2", "m4", "m5"])
    stage.always("/messages/m3?", status, body)
    let first = try await poll(stage, ["m1", "m2", "m3", "m4", "m5"])
    #expect(first.status == .completed && first.changes == 4, "\(first)")
    #expect(try await missed(stage) == ["m3": 1])
    // It is tried again soon, and not only with the next regular poll.
    #expect(first.nextAt == EngineStage.noon + .seconds(2))
    for tries in 2...5 {
      #expect(try await stage.openNotices().isEmpty)
      #expect(try await poll(stage).status == .completed)
      #expect(try await missed(stage) == ["m3": tries])
    }
    #expect(try await stage.openNotices() == ["object-unreadable"])
    // From now on once a day.
    _ = stage.asked(for: "")
    var wait = Duration.zero
    while wait < .seconds(80_000) {
      let next = try #require(try await stage.feeds().first?.nextAt)
      wait += next - (try await stage.now())
      stage.pass(next - (try await stage.now()))
      tell(stage, [])
      #expect(try await stage.worker.poll(1).status == .completed)
    }
    #expect(stage.asked(for: "/messages/") == 0)
    stage.pass(.seconds(86_400))
    let before = try await stage.head()
    give(stage, ["m3"])
    tell(stage, [])
    #expect(try await stage.worker.poll(1).changes == 1)
    #expect(try await stage.changes(since: before) == ["CREATED m3"])
    #expect(try await missed(stage).isEmpty)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `what is deleted meanwhile is missed no longer`() async throws {
    let stage = try await mail()
    give(stage, ["m1"])
    stage.always("/messages/m2?", 500, Self.broken)
    for _ in 1...5 { _ = try await poll(stage, ["m1", "m2"]) }
    #expect(try await stage.openNotices() == ["object-unreadable"])
    stage.always("/messages/m2?", 404, Self.gone)
    #expect(try await poll(stage).status == .completed)
    #expect(try await missed(stage).isEmpty)
    #expect(try await stage.openNotices().isEmpty)
    #expect(try await stage.changes() == ["CREATED m1"])
  }

  @Test func `where everything fails nothing is set aside, and all of it is told later`()
    async throws
  {
    let stage = try await mail()
    let ids = (1...50).map { "m\($0)" }
    stage.always("/messages/", 500, Self.broken)
    for _ in 1...7 {
      let report = try await poll(stage, ids)
      #expect(report.status == .failed && report.error?.hasPrefix("backendError") == true)
    }
    #expect(try await missed(stage).isEmpty)
    #expect(try await stage.feeds().first?.failures == 7)
    stage.always("/messages/", nil)
    give(stage, ids)
    #expect(try await poll(stage, ids).changes == 50)
    stage.forgetAnswers()
    // In the middle of a poll as well: what was asked for after the trouble began is asked again.
    let more = (1...40).map { "n\($0)" }
    give(stage, Array(more.prefix(20)))
    for id in more.dropFirst(20) { stage.always("/messages/\(id)?", 500, Self.broken) }
    #expect(try await poll(stage, more).status == .failed)
    #expect(try await missed(stage).isEmpty)
    give(stage, more)
    #expect(try await poll(stage, more).changes == 40)
  }

  @Test(
    arguments: [
      (401, #"{"error":{"code":401,"errors":[{"reason":"authError"}]}}"#),
      (429, #"{"error":{"code":429,"errors":[{"reason":"rateLimitExceeded"}]}}"#),
      (403, #"{"error":{"code":403,"errors":[{"reason":"quotaExceeded"}]}}"#),
      (403, #"{"error":{"code":403,"errors":[{"reason":"insufficientPermissions"}]}}"#),
    ])
  func `what lies in the account or its quota is no object's own trouble`(
    status: Int, body: String
  ) async throws {
    let stage = try await mail()
    give(stage, ["m1"])
    stage.always("/messages/m2?", status, body)
    for _ in 1...6 { #expect(try await poll(stage, ["m1", "m2"]).status == .failed) }
    #expect(try await missed(stage).isEmpty)
  }

  @Test func `events that cannot be read hold up no others, and are asked for by themselves`()
    async throws
  {
    let stage = try EngineStage()
    try await stage.create()
    let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
    stage.answer(
      "/events?", 200,
      #"{"items":[{"id":"k","etag":"1"},{"id":"o","etag":"1","x":\#(deep)}],"nextSyncToken":"S"}"#)
    #expect(try await stage.worker.poll(1).status == .completed)
    let items = #"""
      {"items":[{"id":"a","etag":"1","x":1,"x":2},{"etag":"1","id":"b","x":\#(deep)},
      {"id":"c","etag":"1"},{"etag":"1","summary":"none"},{"id":"k","etag":"2","x":"\u{1}"}],
      "nextSyncToken":"S2"}
      """#
    stage.answer("/events?", 200, items)
    let second = try await stage.worker.poll(1, isForced: true)
    #expect(second.status == .completed && second.changes == 1, "\(second)")
    let names = try await missed(stage).keys.sorted()
    #expect(names.count == 5 && names.prefix(4) == ["a", "b", "k", "o"])
    #expect(names.last?.hasPrefix("unnamed/") == true)
    #expect(try await stage.openNotices() == ["object-unreadable"])
    _ = try await stage.repository.writer.rebuild()
    #expect(try await missed(stage).keys.sorted() == names)
    for id in ["a", "b", "k", "o"] {
      stage.answer("/events/\(id)", 200, #"{"id":"\#(id)","etag":"7"}"#)
    }
    stage.answer("/events?", 200, #"{"items":[],"nextSyncToken":"S3"}"#)
    let before = try await stage.head()
    #expect(try await stage.worker.poll(1, isForced: true).status == .completed)
    // What the baseline saw and could not read was there.
    #expect(
      try await stage.changes(since: before)
        == ["CREATED a", "CREATED b", "UPDATED k", "UPDATED o"])
    // What has no id is looked for in a listing of everything, a day later.
    stage.pass(.seconds(86_400))
    let all = ["a", "b", "k", "o", "c"].map { id in
      #"{"id":"\#(id)","etag":"\#(id == "c" ? 1 : 7)"}"#
    }
    let listing = (all + [#"{"id":"d","etag":"1"}"#]).joined(separator: ",")
    stage.answer("/events?", 200, #"{"items":[\#(listing)],"nextSyncToken":"S4"}"#)
    #expect(try await stage.worker.poll(1, isForced: true).changes == 1)
    #expect(try await missed(stage).isEmpty)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `a page of which nothing can be read, or too little, fails as before`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    func answer(_ odd: Int, _ more: String = "") {
      let items = (0..<odd).map { #"{"id":"o\#($0)","x":1,"x":2}"# }.joined(separator: ",")
      stage.answer("/events?", 200, #"{"items":[\#(more)\#(items)],"nextSyncToken":"S"}"#)
    }
    answer(4)
    let nothing = try await stage.worker.poll(1, isForced: true)
    #expect(nothing.error?.hasPrefix("unreadable: Google's answer cannot be read") == true)
    answer(101, #"{"id":"a"},"#)
    let little = try await stage.worker.poll(1, isForced: true)
    #expect(
      little.error == "too-many-unreadable: more than 100 objects cannot be had or read")
    #expect(try await missed(stage).isEmpty)
    answer(100, #"{"id":"a"},"#)
    #expect(try await stage.worker.poll(1, isForced: true).status == .completed)
    #expect(try await missed(stage).count == 100)
    // With its feed ends what was missed in it.
    try await stage.watch([("changed-groups", "/changed-groups")])
    #expect(try await missed(stage).isEmpty)
  }

  @Test func `a label that cannot be listed is passed over after five tries`() async throws {
    let stage = try EngineStage()
    try await stage.create([("changed-messages", "/changed-messages")])
    stage.always("/profile", 200, #"{"historyId":"7"}"#)
    stage.always("/labels", 200, #"{"labels":[{"id":"L"},{"id":"M"}]}"#)
    stage.always("/messages?", 200, #"{"messages":[{"id":"m1"}]}"#)
    stage.always("labelIds=L", 500, Self.broken)
    for tries in 1...4 {
      #expect(try await stage.worker.poll(1, isForced: true).status == .failed)
      #expect(try await missed(stage) == ["labels/L": tries])
    }
    #expect(try await stage.worker.poll(1, isForced: true).status == .completed)
    #expect(try await stage.openNotices() == ["object-unreadable"])
    stage.always("labelIds=L", 200, "{}")
    #expect(try await poll(stage).status == .completed)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `an absence that cannot be confirmed holds up no comparison`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    let items = (1...9).map { #"{"id":"e\#($0)","etag":"1"}"# }
    func list(_ items: [String]) {
      let text = items.joined(separator: ",")
      stage.answer("/events?", 200, #"{"items":[\#(text)],"nextSyncToken":"S"}"#)
    }
    list(items)
    #expect(try await stage.worker.poll(1).status == .completed)
    try await stage.instances.resetCursor(
      of: 1, EngineStage.primary, toBaseline: false, reason: "a look")
    list(Array(items.dropFirst()) + [#"{"id":"new","etag":"1"}"#])
    stage.always("/events/e1", 500, Self.broken)
    #expect(try await stage.worker.poll(1, isForced: true).changes == 1)
    #expect(try await missed(stage) == ["e1": 1])
    stage.always("/events/e1", 404, Self.gone)
    list([])
    #expect(try await stage.worker.poll(1, isForced: true).changes == 1)
    #expect(try await stage.changes() == ["CREATED new", "DELETED e1"])
  }
}
