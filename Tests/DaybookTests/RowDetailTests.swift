import Domain
import Events
import Sandbox
import Synchronization
import Testing

@testable import Daybook

/// What rows know beside their tables: titles and times.
@Suite struct RowDetailTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1), .seconds(5)])
  }

  /// An instance with its baseline, and events entered after it and polled.
  private func polled(_ titles: [String]) async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    let id = try await journal.instances.create(
      instanceJSON(code: code, base: MadeUpWorld.base)
    ).id
    _ = try await journal.polls.run(.instance(id))
    world.pass(.seconds(60))
    for title in titles { world.withSandbox { $0.enter(title, at: $1) } }
    _ = try await journal.polls.run(.instance(id))
    return id
  }

  @Test func `changes and deliveries know what their objects are called`() async throws {
    _ = try await polled(["Planning", "Lunch", "Review"])
    try await journal.deliveries.deliver()
    let titles = try await journal.changes.rows().map { $0["title"]?.string ?? "" }
    #expect(titles.sorted() == ["Lunch", "Planning", "Review"])
    let delivery = try #require(try await journal.deliveries.rows().first)
    #expect(delivery["title"] == .text("\(titles[0]) +2"))
    let plan = try await journal.replays.plan(to: "\(MadeUpWorld.base)/receiver/other")
    #expect(plan.title == "\(titles[0]) +2")
    #expect(plan.row(ratePerSecond: nil).names == RowTable.replayPlans.names)
  }

  @Test func `a delivery of one change has its title alone`() async throws {
    _ = try await polled(["Planning"])
    try await journal.deliveries.deliver()
    #expect(try await journal.deliveries.rows().map { $0["title"] } == [.text("Planning")])
    let other = "\(MadeUpWorld.base)/receiver/other"
    for mode in ReplayMode.allCases {
      #expect(try await journal.replays.plan(to: other, mode: mode).title == "Planning")
    }
  }

  @Test func `a trace knows titles, times and summaries of what it leads to`() async throws {
    _ = try await polled(["Planning"])
    try await journal.deliveries.deliver()
    let change = try #require(try await journal.changes.rows().first?["position"]?.integer)
    let rows = Mutex<[Row]>([])
    try await journal.trace(change) { page in
      rows.withLock { $0 += page }
      return true
    }
    let traced = rows.withLock { $0 }
    #expect(traced.count == 5)
    for row in traced {
      let isOfPoll = row["type"] == .text("poll.completed")
      #expect(row["title"] == (isOfPoll ? .null : .text("Planning")))
      #expect(row["recordedAt"]?.moment != nil && row["summary"]?.string?.isEmpty == false)
    }
    let glance = try await journal.events.glance(change)
    #expect(glance.names == RowTable.trace.names && glance["title"] == .text("Planning"))
  }

  @Test func `a poll by hand names its items`() async throws {
    let id = try await polled([])
    world.pass(.seconds(60))
    world.withSandbox { $0.enter("Planning", at: $1) }
    var poll = try await journal.polls.byHand(id, "calendars/primary/changed-events")
    guard case .page(let items) = try await poll.fetch() else {
      Issue.record("no page came")
      return
    }
    #expect(items.map(\.title) == ["Planning"])
    _ = try await poll.discard(reason: "enough")
  }

  @Test func `a deletion that shows no more than an id has no title`() async throws {
    let id = try await polled(["Planning"])
    let object = try #require(try await journal.changes.rows().first?["objectId"]?.string)
    world.pass(.seconds(60))
    world.withSandbox { $0.remove(object, at: $1) }
    _ = try await journal.polls.run(.instance(id))
    let rows = try await journal.changes.rows()
    #expect(rows.map { $0["eventType"]?.string } == ["CREATED", "DELETED"])
    #expect(rows.map { $0["title"] }.first == .text("Planning"))
    try await journal.deliveries.deliver()
    let past = try await journal.at(try #require(rows[0]["position"]?.integer))
    #expect(try await past.changes.rows().map { $0["title"] } == [.text("Planning")])
  }
}
