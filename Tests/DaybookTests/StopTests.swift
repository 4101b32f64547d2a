import Domain
import Engine
import EventStore
import Events
import Synchronization
import Testing

@testable import Daybook

/// Sleeps until somebody ends the task.
private func untilCancelled() async {
  let (moments, never) = AsyncStream<Void>.makeStream()
  for await _ in moments {}
  never.finish()
}

/// Who stops begins nothing new, and loses nothing that was begun.
@Suite struct StopTests {
  private let folder: TestFolder
  private let made = MadeUpWorld()

  init() throws { folder = try TestFolder() }

  /// A journal with an instance that has so many notifications to be sent.
  private func opened(
    notifications: Int, concurrency: Int = 1,
    perform: @escaping @Sendable (Request, Engine.World) async -> Outcome
  ) async throws -> OpenedJournal {
    let plain = made.outside.engine
    var world = plain
    world.perform = { await perform($0, plain) }
    // Only attempts take time; who sleeps is woken at the end.
    world.sleep = { _ in await untilCancelled() }
    var options = JournalOptions()
    options.access = .whenNeeded
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.retries = .waits([.milliseconds(1)])
    options.attemptTimeout = .seconds(5)
    options.attemptsInFlight = concurrency
    let code = made.withSandbox { $0.code(at: $1) }
    let form = Array(instanceJSON(code: code, base: MadeUpWorld.base).utf8)
    let path = folder.path + "/daybook.journal"
    let journal = try Journal(path, options, in: Daybook.World(world))
    _ = try await journal.instances.create(form)
    let opened = try await journal.working()
    for number in 0...notifications {
      if number > 0 { made.withSandbox { $0.enter("Event \(number)", at: $1) } }
      made.pass(.seconds(1))
      _ = try await opened.poll(.all, isForced: false)
    }
    return opened
  }

  private func types(_ opened: OpenedJournal) async throws -> [String] {
    try await opened.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 10_000)
    }.map(\.type)
  }

  @Test(arguments: [(1, 3), (2, 6)])
  func `after the time that was given nothing is begun, whatever is due`(
    concurrency: Int, attempts: Int
  ) async throws {
    let made = made
    let opened = try await opened(notifications: 9, concurrency: concurrency) { request, world in
      // Each attempt takes a second.
      if request.reach == .callback { made.pass(.milliseconds(1_000 / concurrency)) }
      return await world.perform(request)
    }
    try await opened.deliver(until: opened.world.now() + .milliseconds(2_500)) { _ in }
    let types = try await types(opened)
    #expect(types.count { $0 == "delivery.attempted" } == attempts)
    #expect(types.count { $0 == "delivery.succeeded" } == attempts)
  }

  @Test func `a setting of the time of day neither shortens nor lengthens that`() async throws {
    let made = made
    let back = Mutex(Duration.zero)
    let opened = try await opened(notifications: 9) { request, world in
      if request.reach == .callback { made.pass(.seconds(1)) }
      return await world.perform(request)
    }
    var world = opened.world
    let now = world.now
    world.now = { now() - back.withLock { $0 } }
    world.perform = { request in
      back.withLock { $0 = .seconds(3_600) }
      made.pass(.seconds(1))
      return await made.outside.engine.perform(request)
    }
    let worker = Worker(
      opened.repository, connector: opened.connector, world: world, settings: opened.settings)
    let deadline = world.now() + .milliseconds(2_500)
    try await worker.work([.notify, .deliver], until: .idle(deadline: deadline)) { _ in }
    #expect(try await types(opened).count { $0 == "delivery.attempted" } == 3)
  }

  @Test func `who cancels a delivery waits for the attempt under way, and no other is begun`()
    async throws
  {
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let (answers, answer) = AsyncStream<Void>.makeStream()
    let opened = try await opened(notifications: 3) { request, world in
      if request.reach == .callback {
        arrived.yield()
        // As a receiver that takes its time; not as one that hears of our end.
        await Task { for await _ in answers { break } }.value
      }
      return await world.perform(request)
    }
    let reports = Mutex<[String]>([])
    let task = Task {
      try await opened.deliver(until: nil) { report in
        reports.withLock { $0.append(report.outcome) }
      }
    }
    for await _ in arrivals { break }
    task.cancel()
    answer.yield()
    try await task.value
    let types = try await types(opened)
    #expect(types.count { $0 == "delivery.attempted" } == 1)
    #expect(types.last == "delivery.succeeded")
    #expect(reports.withLock { $0 } == ["succeeded"])
  }

  @Test func `an exchange of one's own is not ended by cancelling a run`() async throws {
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let (answers, answer) = AsyncStream<Void>.makeStream()
    let made = made
    let plain = made.outside.engine
    let outer = Daybook.World(
      now: plain.now, uptime: plain.uptime,
      sleep: { _ in await untilCancelled() },
      chance: plain.chance,
      exchange: { exchange in
        if exchange.isCallback {
          arrived.yield()
          for await _ in answers { break }
          if Task.isCancelled { return .failure(HTTPFailure(.cancelled, "ended")) }
        }
        return made.exchange(exchange)
      })
    let first = try made.journal(in: folder, retryWaits: [.seconds(1)])
    let code = made.withSandbox { $0.code(at: $1) }
    _ = try await first.instances.create(instanceJSON(code: code, base: MadeUpWorld.base))
    _ = try await first.polls.run(.instance(1))
    made.withSandbox { $0.enter("Planning", at: $1) }
    _ = try await first.polls.run(.instance(1))
    let journal = try made.journal(in: folder, retryWaits: [.seconds(1)], outer)
    let task = Task { try await journal.run() }
    for await _ in arrivals { break }
    task.cancel()
    answer.yield()
    try await task.value
    let types = try await journal.events.rows().compactMap { $0["type"]?.string }
    #expect(types.contains("delivery.succeeded"))
    #expect(types.last == "run.stopped")
  }

  @Test func `a poll that is stopped goes on later from where it was`() async throws {
    let asked = Mutex(0)
    let opened = try await opened(notifications: 1) { request, world in
      asked.withLock { $0 += 1 }
      return await world.perform(request)
    }
    let before = try await types(opened).count
    asked.withLock { $0 = 0 }
    let reports = try await withThrowingTaskGroup(of: [PollReport].self) { group in
      group.cancelAll()
      group.addTask {
        try await opened.worker().poll(1).status == .skipped ? [] : [opened.worker().poll(1)]
      }
      return try await group.next()
    }
    #expect(reports?.isEmpty == true)
    #expect(asked.withLock { $0 } == 0)
    #expect(try await types(opened).count == before)
  }
}
