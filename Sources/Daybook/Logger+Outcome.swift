import Events
import Logging

extension Logger {
  /// Says what a task came to: failures as warnings, the rest as information.
  func tell(_ outcome: StepOutcome) {
    switch outcome {
    case .polled(let poll):
      let metadata: Metadata = ["instance": "\(poll.instance)", "resource": "\(poll.resource)"]
      let name = "instance \(poll.instance) \(poll.resource)"
      if poll.status == .failed {
        warning("\(name): poll failed: \(poll.error ?? "")", metadata: metadata)
      } else {
        let changes = poll.changes == 1 ? "1 change" : "\(poll.changes) changes"
        info("\(name): \(changes)", metadata: metadata)
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
    case .requested(let count):
      debug("\(count == 1 ? "1 delivery" : "\(count) deliveries") asked for")
    case .settled(let delivery):
      info(
        "delivery \(delivery.id): \(delivery.outcome) without an attempt",
        metadata: ["delivery": "\(delivery.id)"])
    }
  }
}
