import Domain
import EventStore
import Events
import TestSupport
import Testing

@testable import Engine

/// Attempts are recorded together before any of them is sent, and their outcomes together after.
@Suite struct DelivererTests {
  private let stage: EngineStage
  private let deliverer: Deliverer

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
    deliverer = Deliverer(stage.repository, world: stage.world, settings: EngineSettings())
  }

  private static func streams(_ numbers: ClosedRange<Int>) -> [StreamName] {
    numbers.map { "delivery/\($0)" }
  }

  private func ask(_ numbers: ClosedRange<Int>) async throws {
    for number in numbers { try await stage.ask(number) }
  }

  private static func answer(_ status: Int) -> Outcome { .reply(Reply(status: status)) }

  /// Records what came of attempts.
  @discardableResult
  private func conclude(_ answered: [AnsweredAttempt]) async throws -> [AttemptReport] {
    let recorded = await deliverer.record(try await deliverer.conclusions(of: answered))
    if let failure = recorded.failure { throw failure }
    return recorded.ended
  }

  /// The attempts with what came of each.
  private static func answered(_ begun: Deliverer.Recorded, _ statuses: Int...) -> [AnsweredAttempt]
  {
    zip(begun.attempts, statuses).map { attempt, status in
      AnsweredAttempt(attempt: attempt, outcome: answer(status))
    }
  }

  @Test func `every attempt is recorded in order and nothing is sent by that`() async throws {
    try await ask(1...3)
    let head = try await stage.head()
    let begun = await deliverer.record(begin: Self.streams(1...3))
    #expect(begun.attempts.map(\.stream) == Self.streams(1...3))
    #expect(begun.attempts.map(\.position) == [head + 1, head + 2, head + 3])
    #expect(
      try await stage.told(since: head)
        == Self.streams(1...3).map { "delivery.attempted \($0)" })
    #expect(stage.requests.isEmpty)
  }

  @Test func `a delivery that somebody is at is not begun again`() async throws {
    try await ask(1...2)
    _ = await deliverer.record(begin: Self.streams(1...1))
    let begun = await deliverer.record(begin: Self.streams(1...2))
    #expect(begun.attempts.map(\.stream) == Self.streams(2...2))
    #expect(begun.conflict == nil)
  }

  @Test func `a task that is cancelled begins nothing`() async throws {
    try await ask(1...2)
    let head = try await stage.head()
    let (stage, streams) = (stage, Self.streams(1...2))
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await Deliverer(stage.repository, world: stage.world, settings: EngineSettings())
        .record(begin: streams).attempts.count
    }
    #expect(await task.value == 0)
    #expect(try await stage.told(since: head) == [])
  }

  @Test func `outcomes are recorded each for itself, caused by its attempt`() async throws {
    try await ask(1...3)
    let begun = await deliverer.record(begin: Self.streams(1...3))
    let head = try await stage.head()
    let reports = try await conclude(Self.answered(begun, 200, 503, 204))
    #expect(reports.map(\.outcome) == ["succeeded", "failed", "succeeded"])
    #expect(reports.map(\.position) == begun.attempts.map(\.position))
    #expect(
      try await stage.told(since: head) == [
        "delivery.succeeded delivery/1", "delivery.failed delivery/2",
        "delivery.succeeded delivery/3",
      ])
    #expect(
      try await stage.events(after: head).map(\.cause) == begun.attempts.map(\.position))
  }

  @Test func `an attempt names its occasion, and its outcome the times of its steps`() async throws
  {
    try await ask(1...1)
    let times = ExchangeTimes(name: 1, connect: 2, tls: 3, firstByte: 40, end: 50)
    for status in [503, 200] {
      let begun = await deliverer.record(begin: Self.streams(1...1))
      let attempt = try #require(begun.attempts.first)
      let reply = Reply(status: status, times: times)
      try await conclude([AnsweredAttempt(attempt: attempt, outcome: .reply(reply))])
      stage.pass(.seconds(10))
    }
    var triggers: [AttemptTrigger?] = []
    var recorded: [ExchangeTimes] = []
    for row in try await stage.events(after: 0) {
      let event = try row.event()
      switch event {
      case .deliveryAttempted(let body): triggers.append(body.trigger?.known)
      case .deliverySucceeded, .deliveryFailed: recorded.append(event.times)
      default: break
      }
    }
    #expect(triggers == [.schedule, .retry])
    #expect(recorded == [times, times])
  }

  @Test func `outcomes and the attempts that follow are recorded in one commit`() async throws {
    try await ask(1...4)
    let stage = stage
    let hasDied = try await stage.dies(after: 2) { repository, world in
      let deliverer = Deliverer(repository, world: world, settings: EngineSettings())
      let begun = await deliverer.record(begin: Self.streams(1...2))
      let ended = try await deliverer.conclusions(of: Self.answered(begun, 200, 503))
      let next = await deliverer.record(ended, begin: Self.streams(3...4))
      #expect(next.ended.count == 2 && next.attempts.count == 2)
      if let failure = await deliverer.record(begin: Self.streams(3...3)).failure { throw failure }
    }
    // Nothing more was written.
    #expect(!hasDied)
    #expect(
      try await stage.events(after: 0).suffix(4).map(\.type) == [
        "delivery.succeeded", "delivery.failed", "delivery.attempted", "delivery.attempted",
      ])
  }

  @Test func `a receiver that refuses several is told of once, and is well once it takes one`()
    async throws
  {
    try await ask(1...5)
    let begun = await deliverer.record(begin: Self.streams(1...3))
    try await conclude(Self.answered(begun, 404, 404, 404))
    #expect(try await stage.openNotices() == ["callback-refuses"])
    let head = try await stage.head()
    let more = await deliverer.record(begin: Self.streams(4...5))
    try await conclude(Self.answered(more, 200, 200))
    #expect(try await stage.openNotices() == [])
    #expect(
      try await stage.told(since: head).count { $0.hasPrefix("notice.closed") } == 1)
  }

  @Test func `an answer 410 among others disables the callback once and holds its own`()
    async throws
  {
    try await ask(1...4)
    let begun = await deliverer.record(begin: Self.streams(1...3))
    let head = try await stage.head()
    try await conclude(Self.answered(begun, 410, 200, 410))
    let told = try await stage.told(since: head)
    #expect(told.count { $0.hasPrefix("callback.disabled") } == 1)
    #expect(told.count { $0.hasPrefix("delivery.held") } == 2)
    let next = await deliverer.record(begin: Self.streams(4...4))
    #expect(next.attempts.isEmpty)
    #expect(next.settled.map(\.report.outcome) == ["held"])
  }

  @Test func `attempts whose process died before their outcomes count as unknown`() async throws {
    try await ask(1...3)
    _ = await deliverer.record(begin: Self.streams(1...3))
    let head = try await stage.head()
    try await stage.worker.recover()
    #expect(
      try await stage.told(since: head)
        == Self.streams(1...3).map { "delivery.unknown \($0)" })
  }

  @Test func `a process that dies before its attempts are recorded has sent nothing`()
    async throws
  {
    try await ask(1...3)
    let head = try await stage.head()
    let hasDied = try await stage.dies(after: 0) { repository, world in
      let begun = await Deliverer(repository, world: world, settings: EngineSettings())
        .record(begin: Self.streams(1...3))
      #expect(begun.attempts.isEmpty)
      if let failure = begun.failure { throw failure }
    }
    #expect(hasDied)
    #expect(try await stage.told(since: head) == [])
  }

  @Test func `what waits is sent once each, however many are begun together`() async throws {
    try await ask(1...40)
    stage.always("example.com", 200)
    try await stage.worker.work([.deliver], until: .nothingDue) { _ in }
    #expect(stage.received().sorted() == Array(1...40))
  }
}
