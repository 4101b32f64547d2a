import Daybook
import Domain
import Engine
import EventStore
import Events
import FoundationEssentials
import Synchronization
import Testing

/// What is done beside another process, and what is left where nothing can be made.
@Suite struct DeskTests {
  private let folder: TestFolder
  private let made = MadeUpWorld()

  init() throws { folder = try TestFolder() }

  private var path: String { folder.path + "/daybook.journal" }

  private var options: Desk.Options {
    get throws {
      Desk.Options(
        googleURL: MadeUpWorld.base,
        engine: EngineSettings(
          retrySchedule: .standard, timeout: .seconds(5), concurrency: 2,
          rules: try AddressRules(list: "127.0.0.1"), version: "test", process: 1))
    }
  }

  private var form: [UInt8] {
    let code = made.withSandbox { $0.code(at: $1) }
    return Array(instanceJSON(code: code, base: MadeUpWorld.base).utf8)
  }

  /// The world with something that happens before each sleep.
  private func world(_ before: @escaping @Sendable () async -> Void) -> World {
    var world = made.surroundings.world
    let sleep = world.sleep
    world.sleep = { duration in
      await before()
      await sleep(duration)
    }
    return world
  }

  /// A desk over a journal with an instance that has its baseline.
  private func desk(_ world: World) async throws -> Desk {
    let desk = try await Desk.create(form, in: path, options, world: world).desk
    _ = try await desk.poll(.instance(1, resource: nil), isForced: false)
    return desk
  }

  @Test func `what was granted is given back where no instance comes of it`() async throws {
    let asked = Mutex<[String]>([])
    var world = made.surroundings.world
    let perform = world.perform
    world.perform = { [folder] request in
      asked.withLock { $0.append(request.url) }
      // The folder goes while the code is exchanged.
      if request.url.hasSuffix("/token") {
        try? FileManager.default.removeItem(atPath: folder.path)
      }
      return await perform(request)
    }
    await #expect(throws: JournalError.self) {
      _ = try await Desk.create(form, in: path, options, world: world)
    }
    #expect(asked.withLock { $0.map { $0.contains("/revoke") } } == [false, true])
  }

  @Test func `a poll that nobody makes in time has failed`() async throws {
    let desk = try await desk(made.surroundings.world)
    let lock = try #require(try EngineLock(desk))
    defer { lock.release() }
    let reports = try await desk.poll(.all, isForced: false)
    #expect(reports.map(\.status) == [.failed])
    #expect(reports[0].error?.contains("has not polled yet") == true)
  }

  @Test func `whoever is interrupted waits no longer`() async throws {
    let sleeps = Mutex(0)
    let desk = try await desk(
      world {
        sleeps.withLock { $0 += 1 }
        withUnsafeCurrentTask { $0?.cancel() }
      })
    let lock = try #require(try EngineLock(desk))
    defer { lock.release() }
    let position = try await desk.repository.writer.append(
      AppendRequest(
        [NewEvent("journal", .runStarted(RunStarted(process: 2, daybook: "test")))],
        at: made.surroundings.world.now())
    ).first
    let waits: [@Sendable () async throws -> Void] = [
      { _ = try await desk.poll(.all, isForced: false) },
      { try await desk.redeliver("delivery/1", after: position) { _ in } },
    ]
    for wait in waits {
      sleeps.withLock { $0 = 0 }
      let task = Task { try await wait() }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(sleeps.withLock { $0 } == 1)
    }
  }

  @Test func `a poll that had begun before it was asked for is not its answer`() async throws {
    let waiting = Mutex<Desk?>(nil)
    let rounds = Mutex(0)
    let made = made
    let desk = try await desk(
      world {
        guard let desk = waiting.withLock({ $0 }) else { return }
        let round = rounds.withLock { count in
          count += 1
          return count
        }
        guard round <= 2 else { return }
        let now = made.surroundings.world.now()
        let began = round == 1 ? now - .seconds(60) : now
        let completed = PollCompleted(
          feed: 1, instance: 1, mode: "changes", cursorBefore: "a", cursorAfter: "a", pages: round,
          items: 0, changes: 0, manifests: [], evidence: [], startedAtMs: began.milliseconds,
          polledAtMs: now.milliseconds)
        _ = try? await desk.repository.writer.append(
          AppendRequest([NewEvent("feed/1", .pollCompleted(completed))], at: now))
      })
    let lock = try #require(try EngineLock(desk))
    defer { lock.release() }
    waiting.withLock { $0 = desk }
    let reports = try await desk.poll(.all, isForced: false)
    #expect(reports.map(\.pages) == [2])
  }
}
