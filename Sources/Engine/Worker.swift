package import Domain
package import EventStore
package import Events

/// The one place where effects happen: takes a task that is due, performs it, records what came of
/// it.
///
/// `step()` does one task; `run()` does them as they come due, a bounded number at once. A
/// simulation is the same code with a made-up world. Whoever calls holds the engine lock.
package actor Worker {
  package let repository: Repository
  let connector: any Connector
  let world: World
  let settings: EngineSettings
  /// The right to do this work, which may be lost; nil where nobody takes it away.
  let hold: LockFile.Hold?
  /// What is under way.
  var capacity: AdmissionControl
  /// Whether the last look at what is due left no room for attempts.
  private var isCrowded = false
  /// What is left of each instance’s quota with the provider.
  var paces: [Int64: TokenBucket] = [:]
  /// What attempts were made for lately.
  var knownInstances: [Int64: KnownInstance] = [:]
  /// Of replays under way: what is still to be asked for.
  var orders: [Int64: ReplayOrder] = [:]
  /// Since when this process works through the agenda as things come due; nil: it does not.
  var runningSince: Moment?
  /// Whether a notice says that polls begin late; nil: not looked at yet.
  var isLagging: Bool?
  /// When it was last looked what is held without need, by a clock that never jumps.
  var heldLookedAt: Duration?
  /// Whether a delivery waits for others to be released first.
  var isReleaseWanted = false
  /// Where the last look at what is held stopped; nil: at the end.
  var heldAfter: HeldGroup?
  /// Deliveries that have let others go first.
  var steppedBack: Set<String> = []
  /// When there was time for what can wait, by a clock that never jumps.
  private var restedAt: Duration?
  /// Both clocks when they were compared last; nil: not yet.
  var clock: (wall: Moment, steady: Duration)?

  package init(
    _ repository: Repository, connector: any Connector, world: World, settings: EngineSettings,
    hold: LockFile.Hold? = nil
  ) {
    self.repository = repository
    self.connector = connector
    self.world = world
    self.settings = settings
    self.hold = hold
    capacity = AdmissionControl(attemptsMax: settings.concurrency)
  }

  /// What one task came to.
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
      try await noticeClock()
      try await releaseWanted()
      for task in try await due(kinds, at: world.now()) where capacity.admit(task) == .take {
        defer { capacity.leave(task) }
        let report = try await carryOut(task)
        if report != nil || !isReleaseWanted { return report }
        break
      }
    } while isReleaseWanted
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
      AppendRequest([NewEvent("journal", .runStarted(started))], at: world.now()))
    try await recover()
    runningSince = world.now()
    defer { runningSince = nil }
    try await work(Worker.everything, until: .cancelled, report: report)
    let stopped = RunStopped(process: settings.process, reason: "interrupted")
    _ = try await repository.writer.append(
      AppendRequest([NewEvent("journal", .runStopped(stopped))], at: world.now()))
  }

  package static let everything = DueTask.Kind.all

  /// When working through the agenda ends.
  package enum Until: Sendable, Equatable {
    case cancelled
    /// Nothing is due any more.
    case nothingDue
    /// No delivery is open any more, or the moment has come, after which nothing is begun; waits
    /// for retries in between.
    case idle(deadline: Moment)
  }

  /// Works through the agenda, a bounded number of tasks at once.
  package func work(
    _ kinds: Set<DueTask.Kind>, until: Until, report: @escaping @Sendable (Report) -> Void
  ) async throws(JournalError) {
    // By the clock that never jumps: the time of day may be set meanwhile.
    let end =
      if case .idle(let deadline) = until { world.uptime() + (deadline - world.now()) } else {
        Duration?.none
      }
    // Of work that was cut short it says nothing any more.
    isCrowded = false
    let failure = await withTaskGroup(of: Finished.self) { group in
      var underWay = 0
      var ended = 0
      var isSleeping = false
      var failure: JournalError?
      rounds: while !Task.isCancelled, failure == nil {
        if isWorthALook(ended: ended) {
          ended = 0
          switch await admit(kinds, until: until, end: end, underWay: underWay) {
          case .failed(let error):
            failure = error
            break rounds
          case .over: break rounds
          case .tasks(let tasks, let wait):
            for task in tasks { group.addTask { await self.finish(task) } }
            underWay += tasks.count
            if let wait, !isSleeping {
              isSleeping = true
              group.addTask { await self.sleep(wait) }
            }
          }
        }
        switch await group.next() {
        case .slept?:
          isSleeping = false
          ended = .max
        case .ended(let task, let result)?:
          underWay -= 1
          let done = leave(task, result, &failure)
          ended = isOfMany(task, done) ? ended + 1 : .max
          if let done { report(done) }
        case nil: break rounds
        }
      }
      group.cancelAll()
      for await case .ended(let task, let result) in group {
        if let done = leave(task, result, &failure) { report(done) }
      }
      return failure
    }
    if let failure { throw failure }
  }

  /// Whether it pays to look what is due: where all room for attempts is taken and more wait, a
  /// look serves several of those that have ended.
  private func isWorthALook(ended: Int) -> Bool { !isCrowded || ended >= attemptsPerLook }

  private var attemptsPerLook: Int { max(1, settings.concurrency / 8) }

  /// A look for the next one can wait where the lane of an attempt that has ended has others under
  /// way; a lane with few would stand still behind slow ones.
  private func isOfMany(_ task: DueTask, _ done: Report?) -> Bool {
    guard case .attempt? = done else { return false }
    return capacity.attempts(of: task.lane) >= attemptsPerLook
  }

  /// What the next round of work is.
  private enum Round: Sendable {
    /// Tasks to begin, and how long to wait for more; nil: until one ends.
    case tasks([DueTask], wait: Duration?)
    case over
    case failed(JournalError)
  }

  private func admit(
    _ kinds: Set<DueTask.Kind>, until: Until, end: Duration?, underWay: Int
  ) async -> Round {
    do {
      // Before anything is asked or sent that would be recorded where nobody sees it.
      try repository.writer.checkPlace()
      try hold?.check()
      try await noticeClock()
      if let end, world.uptime() >= end {
        return underWay == 0 ? .over : .tasks([], wait: nil)
      }
      try await releaseWanted()
      try await releaseHeld()
      var tasks: [DueTask] = []
      let now = world.now()
      for task in try await due(kinds, at: now) where capacity.admit(task) == .take {
        tasks.append(task)
      }
      isCrowded = capacity.isFullOfAttempts
      let isQuiet = underWay + tasks.count == 0
      if isQuiet, try await isOver(until, kinds, end: end) { return .over }
      guard isQuiet || until != .nothingDue else { return .tasks(tasks, wait: nil) }
      let wait = try await wait(for: kinds, since: now)
      if tasks.isEmpty, !isCrowded, wait >= settings.idleWait { await rest() }
      return .tasks(tasks, wait: wait)
    } catch {
      return .failed(error)
    }
  }

  private func sleep(_ duration: Duration) async -> Finished {
    await world.sleep(duration)
    return .slept
  }

  private func isOver(
    _ until: Until, _ kinds: Set<DueTask.Kind>, end: Duration?
  ) async throws(JournalError) -> Bool {
    switch until {
    case .cancelled: return false
    case .nothingDue: return true
    case .idle:
      let (isOpen, next) = try await repository.reader.read { snapshot throws(JournalError) in
        (
          try snapshot.hasOpenDeliveries(),
          try snapshot.nextDue(kinds, after: Moment(milliseconds: .min))
        )
      }
      if !isOpen { return true }
      // What is due moves with a clock that is set; the end does not.
      guard let next, let end else { return true }
      return next - world.now() > end - world.uptime()
    }
  }

  private enum Finished: Sendable {
    case ended(DueTask, Result<Report?, JournalError>)
    case slept
  }

  private func finish(_ task: DueTask) async -> Finished {
    do {
      return .ended(task, .success(try await carryOut(task)))
    } catch {
      return .ended(task, .failure(error))
    }
  }

  /// Makes room for others only once the end of a task is taken in: tasks that end faster than that
  /// would pile up, each with the memory that it ran in.
  private func leave(
    _ task: DueTask, _ result: Result<Report?, JournalError>, _ failure: inout JournalError?
  ) -> Report? {
    capacity.leave(task)
    switch result {
    case .success(let done): return done
    case .failure(let error):
      failure = failure ?? error
      return nil
    }
  }

  /// Until the next task, but not longer than another process’s append may go unseen.
  ///
  /// - Parameter looked: When it was looked what is due: that is under way, or waits for what is.
  private func wait(
    for kinds: Set<DueTask.Kind>, since looked: Moment
  ) async throws(JournalError) -> Duration {
    let next = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.nextDue(kinds, after: looked)
    }
    guard let next else { return settings.idleWait }
    return min(max(next - world.now(), .milliseconds(1)), settings.idleWait)
  }

  /// What can wait until nothing is to be begun, now and then.
  private func rest() async {
    let uptime = world.uptime()
    if let restedAt, uptime - restedAt < settings.idleWait { return }
    restedAt = uptime
    // Both are tried again in the next idle moment, and neither loses anything.
    _ = try? await repository.writer.catchUp(limit: 2_000)
    try? await repository.writer.checkpoint()
  }

  /// What is due and has room, in order; who asks has to look again whether it still has.
  private func due(
    _ kinds: Set<DueTask.Kind>, at now: Moment
  ) async throws(JournalError) -> [DueTask] {
    let capacity = capacity
    let tasks = try await repository.reader.read { snapshot throws(JournalError) in
      var left = capacity
      return try snapshot.due(
        kinds, at: now, limit: Limits.tasksPerRound, passing: Limits.tasksPassedMax
      ) { left.admit($0) }
    }
    for task in tasks {
      guard let replay = task.replay, self.capacity.ceilings[replay] == nil else { continue }
      // Asked for by a process that has ended.
      let event = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.event(at: replay)
      }
      if case .replayRequested(let requested)? = try event?.event() {
        self.capacity.ceilings[replay] = requested.concurrency ?? .max
      }
    }
    return tasks
  }

  private func carryOut(_ task: DueTask) async throws(JournalError) -> Report? {
    switch task.kind {
    case .poll:
      guard let feed = Int64(task.subject.dropFirst(5)) else { return nil }
      try await noticeLag(task)
      return .poll(try await poll(feed))
    case .notify:
      guard let position = Int64(task.subject) else { return nil }
      return .requested(try await notify(position))
    case .deliver:
      do {
        return try await deliver(task.subject)
      } catch .conflict {
        // Somebody released or stopped it meanwhile; nothing was sent, and it is looked at again.
        return nil
      }
    case .replay:
      guard let replay = Int64(task.subject.dropFirst(7)) else { return nil }
      return .requested(try await continueReplay(replay, dueAt: task.dueAt))
    }
  }

  /// Appends events of one stream, the later ones caused by the first, and others after them.
  @discardableResult
  func append(
    _ events: [Event], to stream: String, expecting version: Int64,
    and more: [String: Int64] = [:], others: [NewEvent] = [], payloads: [Payload] = [],
    cause: NewEvent.Cause = .none
  ) async throws(JournalError) -> AppendResult? {
    guard !events.isEmpty else { return nil }
    let newEvents = events.enumerated().map { place, event in
      NewEvent(stream, event, cause: place == 0 ? cause : .newEvent(0))
    }
    return try await repository.writer.append(
      AppendRequest(
        newEvents + others, expecting: more.merging([stream: version]) { $1 }, payloads: payloads,
        at: world.now()))
  }
}
