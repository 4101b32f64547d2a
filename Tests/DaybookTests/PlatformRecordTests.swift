import Events
import Foundation
import GoogleFake
import Sandbox
import Testing

@testable import Daybook

/// Notifications, subscriptions and polls as the platform tells of them.
@Suite struct PlatformRecordTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// An instance with its baseline.
  private func watching(_ configuration: [String: Any] = [:]) async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    var form = try parsed(instanceJSON(code: code, base: MadeUpWorld.base))
    let settings = try #require(form["configuration"] as? [String: Any])
    form["configuration"] = settings.merging(configuration) { $1 }
    let id = try await journal.instances.create(try bytes(form)).id
    _ = try await journal.polls.run(.instance(id))
    world.pass(.seconds(60))
    return id
  }

  /// Lets an event be entered and polled, a minute later.
  private func change(_ title: String, of id: Int64) async throws {
    world.withSandbox { $0.enter(title, at: $1) }
    _ = try await journal.polls.run(.instance(id))
    world.pass(.seconds(60))
  }

  /// Has the receiver answer the next deliveries with these.
  private func answer(_ statuses: Int...) {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/hook", statuses.map { .init(status: $0) })
    }
  }

  private func path(_ error: DaybookError?) -> String? {
    if case .refused(let refusal)? = error { refusal.path } else { nil }
  }

  // MARK: Records

  @Test func `a record is what the callback received`() async throws {
    let id = try await watching()
    try await change("Planning", of: id)
    let before = try parsed(try #require(try await journal.records.page().objects.first))
    #expect(before["status"] as? String == "NEW")
    try await journal.deliveries.deliver()
    let page = try await journal.records.page(of: id)
    #expect(page.objects.count == 1 && page.next == nil)
    let record = try parsed(page.objects[0])
    let sent = try #require(world.withSandbox { sandbox, _ in sandbox.receiver.deliveries.first })
    let body = String(decoding: sent.body, as: UTF8.self)
    let message = try #require(try parsed(body)["message"] as? [String: Any])
    #expect(record["id"] as? String == message["eventId"] as? String)
    #expect(record["status"] as? String == "NOTIFIED" && record["elementInstanceId"] as? Int == 1)
    // The very bytes.
    let raw = try #require(record["providerData"] as? String)
    #expect(body.contains("\"raw\":\(raw),") && raw.contains("Planning"))
    #expect(
      (record["notifiedData"] as? [[String: Any]])?.first?["eventType"] as? String == "CREATED")
    let eventID = try #require(record["id"] as? String)
    #expect(try await journal.records.record(eventID) == page.objects[0])
    #expect(try await journal.records.record(eventID, of: id) == page.objects[0])
    await #expect(throws: DaybookError.self) {
      try await journal.records.record(eventID, of: id + 1)
    }
    await #expect(throws: DaybookError.self) { try await journal.records.record("AAAA") }
    var part = Selection()
    part.object = eventID
    #expect(try await journal.events.rows(part).map { $0["type"] } == [.text("delivery.requested")])
  }

  @Test func `records come newest first page by page, and replays are none`() async throws {
    let id = try await watching()
    for title in ["Alpha", "Beta", "Gamma"] { try await change(title, of: id) }
    try await journal.deliveries.deliver()
    try await journal.replays.send(to: "\(MadeUpWorld.base)/receiver/other", mode: .rebuilt)
    let first = try await journal.records.page(of: id, size: 2)
    let second = try await journal.records.page(of: id, next: first.next, size: 2)
    let titles = (first.objects + second.objects).map { record in
      ["Alpha", "Beta", "Gamma"].first { record.contains($0) }
    }
    #expect(titles == ["Gamma", "Beta", "Alpha"] && second.next == nil)
    #expect(try await journal.records.page(of: id + 1).objects.isEmpty)
    let error = await #expect(throws: DaybookError.self) {
      try await journal.records.page(next: "-1")
    }
    #expect(path(error) == "nextPage")
  }

  @Test func `a disposition says what became of a notification`() async throws {
    let id = try await watching()
    try await change("A", of: id)
    answer(503, 200)
    try await journal.deliveries.deliver()
    let failed = try parsed(try await journal.records.dispositions().objects[0])
    #expect(failed["elementInstanceId"] as? Int == 1)
    let data = try #require(failed["notificationData"] as? [[String: String]])
    #expect(data.first?["message"]?.hasPrefix("Error delivering event: ") == true)
    world.pass(.seconds(2))
    try await journal.deliveries.deliver()
    let delivered = try await journal.records.dispositions(of: id).objects[0]
    #expect(delivered.contains("Delivered event: answered 200"))
  }

  // MARK: Analytics

  private func counted(
    _ span: RecordSpan, by grouping: Journal.Records.Grouping = .none, of instance: Int64? = nil
  ) async throws -> [[String: Any]] {
    let text = try await journal.records.analytics(span, by: grouping, of: instance)
    return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
  }

  @Test func `an hour has a count for each minute and for both ends`() async throws {
    let id = try await watching()
    for title in ["A", "B"] { try await change(title, of: id) }
    answer(404, 404)
    for _ in 0..<3 {
      try await journal.deliveries.deliver()
      world.pass(.seconds(2))
    }
    let hour = RecordSpan(from: noon, to: noon + .seconds(3_600), interval: "minute")
    let steps = try await counted(hour)
    #expect(steps.count == 61)
    #expect(steps.compactMap { $0["count"] as? Int }.reduce(0, +) == 2)
    #expect(steps[0]["timestamp"] as? String == "2026-11-23T12:00:00Z")
    #expect(steps[60]["timestamp"] as? String == "2026-11-23T13:00:00Z")
    let whole = RecordSpan(from: noon, to: noon + .seconds(3_000), interval: "day")
    let byInstance = try await counted(whole, by: .instances)
    #expect(byInstance.count == 1 && byInstance[0]["total"] as? Int == 2)
    let record = try #require((byInstance[0]["records"] as? [[String: Int]])?.first)
    #expect(record["instanceId"] == 1 && record["count"] == 2)
    #expect(try #require(record["success"]) + #require(record["failed"]) <= 2)
    let byAccount = try await counted(whole, by: .accounts)
    #expect((byAccount[0]["records"] as? [[String: Int]])?.first?["accountId"] == 1)
    #expect(try await counted(whole, of: 7)[0]["count"] as? Int == 0)
    let earlier = RecordSpan(from: noon - .seconds(7_200), to: noon - .seconds(1))
    #expect(try await counted(earlier).compactMap { $0["count"] as? Int } == [0, 0])
  }

  @Test(arguments: [
    (RecordSpan(from: noon, to: noon - .milliseconds(1)), "to"),
    (RecordSpan(from: noon, to: noon + .seconds(86_400), interval: "second"), "interval"),
    (RecordSpan(from: noon, to: noon, interval: "fortnight"), "interval"),
    (RecordSpan(from: Moment(milliseconds: .min), to: noon), "from"),
  ])
  func `a span that cannot be counted is refused`(span: RecordSpan, place: String) async throws {
    let error = await #expect(throws: DaybookError.self) {
      try await journal.records.analytics(span)
    }
    #expect(path(error) == place)
  }

  @Test func `weeks begin on Mondays`() throws {
    // The 23rd is one.
    let sunday = noon - .seconds(86_400)
    let steps = try RecordSpan(from: sunday, to: noon, interval: "week").steps()
    #expect(steps.count == 2 && steps.start.isoSeconds == "2026-11-16T00:00:00Z")
    let day = try RecordSpan(from: noon, to: noon + .seconds(86_400), interval: "minute").steps()
    #expect(day.count == 1_441)
  }

  // MARK: Subscriptions and deliveries

  @Test func `an instance has a subscription while its events have somewhere to go`() async throws {
    let id = try await watching()
    _ = try await watching(["event.notification.enabled": false])
    _ = try await watching(["event.notification.callback.url": ""])
    let page = try await journal.subscriptions.page()
    #expect(page.objects.count == 1 && page.total == 1)
    let subscription = try parsed(page.objects[0])
    #expect(subscription["id"] as? Int == Int(id) && subscription["active"] as? Bool == true)
    #expect(subscription["topics"] as? [String] == ["instance-1-googlesuite-events"])
    let url = "\(MadeUpWorld.base)/receiver/hook"
    #expect(subscription["config"] as? [String: String] == ["url": url])
    #expect(try await journal.subscriptions.subscription(id) == page.objects[0])
    try await journal.callbacks.disable(url, reason: "down")
    let disabled = try parsed(try await journal.subscriptions.subscription(id))
    #expect(disabled["active"] as? Bool == false)
    for other in [id + 1, 0, -1, Int64.max, .min] {
      let error = await #expect(throws: DaybookError.self) {
        try await journal.subscriptions.subscription(other)
      }
      #expect(
        error
          == .refused(
            Refusal(.notFound(.subscription), "there is no subscription \(other)")))
    }
  }

  private func statuses(_ conditions: String? = nil) async throws -> [String] {
    try await journal.subscriptions.deliveries(where: conditions).objects.map {
      try parsed($0)["status"] as? String ?? ""
    }
  }

  @Test func `deliveries are asked for by conditions and released by them`() async throws {
    let id = try await watching()
    let url = "\(MadeUpWorld.base)/receiver/hook"
    try await change("A", of: id)
    #expect(try await statuses() == ["created"])
    answer(410)
    try await journal.deliveries.deliver()
    try await change("B", of: id)
    try await journal.deliveries.deliver()
    #expect(try await statuses() == ["queued", "queued"])
    let queued = "channel='webhook' and status='queued'"
    #expect(try await statuses(queued).count == 2)
    #expect(try await statuses("\(queued) AND config.url='\(url)'").count == 2)
    #expect(try await statuses("\(queued) and config.url='\(url)/other'").isEmpty)
    #expect(try await statuses("\(queued) and subscriptionId='2'").isEmpty)
    #expect(try await statuses("channel='email'").isEmpty)
    #expect(try await statuses("status='delivered'").isEmpty)
    let release = { try await journal.subscriptions.release(where: $0, reason: $1) }
    #expect(try await release("\(queued) and config.url='\(url)/other'", "flush") == 0)
    #expect(try await release("\(queued) and config.url='\(url)'", "flush") == 2)
    try await journal.deliveries.deliver()
    #expect(try await statuses() == ["delivered", "delivered"])
    #expect(try await release(queued, "again") == 0)
  }

  @Test func `what was given up is released under its own id`() async throws {
    let id = try await watching()
    try await change("A", of: id)
    answer(503, 503)
    for _ in 0..<2 {
      try await journal.deliveries.deliver()
      world.pass(.seconds(2))
    }
    #expect(try await journal.deliveries.rows().map { $0["status"] } == [.text("exhausted")])
    #expect(try await statuses("status='queued'").count == 1)
    #expect(try await journal.subscriptions.release(where: "status='queued'", reason: "up") == 1)
    try await journal.deliveries.deliver()
    #expect(try await statuses("status='delivered'").count == 1)
  }

  @Test func `a hydrated delivery holds what was sent and where to`() async throws {
    let id = try await watching()
    try await change("A", of: id)
    let page = try await journal.subscriptions.deliveries(isHydrated: true)
    let delivery = try parsed(page.objects[0])
    let notification = try #require(delivery["notification"] as? [String: Any])
    #expect(notification["id"] as? String == delivery["notificationId"] as? String)
    #expect((notification["message"] as? [String: Any])?["instanceId"] as? Int == Int(id))
    let subscription = try #require(delivery["subscription"] as? [String: Any])
    #expect(subscription["id"] as? Int == delivery["subscriptionId"] as? Int)
    try await journal.instances.delete(id, reason: "moved")
    let after = try parsed(try await journal.subscriptions.deliveries(isHydrated: true).objects[0])
    #expect(after["subscription"] is NSNull)
  }

  @Test(arguments: [
    "status", "status=queued", "status='queued", "status='queued' or channel='webhook'",
    "status='queued' and", "status='queued' and status='retry'", "colour='red'", "status='gone'",
    "='x'", "subscriptionId='x'", "status='queued'channel='webhook'",
  ])
  func `a where that cannot be read is refused`(text: String) async throws {
    _ = try await watching()
    let error = await #expect(throws: DaybookError.self) {
      try await journal.subscriptions.deliveries(where: text)
    }
    #expect(path(error) == "where")
    let refused = await #expect(throws: DaybookError.self) {
      try await journal.subscriptions.release(where: "status='retry'", reason: "x")
    }
    #expect(path(refused) == "where")
  }

  @Test func `a quote in a value stands twice`() throws {
    let clause = try WhereClause("config.url='a''b' ", knowing: ["config.url"])
    #expect(clause["config.url"] == "a'b")
    #expect(try WhereClause("  ", knowing: []).conditions.isEmpty)
  }

  // MARK: Polls

  @Test func `each polled object has a record until it is configured no longer`() async throws {
    let id = try await watching()
    let records = try await journal.polls.records(of: id).map(parsed)
    #expect(records.count == 1)
    let record = try #require(records.first)
    #expect(record["objectName"] as? String == "calendars/primary/changed-events")
    #expect(record["status"] as? String == "open" && record["failures"] as? Int == 0)
    #expect(record["lastPollDate"] as? String == "2026-11-23T12:00:00Z")
    #expect(record["cursor"] is String && record["nextPollDate"] is String)
    let body = #"{"configuration":{"event.poller.configuration":{"groups":{"url":"/groups"}}}}"#
    try await journal.instances.update(id, Array(body.utf8))
    let names = try await journal.polls.records(of: id).map { try parsed($0)["objectName"] }
    #expect(names as? [String] == ["groups"])
    await #expect(throws: DaybookError.self) { try await journal.polls.records(of: 7) }
  }

  @Test func `instances whose polls were given up are found`() async throws {
    var options = JournalOptions()
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.failuresMax = 1
    let strict = try Journal("\(folder.path)/daybook.journal", options, in: world.outside)
    let id = try await watching()
    var filter = InstanceFilter()
    filter.isPollingDisabled = true
    #expect(try await strict.instances.page(filter).objects.isEmpty)
    world.withSandbox { sandbox, now in
      _ = sandbox.answer(
        FakeRequest(
          "POST", "/sandbox/faults",
          body: Array(#"{"kind":"status","status":503,"path":"/calendar/v3/","times":10}"#.utf8)),
        at: now)
    }
    _ = try await strict.polls.run(.instance(id))
    #expect(try await strict.instances.page(filter).objects.count == 1)
    let record = try parsed(try await strict.polls.records(of: id)[0])
    #expect(record["status"] as? String == "disabled")
  }
}
