import Domain
import Engine
import EventStore
import Events
import Foundation
import Google
import Synchronization

/// One life of a journal in a made-up world, drawn from a seed: set up, disturbed, healed,
/// examined.
final class Simulation: Sendable {
  let seed: UInt64
  let path: String
  let world: SimulatedWorld
  let executor: SeededExecutor
  let traits: Traits
  private let state = Mutex(State())

  private struct State {
    var problems: [String] = []
    var isDone = false
    var processes = 0
    var isFull = false
    var writer: JournalWriter?
    var digests: [[UInt8]] = []
  }

  /// A short play of its own, after the instances are created.
  typealias Scene = @Sendable (Simulation) async throws -> Void

  /// What a run came to.
  struct Report: Sendable {
    let seed: UInt64
    /// One sentence each; none is what is hoped for.
    let problems: [String]
    /// Of all events, in order: the bytes of a run.
    let digests: [[UInt8]]
    let deaths: Int
    let arrivals: Int
    /// The longest that a calendar was not asked for, from first to last.
    let longestGap: Duration
    /// The most lists of one calendar that were asked for within ten minutes.
    let listsInTenMinutes: Int

    var text: String {
      "seed \(seed): \(problems.joined(separator: "\n  "))\n"
        + "again: DAYBOOK_SEED=\(seed) swift test --filter SimulationTests"
    }
  }

  private init(seed: UInt64, folder: String, isJumpy: Bool) {
    self.seed = seed
    path = folder + "/simulation.journal"
    var random = SeededRandom(seed: seed)
    traits = Traits(&random, isJumpy: isJumpy)
    executor = SeededExecutor(random: random.fork())
    world = SimulatedWorld(random: random.fork(), on: executor)
  }

  /// Lives through one seed on a thread that belongs to it meanwhile.
  ///
  /// - Parameters:
  ///   - isJumpy: Whether nothing goes wrong but the wall clock, which jumps often.
  ///   - scene: What is played instead of a whole life.
  static func run(
    _ seed: UInt64, isJumpy: Bool = false, scene: Scene? = nil
  ) async -> Report {
    let queue = DispatchQueue(label: "simulation \(seed)")
    return await withCheckedContinuation { answer in
      queue.async { @Sendable in answer.resume(returning: runHere(seed, isJumpy, scene)) }
    }
  }

  private static func runHere(_ seed: UInt64, _ isJumpy: Bool, _ scene: Scene?) -> Report {
    // A disk that syncs at once, where there is one: what is simulated is death, not the disk.
    let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
    let folder = "\(parent)/daybook-simulation-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let simulation = Simulation(seed: seed, folder: folder, isJumpy: isJumpy)
    simulation.drive(scene)
    // The journal of a seed that fails is worth a look: DAYBOOK_KEEP=/tmp/seed.journal
    if let copy = ProcessInfo.processInfo.environment["DAYBOOK_KEEP"] {
      try? JournalDump.execute("VACUUM INTO '\(copy)'", on: simulation.path)
    }
    return simulation.report
  }

  private var report: Report {
    let (problems, digests) = state.withLock { ($0.problems, $0.digests) }
    return world.state.withLock {
      let asked = $0.google.asked.values
      let gaps = asked.flatMap { zip($0, $0.dropFirst()) }.map { $1 - $0 }
      let crowds = asked.flatMap { times in
        times.map { start in times.count { $0 >= start && $0 < start + .seconds(600) } }
      }
      return Report(
        seed: seed, problems: problems, digests: digests, deaths: $0.deaths,
        arrivals: $0.receiver.arrivals.count,
        longestGap: gaps.max() ?? .zero, listsInTenMinutes: crowds.max() ?? 0)
    }
  }

  func note(_ problem: String) {
    state.withLock { if $0.problems.count < 20 { $0.problems.append(problem) } }
  }

  /// Runs what can run; moves time where nothing can.
  private func drive(_ scene: Scene?) {
    Task(executorPreference: executor) {
      await self.play(scene)
      self.state.withLock { $0.isDone = true }
    }
    var jobs = 0
    var instant = world.uptime
    while !state.withLock({ $0.isDone }) {
      if executor.runNext() {
        jobs += 1
        guard jobs < Simulation.jobsPerInstantMax else { return note("it spins at \(instant)") }
        continue
      }
      guard world.advance() else { return note("nothing runs, and nobody sleeps") }
      if world.uptime > instant {
        instant = world.uptime
        jobs = 0
      }
    }
  }

  /// Jobs while time stands still; more is a loop that does nothing.
  private static let jobsPerInstantMax = 50_000

  // MARK: The play

  private func play(_ scene: Scene?) async {
    do {
      try await begin()
      if let scene { return try await scene(self) }
      await disturbed()
      try await heal()
      try await examine()
    } catch {
      note("the play stopped: \(error)")
    }
  }

  /// A process of its own: a log that may die, a reader, the key.
  func open(mayDie: Bool = true) throws(JournalError) -> (process: Int, repository: Repository) {
    let process = state.withLock { state in
      state.processes += 1
      return state.processes
    }
    let hooks = JournalWriter.Hooks { [world] _ in mayDie && world.dies(process) }
    let writer = try JournalWriter(
      path, naming: [UInt8](repeating: 7, count: 16), at: world.now,
      executor: SeededExecutor.Lane(of: executor), hooks: hooks)
    let reader = try JournalReader(path, executor: SeededExecutor.Lane(of: executor))
    let seal = Seal(key: [UInt8](repeating: 42, count: 32), journal: writer.journal)
    return (process, Repository(writer: writer, reader: reader, seal: seal))
  }

