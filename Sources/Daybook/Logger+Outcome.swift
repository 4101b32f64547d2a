import Events
import Logging

extension Logger {
  /// Says what a task came to: failures as warnings, the rest as information.
  func tell(_ outcome: StepOutcome) {
    switch outcome {
    case .polled(let poll):
      let metadata: Metadata = ["instance": "\(poll.instance)", "resource": "\(poll.resource)"]
      let name = "poll of \(poll.resource) of \(poll.instance)"
      if poll.status == .failed {
        warning("\(name) failed: \(poll.error ?? "")", metadata: metadata)
      } else {
        info("\(name): \(poll.changes) changes", metadata: metadata)
      }
    case .attempted(let attempt):
      let name = "delivery \(attempt.id), attempt \(attempt.attempt)"
      let metadata: Metadata = ["delivery": "\(attempt.id)"]
      if attempt.outcome == "succeeded" {
        info("\(name): succeeded", metadata: metadata)
      } else {
        let status = attempt.status.map { " with \($0)" } ?? ""
        warning("\(name): \(attempt.outcome)\(status)", metadata: metadata)
      }
    case .requested(let count): debug("\(count) deliveries asked for")
    case .settled(let delivery):
      info(
        "delivery \(delivery.id): \(delivery.outcome) without an attempt",
        metadata: ["delivery": "\(delivery.id)"])
    }
  }
}
