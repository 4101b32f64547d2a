import Domain
import EventStore
import Events
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Deliveries that wait as their instance is deleted are skipped, many at a time.
@Suite struct SkipPendingTests {
  private let stage: EngineStage
  private static let count = Limits.tasksPerRound * 2 + 88

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
  }

  /// Deliveries that wait, one of which was refused before and one of which is held.
  private func deleted(_ count: Int = Self.count) async throws {
    for number in 1...count { try await stage.ask(number) }
    stage.answer("example.com", 503)
    _ = try await stage.worker.deliver("delivery/1")
    _ = try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .disable(callback: EngineStage.hook, reason: "holidays")
    _ = try await stage.worker.deliver("delivery/2")
    try await stage.instances.delete(1, reason: "moved", keepsGrant: true)
  }

  /// How often each delivery was skipped.
  private func skips() async throws -> [StreamName: Int] {
    let rows = try await stage.repository.reader.read { view throws(JournalError) in
      try view.events(after: 0, limit: 100_000)
    }
    var skips: [StreamName: Int] = [:]
    for row in rows {
      guard case .deliverySkipped(let body) = try row.event() else { continue }
      #expect(body.reason == .known(.instanceDeleted))
      skips[row.stream, default: 0] += 1
    }
    return skips
  }

  @Test func `all of them are skipped once, with the reason, in a few commits`() async throws {
    try await deleted()
    let commits = Mutex(0)
    let repository = try stage.repository(
      JournalWriter.Hooks { place in
        if place == .beforeCommit { commits.withLock { $0 += 1 } }
        return false
      })
    let worker = Worker(
      repository, connector: stage.connector, world: stage.world, settings: EngineSettings())
    try await worker.skipPending(of: 1)
    let skips = try await skips()
    #expect(skips.count == Self.count && skips.values.allSatisfy { $0 == 1 })
    #expect(commits.withLock { $0 } == 3)
    #expect(stage.requests.count == 1)
  }

  @Test(arguments: 0...3)
  func `killed between two commits, the rest is skipped by whoever comes next`(
    commits: Int
  ) async throws {
    try await deleted()
    let stage = stage
    let hasDied = try await stage.dies(after: commits) { repository, world in
      try await Worker(
        repository, connector: stage.connector, world: world, settings: EngineSettings()
      ).skipPending(of: 1)
    }
    #expect(hasDied == (commits < 3))
    let before = try await skips().count
    #expect(before == min(commits * Limits.tasksPerRound, Self.count))
    // Whoever delivers finds them due.
    try await stage.worker.work([.deliver], until: .nothingDue) { _ in }
    let skips = try await skips()
    #expect(skips.count == Self.count && skips.values.allSatisfy { $0 == 1 })
    #expect(stage.requests.count == 1)
  }

  @Test func `what a replay sends that was asked for since is none of it`() async throws {
    try await deleted(3)
    let requested = ReplayRequested(
      to: "https://example.com/other", mode: .known(.exact), selection: "1", selected: [],
      notifications: 1, changes: 1, hasCredentials: false, dueAtMs: .max)
    try await stage.append(("replay/*", .replayRequested(requested)))
    let replay = ReplayID(try await stage.head())
    try await stage.ask(1, of: (replay, "https://example.com/other"))
    try await stage.worker.skipPending(of: 1)
    #expect(try await skips().keys.sorted() == ["delivery/1", "delivery/2", "delivery/3"])
    stage.always("example.com", 200)
    try await stage.deliver()
    #expect(stage.requests.last?.url == "https://example.com/other")
  }

  @Test func `a task that is cancelled stops between two batches, and skips the rest later`()
    async throws
  {
    try await deleted(3)
    let worker = stage.worker
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await worker.skipPending(of: 1)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await skips().isEmpty)
    try await worker.skipPending(of: 1)
    #expect(try await skips().count == 3)
  }
}
