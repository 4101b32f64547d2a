import Domain
import Events
package import Journal

/// Jumps of the clock, and what an earlier process left unfinished.
extension Runner {
  /// Records a jump of the wall clock, so that what is due moves with it: neither a gap nor a
  /// storm.
  ///
  /// Before every decision that reckons with the time: what was planned by the new time before
  /// the step is recorded would move with the rest.
  func noticeClock() async throws(LogError) {
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
    _ = try await book.log.append(Append([Draft("journal", .clockStepped(stepped))], at: wall))
  }

  /// The latest that the wall clock is known to have shown: without another clock to compare with,
  /// only a step behind that shows.
  ///
  /// It is the time of the last event, unless the clock stepped back and has not caught up with the
  /// log since: then the log stands still at the time before that step, and what polls since then
  /// say of their own time is closer.
  private func latestWall() async throws(LogError) -> Moment {
    try await book.reader.read { reading throws(LogError) in
      let head = try reading.head()
      guard let row = try reading.lastClockStep(), row.recordedAt == head.recordedAt,
        case .clockStepped(let step) = try row.event()
      else { return head.recordedAt }
      let polled = try reading.latestPoll(after: row.position)
      return max(Moment(milliseconds: step.toMs), polled ?? Moment(milliseconds: step.toMs))
    }
  }

  /// Attempts whose outcome was lost with an earlier process count and are sent again.
  package func recover() async throws(LogError) {
    try await book.log.checkProjections()
    try await book.log.dropLostScratch(before: world.now() - Limits.progressAgeMax)
    try await releaseHeld()
    while true {
      let begun = try await book.reader.read { reading throws(LogError) in
        try reading.begun(limit: Limits.tasksPerRound)
      }
      if begun.isEmpty { return }
      for stream in begun {
        let loaded = try await book.loaded(stream)
        let events = loaded.delivery.lose(
          ladder: settings.ladder, at: world.now(), chance: world.fraction())
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
