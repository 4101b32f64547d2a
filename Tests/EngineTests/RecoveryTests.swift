import Domain
import EventStore
import Events
import TestSupport
import Testing

@testable import Engine

/// A process that comes after one that died takes up each delivery where its stream left it.
@Suite struct RecoveryTests {
  private let stage: EngineStage
  private static let stream: StreamName = "delivery/1"

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
    try await stage.ask(1)
  }

  private func deliverer(_ settings: EngineSettings = EngineSettings()) -> Deliverer {
    Deliverer(stage.repository, world: stage.world, settings: settings)
  }

  private func worker(_ settings: EngineSettings = EngineSettings()) -> Worker {
    Worker(
      stage.repository, connector: stage.connector, world: stage.world, settings: settings)
  }

  /// Makes an attempt, whose answer is recorded unless the process dies before.
  private func attempt(_ outcome: Outcome?) async throws {
    let deliverer = deliverer()
    let begun = await deliverer.record(begin: [Self.stream])
    let attempt = try #require(begun.attempts.first)
    guard let outcome else { return }
    _ = await deliverer.record(
      try await deliverer.conclusions(of: [AnsweredAttempt(attempt: attempt, outcome: outcome)]))
  }

  private func status() async throws -> Delivery.Status {
    try await stage.repository.delivery(Self.stream).status
  }

  /// Every event type that `recover` appends.
  private func recovered(_ settings: EngineSettings = EngineSettings()) async throws -> [String] {
    let head = try await stage.head()
    try await worker(settings).recover()
    return try await stage.told(since: head)
  }

  @Test func `one that was asked for stays due`() async throws {
    #expect(try await recovered() == [])
    stage.always("example.com", 200)
    try await stage.deliver()
    #expect(stage.received() == [1])
  }

  @Test func `an attempt whose outcome was lost counts, and is made again under the same id`()
    async throws
  {
    try await attempt(nil)
    #expect(try await recovered() == ["delivery.unknown delivery/1"])
    #expect(try await recovered() == [])
    stage.always("example.com", 200)
    try await stage.deliver()
    // Not at once: it waits as after a failure.
    #expect(stage.received() == [])
    stage.pass(.seconds(10))
    try await stage.deliver()
    #expect(stage.received() == [1])
    let numbers = stage.requests.compactMap { request in
      request.headers.first { $0.name == "Daybook-Attempt" }?.value
    }
    #expect(numbers == ["2"])
  }

  @Test func `an attempt that was the last ends it, though nobody knows whether it arrived`()
    async throws
  {
    try await attempt(nil)
    let settings = EngineSettings(retrySchedule: .waits([]))
    #expect(
      try await recovered(settings)
        == ["delivery.unknown delivery/1", "delivery.exhausted delivery/1"])
    #expect(try await status() == .exhausted)
  }

  @Test func `one that failed waits as long as it would have`() async throws {
    try await attempt(.reply(Reply(status: 503)))
    let before = try await stage.repository.reader.read { view throws(JournalError) in
      try view.nextDue([.deliver], after: Moment(milliseconds: .min))
    }
    #expect(try await recovered() == [])
    let after = try await stage.repository.reader.read { view throws(JournalError) in
      try view.nextDue([.deliver], after: Moment(milliseconds: .min))
    }
    #expect(before != nil && before == after)
  }

  @Test func `one that has arrived is left alone`() async throws {
    try await attempt(.reply(Reply(status: 200)))
    #expect(try await recovered() == [])
    stage.pass(.seconds(864_000))
    try await stage.deliver()
    #expect(stage.received() == [])
  }

  @Test func `one that is held for good reason stays held, and goes once the reason is over`()
    async throws
  {
    let replays = Replays(stage.repository, world: stage.world, rules: AddressRules())
    try await replays.disable(callback: EngineStage.hook, reason: "holidays")
    try await stage.deliver()
    #expect(try await status() == .held)
    #expect(try await recovered() == [])
    // Whoever enabled it died before anything was released.
    try await stage.append(
      (
        StreamName.callback(EngineStage.hook),
        .callbackEnabled(CallbackEnabled(url: EngineStage.hook, reason: "back"))
      ))
    #expect(try await recovered() == ["delivery.released delivery/1"])
    stage.always("example.com", 200)
    try await stage.deliver()
    #expect(stage.received() == [1])
  }

  @Test func `many attempts that were under way are all found`() async throws {
    let count = Limits.tasksPerRound + 10
    for number in 2...count { try await stage.ask(number) }
    let begun = await deliverer().record(begin: (1...count).map { "delivery/\($0)" })
    #expect(begun.attempts.count == count)
    #expect(try await recovered().count == count)
  }

  @Test func `where another process is faster, its word counts`() async throws {
    try await attempt(nil)
    let other = try stage.repository(JournalWriter.Hooks())
    try await Worker(
      other, connector: stage.connector, world: stage.world, settings: EngineSettings()
    ).recover()
    let head = try await stage.head()
    try await worker().recover()
    #expect(try await stage.told(since: head) == [])
  }
}
