import Domain
import EventStore
import Events
import RawJSON
import TestSupport
import Testing

@testable import Engine

extension Worker {
  /// As if `run()` had begun then.
  fileprivate func begin(at moment: Moment) { lag.runningSince = moment - EngineStage.noon }
}

/// What needs a person is told once, and no longer than it does.
@Suite struct NoticesTests {
  private func disableFeed(_ stage: EngineStage) async throws {
    try await stage.append(
      ("feed/1", .feedDisabled(FeedDisabled(feed: 1, instance: 1, reason: "failures"))),
      (
        "notice/feed-disabled/feed/1",
        .noticeRaised(
          NoticeRaised(kind: .known(.feedDisabled), subject: "feed/1", text: "…", instance: 1))
      ))
  }

  private func refuseGrant(_ stage: EngineStage) async throws {
    let refused = AuthorizationRefused(
      instance: 1, reason: "invalid_grant", text: "…", status: 400)
    let notice = NoticeRaised(
      kind: .known(.authorizationRefused), subject: "instance/1", text: "…", instance: 1)
    try await stage.append(
      ("authorization/1", .authorizationRefused(refused)),
      ("instance/1", .instanceDisabled(InstanceDisabled(instance: 1, reason: "invalid_grant"))),
      ("notice/authorization-refused/instance/1", .noticeRaised(notice)))
  }

  @Test func `polls that begin very late are told of until they keep their schedule`() async throws
  {
    let stage = try EngineStage()
    try await stage.create()
    let worker = stage.worker
    await worker.begin(at: EngineStage.noon)
    let interval = try #require(try await stage.feeds().first?.interval)
    let body = #"{"items":[],"nextSyncToken":"one"}"#
    for _ in 0..<4 { stage.answer("/events", 200, body) }
    #expect(try await worker.step([.poll]) != nil)
    stage.pass(interval * 5)
    #expect(try await worker.step([.poll]) != nil)
    #expect(try await stage.openNotices() == ["lag"])
    stage.pass(interval + .seconds(60))
    #expect(try await worker.step([.poll]) != nil)
    #expect(try await stage.openNotices().isEmpty)
    // Nor is what stood still with its instance.
    try await stage.instances.disable(1, reason: "holidays")
    stage.pass(interval * 5)
    try await stage.instances.enable(1, reason: "back")
    stage.answer("/events", 200, body)
    #expect(try await worker.step([.poll]) != nil)
    #expect(try await stage.openNotices().isEmpty)
    // What came due while nobody ran the journal is no lag.
    stage.pass(interval * 5)
    let next = stage.worker
    await next.begin(at: EngineStage.noon + interval * 16)
    #expect(try await next.step([.poll]) != nil)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `a notice of any kind is open once at a time, whoever raises it`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    let other = try stage.repository(JournalWriter.Hooks())
    let before = try await stage.head()
    let kinds = ["callback-refuses", "feed-disabled", "lag", "a kind to come"]
    for kind in kinds.map(StoredWord<NoticeKind>.init(stored:)) {
      let stream = StreamName.notice(kind, about: "feed/1")
      let raised = Event.noticeRaised(
        NoticeRaised(kind: kind, subject: "feed/1", text: "…", instance: 1))
      let closed = Event.noticeClosed(
        NoticeClosed(kind: kind, subject: "feed/1", reason: "mended", instance: 1))
      for repository in [stage.repository, other] {
        _ = try await repository.writer.append(
          AppendRequest([NewEvent(stream, raised)], at: stage.now))
      }
      // What else is in the append is written all the same.
      let poll = PollRequested(feed: 1, instance: 1, atMs: stage.now.milliseconds)
      let appended = try await other.writer.append(
        AppendRequest(
          [
            NewEvent(stream, raised), NewEvent("feed/1", .pollRequested(poll)),
            NewEvent(stream, closed), NewEvent(stream, raised),
          ], at: stage.now))
      #expect(appended.first < appended.positions[1])
      for repository in [stage.repository, other] {
        _ = try await repository.writer.append(
          AppendRequest([NewEvent(stream, closed)], at: stage.now))
      }
    }
    let each = ["raised", "closed", "raised", "closed"].map { "notice.\($0)" }
    let told = try await stage.events(after: before).map(\.type).filter { $0 != PollRequested.type }
    #expect(told == (0..<4).flatMap { _ in each })
    #expect(try await stage.repository.reader.verify().problems == [])
  }

