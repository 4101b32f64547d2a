import Domain
import EventStore
import Events

/// Holds the wall clock against the one that never jumps, and records its jumps.
///
/// Lives inside the worker.
final class WallClock {
  private let repository: Repository
  private let world: World
  /// Both clocks when they were compared last; nil: not yet.
  private var compared: (wall: Moment, steady: Duration)?

  init(_ repository: Repository, world: World) {
    self.repository = repository
    self.world = world
  }

  /// Records a jump of the wall clock, so that what is due moves with it: neither a gap nor a
  /// storm.
  ///
  /// Before every decision that reckons with the time: what was planned by the new time before
  /// the step is recorded would move with the rest.
  nonisolated(nonsending) func recordStep() async throws(JournalError) {
    let (wall, steady) = (world.now(), world.uptime())
    let before = compared
    // At once, so that nobody records the same step while this one is under way.
    compared = (wall, steady)
    let expected: Moment
    if let before {
      expected = before.wall + (steady - before.steady)
    } else {
      expected = max(wall, try await latestWall())
    }
    let step = wall - expected
    guard abs(step.wholeMilliseconds) >= Limits.clockStepMin.wholeMilliseconds else { return }
    let stepped = ClockStepped(
      fromMs: expected.milliseconds, toMs: wall.milliseconds, byMs: step.wholeMilliseconds)
    _ = try await repository.writer.append(
      AppendRequest([NewEvent(.journal, .clockStepped(stepped))], at: wall))
  }

  /// The latest that the wall clock is known to have shown: without another clock to compare with,
  /// only a step behind that shows.
  ///
  /// It is the time of the last event, unless the clock stepped back and has not caught up with the
  /// log since: then the log stands at a time before that step, also where what had been decided by
  /// then was recorded after it, and what polls since then say of their own time is closer.
  private nonisolated(nonsending) func latestWall() async throws(JournalError) -> Moment {
    try await repository.reader.read { snapshot throws(JournalError) in
      let head = try snapshot.head()
      guard let row = try snapshot.lastClockStep(),
        case .clockStepped(let step) = try row.event(),
        head.recordedAt <= max(row.recordedAt, Moment(milliseconds: step.fromMs))
      else { return head.recordedAt }
      let polled = try snapshot.latestPoll(after: row.position)
      return max(Moment(milliseconds: step.toMs), polled ?? Moment(milliseconds: step.toMs))
    }
  }
}
