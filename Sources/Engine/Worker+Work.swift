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
      var shift = Shift()
      while !Task.isCancelled, shift.failure == nil {
        if isWorthALook(shift) {
          shift.looked()
          let round = await self.round(kinds, until: until, end: end, &shift, report)
          for task in round.tasks { group.addTask { await self.finish(task) } }
          for (task, attempt) in round.attempts {
            group.addTask { await self.finish(attempt, of: task) }
          }
          shift.underWay += round.count
          if round.isLast { break }
          if let wait = round.wait, !shift.isSleeping {
            shift.isSleeping = true
            group.addTask { await self.sleep(wait) }
          }
          // Others may be due then, or nothing is.
          if round.count == 0, shift.isLookWanted { continue }
        } else {
          await record(&shift, report)
        }
        guard let finished = await next(in: &group) else { break }
        await take(finished, &shift, report)
      }
      group.cancelAll()
      await record(&shift, report)
      while let finished = await next(in: &group) {
        await take(finished, &shift, report)
        await record(&shift, report)
      }
      return shift.failure
    }
    if let failure { throw failure }
  }

  /// Work on the agenda so far: what is under way, and what is still to be recorded.
  private struct Shift {
    /// Tasks that are begun and have not ended.
    var underWay = 0
    /// Attempts that have ended since it was looked what is due, where that alone is not worth a
    /// look.
    var ended = 0
    var isLookWanted = true
    var isSleeping = false
    /// Outcomes that are still to be recorded.
    var conclusions: [Conclusion] = []
    var failure: JournalError?

    mutating func fail(_ error: JournalError?) { failure = failure ?? error }

    mutating func looked() {
      ended = 0
      isLookWanted = false
    }
  }

  private enum Finished: Sendable {
    case ended(DueTask, Result<Report?, JournalError>)
    /// At least one attempt has its answer, unless it was taken along with others before.
    case answered
    case slept
  }

  /// The next thing that has finished; nil where nothing is under way.
  private func next(in group: inout TaskGroup<Finished>) async -> Finished? {
    while let finished = await group.next() {
      if case .answered = finished, answers.isEmpty { continue }
      return finished
    }
    return nil
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
      shift.underWay -= 1
      shift.isLookWanted = true
      switch result {
      case .success(let done?): report(done)
      case .success(nil): break
      case .failure(let error): shift.fail(error)
      }
    case .answered:
      let answered = answers
      answers = []
      // Only now is room made: attempts that end faster than they are taken in would pile up, each
      // with the memory that it ran in.
      for (task, one) in answered {
        admission.control.leave(task)
        admission.control.note(isAnswered: one.isAnswered, task.lane)
      }
      shift.underWay -= answered.count
      shift.ended += answered.count
      if answered.contains(where: { !isOfMany($0.task) }) { shift.isLookWanted = true }
      do {
        try await wallClock.recordStep()
        shift.conclusions += try await deliverer.conclusions(of: answered.map(\.answered))
      } catch {
        shift.fail(error)
      }
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
    var attempts: [(DueTask, Attempt)] = []
    /// Everything else.
    var tasks: [DueTask] = []
    /// How long to wait for more; nil: until one ends.
    var wait: Duration?
    /// True where nothing follows it.
    var isLast = false

    var count: Int { attempts.count + tasks.count }
  }

  /// Looks what is due, and records what is begun of it with what has ended before.
  private func round(
    _ kinds: Set<DueTask.Kind>, until: Until, end: Duration?, _ shift: inout Shift,
    _ report: @Sendable (Report) -> Void
  ) async -> Round {
    var round = Round()
    do {
      // Before anything is asked or sent that would be recorded where nobody sees it.
      try repository.writer.checkPlace()
      try hold?.check()
      try await wallClock.recordStep()
      if let end, world.uptime() >= end {
        await record(&shift, report)
        round.isLast = shift.underWay == 0
        return round
      }
      try await releaseWanted()
      try await held.release()
      let now = world.now()
      var deliveries: [DueTask] = []
      for task in try await due(kinds, at: now) where admission.control.admit(task) == .take {
        if task.kind == .deliver { deliveries.append(task) } else { round.tasks.append(task) }
      }
      isCrowded = admission.control.isFullOfAttempts
      round.attempts = await record(&shift, begin: deliveries, report)
      let isQuiet = shift.underWay + round.count == 0
      if shift.failure != nil || isQuiet && shift.isLookWanted { return round }
      if isQuiet, try await isOver(until, kinds, end: end) {
        round.isLast = true
        return round
      }
      guard isQuiet || until != .nothingDue else { return round }
      let wait = try await self.wait(for: kinds, since: now)
      round.wait = wait
      if round.count == 0, !isCrowded, wait >= settings.idleWait { await rest() }
    } catch {
      shift.fail(error)
    }
    return round
  }

  /// Records what has ended, and the attempts that begin.
  ///
  /// - Returns: The attempts to send.
  @discardableResult
  private func record(
    _ shift: inout Shift, begin deliveries: [DueTask] = [], _ report: @Sendable (Report) -> Void
  ) async -> [(DueTask, Attempt)] {
    let conclusions = shift.conclusions
    shift.conclusions = []
    if conclusions.isEmpty, deliveries.isEmpty { return [] }
    let recorded = await deliverer.record(conclusions, begin: deliveries.map(\.subject))
    shift.fail(recorded.failure)
    recorded.ended.forEach { report(.attempt($0)) }
    recorded.settled.forEach { report(.settled($0.report)) }
    var idle = Dictionary(uniqueKeysWithValues: deliveries.map { ($0.subject, $0) })
    var attempts: [(DueTask, Attempt)] = []
    for attempt in recorded.attempts {
      if let task = idle.removeValue(forKey: attempt.stream) { attempts.append((task, attempt)) }
    }
    for task in idle.values { admission.control.leave(task) }
    if !idle.isEmpty { shift.isLookWanted = true }
    do {
      try await completeReplays(
        of: conclusions.map(\.attempt.stream) + recorded.settled.map(\.stream))
    } catch {
      shift.fail(error)
    }
    return attempts
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

  private nonisolated func finish(_ attempt: Attempt, of task: DueTask) async -> Finished {
    await send(attempt, of: task)
    return .answered
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
    if let turn = admission.control.nextTurn { wait = min(wait, turn - world.uptime()) }
    return max(wait, .milliseconds(1))
  }
}
