import Daybook
import Events

/// Lines on standard error about work that nobody waits for. Everything they say stands in the log,
/// so they hold no more than its bodies do: no secret, no header, no content.
package struct WorkLog: Sendable {
  /// From the fewest lines to the most.
  package enum Level: String, Sendable, CaseIterable, Comparable {
    case error, warning, info, debug

    package static func < (left: Level, right: Level) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  let level: Level

  /// Says what a task came to: failures as warnings, the rest as information.
  func tell(_ outcome: StepOutcome) {
    switch outcome {
    case .polled(let poll) where poll.status == .failed:
      say(.warning, "poll of \(poll.resource) of \(poll.instance) failed: \(poll.error ?? "")")
    case .polled(let poll):
      say(.info, "poll of \(poll.resource) of \(poll.instance): \(poll.changes) changes")
    case .attempted(let attempt) where attempt.outcome != "succeeded":
      let status = attempt.status.map { " with \($0)" } ?? ""
      say(
        .warning, "delivery \(attempt.id), attempt \(attempt.attempt): \(attempt.outcome)\(status)")
    case .attempted(let attempt):
      say(.info, "delivery \(attempt.id), attempt \(attempt.attempt): succeeded")
    case .requested(let count): say(.debug, "\(count) deliveries asked for")
    case .settled(let delivery):
      say(.info, "delivery \(delivery.id): \(delivery.outcome) without an attempt")
    }
  }

  private func say(_ level: Level, _ text: String) {
    guard level <= self.level else { return }
    Console.complain("daybook: \(level.rawValue): \(visible(text))")
  }
}
