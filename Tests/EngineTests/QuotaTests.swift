import Domain
import EventStore
import Events
import Testing

@testable import Engine

/// A user's quota with the provider is kept by waiting, each instance's by itself.
@Suite struct QuotaTests {
  private let stage: EngineStage
  private let poller: Poller

  init() throws {
    stage = try EngineStage()
    poller = stage.poller()
  }

  private func request(_ units: Int) -> Request {
    Request(
      .get, "https://gmail.googleapis.com/gmail/v1/users/me/messages", reach: .provider,
      bounds: ExchangeBounds(
        connect: .seconds(1), total: .seconds(1), keptBytesMax: 1, readBytesMax: 1, mayCut: false),
      quotaUnits: units)
  }

  /// How long a request waits for its turn.
  private func wait(_ units: Int, of instance: InstanceID = 1) async -> Duration {
    let before = stage.now
    _ = await poller.perform(request(units), of: instance)
    return stage.now - before
  }

  @Test func `units are spent at once up to the bound, and then as they come back`() async {
    #expect(await wait(600) == .zero)
    #expect(await wait(400) == .zero)
    // 5,000 a minute: 12 ms each.
    #expect(await wait(100) == .milliseconds(1_200))
    #expect(await wait(50) == .milliseconds(600))
  }

  @Test func `a pause fills the store again, and no more than that`() async {
    #expect(await wait(1_000) == .zero)
    stage.pass(.seconds(3_600))
    #expect(await wait(1_000) == .zero)
    #expect(await wait(5) == .milliseconds(60))
  }

  @Test func `one instance does not wait for another's quota`() async {
    #expect(await wait(1_000, of: 1) == .zero)
    #expect(await wait(1_000, of: 2) == .zero)
    #expect(await wait(100, of: 1) == .milliseconds(1_200))
  }

  @Test func `a request that costs nothing waits for nothing`() async {
    #expect(await wait(1_000) == .zero)
    #expect(await wait(0) == .zero)
  }

  @Test func `while a poll waits, another one may begin`() async {
    let admission = Admission(attemptsMax: 1)
    let poller = stage.poller(admission: admission)
    func task(_ number: Int) -> DueTask {
      DueTask(
        .poll(feed: FeedID(Int64(number))), dueAt: stage.now, instance: InstanceID(Int64(number)),
        since: 1)
    }
    for number in 1...Limits.pollsInFlight { _ = admission.control.admit(task(number)) }
    #expect(admission.control.admit(task(1_000)) == .full)
    for _ in 1...2 { _ = await poller.perform(request(1_000), of: 1) }
    // It has gone on, and its place is taken again.
    #expect(admission.control.admit(task(1_000)) == .full)
    let isPaused = admission.control.pausePoll()
    #expect(isPaused && admission.control.admit(task(1_000)) == .take)
  }
}
