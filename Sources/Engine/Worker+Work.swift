import Domain
package import EventStore
package import Events

/// Working through the agenda.
extension Worker {
  /// When working through the agenda ends.
  package enum Until: Sendable, Equatable {
    case cancelled
    /// Nothing is due any more.
    case nothingDue
    /// No delivery is open any more, or the moment has come, after which nothing is begun; waits
    /// for retries in between.
    case idle(deadline: Moment)
  }

  /// Works through the agenda, a bounded number of tasks at once. Attempts are begun together and
  /// recorded together, as many as are at hand.
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
      var shift = Shift(end: end)
      while !Task.isCancelled, shift.failure == nil {
        if isWorthALook(shift) {
          shift.looked()
          let round = await self.round(kinds, until: until, &shift)
          for task in round.tasks { group.addTask { await self.finish(task) } }
          if round.isLast { break }
          if let wait = round.wait, !shift.isSleeping {
            shift.isSleeping = true
            group.addTask { await self.sleep(wait) }
          }
          record(&shift, in: &group)
          // Others may be due then, or nothing is.
          if round.count == 0, shift.isLookWanted, shift.recording == nil { continue }
        } else {
          record(&shift, in: &group)
        }
        guard let finished = await next(in: &group, &shift) else { break }
        await take(finished, &shift, report)
      }
      group.cancelAll()
      letGo(&shift)
      record(&shift, in: &group)
      while let finished = await next(in: &group, &shift) {
        await take(finished, &shift, report)
        record(&shift, in: &group)
      }
      return shift.failure
    }
    if let failure { throw failure }
  }

  /// Work on the agenda so far: what is under way, and what is still to be recorded.
  ///
  /// One append is under way at a time. What ends meanwhile, and what is to begin in its place,
  /// gathers for the next one.
  private struct Shift {
    /// After which nothing is begun, by the clock that never jumps.
    let end: Duration?
    /// Attempts that are prepared, being recorded or sent, and have not ended.
    var attempts = 0
    /// Those of them that are sent.
    var sent = 0
    /// Other tasks that are begun and have not ended.
    var tasks = 0
    /// True where one of the group waits for answers.
    var isListening = false
    /// Attempts that have ended since it was looked what is due, where that alone is not worth a
    /// look.
    var ended = 0
    var isLookWanted = true
    var isSleeping = false
    /// Outcomes and attempts that the next append records.
    var gathered = Deliverer.Batch()
    /// Those that are being recorded.
    var recording: Deliverer.Batch?
    /// Tasks of the deliveries whose steps are gathered or being recorded, by stream.
    var beginning: [StreamName: DueTask] = [:]
    var failure: JournalError?

    init(end: Duration?) { self.end = end }

    /// True where nothing is under way, and nothing is left to record.
    var isIdle: Bool { attempts + tasks == 0 && recording == nil && gathered.isEmpty }

    mutating func fail(_ error: JournalError?) { failure = failure ?? error }

    mutating func looked() {
      ended = 0
      isLookWanted = false
    }
  }

  private enum Finished: Sendable {
    case ended(DueTask, Result<Report?, JournalError>)
    /// At least one attempt has its answer.
    case answered
    case recorded([Result<AppendResult, JournalError>])
    case slept
  }

  /// The next thing that has finished; nil where nothing is under way.
  private func next(
    in group: inout TaskGroup<Finished>, _ shift: inout Shift
  ) async -> Finished? {
    // Answers take their turn with everything else that ends.
    if shift.sent > 0, !shift.isListening {
      shift.isListening = true
      group.addTask { [answers] in
        await answers.filled()
        return .answered
      }
    }
    let finished = await group.next()
    if case .answered = finished { shift.isListening = false }
    return finished
  }

  /// Takes in what has finished, and makes room for others.
  private func take(
    _ finished: Finished, _ shift: inout Shift, _ report: @Sendable (Report) -> Void
  ) async {
    switch finished {
    case .slept:
      shift.isSleeping = false
      shift.isLookWanted = true
    case .ended(let task, let result):
      admission.control.leave(task)
      shift.tasks -= 1
      shift.isLookWanted = true
      switch result {
      case .success(let done?): report(done)
      case .success(nil): break
      case .failure(let error): shift.fail(error)
      }
    case .answered:
      let answered = answers.take()
      // Only now is room made: attempts that end faster than they are taken in would pile up, each
      // with the memory that it ran in.
      let concluded = answered.map { task, one in
        defer { admission.control.leave(task) }
        admission.control.note(isAnswered: one.isAnswered, task.lane)
        return noted(one)
      }
      shift.attempts -= answered.count
      shift.sent -= answered.count
      shift.ended += answered.count
      if answered.contains(where: { !isOfMany($0.task) }) { shift.isLookWanted = true }
      do {
        try await wallClock.recordStep()
        shift.gathered.conclusions += try await deliverer.conclusions(of: concluded)
      } catch {
        shift.fail(error)
      }
    case .recorded(let results): await take(results, &shift, report)
    }
  }

  /// True where it pays to look what is due: where all room for attempts is taken and more wait, a
  /// look serves several of those that have ended.
  private func isWorthALook(_ shift: Shift) -> Bool {
    !isCrowded || shift.isLookWanted || shift.ended >= attemptsPerLook
  }

  private var attemptsPerLook: Int { max(1, settings.concurrency / 8) }

  /// A look for the next one can wait where the lane of an attempt that has ended has others under
  /// way; a lane with few would stand still behind slow ones.
  private func isOfMany(_ task: DueTask) -> Bool {
    admission.control.attempts(of: task.lane) >= attemptsPerLook
  }

  /// Tasks that are begun together.
  private struct Round {
    /// Deliveries whose next step is to be recorded.
    var steps = 0
    /// Everything else.
    var tasks: [DueTask] = []
    /// How long to wait for more; nil: until one ends.
    var wait: Duration?
    /// True where nothing follows it.
    var isLast = false

    var count: Int { steps + tasks.count }
  }

  /// Looks what is due, and prepares what is begun of it.
  private func round(
    _ kinds: Set<DueTask.Kind>, until: Until, _ shift: inout Shift
  ) async -> Round {
    var round = Round()
    do {
      // Before anything is asked or sent that would be recorded where nobody sees it.
      try repository.writer.checkPlace()
      try hold?.check()
      try await wallClock.recordStep()
      if let end = shift.end, world.uptime() >= end {
        letGo(&shift)
        round.isLast = shift.isIdle
        return round
      }
      try await releaseWanted()
      try await held.release()
      let now = world.now()
      var deliveries: [(stream: StreamName, task: DueTask)] = []
      for task in try await due(kinds, at: now) where admission.control.admit(task) == .take {
        if case .deliver(let delivery) = task.subject {
          deliveries.append((delivery, task))
        } else {
          round.tasks.append(task)
        }
      }
      shift.tasks += round.tasks.count
      isCrowded = admission.control.isFullOfAttempts
      round.steps = try await prepare(deliveries, &shift)
      let isIdle = shift.isIdle
      if isIdle && shift.isLookWanted { return round }
      if isIdle, try await isOver(until, kinds, end: shift.end) {
        round.isLast = true
        return round
      }
      guard isIdle || until != .nothingDue else { return round }
      let wait = try await self.wait(for: kinds, since: now)
      round.wait = wait
      if round.count == 0, !isCrowded, wait >= settings.idleWait { await rest() }
    } catch {
      shift.fail(error)
    }
    return round
  }

  /// Prepares the next steps of deliveries that are due, for the next append.
  ///
  /// - Returns: How many there are.
  private func prepare(
    _ deliveries: [(stream: StreamName, task: DueTask)], _ shift: inout Shift
  ) async throws(JournalError) -> Int {
    var idle = Dictionary(uniqueKeysWithValues: deliveries.map { ($0.stream, $0.task) })
    defer {
      for task in idle.values { admission.control.leave(task) }
      if !idle.isEmpty { shift.isLookWanted = true }
    }
    let steps = try await deliverer.steps(of: deliveries.map(\.stream))
    for step in steps { shift.beginning[step.stream] = idle.removeValue(forKey: step.stream) }
    shift.gathered.steps += steps
    shift.attempts += steps.count
    return steps.count
  }

  /// Leaves what is prepared and not yet being recorded as it is: to be looked at again.
  private func letGo(_ shift: inout Shift) {
    let steps = shift.gathered.steps
    shift.gathered.steps = []
    end(steps.map(\.stream), &shift)
  }

  private func end(_ streams: [StreamName], _ shift: inout Shift) {
    for stream in streams {
      guard let task = shift.beginning.removeValue(forKey: stream) else { continue }
      admission.control.leave(task)
      shift.attempts -= 1
      shift.isLookWanted = true
    }
  }

  /// Records what has gathered, where nothing is being recorded; meanwhile more gathers.
  private func record(_ shift: inout Shift, in group: inout TaskGroup<Finished>) {
    guard shift.recording == nil else { return }
    let isOver = shift.end.map { world.uptime() >= $0 } ?? false
    do throws(JournalError) {
      try hold?.check()
    } catch {
      // Another process does this work now.
      shift.fail(error)
    }
    if isOver || Task.isCancelled || shift.failure != nil { letGo(&shift) }
    let batch = shift.gathered.next(stepsMax: max(1, settings.concurrency / 2))
    guard !batch.isEmpty else { return }
    shift.recording = batch
    group.addTask { [writer = repository.writer] in
      .recorded(await writer.append(batch.requests))
    }
  }

  /// Sends what is recorded now, and tells of what has ended.
  private func take(
    _ results: [Result<AppendResult, JournalError>], _ shift: inout Shift,
    _ report: @Sendable (Report) -> Void
  ) async {
    guard let batch = shift.recording else { return }
    let recorded = await deliverer.take(results, of: batch)
    shift.recording = nil
    shift.fail(recorded.failure)
    let attempts = recorded.attempts.compactMap { attempt in
      shift.beginning.removeValue(forKey: attempt.stream).map { (task: $0, attempt: attempt) }
    }
    shift.sent += attempts.count
    send(attempts)
    // Settled, or changed by somebody meanwhile.
    end(batch.steps.map(\.stream), &shift)
    // What has gathered was read before.
    if recorded.concernsOthers {
      letGo(&shift)
      shift.gathered.separate()
    }
    recorded.ended.forEach { report(.attempt($0)) }
    recorded.settled.forEach { report(.settled($0.report)) }
    do {
      try await completeReplays(
        of: batch.conclusions.map(\.attempt.stream) + recorded.settled.map(\.stream))
    } catch {
      shift.fail(error)
    }
    // What was recorded may be due again, or be the last.
    if shift.isIdle { shift.isLookWanted = true }
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
    // What is due of a replay that is ahead of its rate is waited for.
    case .nothingDue: return admission.control.nextTurn == nil
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

  private func finish(_ task: DueTask) async -> Finished {
    do {
      return .ended(task, .success(try await carryOut(task)))
    } catch {
      return .ended(task, .failure(error))
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
    var wait = settings.idleWait
    if let next { wait = min(wait, next - world.now()) }
    for turn in [admission.control.nextTurn, admission.control.nextProbe].compactMap(\.self) {
      wait = min(wait, turn - world.uptime())
    }
    return max(wait, .milliseconds(1))
  }
}
