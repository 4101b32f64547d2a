import Daybook
import Domain
import Engine
import EventStore
import Events
import Synchronization
import Testing

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

  /// A desk with an instance that has so many notifications to be sent.
  private func desk(
    notifications: Int, concurrency: Int = 1,
    perform: @escaping @Sendable (Request, World) async -> Outcome
  ) async throws -> Desk {
    let plain = made.surroundings.world
    var world = plain
    world.perform = { await perform($0, plain) }
    // Only attempts take time; who sleeps is woken at the end.
    world.sleep = { _ in await untilCancelled() }
    let options = Desk.Options(
      googleURL: MadeUpWorld.base,
      engine: EngineSettings(
        retrySchedule: .waits([.milliseconds(1)]), timeout: .seconds(5), concurrency: concurrency,
        rules: try AddressRules(list: "127.0.0.1"), version: "test", process: 1))
    let code = made.withSandbox { $0.code(at: $1) }
    let form = Array(instanceJSON(code: code, base: MadeUpWorld.base).utf8)
    let path = folder.path + "/daybook.journal"
    let desk = try await Desk.create(form, in: path, options, world: world).desk
    for number in 0...notifications {
      if number > 0 { made.withSandbox { $0.enter("Event \(number)", at: $1) } }
      made.pass(.seconds(1))
      _ = try await desk.poll(.all, isForced: false)
    }
    return desk
  }

  private func types(_ desk: Desk) async throws -> [String] {
    try await desk.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 10_000)
    }.map(\.type)
  }

  @Test(arguments: [(1, 3), (2, 6)])
  func `after the time that was given nothing is begun, whatever is due`(
    concurrency: Int, attempts: Int
  ) async throws {
    let made = made
    let desk = try await desk(notifications: 9, concurrency: concurrency) { request, world in
      // Each attempt takes a second.
      if request.reach == .callback { made.pass(.milliseconds(1_000 / concurrency)) }
      return await world.perform(request)
    }
    try await desk.deliver(until: desk.world.now() + .milliseconds(2_500)) { _ in }
    let types = try await types(desk)
    #expect(types.count { $0 == "delivery.attempted" } == attempts)
    #expect(types.count { $0 == "delivery.succeeded" } == attempts)
  }

  @Test func `a setting of the time of day neither shortens nor lengthens that`() async throws {
    let made = made
    let back = Mutex(Duration.zero)
    let desk = try await desk(notifications: 9) { request, world in
      if request.reach == .callback { made.pass(.seconds(1)) }
      return await world.perform(request)
    }
    var world = desk.world
    let now = world.now
    world.now = { now() - back.withLock { $0 } }
    world.perform = { request in
      back.withLock { $0 = .seconds(3_600) }
      made.pass(.seconds(1))
      return await made.surroundings.world.perform(request)
    }
    let worker = Worker(
      desk.repository, connector: desk.connector, world: world, settings: desk.settings)
    let deadline = world.now() + .milliseconds(2_500)
    try await worker.work([.notify, .deliver], until: .idle(deadline: deadline)) { _ in }
    #expect(try await types(desk).count { $0 == "delivery.attempted" } == 3)
  }

  @Test func `who cancels a delivery waits for the attempt under way, and no other is begun`()
    async throws
  {
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let (answers, answer) = AsyncStream<Void>.makeStream()
    let desk = try await desk(notifications: 3) { request, world in
      if request.reach == .callback {
        arrived.yield()
        // As a receiver that takes its time; not as one that hears of our end.
        await Task { for await _ in answers { break } }.value
      }
      return await world.perform(request)
    }
    let reports = Mutex<[String]>([])
    let task = Task {
      try await desk.deliver(until: nil) { report in
        reports.withLock { $0.append(report.outcome) }
      }
    }
    for await _ in arrivals { break }
    task.cancel()
    answer.yield()
    try await task.value
    let types = try await types(desk)
    #expect(types.count { $0 == "delivery.attempted" } == 1)
    #expect(types.last == "delivery.succeeded")
    #expect(reports.withLock { $0 } == ["succeeded"])
  }

  @Test func `an exchange of one's own is not ended by cancelling a run`() async throws {
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let (answers, answer) = AsyncStream<Void>.makeStream()
    let made = made
    let plain = made.surroundings.world
    let outer = Surroundings(
      now: plain.now, uptime: plain.uptime,
      sleep: { _ in await untilCancelled() },
      chance: plain.chance,
      exchange: { request in
        if request.isCallback {
          arrived.yield()
          for await _ in answers { break }
          if Task.isCancelled { return .failure(WebFailure(.cancelled, "ended")) }
        }
        return made.exchange(request)
      })
    let first = try made.keeper(in: folder, retryWaits: [.seconds(1)])
    let code = made.withSandbox { $0.code(at: $1) }
    _ = try await first.createInstance(instanceJSON(code: code, base: MadeUpWorld.base))
    _ = try await first.poll(instance: 1)
    made.withSandbox { $0.enter("Planning", at: $1) }
    _ = try await first.poll(instance: 1)
    let keeper = try made.keeper(in: folder, retryWaits: [.seconds(1)], outer)
    let task = Task { try await keeper.run() }
    for await _ in arrivals { break }
    task.cancel()
    answer.yield()
    try await task.value
    let types = try await keeper.events().map(\.type)
    #expect(types.contains("delivery.succeeded"))
    #expect(types.last == "run.stopped")
  }

  @Test func `a poll that is stopped goes on later from where it was`() async throws {
    let asked = Mutex(0)
    let desk = try await desk(notifications: 1) { request, world in
      asked.withLock { $0 += 1 }
      return await world.perform(request)
    }
    let before = try await types(desk).count
    asked.withLock { $0 = 0 }
    let reports = try await withThrowingTaskGroup(of: [PollReport].self) { group in
      group.cancelAll()
      group.addTask {
        try await desk.worker().poll(1).status == .skipped ? [] : [desk.worker().poll(1)]
      }
      return try await group.next()
    }
    #expect(reports?.isEmpty == true)
    #expect(asked.withLock { $0 } == 0)
    #expect(try await types(desk).count == before)
  }
}
