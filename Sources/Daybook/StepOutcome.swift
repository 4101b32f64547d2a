import Engine
public import Events

/// The result of one task off the agenda.
public enum StepOutcome: Sendable, Equatable {
  case polled(PollReport)
  case attempted(AttemptReport)
  /// So many deliveries were asked for, by the changes of a poll or by a replay.
  case requested(deliveries: Int)
  /// A delivery came to rest without an attempt; its outcome says how, such as `held`.
  case settled(AttemptReport)

  init(_ report: Worker.Report) {
    switch report {
    case .poll(let poll): self = .polled(poll)
    case .attempt(let attempt): self = .attempted(attempt)
    case .requested(let count): self = .requested(deliveries: count)
    case .settled(let delivery): self = .settled(delivery)
    }
  }
}