  /// - Parameter seen: The world, where it is another than the process would see.
  func worker(_ repository: Repository, _ process: Int, in seen: World? = nil) -> Worker {
    var settings = EngineSettings(
      retrySchedule: traits.retrySchedule, concurrency: traits.concurrency, version: "simulation",
      process: Int64(process), idleWait: .seconds(15))
    settings.pagesPerCheckpoint = traits.pagesPerCheckpoint
    settings.failuresMax = traits.failuresMax
    return Worker(
      repository, connector: GoogleSuite(baseURL: SimulatedGoogle.base),
      world: seen ?? world.seen(by: process), settings: settings)
  }

  /// Runs the engine as a process until it is stopped, dies or fails.
  func live(_ process: Int, _ repository: Repository) async {
    let failure = Mutex<JournalError?>(nil)
    let worker = worker(repository, process)
    let run = Task(executorPreference: executor) {
      do throws(JournalError) {
        try await worker.run()
      } catch {
        failure.withLock { $0 = error }
      }
    }
    state.withLock { $0.writer = repository.writer }
    world.state.withLock { $0.run = run }
    await run.value
    world.state.withLock { $0.run = nil }
    let wasFull = state.withLock { state in
      defer { state.isFull = false }
      state.writer = nil
      return state.isFull
    }
    switch failure.withLock({ $0 }) {
    case nil: break
    case .full where wasFull: break
    case _ where world.isDead(process): break
    case let error?: note("run() failed: \(error)")
    }
  }

  /// The engine's processes one after the other, while everything is disturbed.
  private func disturbed() async {
    world.state.withLock { state in
      state.isRough = !traits.isJumpy
      state.nudgePermille = traits.nudgePermille
      state.deathPermille = traits.deathPermille
      state.google.faultPermille = traits.googleFaultPermille
      state.google.faulty = traits.faulty
      state.receiver.faultPermille = traits.receiverFaultPermille
    }
    let operator_ = Task(executorPreference: executor) { await self.disturb() }
    while world.uptime < traits.disturbedFor {
      do {
        let (process, repository) = try open()
        await live(process, repository)
      } catch {
        note("it does not open: \(error)")
      }
      let pause = world.draw {
        traits.isJumpy || $0.happens(permille: 700) ? 0 : $0.number(1...300)
      }
      await world.sleep(.seconds(pause))
    }
    await operator_.value
    world.state.withLock { state in
      state.isRough = false
      state.deathPermille = 0
      state.google.calm()
      state.receiver.faultPermille = 0
    }
  }

  /// Stops the engine as an interrupt would.
  func stop() { world.state.withLock { $0.run }?.cancel() }

  /// Lets the disk of the engine that runs fill up.
  func fillDisk() async {
    let writer = state.withLock { state in
      state.isFull = state.writer != nil
      return state.writer
    }
    let pages = world.draw { Int64($0.number(0...8)) }
    try? await writer?.bound(growth: pages)
  }

  func keep(_ digests: [[UInt8]]) { state.withLock { $0.digests = digests } }
}

/// How one seed's world is.
struct Traits: Sendable {
  enum Extra: Sendable { case groups, mail, roster, dated }

  /// Feeds of each instance: `[2, 1]` are two instances with three feeds.
  let feeds: [Int]
  /// What the first instance watches besides calendars by name.
  let extras: [Extra]
  let retrySchedule: RetrySchedule
  let concurrency: Int
  let pagesPerCheckpoint: Int
  let disturbedFor: Duration
  let deathPermille: Int
  let googleFaultPermille: Int
  let receiverFaultPermille: Int
  /// The only instance that Google fails; nil: all of them.
  let faulty: InstanceID?
  /// Failed polls in a row that disable a feed.
  let failuresMax: Int
  let isClockSteady: Bool
  let isJumpy: Bool
  let nudgePermille: Int

  init(_ random: inout SeededRandom, isJumpy: Bool) {
    self.isJumpy = isJumpy
    feeds = random.pick([[1], [1], [2], [1, 1], [2, 1]]) ?? [1]
    let mixtures: [[Extra]] = [
      [], [.groups], [.mail], [.roster], [.dated], [.groups, .mail, .roster, .dated],
    ]
    extras = random.pick(mixtures) ?? []
    retrySchedule =
      random.pick([
        .waits([.seconds(1), .seconds(5), .seconds(60), .seconds(300)]),
        .waits((0..<12).map { .seconds(1 << $0) }), .sap, .standard,
      ]) ?? .standard
    concurrency = random.pick([1, 2, 16]) ?? 1
    pagesPerCheckpoint = random.pick([1, 2, 10]) ?? 1
    disturbedFor = .seconds(60 * random.number(10...60))
    deathPermille = isJumpy ? 0 : random.pick([0, 5, 20]) ?? 0
    googleFaultPermille = isJumpy ? 0 : random.pick([0, 100, 300]) ?? 0
    faulty = feeds.count > 1 && random.happens(permille: 400) ? 1 : nil
    failuresMax = random.pick([100, 100, 3]) ?? 100
    receiverFaultPermille = isJumpy ? 0 : random.pick([0, 100, 300, 800]) ?? 0
    nudgePermille = isJumpy ? 0 : random.pick([0, 50, 150]) ?? 0
    isClockSteady = !isJumpy && random.happens(permille: 400)
  }
}
