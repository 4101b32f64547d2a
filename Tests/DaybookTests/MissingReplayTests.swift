import Engine
import EventStore
import Events
import Sandbox
import Testing

@testable import Daybook

/// A replay of what a URL has not accepted and does not get anyway: once its open deliveries have
/// come to their end nothing is missing there, and nothing that was accepted went out again.
@Suite struct MissingReplayTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private let other = "\(MadeUpWorld.base)/receiver/other"

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(6_000)])
  }

  /// Draws from a seed, one number after another.
  private struct Draw {
    var state: UInt64
    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
  }

  /// Notifications of one to three changes, none of which has gone to the other receiver.
  private func prepare(_ draw: inout Draw) async throws {
    let code = world.withSandbox { $0.code(at: $1) }
    let id = try await journal.instances.create(instanceJSON(code: code, base: MadeUpWorld.base)).id
    _ = try await journal.polls.run(.instance(id))
    for poll in 0..<5 {
      world.pass(.seconds(60))
      for number in 0...draw.below(3) {
        world.withSandbox { $0.enter("Event \(poll).\(number)", at: $1) }
      }
      _ = try await journal.polls.run(.instance(id))
    }
    try await journal.deliveries.deliver()
  }

  /// How often the other receiver accepted each change, by its position.
  private func accepted() async throws -> [Int64: Int] {
    let rows = try await journal.working().repository.reader.read { view throws(JournalError) in
      try view.events(after: 0, limit: 10_000)
    }
    var told: [StreamName: [Int64]] = [:]
    var urls: [Int64: String] = [:]
    var counts: [Int64: Int] = [:]
    for row in rows {
      switch try row.event() {
      case .changeObserved: counts[row.position] = 0
      case .deliveryRequested(let body): told[row.stream] = body.changes
      case .deliveryAttempted(let body): urls[row.position] = body.url
      case .deliverySucceeded where urls[row.cause ?? 0] == other:
        for change in told[row.stream] ?? [] { counts[change, default: 0] += 1 }
      default: break
      }
    }
    return counts
  }

  /// The changes that deliveries to the other receiver tell of which are still open.
  private func openChanges() async throws -> [Int64] {
    var changes: [Int64] = []
    for row in try await journal.deliveries.rows() where row["url"]?.string == other {
      let isOpen = ["pending", "failed", "unknown", "held"].contains(row["status"]?.string ?? "")
      guard isOpen, let position = row["position"]?.integer else { continue }
      let event = try await journal.working().repository.reader.read { view throws(JournalError) in
        try view.event(at: position)
      }
      guard case .deliveryRequested(let body)? = try event?.event() else { continue }
      changes += body.changes
    }
    return changes
  }

  /// The changes of each notification as it went first.
  private func notifications() async throws -> [[Int64]] {
    let rows = try await journal.working().repository.reader.read { view throws(JournalError) in
      try view.events(after: 0, limit: 10_000)
    }
    return try rows.compactMap { row in
      guard case .deliveryRequested(let body) = try row.event(), body.replay == nil else {
        return nil
      }
      return body.changes
    }
  }

  /// Sends some of it, of which the receiver takes some.
  private func sendSome(_ draw: inout Draw) async throws {
    let changes = try await journal.changes.rows().compactMap { $0["position"]?.integer }
    for _ in 0..<3 {
      let failures = (0..<4).map { _ in draw.below(2) == 0 ? 503 : 204 }
      world.withSandbox { sandbox, _ in
        sandbox.receiver.script("/receiver/other", failures.map { .init(status: $0) })
      }
      let first = changes[draw.below(changes.count)]
      var part = Selection()
      part.after = first - 1
      part.before = first + Int64(1 + draw.below(6))
      let mode = ReplayMode.allCases[draw.below(2)]
      let plan = try await journal.replays.plan(part, to: other, mode: mode)
      guard plan.notifications > 0 else { continue }
      try await journal.replays.finish(try await journal.replays.request(plan))
    }
    world.withSandbox { sandbox, _ in sandbox.receiver.script("/receiver/other", []) }
  }

  @Test(arguments: ReplayMode.allCases, 1...8)
  func `nothing is missing after it, and nothing accepted is sent again`(
    mode: ReplayMode, seed: UInt64
  ) async throws {
    var draw = Draw(state: seed)
    try await prepare(&draw)
    try await sendSome(&draw)
    let before = try await accepted()
    // What failed waits for its retry: it is sent there without this replay.
    let open = Set(try await openChanges())
    let all = try await journal.replays.plan(to: other, mode: mode)
    let plan = try await journal.replays.plan(to: other, mode: mode, isMissing: true)
    #expect(plan.notifications <= all.notifications)
    #expect(plan.open == 0 || !open.isEmpty)
    if plan.notifications > 0 {
      let done = try await journal.replays.send(to: other, mode: mode, isMissing: true)
      #expect(done["succeeded"]?.integer == Int64(plan.notifications), "\(done)")
    } else {
      #expect(before.allSatisfy { $0.value > 0 || open.contains($0.key) })
    }
    world.pass(.seconds(8_000))
    try await journal.deliveries.deliver()
    let after = try await accepted()
    #expect(after.values.allSatisfy { $0 > 0 }, "\(after)")
    let again = before.keys.filter { before[$0] != 0 && before[$0] != after[$0] }
    switch mode {
    case .rebuilt: #expect(Set(again).isSubset(of: open), "\(again)")
    case .exact:
      // What went out together with something that is missing goes with it.
      let groups = try await notifications()
      let missing = groups.filter { $0.contains { before[$0] == 0 } }
      #expect(Set(again).isSubset(of: open.union(missing.joined())), "\(again)")
    }
    let rest = try await journal.replays.plan(to: other, mode: mode, isMissing: true)
    #expect(rest.notifications == 0 && rest.changes == 0 && rest.alreadyDelivered > 0)
    await #expect(throws: DaybookError.refused(Refusal(.invalid, "the selection is empty"))) {
      try await journal.replays.request(rest)
    }
  }

  @Test(arguments: ReplayMode.allCases)
  func `what waits for a retry there is left out, and told apart`(mode: ReplayMode) async throws {
    var draw = Draw(state: 5)
    try await prepare(&draw)
    let hook = "\(MadeUpWorld.base)/receiver/hook"
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/hook", [.init(status: 503)])
    }
    world.pass(.seconds(60))
    world.withSandbox { $0.enter("Late", at: $1) }
    _ = try await journal.polls.run(.instance(1))
    // Before its first attempt it is on its way as well.
    let early = try await journal.replays.plan(to: hook, mode: mode, isMissing: true)
    #expect(early.notifications == 0 && early.open == 1)
    try await journal.deliveries.deliver()
    let failed = try await journal.deliveries.rows().filter { $0["status"] == .text("failed") }
    #expect(failed.count == 1)
    let plan = try await journal.replays.plan(to: hook, mode: mode, isMissing: true)
    #expect(plan.notifications == 0 && plan.open == 1 && plan.alreadyDelivered > 0)
    #expect(plan.row(ratePerSecond: nil)["open"] == .integer(1))
    // To another receiver nothing of it is on its way.
    let elsewhere = try await journal.replays.plan(to: other, mode: mode, isMissing: true)
    #expect(elsewhere.open == 0 && elsewhere.notifications > 0)
    // The callback moves: the retry goes to the new one, and to the old one nothing any more.
    let change = #"{"configuration":{"event.notification.callback.url":"\#(other)"}}"#
    _ = try await journal.instances.update(1, Array(change.utf8))
    let moved = try await journal.replays.plan(to: hook, mode: mode, isMissing: true)
    #expect(moved.open == 0 && moved.notifications == 1)
    #expect(try await journal.replays.plan(to: other, mode: mode, isMissing: true).open == 1)
  }

  @Test func `whole notifications that were accepted are left out of an exact one`() async throws {
    var draw = Draw(state: 3)
    try await prepare(&draw)
    let first = try #require(try await journal.deliveries.rows().first)
    let one = try await journal.replays.plan(
      only: first["position"]?.integer, to: other)
    try await journal.replays.finish(try await journal.replays.request(one))
    let all = try await journal.replays.plan(to: other)
    let missing = try await journal.replays.plan(to: other, isMissing: true)
    #expect(all.alreadyDelivered == 1 && missing.alreadyDelivered == 1)
    #expect(missing.notifications == all.notifications - 1)
    #expect(missing.changes == all.changes - one.changes)
    #expect(missing.bytes == all.bytes - one.bytes)
    let before = world.withSandbox { sandbox, _ in sandbox.receiver.total }
    try await journal.replays.send(to: other, isMissing: true)
    let after = world.withSandbox { sandbox, _ in sandbox.receiver.total }
    #expect(after - before == missing.notifications)
  }
}
