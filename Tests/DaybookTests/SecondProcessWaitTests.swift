import Domain
import Engine
import EventStore
import Events
import FoundationEssentials
import Synchronization
import Testing

@testable import Daybook

/// What is done beside another process, and what is left where nothing can be made.
@Suite struct SecondProcessWaitTests {
  private let folder: TestFolder
  private let made = MadeUpWorld()

  init() throws { folder = try TestFolder() }

  private var path: String { folder.path + "/daybook.journal" }

  private func journal(_ world: Engine.World) throws -> Journal {
    var options = JournalOptions()
    options.access = .whenNeeded
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.attemptTimeout = .seconds(5)
    options.attemptsInFlight = 2
    return try Journal(path, options, in: Daybook.World(world))
  }

  private var form: [UInt8] {
    let code = made.withSandbox { $0.code(at: $1) }
    return Array(instanceJSON(code: code, base: MadeUpWorld.base).utf8)
  }

  /// The world with something that happens before each sleep.
  private func world(_ before: @escaping @Sendable () async -> Void) -> Engine.World {
    var world = made.outside.engine
    let sleep = world.sleep
    world.sleep = { duration in
      await before()
      await sleep(duration)
    }
    return world
  }

  /// A journal with an instance that has its baseline.
  private func opened(_ world: Engine.World) async throws -> OpenedJournal {
    let journal = try journal(world)
    _ = try await journal.instances.create(form)
    let opened = try await journal.working()
    _ = try await opened.poll(.instance(1), isForced: false)
    return opened
  }

  @Test func `what was granted is given back where no instance comes of it`() async throws {
    let asked = Mutex<[String]>([])
    var world = made.outside.engine
    let perform = world.perform
    world.perform = { [folder] request in
      asked.withLock { $0.append(request.url) }
      // The folder goes while the code is exchanged.
      if request.url.hasSuffix("/token") {
        try? FileManager.default.removeItem(atPath: folder.path)
      }
      return await perform(request)
    }
    await #expect(throws: DaybookError.self) {
      _ = try await journal(world).instances.create(form)
    }
    #expect(asked.withLock { $0.map { $0.contains("/revoke") } } == [false, true])
  }

  @Test func `a poll that nobody makes in time has failed`() async throws {
    let opened = try await opened(made.outside.engine)
    let lock = try #require(try EngineLock(opened))
    defer { lock.release() }
    let reports = try await opened.poll(.all, isForced: false)
    #expect(reports.map(\.status) == [.failed])
    #expect(reports[0].error?.contains("has not polled yet") == true)
  }

  @Test func `whoever is interrupted waits no longer`() async throws {
    let sleeps = Mutex(0)
    let opened = try await opened(
      world {
        sleeps.withLock { $0 += 1 }
        withUnsafeCurrentTask { $0?.cancel() }
      })
    let lock = try #require(try EngineLock(opened))
    defer { lock.release() }
    let position = try await opened.repository.writer.append(
      AppendRequest(
        [NewEvent(.journal, .runStarted(RunStarted(process: 2, daybook: "test")))],
        at: made.outside.engine.now())
    ).first
    let waits: [@Sendable () async throws -> Void] = [
      { _ = try await opened.poll(.all, isForced: false) },
      { try await opened.redeliver(.delivery(DeliveryID(stored: "1")), after: position) { _ in } },
    ]
    for wait in waits {
      sleeps.withLock { $0 = 0 }
      let task = Task { try await wait() }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(sleeps.withLock { $0 } == 1)
    }
  }

  @Test func `a poll that had begun before it was asked for is not its answer`() async throws {
    let waiting = Mutex<OpenedJournal?>(nil)
    let rounds = Mutex(0)
    let made = made
    let opened = try await opened(
      world {
        guard let opened = waiting.withLock({ $0 }) else { return }
        let round = rounds.withLock { count in
          count += 1
          return count
        }
        guard round <= 2 else { return }
        let now = made.outside.engine.now()
        let began = round == 1 ? now - .seconds(60) : now
        let completed = PollCompleted(
          feed: 1, instance: 1, mode: .known(.changes), cursorBefore: "a", cursorAfter: "a",
          pages: round,
          items: 0, changes: 0, manifests: [], evidence: [], startedAtMs: began.milliseconds,
          polledAtMs: now.milliseconds)
        _ = try? await opened.repository.writer.append(
          AppendRequest([NewEvent(.feed(1), .pollCompleted(completed))], at: now))
      })
    let lock = try #require(try EngineLock(opened))
    defer { lock.release() }
    waiting.withLock { $0 = opened }
    let reports = try await opened.poll(.all, isForced: false)
    #expect(reports.map(\.pages) == [2])
  }
}
