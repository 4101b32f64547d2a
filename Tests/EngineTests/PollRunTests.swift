import Domain
import EventStore
import Events
import RawJSON
import TestSupport
import Testing

@testable import Engine

/// A poll taken forward by hand: pages go in, verdicts come out; nothing is asked or recorded.
@Suite struct PollRunTests {
  private let stage: EngineStage

  init() throws { stage = try EngineStage() }

  private func run(by hand: Bool = false) async throws -> PollRun {
    let row = try #require(try await stage.feeds().first)
    var run = try #require(PollRun(row, by: stage.connector, pollID: 2, at: stage.now))
    run.isByHand = hand
    return run
  }

  /// Takes a page of objects: `a1` is `a` at its first state, `a-` is gone.
  private func take(
    _ items: [String], _ next: Page.Next, label: String? = nil, answeredAt: Moment? = nil,
    _ run: inout PollRun
  ) async throws -> [PollRun.Judged] {
    var body: [UInt8] = []
    let shown = items.map { text in
      let start = body.count
      body += Array(#"{"id":"\#(text)"}"#.utf8)
      return Item(
        id: String(text.dropLast()), revision: String(text.suffix(1)), isGone: text.hasSuffix("-"),
        isPrimary: text.hasPrefix("me"), bytes: start..<body.count)
    }
    return try await run.take(
      Page(items: shown, next: next, label: label, answeredAt: answeredAt), body: body,
      from: stage.repository.reader, salt: { [UInt8](repeating: 5, count: 16) })
  }

  private static func kinds(_ judged: [PollRun.Judged]) -> [ChangeKind?] {
    judged.map(\.verdict.kind)
  }

  // MARK: With a cursor of the provider's

  @Test func `a baseline asks page by page, learns all, and ends with the provider's cursor`()
    async throws
  {
    try await stage.create()
    var run = try await run()
    #expect(run.ask?.continuation == nil && run.ask?.mode == .baseline)
    _ = try await take(["a1", "b1"], .more(continuation: "P2"), &run)
    #expect(run.ask?.continuation == "P2")
    #expect(run.snapshot(at: stage.now) == nil)
    _ = try await take(["c1"], .end(cursor: "S1"), &run)
    #expect(run.ask == nil)
    let read = try #require(run.snapshot(at: stage.now))
    #expect(read.cursor == "S1" && read.pages == 2 && read.items == 3)
    #expect(read.manifests.count == 2 && run.changeSet.changes().isEmpty)
  }

  @Test func `items are held against what is known, also those that mean nothing`() async throws {
    try await stage.create()
    try await stage.found(["a1", "b1", "c1"], cursor: "one")
    var run = try await run(by: true)
    #expect(run.ask?.mode == .changes(since: "one"))
    let judged = try await take(["a1", "b2", "c-", "d1", "e-"], .end(cursor: "two"), &run)
    #expect(Self.kinds(judged) == [nil, .updated, .deleted, .created, nil])
    #expect(run.changeSet.changes().count == 3)
  }

  @Test func `of an object that comes twice its last state counts`() async throws {
    try await stage.create()
    try await stage.found(["a1"], cursor: "one")
    var run = try await run()
    _ = try await take(["a2", "b1", "c1"], .more(continuation: "P2"), &run)
    _ = try await take(["a3", "b-"], .end(cursor: "two"), &run)
    let changes = run.changeSet.changes()
    let told = changes.map { "\($0.kind) \($0.candidate.item.id)\($0.candidate.item.revision)" }
    #expect(told.sorted() == ["created c1", "updated a3"])
  }

  @Test func `what changes back to what is known is no change`() async throws {
    try await stage.create()
    try await stage.found(["a1"], cursor: "one")
    var run = try await run()
    _ = try await take(["a2"], .more(continuation: "P2"), &run)
    #expect(run.changeSet.count == 1)
    _ = try await take(["a1"], .end(cursor: "two"), &run)
    #expect(run.changeSet.changes().isEmpty)
  }

  @Test func `a comparison keeps what it has seen, and a second listing what it sees`()
    async throws
  {
    try await stage.create()
    try await stage.found(["a1", "b1"], cursor: "one")
    try await stage.instances.resetCursor(
      of: 1, EngineStage.primary, toBaseline: false, reason: "a look")
    var run = try await run()
    #expect(run.ask?.mode == .comparison)
    _ = try await take(["a2"], .end(cursor: "two"), &run)
    #expect(run.seenObjects.map(\.object) == ["a"])
    let first = run
    run.listAgain()
    #expect(run.ask?.continuation == nil)
    _ = try await take(["a3", "c1"], .end(cursor: "three"), &run)
    run.goOn(from: first)
    // Its changes and its cursor are those of the first.
    #expect(run.seenObjects.map(\.isSecond) == [false, true, true])
    #expect(run.changeSet.changes().map(\.candidate.item.revision) == ["2"])
    #expect(run.snapshot(at: stage.now)?.cursor == "two")
  }

  // MARK: Label by label

  @Test func `a listing by labels shows ids alone, which are seen and not yet learnt`() async throws
  {
    try await stage.create([("changed-messages", "/changed-messages")])
    var run = try await run(by: true)
    let judged = try await take(["m1", "n1"], .more(continuation: "P2"), label: "INBOX", &run)
    #expect(
      judged.map(\.verdict.reason).allSatisfy { $0 == "part of the baseline, listed with INBOX" })
    _ = try await take(["m1"], .end(cursor: "9"), label: "SENT", &run)
    #expect(run.seenObjects.map(\.object) == ["m", "n", "m"])
    #expect(Set(run.seenObjects.map(\.label)).count == 2)
    #expect(run.manifests.isEmpty && run.pendingPayloads.isEmpty)
    #expect(run.strategy.steps == [.learnSeen])
  }

