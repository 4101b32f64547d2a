import Engine
import EventStore
import Events
import Sandbox
import Testing

@testable import Daybook

/// How fast a replay goes that asked for a rate, whenever it is worked on.
@Suite struct ReplayRateTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private let other = "\(MadeUpWorld.base)/receiver/other"

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(600), .seconds(600)])
  }

  /// A replay of five notifications that nobody has worked on yet.
  private func requested(rate: Int) async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    let id = try await journal.instances.create(instanceJSON(code: code, base: MadeUpWorld.base)).id
    for count in 0...5 {
      _ = try await journal.polls.run(.instance(id))
      world.pass(.seconds(60))
      world.withSandbox { $0.enter("Planning \(count)", at: $1) }
    }
    try await journal.deliveries.deliver()
    var options = ReplayOptions()
    options.ratePerSecond = rate
    return try await journal.replays.request(journal.replays.plan(to: other), options)
  }

  /// Does what is due, and looks again every twenty milliseconds.
  private func work(
    for time: Duration, _ kinds: Set<DueTask.Kind> = [.replay, .deliver]
  )
    async throws
  {
    let worker = try await journal.working().worker()
    for _ in 0...Int(time / Duration.milliseconds(20)) {
      while try await worker.step(kinds) != nil {}
      world.pass(.milliseconds(20))
    }
  }

  /// How far apart its attempts began, in milliseconds.
  private func gaps(_ replay: Int64) async throws -> [Int64] {
    var times: [Int64] = []
    for row in try await rows(replay) {
      if case .deliveryAttempted(let body) = try row.event() { times.append(body.sentAtMs) }
    }
    return zip(times, times.dropFirst()).map { $1 - $0 }
  }

  private func rows(_ replay: Int64) async throws -> [RecordedEvent] {
    let all = try await journal.working().repository.reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    return all.filter { $0.stream.text.hasSuffix("/replay/\(replay)") }
  }

  @Test func `one that is worked on goes as fast as it asked for`() async throws {
    let replay = try await requested(rate: 4)
    try await work(for: .seconds(3))
    #expect(try await gaps(replay).allSatisfy { (240...260).contains($0) })
    #expect(try await journal.replays.row(replay)["succeeded"] == .integer(5))
  }

  @Test func `one that nobody worked on in time does not make up for it`() async throws {
    let replay = try await requested(rate: 1)
    world.pass(.seconds(3_600))
    try await work(for: .seconds(5))
    let gaps = try await gaps(replay)
    #expect(gaps == [1_000, 1_000, 1_000, 1_000], "\(gaps)")
  }

  @Test func `of what was asked for before a break little goes at once`() async throws {
    let replay = try await requested(rate: 1)
    try await work(for: .zero, [.replay])
    world.pass(.seconds(3_600))
    try await work(for: .seconds(5))
    let gaps = try await gaps(replay)
    // The first, and the next one: asked for as the first comes due.
    #expect(gaps == [0, 1_000, 1_000, 1_000], "\(gaps)")
  }

  @Test func `one that was stopped goes on as slowly`() async throws {
    let replay = try await requested(rate: 1)
    try await work(for: .milliseconds(1_500))
    try await journal.replays.stop(replay, reason: "lunch")
    world.pass(.seconds(3_600))
    try await work(for: .zero)
    try await journal.replays.resume(replay, reason: "back")
    try await work(for: .seconds(5))
    let gaps = try await gaps(replay)
    #expect(gaps.count == 4 && gaps.allSatisfy { $0 >= 1_000 }, "\(gaps)")
    #expect(gaps.suffix(2) == [1_000, 1_000], "\(gaps)")
  }

  @Test func `what was released and had to wait for somebody goes as slowly`() async throws {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/other", [.init(status: 503, times: 5)])
    }
    let replay = try await requested(rate: 1)
    try await work(for: .seconds(5))
    try await journal.replays.stop(replay, reason: "it is down")
    world.pass(.seconds(3_600))
    try await journal.deliveries.deliver()
    try await journal.replays.resume(replay, reason: "it is up")
    // Nobody is there to send them as they come due.
    world.pass(.seconds(3_600))
    try await work(for: .seconds(5))
    let gaps = try await gaps(replay)
    #expect(gaps.suffix(4) == [0, 1_000, 1_000, 1_000], "\(gaps)")
    #expect(try await journal.replays.row(replay)["succeeded"] == .integer(5))
  }

  @Test func `what failed before a stop is waited for after it, one by one`() async throws {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/other", [.init(status: 503, times: 5)])
    }
    let replay = try await requested(rate: 1)
    try await work(for: .seconds(5))
    try await journal.replays.stop(replay, reason: "it is down")
    world.pass(.seconds(3_600))
    try await journal.deliveries.deliver()
    #expect(try await rows(replay).count { $0.type == "delivery.held" } == 5)
    try await journal.replays.resume(replay, reason: "it is up")
    try await journal.replays.finish(replay)
    let gaps = try await gaps(replay)
    #expect(gaps.count == 9 && gaps.suffix(4).allSatisfy { $0 >= 1_000 }, "\(gaps)")
    #expect(try await journal.replays.row(replay)["succeeded"] == .integer(5))
  }
}
