import Domain
import EventStore
import Events
import TestSupport
import Testing

@testable import Engine

/// When an attempt that failed is made again, as it is recorded.
@Suite struct RetryTests {
  private let stage: EngineStage
  private static let stream: StreamName = "delivery/1"

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
    try await stage.ask(1)
  }

  /// Has every attempt end so, each as soon as it is due.
  ///
  /// - Returns: The waits between them, and what the last one came to.
  private func waits(
    _ schedule: RetrySchedule, _ outcome: (_ attempt: Int) -> Outcome
  ) async throws -> (waits: [Duration], outcome: String) {
    let settings = EngineSettings(retrySchedule: schedule)
    let deliverer = Deliverer(stage.repository, world: stage.world, settings: settings)
    var waits: [Duration] = []
    for number in 1...20 {
      let begun = await deliverer.record(begin: [Self.stream])
      let attempt = try #require(begun.attempts.first)
      let conclusions = try await deliverer.conclusions(
        of: [AnsweredAttempt(attempt: attempt, outcome: outcome(number))])
      let report = try #require(await deliverer.record(conclusions).ended.first)
      guard let next = report.nextAt else { return (waits, report.outcome) }
      waits.append(next - stage.now)
      stage.pass(next - stage.now - .milliseconds(1))
      #expect(await deliverer.record(begin: [Self.stream]).attempts.isEmpty)
      stage.pass(.milliseconds(1))
    }
    Issue.record("it goes on for ever")
    return (waits, "")
  }

  private static func refused(_ status: Int, retryAfter: String? = nil) -> Outcome {
    .reply(
      Reply(status: status, headers: retryAfter.map { [Header("Retry-After", $0)] } ?? []))
  }

  @Test func `the standard schedule is kept within its jitter, and then it gives up`() async throws
  {
    let (waits, outcome) = try await waits(.standard) { _ in Self.refused(503) }
    #expect(waits.count == RetrySchedule.standardWaits.count)
    for (wait, planned) in zip(waits, RetrySchedule.standardWaits) {
      #expect(wait >= planned * 0.8 && wait <= planned * 1.2, "\(wait) for \(planned)")
    }
    #expect(outcome == "exhausted")
    // What was drawn is drawn anew each time.
    let parts = zip(waits, RetrySchedule.standardWaits).map { $0 / $1 }
    #expect(Set(parts).count > 5)
  }

  @Test func `a receiver that asks for more gets it, up to a day, and never less`() async throws {
    let asked = ["3600", "1", "999999", nil]
    let (waits, _) = try await waits(.waits([.seconds(10), .seconds(10), .seconds(10)])) {
      Self.refused(429, retryAfter: asked[$0 - 1])
    }
    #expect(waits.count == 3)
    #expect(waits[0] >= .seconds(3_600) && waits[0] < .seconds(4_400))
    #expect(waits[1] >= .seconds(8) && waits[1] <= .seconds(12))
    #expect(waits[2] >= .seconds(86_400) && waits[2] <= .seconds(104_000))
  }

  @Test(arguments: [NetworkFailure.Kind.refused, .timedOut, .nameNotFound, .tls, .garbled])
  func `a network that fails is tried again as a receiver that does`(
    kind: NetworkFailure.Kind
  ) async throws {
    let (waits, outcome) = try await waits(.waits([.seconds(10)])) { _ in
      .failed(NetworkFailure(kind, "as it may be"))
    }
    #expect(waits.count == 1 && outcome == "exhausted")
  }

  @Test func `an answer that arrives at last ends it`() async throws {
    let (waits, outcome) = try await waits(.standard) { Self.refused($0 < 4 ? 500 : 204) }
    #expect(waits.count == 3 && outcome == "succeeded")
    let delivery = try await stage.repository.delivery(Self.stream)
    #expect(delivery.attempts == 4 && !delivery.isOpen)
  }

  @Test(arguments: [301, 302, 307, 400, 404, 418, 500, 599])
  func `whatever is no success is tried again, a redirect too`(status: Int) async throws {
    let (waits, outcome) = try await waits(.waits([.seconds(10)])) { _ in Self.refused(status) }
    #expect(waits.count == 1 && outcome == "exhausted")
  }

  @Test func `released by a person after it gave up, it has the whole schedule again`()
    async throws
  {
    let schedule = RetrySchedule.waits([.seconds(10), .seconds(20)])
    let first = try await waits(schedule) { _ in Self.refused(500) }
    _ = try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .redeliver(Self.stream)
    let second = try await waits(schedule) { _ in Self.refused(500) }
    #expect(first.waits.count == 2 && second.waits.count == 2)
    #expect(try await stage.repository.delivery(Self.stream).attempts == 6)
  }
}