  // MARK: A list of collections

  private static let list = "calendars/{calendarId}/changed-events"

  /// The streams of what a poll of the list leads to.
  private func discovered(_ run: PollRun) async throws -> AppendRequest {
    let (now, connector) = (stage.now, stage.connector)
    return try await stage.repository.reader.read { view throws(JournalError) in
      var append = AppendRequest([], at: now)
      try run.discover(run.row, by: connector, in: &append, view)
      return append
    }
  }

  @Test func `each collection of a list gets a feed, but those that another entry names`()
    async throws
  {
    try await stage.create([
      (Self.list, "/" + Self.list), (EngineStage.primary, "/" + EngineStage.primary),
    ])
    var run = try await run()
    _ = try await take(["x1", "me1", "y-"], .end(cursor: "L1"), &run)
    let append = try await discovered(run)
    let opened = append.newEvents.compactMap { newEvent in
      if case .feedOpened(let body) = newEvent.event { body } else { nil }
    }
    #expect(opened.map(\.member) == ["x"] && opened.map(\.feed) == [3])
    #expect(opened.first?.resource == "calendars/x/changed-events")
    #expect(opened.first?.announceFromMs == nil)
    // Nobody else may have taken that number, nor changed what is named.
    #expect(append.expected["feed/3"] == 0 && append.expected["instance/1"] == 1)
  }

  @Test func `a collection that left closes its feed, and one that joins late announces`()
    async throws
  {
    try await stage.create([(Self.list, "/" + Self.list)])
    stage.answer(
      "/calendarList", 200, #"{"items":[{"id":"x","etag":"1"}],"nextSyncToken":"L1"}"#)
    _ = try await stage.poller().poll(1)
    #expect(try await stage.feeds().map(\.member) == [nil, "x"])
    var run = try await run()
    _ = try await take(["x-", "z1"], .end(cursor: "L2"), &run)
    let append = try await discovered(run)
    #expect(append.newEvents.map(\.stream) == ["feed/2", "feed/3"])
    guard case .feedClosed(let closed) = append.newEvents[0].event,
      case .feedOpened(let opened) = append.newEvents[1].event
    else {
      Issue.record("\(append.newEvents)")
      return
    }
    #expect(closed.reason == "left-the-list" && opened.member == "z")
    #expect(opened.announceFromMs == EngineStage.noon.milliseconds)
  }

  @Test func `a list without changes leads to nothing`() async throws {
    try await stage.create([(Self.list, "/" + Self.list)])
    var run = try await run()
    _ = try await take([], .end(cursor: "L1"), &run)
    #expect(try await discovered(run).newEvents.isEmpty)
  }

  // MARK: By dates

  /// A feed that is read by dates, which stand at `at`.
  private func createDated() async throws {
    try await stage.create(
      [],
      [
        (
          "event.poller.configuration",
          [
            "calendars/primary/events": [
              "url": "/hubs/general/calendars/primary/events",
              "datesConfiguration": ["updatedDateField": "at"],
            ]
          ]
        )
      ])
  }

  private func dated(_ moment: Moment) -> [UInt8] { Array(#"{"at":"\#(moment.rfc3339)"}"#.utf8) }

  @Test func `a baseline by dates asks for everything, and its cursor is the latest date`()
    async throws
  {
    try await createDated()
    var run = try await run()
    #expect(run.nature == .dated && run.window?.since == Moment(milliseconds: 0))
    run.advance(by: dated(stage.now - .seconds(90)))
    run.advance(by: dated(stage.now - .seconds(30)))
    run.advance(by: dated(stage.now - .seconds(60)))
    #expect(run.datedCursor == stage.now - .seconds(30))
  }

  @Test func `a date that is still to come does not move the cursor`() async throws {
    try await createDated()
    var run = try await run()
    let answered = stage.now - .seconds(100)
    _ = try await take([], .more(continuation: "P2"), answeredAt: answered, &run)
    run.advance(by: dated(answered))
    run.advance(by: dated(answered + .seconds(1)))
    // By the provider's clock, not by ours.
    #expect(run.datedCursor == answered)
  }

  @Test func `where no date was ever seen it looks a day back`() async throws {
    try await createDated()
    let run = try await run()
    #expect(run.datedCursor == stage.now - Limits.datedBaselineOverlap)
  }

  @Test func `the next poll by dates asks from the cursor on`() async throws {
    try await createDated()
    let latest = stage.now - .seconds(30)
    stage.answer(
      "/events", 200, #"{"items":[{"id":"u","etag":"1","at":"\#(latest.rfc3339)"}]}"#)
    #expect(try await stage.poller().poll(1).status == .completed)
    let run = try await run()
    #expect(run.window?.since == latest)
    #expect(run.ask?.mode == .changes(since: latest.rfc3339))
  }
}
