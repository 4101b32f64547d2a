package import Domain
package import EventStore
package import Events

/// The one place where effects happen: takes a task that is due, and has the part perform it that
/// it is for.
///
///     agenda ──▶ poll ─────▶ Poller         poll.completed, change.observed, …
///            ──▶ notify ───▶ Notifier       delivery.requested
///            ──▶ deliver ──▶ Deliverer      delivery.attempted, delivery.succeeded, …
///            ──▶ replay ───▶ ReplayFeeder   delivery.requested
///
/// `step()` does one task; `run()` does them as they come due, a bounded number at once. A
/// simulation is the same code with a made-up world. Whoever calls holds the engine lock.
package actor Worker {
  package let repository: Repository
  let world: World
  let settings: EngineSettings
  /// The right to do this work, which may be lost; nil where nobody takes it away.
  let hold: LockFile.Hold?
  /// Holds what is under way; shared with the poller.
  let admission: Admission
  /// Shared with the poller.
  let wallClock: WallClock
  let poller: Poller
  let notifier: Notifier
  let deliverer: Deliverer
  let replayFeeder: ReplayFeeder
  let held: HeldReleaser
  let lag: PollLag
  let retention: RetentionPolicy
  /// Attempts that have their answers, until they are recorded.
  let answers = AnswerBox()
  /// True where the last look at what is due left no room for attempts.
  var isCrowded = false
  /// When there was time for what can wait, by a clock that never jumps.
  private var restedAt: Duration?

  package init(
    _ repository: Repository, connector: any Connector, world: World, settings: EngineSettings,
    hold: LockFile.Hold? = nil
  ) {
    self.repository = repository
    self.world = world
    self.settings = settings
    self.hold = hold
    let admission = Admission(attemptsMax: settings.concurrency)
    let wallClock = WallClock(repository, world: world)
    self.admission = admission
    self.wallClock = wallClock
    poller = Poller(
      repository, connector: connector, world: world, settings: settings, wallClock: wallClock,
      admission: admission)
    notifier = Notifier(
      repository, connector: connector, world: world, settings: settings)
    deliverer = Deliverer(
      repository, world: world, settings: settings, admission: admission)
    replayFeeder = ReplayFeeder(repository, connector: connector, world: world)
    held = HeldReleaser(repository, world: world)
    lag = PollLag(repository, world: world)
    retention = RetentionPolicy(repository, world: world, settings: settings)
  }

  /// The outcome of one task.
  package enum Report: Sendable, Equatable {
    case poll(PollReport)
    case attempt(AttemptReport)
    /// Deliveries asked for, by a poll’s changes or by a replay.
    case requested(Int)
    /// A delivery that was skipped or held without an attempt.
    case settled(AttemptReport)
  }

  /// Does the first task that is due.
  ///
  /// - Parameter kinds: The kinds of task that may be done.
  /// - Returns: nil where nothing is due.
  package func step(
    _ kinds: Set<DueTask.Kind> = Worker.everything
  ) async throws(JournalError) -> Report? {
    repeat {
      try await wallClock.recordStep()
      try await releaseWanted()
      for task in try await due(kinds, at: world.now()) where admission.control.admit(task) == .take
      {
        defer { admission.control.leave(task) }
        let report = try await carryOut(task)
        if report != nil || !deliverer.isReleaseWanted { return report }
        break
      }
    } while deliverer.isReleaseWanted
    return nil
  }

  /// Does what is due, as it comes due, until the task is cancelled; then begins nothing and waits
  /// for what is under way, which ends within its time limits.
  ///
  /// - Parameter report: Told what each task came to.
  package func run(
    report: @escaping @Sendable (Report) -> Void = { _ in }
  ) async throws(JournalError) {
    let started = RunStarted(process: settings.process, daybook: settings.version)
    _ = try await repository.writer.append(
      AppendRequest([NewEvent(.journal, .runStarted(started))], at: world.now()))
    try await recover()
    lag.runningSince = world.uptime()
    defer { lag.runningSince = nil }
    try await work(Worker.everything, until: .cancelled, report: report)
    let stopped = RunStopped(process: settings.process, reason: "interrupted")
    _ = try await repository.writer.append(
      AppendRequest([NewEvent(.journal, .runStopped(stopped))], at: world.now()))
  }

  package static let everything = DueTask.Kind.all

  /// Does what can wait until nothing is to be begun, now and then.
  func rest() async {
    let uptime = world.uptime()
    if let restedAt, uptime - restedAt < settings.idleWait { return }
    restedAt = uptime
    // All are tried again in the next idle moment, and none loses anything.
    _ = try? await repository.writer.catchUp(limit: 2_000)
    // Whoever does one thing by hand removes nothing beside it.
    if lag.runningSince != nil { try? await retention.step() }
    try? await repository.writer.checkpoint()
  }

  /// Tasks that are due and have room, in order; who asks has to look again whether it still has.
  func due(
    _ kinds: Set<DueTask.Kind>, at now: Moment
  ) async throws(JournalError) -> [DueTask] {
    admission.control.pass(to: world.uptime())
    if admission.control.hasOpenBreakers { try await loadBreakers() }
    let capacity = admission.control
    let tasks = try await repository.reader.read { snapshot throws(JournalError) in
      var left = capacity
      return try snapshot.due(
        kinds, at: now, limit: Limits.tasksPerRound, passing: Limits.tasksPassedMax
      ) { left.admit($0) }
    }
    for task in tasks where task.kind == .deliver && admission.control.isUnknown(task.lane) {
      let instance = try await repository.instance(task.instance)
      admission.control.set(
        AdmissionControl.Way(instance, settings.delivery(of: instance.settings)), of: task.lane)
    }
    for task in tasks {
      guard let replay = task.replay, admission.control.ceilings[replay] == nil else { continue }
      // Asked for by a process that has ended.
      let event = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.event(at: replay.position)
      }
      if case .replayRequested(let requested)? = try event?.event() {
        admission.control.ceilings[replay] = requested.concurrency ?? .max
        admission.control.rates[replay] = RateLimit(rate: requested.ratePerSecond)
      }
    }
    return tasks
  }

  func carryOut(_ task: DueTask) async throws(JournalError) -> Report? {
    switch task.subject {
    case .poll(let feed):
      try await lag.note(feed, task)
      return .poll(try await poller.poll(feed))
    case .notify(let poll):
      let asked = try await notifier.notify(poll)
      admission.control.note(asked: asked, task.subject)
      return .requested(asked)
    case .deliver(let delivery):
      do {
        return try await deliver(delivery)
      } catch .conflict {
        // Somebody released or stopped it meanwhile; nothing was sent, and it is looked at again.
        return nil
      }
    case .replay(let replay):
      guard let fed = try await replayFeeder.feed(replay, dueAt: task.dueAt) else {
        return .requested(0)
      }
      admission.control.ceilings[replay] = fed.concurrency
      admission.control.rates[replay] = fed.rate
      return .requested(fed.count)
    }
  }
}
