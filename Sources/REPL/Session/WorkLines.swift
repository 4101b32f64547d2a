import Daybook
import Events
import Synchronization

/// A line for a person on each poll with changes and each attempt, as `run` makes them.
///
///     02:32:01 instance 1 calendars/primary: 1 change
///     02:32:01 delivered 1717437728593508938 to https://example.com/hook: 204 in 31 ms
///     02:32:09 delivery 1717437728593508938 to https://example.com/hook: failed with 503,
///       attempt 1; next at 02:37:13
struct WorkLines: Sendable {
  /// Gives the time of a line.
  let now: @Sendable () -> Moment
  /// The zone of its clock.
  let zone: MomentStyle

  /// The line on what a task came to; nil where it says nothing new.
  func line(_ outcome: StepOutcome) -> String? {
    let text: String
    switch outcome {
    case .polled(let poll):
      guard let found = Self.text(poll) else { return nil }
      text = "instance \(poll.instance) \(Self.short(poll.resource)): \(found)"
    case .attempted(let attempt): text = self.text(attempt)
    case .settled(let delivery):
      text = "delivery \(delivery.id): \(delivery.outcome) without an attempt"
    case .requested: return nil
    }
    return visible("\(clock(now())) \(text)")
  }

  private static func text(_ poll: PollReport) -> String? {
    switch poll.status {
    case .failed: "failed: \(poll.error ?? "")"
    case .skipped: nil
    case .completed: poll.changes > 0 ? counted(poll.changes, "change") : nil
    }
  }

  private func text(_ attempt: AttemptReport) -> String {
    let status = attempt.status.map { "\($0)" } ?? "no answer"
    let time = "in \(grouped(attempt.duration.wholeMilliseconds)) ms"
    if attempt.outcome == "succeeded" {
      return "delivered \(attempt.id) to \(attempt.url): \(status) \(time)"
    }
    let next = attempt.nextAt.map { "; next at \(clock($0))" } ?? ""
    return "delivery \(attempt.id) to \(attempt.url): \(attempt.outcome) with \(status),"
      + " attempt \(attempt.attempt)\(next)"
  }

  /// The part of a resource that tells it from others.
  private static func short(_ resource: String) -> String {
    let usual = "/changed-events"
    return resource.hasSuffix(usual) ? String(resource.dropLast(usual.count)) : resource
  }

  private func clock(_ moment: Moment) -> String {
    String(zone.text(moment).dropFirst(11).prefix(8))
  }
}

/// Polls and attempts of a run, counted.
final class WorkCount: Sendable {
  private let state = Mutex((polls: 0, attempts: 0))

  /// Counts what a task came to.
  func add(_ outcome: StepOutcome) {
    state.withLock { state in
      switch outcome {
      case .polled: state.polls += 1
      case .attempted: state.attempts += 1
      case .requested, .settled: break
      }
    }
  }

  /// `12 polls, 30 attempts`
  var text: String {
    let (polls, attempts) = state.withLock { $0 }
    return "\(counted(polls, "poll")), \(counted(attempts, "attempt"))"
  }
}
