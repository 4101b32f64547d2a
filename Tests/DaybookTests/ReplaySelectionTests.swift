import Domain
import Engine
import EventStore
import Events
import Sandbox
import Testing

@testable import Daybook

/// Every way to name a part of the past, in both modes.
@Suite struct ReplaySelectionTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private let other = "\(MadeUpWorld.base)/receiver/other"

  /// Two instances with four polls each, of one to three changes; a notification of the second
  /// instance was given up.
  init() async throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
    for _ in 0..<2 { _ = try await world.watch(in: journal) }
    for round in 0..<4 {
      world.pass(.seconds(60))
      for number in 0...(round % 3) {
        world.withSandbox { $0.enter("Event \(round).\(number)", at: $1) }
      }
      for id: Int64 in 1...2 {
        if round == 2, id == 2 { fail(2) }
        _ = try await journal.polls.run(.instance(id))
        try await journal.deliveries.deliver()
        world.pass(.seconds(5))
        try await journal.deliveries.deliver()
      }
    }
  }

  private func fail(_ times: Int) {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/hook", [.init(status: 503, times: times)])
    }
  }

  /// The changes that a replay of a part sends, by the deliveries that it asked for.
  private func sent(
    _ part: Selection, only one: Int64? = nil, _ mode: ReplayMode
  ) async throws -> Set<Int64> {
    let plan = try await journal.replays.plan(part, only: one, to: other, mode: mode)
    guard plan.notifications > 0 else { return [] }
    let replay = try await journal.replays.request(plan)
    try await journal.replays.finish(replay)
    var told: Set<Int64> = []
    for row in try await journal.deliveries.rows() where row["replay"] == .integer(replay) {
      told.formUnion(try await changes(of: row["position"]?.integer ?? 0))
    }
    #expect(told.count == plan.changes)
    let row = try await journal.replays.row(replay)
    #expect(row["succeeded"] == .integer(Int64(plan.notifications)))
    return told
  }

  private func changes(of delivery: Int64) async throws -> [Int64] {
    let event = try await journal.working().repository.reader.read { view throws(JournalError) in
      try view.event(at: delivery)
    }
    guard case .deliveryRequested(let body)? = try event?.event() else { return [] }
    return body.changes
  }

  /// What a part should lead to: the changes that fit, and with `exact` those beside them.
  private func expected(
    _ mode: ReplayMode, _ isChosen: @Sendable (_ change: Row, _ delivery: Row) -> Bool
  ) async throws -> Set<Int64> {
    var expected: Set<Int64> = []
    let changes = try await journal.changes.rows()
    for delivery in try await journal.deliveries.rows() where delivery["replay"] == .null {
      let told = try await self.changes(of: delivery["position"]?.integer ?? 0)
      let chosen = changes.filter { change in
        told.contains(change["position"]?.integer ?? 0) && isChosen(change, delivery)
      }
      if chosen.isEmpty { continue }
      expected.formUnion(
        mode == .exact ? told : chosen.compactMap { $0["position"]?.integer })
    }
    return expected
  }

  private func part(_ change: (inout Selection) -> Void) -> Selection {
    var part = Selection()
    change(&part)
    return part
  }

  @Test(arguments: ReplayMode.allCases)
  func `each filter takes what fits, and two of them what fits both`(mode: ReplayMode) async throws
  {
    let changes = try await journal.changes.rows()
    let all = try await expected(mode) { _, _ in true }
    #expect(all.count == changes.count && all.count == 14)
    let object = try #require(changes[3]["objectId"]?.string)
    let resource = try #require(changes[3]["resource"]?.string)
    let ofObject = try await expected(mode) { change, _ in
      change["objectId"] == .text(object)
    }
    #expect(try await sent(part { $0.object = object }, mode) == ofObject)
    #expect(try await sent(part { $0.resource = resource }, mode) == all)
    let ofSecond = try await expected(mode) { change, _ in change["instance"] == .integer(2) }
    #expect(try await sent(part { $0.instance = 2 }, mode) == ofSecond)
    let both = part { part in
      part.instance = 2
      part.object = object
    }
    #expect(try await sent(both, mode) == ofObject.intersection(ofSecond))
    let given = try await expected(mode) { _, delivery in delivery["status"] == .text("exhausted") }
    #expect(!given.isEmpty && given.count < ofSecond.count)
    #expect(try await sent(part { $0.statuses = ["exhausted"] }, mode) == given)
    let more = part { part in
      part.statuses = ["exhausted", "succeeded"]
      part.instance = 2
    }
    #expect(try await sent(more, mode) == ofSecond)
    let none = part { part in
      part.statuses = ["exhausted"]
      part.instance = 1
    }
    #expect(try await sent(none, mode).isEmpty)
  }

  @Test(arguments: ReplayMode.allCases)
  func `a position, a range and times take what is of them`(mode: ReplayMode) async throws {
    let changes = try await journal.changes.rows()
    let one = try #require(changes[4]["position"]?.integer)
    let alone = try await expected(mode) { change, _ in change["position"] == .integer(one) }
    #expect(try await sent(Selection(), only: one, mode) == alone)
    let delivery = try #require(try await journal.deliveries.rows()[3]["position"]?.integer)
    let whole = Set(try await self.changes(of: delivery))
    #expect(try await sent(Selection(), only: delivery, mode) == whole)
    let last = try #require(changes[8]["position"]?.integer)
    let range = part { part in
      part.after = one - 1
      part.before = last + 1
    }
    let within = try await expected(mode) { change, delivery in
      let position = change["position"]?.integer ?? 0
      let asked = delivery["position"]?.integer ?? 0
      // `exact` also takes the deliveries in the range themselves.
      return one...last ~= position || mode == .exact && one...last ~= asked
    }
    #expect(try await sent(range, mode) == within)
    let start = try #require(
      try await journal.events.row(changes[4]["position"]?.integer ?? 0)["recordedAt"]?.moment)
    let end = start + .seconds(1)
    let times = part { part in
      part.since = start
      part.until = end
    }
    let timely = try await expected(mode) { change, _ in change["cause"] == changes[4]["cause"] }
    #expect(try await sent(times, mode) == timely)
  }

  @Test func `a replay says what was frozen, who asked, when and why`() async throws {
    let changes = try await journal.changes.rows().compactMap { $0["position"]?.integer }
    let plan = try await journal.replays.plan(
      part { $0.instance = 1 }, to: other, mode: .rebuilt)
    var options = ReplayOptions()
    options.reason = "a new receiver"
    options.askedBy = "alice"
    let at = world.outside.engine.now()
    let replay = try await journal.replays.request(plan, options)
    let row = try await journal.replays.row(replay)
    #expect(row["askedBy"] == .text("alice") && row["reason"] == .text("a new receiver"))
    #expect(row["requestedAt"] == .moment(at))
    let selection = row["selection"]?.string ?? ""
    #expect(selection.hasPrefix("\(changes[0])") && !selection.contains("…"))
    #expect(try await journal.replays.rows().last == row)
  }
}
