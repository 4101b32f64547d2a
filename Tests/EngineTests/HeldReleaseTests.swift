import Domain
import EventStore
import Events
import RawJSON
import TestSupport
import Testing

@testable import Engine

/// What was held goes on once nothing holds it any more, whoever dies meanwhile, and in the order
/// in which it was made.
@Suite struct HeldReleaseTests {
  private let stage: EngineStage
  private static let count = Limits.deliveriesPerAppend * 2 + 10

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
  }

  /// The first fails, the second is told 410, the others and then the first are held; two more are
  /// asked for later, which nobody has looked at yet.
  ///
  /// - Returns: What is to arrive, in this order.
  private func withHeld(_ count: Int = Self.count) async throws -> [Int] {
    for number in 1...count { try await stage.ask(number) }
    stage.answer("example.com", 503)
    stage.answer("example.com", 410)
    try await stage.deliver()
    stage.pass(.seconds(60))
    try await stage.deliver()
    #expect(try await held() == count)
    for number in count + 1...count + 2 {
      stage.pass(.seconds(1))
      try await stage.ask(number)
    }
    stage.pass(.seconds(1))
    return Array(1...count + 2)
  }

  private func held(for target: String = EngineStage.hook) async throws -> Int {
    try await stage.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.countHeld(for: target)
    }
  }

  /// Everything that is sent from now on arrives.
  private func open(_ count: Int) {
    for _ in 0..<count { stage.answer("example.com", 200) }
  }

  @Test(arguments: 0...5)
  func `a callback that is enabled by a process that dies is enabled whole`(
    commits: Int
  ) async throws {
    let expected = try await withHeld()
    let before = stage.requests.count
    open(expected.count)
    let hasDied = try await stage.dies(after: commits) { repository, world in
      try await Replays(repository, world: world, rules: AddressRules())
        .enable(callback: EngineStage.hook, reason: "mended")
    }
    #expect(hasDied == (commits < 4))
    if commits == 0 {
      // Nothing had begun.
      try await stage.append(
        (
          StreamName.callback(EngineStage.hook),
          .callbackEnabled(CallbackEnabled(url: EngineStage.hook, reason: "mended"))
        ))
    }
    try await stage.worker.recover()
    try await stage.deliver()
    #expect(stage.received(since: before) == expected)
  }

  @Test func `a newer change lets those go first that are still held without need`() async throws {
    let expected = try await withHeld()
    let before = stage.requests.count
    let worker = stage.worker
    // It has just looked, and will not again for a while.
    try await worker.recover()
    open(expected.count)
    _ = try await stage.dies(after: 2) { repository, world in
      try await Replays(repository, world: world, rules: AddressRules())
        .enable(callback: EngineStage.hook, reason: "mended")
    }
    try await stage.deliver(worker)
    #expect(stage.received(since: before) == expected)
  }

  @Test func `what is worked on at once lets those go first that are still held`() async throws {
    let expected = try await withHeld()
    let before = stage.requests.count
    open(expected.count)
    _ = try await stage.dies(after: 1) { repository, world in
      try await Replays(repository, world: world, rules: AddressRules())
        .enable(callback: EngineStage.hook, reason: "mended")
    }
    try await stage.worker.work([.deliver], until: .nothingDue) { _ in }
    #expect(stage.received(since: before).sorted() == expected)
    // Sixteen are under way at once, so that neighbours may change places.
    let newest = stage.received(since: before).suffix(17)
    #expect(newest.contains(expected.count) && newest.contains(expected.count - 1))
  }

  @Test(arguments: 1...4)
  func `what another URL held up goes to the next one, though the process died that gave it`(
    commits: Int
  ) async throws {
    let expected = try await withHeld()
    let before = stage.requests.count
    open(expected.count)
    let body = #"{"configuration":{"event.notification.callback.url":"https://example.com/b"}}"#
    _ = try await stage.dies(after: commits) { repository, world in
      _ = try await stage.instances(of: repository).update(1, Array(body.utf8))
    }
    try await stage.deliver()
    #expect(stage.received(since: before) == expected)
    #expect(stage.requests.dropFirst(before).allSatisfy { $0.url.hasSuffix("/b") })
  }

  @Test(arguments: 1...4)
  func `a replay that is resumed by a process that dies goes on in its order`(
    commits: Int
  ) async throws {
    let other = "https://example.com/other"
    let requested = ReplayRequested(
      to: other, mode: .known(.exact), selection: "1..9", selected: [], notifications: 1_000,
      changes: 1_000, hasCredentials: false, dueAtMs: .max)
    try await stage.append(("replay/*", .replayRequested(requested)))
    let replay = ReplayID(try await stage.head())
    for number in 1...Self.count { try await stage.ask(number, of: (replay, other)) }
    let replays = Replays(stage.repository, world: stage.world, rules: AddressRules())
    try await replays.stop(replay, reason: "lunch")
    try await stage.deliver()
    #expect(try await held(for: "replay/\(replay)") == Self.count)
    stage.pass(.seconds(60))
    open(Self.count + 1)
    _ = try await stage.dies(after: commits) { repository, world in
      try await Replays(repository, world: world, rules: AddressRules())
        .resume(replay, reason: "back")
    }
    try await stage.ask(Self.count + 1, of: (replay, other))
    try await stage.deliver()
    #expect(stage.received() == Array(1...Self.count + 1))
  }

  @Test func `what an older program held for a callback goes on when that is enabled`()
    async throws
  {
    let expected = try await withHeld(3)
    let before = stage.requests.count
    try stage.forgetHoldKinds()
    let repository = try stage.repository(JournalWriter.Hooks())
    while try await !repository.writer.rebuildOlder() {}
    #expect(try await kinds() == [.known(.callbackDisabled)])
    open(expected.count)
    let replays = Replays(repository, world: stage.world, rules: AddressRules())
    try await replays.enable(callback: EngineStage.hook, reason: "mended")
    try await stage.deliver()
    #expect(stage.received(since: before) == expected)
  }

  @Test func `what an older program held for a replay goes on when nobody stops that`()
    async throws
  {
    let other = "https://example.com/other"
    let requested = ReplayRequested(
      to: other, mode: .known(.exact), selection: "1..9", selected: [], notifications: 1_000,
      changes: 1_000, hasCredentials: false, dueAtMs: .max)
    try await stage.append(("replay/*", .replayRequested(requested)))
    let replay = ReplayID(try await stage.head())
    for number in 1...3 { try await stage.ask(number, of: (replay, other)) }
    let replays = Replays(stage.repository, world: stage.world, rules: AddressRules())
    try await replays.stop(replay, reason: "lunch")
    try await stage.deliver()
    try stage.forgetHoldKinds()
    let repository = try stage.repository(JournalWriter.Hooks())
    while try await !repository.writer.rebuildOlder() {}
    #expect(try await kinds() == [.known(.replayStopped)])
    try await repository.releaseCleared(in: stage.world)
    #expect(try await held(for: "replay/\(replay)") == 3)
    let resumed = ReplayResumed(replay: replay, reason: "back", dueAtMs: .max)
    try await stage.append(("replay/\(replay)", .replayResumed(resumed)))
    try await repository.releaseCleared(in: stage.world)
    open(3)
    try await stage.deliver()
    #expect(stage.received() == [1, 2, 3])
  }

  @Test func `what a later program holds for a reason of its own stays held`() async throws {
    try await stage.ask(1)
    let held = DeliveryHeld(
      delivery: "1", instance: 1, kind: .other("moon"), url: EngineStage.hook, reason: "new moon")
    try await stage.append(("delivery/1", .deliveryHeld(held)))
    try await stage.repository.releaseCleared(in: stage.world)
    #expect(try await kinds() == [.other("moon")])
  }

  /// What is held waits for things of these kinds.
  private func kinds() async throws -> [StoredWord<HoldKind>] {
    try await stage.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.heldGroups().map(\.kind)
    }
  }

  @Test func `an idle moment releases what is held without need`() async throws {
    let expected = try await withHeld(3)
    let before = stage.requests.count
    let worker = stage.worker
    open(expected.count)
    try await worker.work([.deliver], until: .nothingDue) { _ in }
    #expect(try await held() == 5)
    _ = try await stage.dies(after: 1) { repository, world in
      try await Replays(repository, world: world, rules: AddressRules())
        .enable(callback: EngineStage.hook, reason: "mended")
    }
    stage.pass(Limits.heldLookGap)
    try await worker.recover()
    #expect(try await held() == 0)
    try await stage.deliver(worker)
    #expect(stage.received(since: before) == expected)
  }

  @Test func `what is held for good reason stays held`() async throws {
    _ = try await withHeld(3)
    let before = try await stage.head()
    try await stage.repository.releaseCleared(in: stage.world)
    #expect(try await stage.head() == before)
    #expect(try await held() == 3)
  }
}
