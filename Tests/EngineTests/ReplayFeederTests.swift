import Domain
import EventStore
import Events
import TestSupport
import Testing

@testable import Engine

/// The deliveries of a replay are asked for bit by bit, no faster than the replay may go.
@Suite struct ReplayFeederTests {
  private let stage: EngineStage
  private static let other = "https://example.com/other"

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
    try await stage.found([], cursor: "one")
  }

  /// Deliveries that have arrived, each of one change.
  private func arrived(_ count: Int) async throws {
    for number in 1...count {
      let poll = try await stage.found(["n\(number)-1"], cursor: "\(number)").position
      _ = try await stage.notifier.notify(try #require(poll))
    }
    stage.always("example.com", 200)
    try await stage.deliver()
    #expect(stage.requests.count == count)
  }

  private var replays: Replays {
    Replays(stage.repository, world: stage.world, rules: AddressRules())
  }

  private func replay(
    rate: Int? = nil, concurrency: Int? = nil, mode: DeliveryMode = .exact
  ) async throws -> ReplayID {
    try await stage.repository.writer.catchUp()
    let reader = stage.repository.reader
    let chosen =
      mode == .exact
      ? try await Replays.selectExact(ReportQuery(.deliveries), for: Self.other, from: reader)
      : try await Replays.selectRebuilt(
        ReportQuery(.changes), for: Self.other, by: stage.connector, from: reader)
    return try await replays.request(
      chosen,
      Replays.Order(
        url: Self.other, mode: mode, rate: rate, concurrency: concurrency, hasCredentials: false,
        reason: nil))
  }

  /// How long after now each of those asked for since is due, in milliseconds.
  private func waits(since position: Int64) async throws -> [Int64] {
    try await stage.requested(since: position).map { $0.dueAtMs - stage.now.milliseconds }
  }

  @Test func `without a rate as many as go into an append are asked for, due at once`() async throws
  {
    try await arrived(Limits.deliveriesPerAppend + 3)
    let replay = try await replay(concurrency: 3)
    let feeder = stage.replayFeeder
    let first = try #require(try await feeder.feed(replay, dueAt: stage.now))
    #expect(first.count == Limits.deliveriesPerAppend && first.concurrency == 3)
    let second = try #require(try await feeder.feed(replay, dueAt: stage.now))
    #expect(second.count == 3)
    #expect(try #require(try await feeder.feed(replay, dueAt: stage.now)).count == 0)
    #expect(try await waits(since: replay.position).allSatisfy { $0 == 0 })
  }

  @Test func `with a rate a tenth of a second's worth is asked for, as far apart`() async throws {
    try await arrived(8)
    let replay = try await replay(rate: 20)
    let feeder = stage.replayFeeder
    for _ in 1...4 {
      #expect(try #require(try await feeder.feed(replay, dueAt: stage.now)).count == 2)
    }
    #expect(try await waits(since: replay.position) == (0..<8).map { $0 * 50 })
  }

  @Test func `one that nobody asked for in time goes on at its rate, and makes up for nothing`()
    async throws
  {
    try await arrived(4)
    let replay = try await replay(rate: 1)
    let feeder = stage.replayFeeder
    let dueAt = stage.now
    _ = try await feeder.feed(replay, dueAt: dueAt)
    stage.pass(.seconds(3_600))
    let head = try await stage.head()
    _ = try await feeder.feed(replay, dueAt: dueAt)
    _ = try await feeder.feed(replay, dueAt: dueAt)
    #expect(try await waits(since: head) == [1_000, 2_000])
  }

  @Test func `one that is stopped asks for nothing, and goes on where it was`() async throws {
    try await arrived(3)
    let replay = try await replay(rate: 1)
    let feeder = stage.replayFeeder
    _ = try await feeder.feed(replay, dueAt: stage.now)
    try await replays.stop(replay, reason: "lunch")
    #expect(try await feeder.feed(replay, dueAt: stage.now) == nil)
    stage.pass(.seconds(3_600))
    try await replays.resume(replay, reason: "back")
    let again = try #require(try await stage.replayFeeder.feed(replay, dueAt: stage.now))
    #expect(again.count == 1)
    #expect(try await stage.requested(since: replay.position).map(\.place) == [0, 1])
  }

  @Test func `what a stop has held goes first, also where the process died that resumed it`()
    async throws
  {
    try await arrived(3)
    let replay = try await replay(rate: 1)
    let feeder = stage.replayFeeder
    _ = try await feeder.feed(replay, dueAt: stage.now)
    try await replays.stop(replay, reason: "lunch")
    stage.pass(.seconds(5))
    try await stage.deliver()
    let head = try await stage.head()
    try await stage.append(
      (
        "replay/\(replay)",
        .replayResumed(
          ReplayResumed(replay: replay, reason: "back", dueAtMs: stage.now.milliseconds))
      ))
    #expect(try #require(try await feeder.feed(replay, dueAt: stage.now)).count == 1)
    let told = try await stage.events(after: head + 1)
    #expect(told.map(\.type) == ["delivery.released", "delivery.requested"])
    #expect(try await waits(since: head) == [1_000])
  }

  @Test func `after a crash another process asks for the rest, and for nothing twice`() async throws
  {
    let count = Limits.deliveriesPerAppend + 7
    try await arrived(count)
    let replay = try await replay()
    let stage = stage
    let hasDied = try await stage.dies(after: 1) { repository, world in
      let feeder = ReplayFeeder(repository, connector: stage.connector, world: world)
      for _ in 1...2 { _ = try await feeder.feed(replay, dueAt: stage.now) }
    }
    #expect(hasDied)
    #expect(try #require(try await stage.replayFeeder.feed(replay, dueAt: stage.now)).count == 7)
    let asked = try await stage.requested(since: replay.position)
    #expect(asked.map(\.place) == Array(0..<count))
    #expect(Set(asked.map(\.delivery)).count == count)
  }

  @Test func `an exact one sends the recorded bytes under the recorded id`() async throws {
    try await arrived(2)
    let before = try await stage.requested(since: 0)
    let replay = try await replay()
    _ = try await stage.replayFeeder.feed(replay, dueAt: stage.now)
    let asked = try await stage.requested(since: replay.position)
    #expect(asked.map(\.notification) == before.map(\.notification))
    #expect(asked.map(\.body) == before.map(\.body))
    #expect(asked.map(\.delivery) == before.map { DeliveryID(of: $0.notification, in: replay) })
    #expect(asked.allSatisfy { $0.url == Self.other && !$0.hasCredentials })
  }

  @Test func `one that is rendered anew tells the same changes under other ids`() async throws {
    try await arrived(2)
    let before = try await stage.requested(since: 0)
    let replay = try await replay(mode: .rebuilt)
    _ = try await stage.replayFeeder.feed(replay, dueAt: stage.now)
    let asked = try await stage.requested(since: replay.position)
    #expect(asked.map(\.changes) == before.map(\.changes))
    #expect(Set(asked.map(\.notification)).isDisjoint(with: before.map(\.notification)))
    #expect(asked.map(\.sequence) == before.map(\.sequence))
  }

  @Test func `it ends once all of its deliveries have come to an end, and once`() async throws {
    try await arrived(2)
    let replay = try await replay()
    let feeder = stage.replayFeeder
    #expect(try await !feeder.complete(replay))
    _ = try await feeder.feed(replay, dueAt: stage.now)
    #expect(try await !feeder.complete(replay))
    let deliverer = Deliverer(stage.repository, world: stage.world, settings: EngineSettings())
    let begun = await deliverer.record(
      begin: try await stage.requested(since: replay.position).map { "delivery/\($0.delivery)" })
    let conclusions = try await deliverer.conclusions(
      of: begun.attempts.map { AnsweredAttempt(attempt: $0, outcome: .reply(Reply(status: 200))) })
    _ = await deliverer.record(conclusions)
    #expect(try await feeder.complete(replay))
    #expect(try await !feeder.complete(replay))
    let row = try await stage.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.replay(replay)
    }
    #expect(row?.state == "completed" && row?.succeeded == 2)
  }
}
