import Domain
package import EventStore
import Events

/// Jumps of the clock, and what an earlier process left unfinished.
extension Worker {
  /// Records a jump of the wall clock, so that what is due moves with it: neither a gap nor a
  /// storm.
  ///
  /// Before every decision that reckons with the time: what was planned by the new time before
  /// the step is recorded would move with the rest.
  func noticeClock() async throws(JournalError) {
    let (wall, steady) = (world.now(), world.uptime())
    let before = clock
    // At once, so that nobody records the same step while this one is under way.
    clock = (wall, steady)
    let expected: Moment
    if let before {
      expected = before.wall + (steady - before.steady)
    } else {
      expected = max(wall, try await latestWall())
    }
    let step = wall - expected
    guard abs(step.wholeMilliseconds) >= Limits.clockStepMin.wholeMilliseconds else { return }
    runningSince = runningSince.map { $0 + step }
    let stepped = ClockStepped(
      fromMs: expected.milliseconds, toMs: wall.milliseconds, byMs: step.wholeMilliseconds)
    _ = try await repository.writer.append(
      AppendRequest([NewEvent("journal", .clockStepped(stepped))], at: wall))
  }

  /// The latest that the wall clock is known to have shown: without another clock to compare with,
  /// only a step behind that shows.
  ///
  /// It is the time of the last event, unless the clock stepped back and has not caught up with the
  /// log since: then the log stands still at the time before that step, and what polls since then
  /// say of their own time is closer.
  private func latestWall() async throws(JournalError) -> Moment {
    try await repository.reader.read { snapshot throws(JournalError) in
      let head = try snapshot.head()
      guard let row = try snapshot.lastClockStep(), row.recordedAt == head.recordedAt,
        case .clockStepped(let step) = try row.event()
      else { return head.recordedAt }
      let polled = try snapshot.latestPoll(after: row.position)
      return max(Moment(milliseconds: step.toMs), polled ?? Moment(milliseconds: step.toMs))
    }
  }

  /// Attempts whose outcome was lost with an earlier process count and are sent again.
  package func recover() async throws(JournalError) {
    try await repository.writer.checkProjections()
    try await repository.writer.dropLostStaging(before: world.now() - Limits.progressAgeMax)
    try await releaseHeld()
    while true {
      let begun = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.begun(limit: Limits.tasksPerRound)
      }
      if begun.isEmpty { return }
      for stream in begun {
        let loaded = try await repository.loaded(stream)
        let events = loaded.delivery.markOutcomeUnknown(
          retrySchedule: settings.retrySchedule, at: world.now(), chance: world.fraction())
        do {
          try await append(
            events, to: stream, expecting: loaded.delivery.version, cause: .position(loaded.last))
        } catch .conflict {
          // Somebody else was faster; if it is still open, it is found again.
          continue
        }
        try await completeReplay(of: stream)
      }
    }
  }
}