  @Test func `attempts at once that are refused tell of it once`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    for number in 1...40 {
      try await stage.ask(number)
      stage.answer("example.com", number % 3 == 0 ? 200 : 400)
    }
    try await stage.worker.work([.deliver], until: .nothingDue) { _ in }
    var isOpen = false
    for row in try await stage.events(after: 0) where row.type.hasPrefix("notice.") {
      #expect(isOpen == (row.type == NoticeClosed.type), "\(row.position)")
      isOpen = row.type == NoticeRaised.type
    }
  }

  @Test func `a feed that is enabled again needs nobody any more`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    try await disableFeed(stage)
    let before = try await stage.head()
    try await stage.instances.enable(1, reason: "mended")
    #expect(
      try await stage.told(since: before)
        == ["feed.enabled feed/1", "notice.closed notice/feed-disabled/feed/1"])
    try await stage.instances.enable(1, reason: "again")
    #expect(try await stage.told(since: before).count == 2)
    try await disableFeed(stage)
    #expect(try await stage.openNotices() == ["feed-disabled"])
  }

  @Test func `what is not watched any more needs nobody`() async throws {
    let stage = try EngineStage()
    try await stage.create(
      [(EngineStage.primary, "/" + EngineStage.primary), ("odd", "/hubs/general/odd")],
      isOld: true)
    try await disableFeed(stage)
    #expect(try await stage.openNotices() == ["feed-unsupported", "feed-disabled"])
    try await stage.watch([("changed-groups", "/changed-groups")])
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test
  func
    `what was kept unpolled is no reason to refuse another change, but nothing like it is added`()
    async throws
  {
    let stage = try EngineStage()
    try await stage.create([("odd", "/hubs/general/odd")], isOld: true)
    try await stage.instances.update(1, Array(#"{"name":"Other"}"#.utf8))
    #expect(try await stage.openNotices() == ["feed-unsupported"])
    let before = try await stage.head()
    let refusal = await #expect(throws: Refusal.self) {
      try await stage.watch([("odd", "/hubs/general/odd"), ("even", "/hubs/general/even")])
    }
    #expect(
      refusal?.description.hasPrefix(
        "configuration.event.poller.configuration.even.url: /hubs/general/even cannot be polled")
        == true)
    let body: JSON = [
      "providerData": ["code": "4/0B"],
      "configuration": ["event.poller.configuration": .null, "event.objects": "Contact"],
    ]
    await #expect(throws: Refusal.self) { try await stage.instances.update(1, body.bytes()) }
    #expect(try await stage.head() == before)
  }

  @Test func `a new grant lets go on what the refused one had stopped`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    try await disableFeed(stage)
    try await refuseGrant(stage)
    let before = try await stage.head()
    try await stage.instances.update(1, Array(#"{"providerData":{"code":"4/0B"}}"#.utf8))
    #expect(
      try await stage.told(since: before) == [
        "instance.updated instance/1", "authorization.granted authorization/1",
        "instance.enabled instance/1", "feed.enabled feed/1",
        "notice.closed notice/authorization-refused/instance/1",
        "notice.closed notice/feed-disabled/feed/1",
      ])
    #expect(try await stage.repository.instance(1).isEnabled)
    #expect(try await stage.feeds().first?.nextAt == EngineStage.noon)
  }

  @Test func `a new grant does not enable what a person disabled`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    try await refuseGrant(stage)
    try await stage.instances.enable(1, reason: "a try")
    try await stage.instances.disable(1, reason: "a person asked")
    try await stage.instances.update(1, Array(#"{"providerData":{"code":"4/0B"}}"#.utf8))
    #expect(try await !stage.repository.instance(1).isEnabled)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `settings that nobody knows are named once, and anew when they are others`()
    async throws
  {
    let stage = try EngineStage()
    try await stage.create([(EngineStage.primary, "/" + EngineStage.primary)], [("a.b", 1)])
    func update(_ body: String) async throws -> [String] {
      let before = try await stage.head()
      try await stage.instances.update(1, Array(body.utf8))
      return try await stage.told(since: before).filter { $0.hasPrefix("notice") }
    }
    func text() async throws -> String? {
      try await stage.events(after: 0).compactMap { row in
        if case .noticeRaised(let notice) = try row.event() { notice.text } else { nil }
      }.last
    }
    let stream: StreamName = "notice/unknown-settings/instance/1"
    #expect(try await stage.openNotices() == ["unknown-settings"])
    #expect(try await update(#"{"name":"Other"}"#) == [])
    #expect(try await update(#"{"configuration":{"a.b":2}}"#) == [])
    #expect(
      try await update(#"{"configuration":{"c.d":1}}"#)
        == ["notice.closed \(stream)", "notice.raised \(stream)"])
    #expect(
      try await text() == "kept, but without effect: configuration.a.b, configuration.c.d")
    let inner = #"{"event.poller.configuration":{"odd":{"url":"/changed-groups","batch":5}}}"#
    #expect(
      try await update(#"{"configuration":\#(inner)}"#)
        == ["notice.closed \(stream)", "notice.raised \(stream)"])
    #expect(try await update(#"{"name":"Third"}"#) == [])
    let less = #"{"a.b":null,"c.d":null,"event.poller.configuration":{}}"#
    #expect(try await update(#"{"configuration":\#(less)}"#) == ["notice.closed \(stream)"])
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `with an instance ends what was open about it`() async throws {
    let stage = try EngineStage()
    try await stage.create(
      [(EngineStage.primary, "/" + EngineStage.primary), ("odd", "/odd")], [("a.b", 1)],
      isOld: true)
    try await disableFeed(stage)
    try await refuseGrant(stage)
    #expect(try await stage.openNotices().count == 4)
    stage.answer("/revoke", 200, "{}")
    #expect(try await stage.instances.delete(1, reason: "a person asked") == .revoked)
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `a callback that takes a delivery again refuses nothing any more`() async throws {
    let stage = try EngineStage()
    try await stage.create()
    stage.answer("/events", 200, #"{"items":[],"nextSyncToken":"S1"}"#)
    _ = try await stage.worker.poll(1)
    stage.answer("/events", 200, #"{"items":[{"id":"a","etag":"1"}],"nextSyncToken":"S2"}"#)
    _ = try await stage.worker.poll(1)
    let worker = stage.worker
    stage.answer("example.com", 400)
    while try await worker.step([.notify, .deliver]) != nil {}
    #expect(try await stage.openNotices() == ["callback-refuses"])
    stage.pass(.seconds(10))
    stage.answer("example.com", 400)
    while try await worker.step([.deliver]) != nil {}
    #expect(try await stage.openNotices() == ["callback-refuses"])
    stage.pass(.seconds(600))
    stage.answer("example.com", 200)
    while try await worker.step([.deliver]) != nil {}
    #expect(try await stage.openNotices().isEmpty)
  }

  @Test func `an occurrence cancelled before its series was listed is announced once`()
    async throws
  {
    let stage = try EngineStage()
    try await stage.create()
    stage.answer("/events", 200, #"{"items":[],"nextSyncToken":"S1"}"#)
    _ = try await stage.worker.poll(1)
    let items = #"""
      {"items":[{"id":"s_1","etag":"2","status":"cancelled","recurringEventId":"s"},
      {"id":"s","etag":"1"}],"nextSyncToken":"S2"}
      """#
    stage.answer("/events", 200, items)
    _ = try await stage.worker.poll(1)
    #expect(try await stage.changes() == ["CREATED s", "DELETED s_1"])
    try await stage.instances.resetCursor(
      of: 1, EngineStage.primary, toBaseline: false, reason: "a look")
    stage.answer("/events", 200, items)
    #expect(try await stage.worker.poll(1).status == .completed)
    #expect(try await stage.changes().count == 2)
  }
}
