import Daybook
import Events
import Synchronization

/// What this process has done since it began, counted as it happens.
final class Meters: Sendable {
  struct Request: Hashable {
    let route: String
    let method: String
    let status: Int
  }

  struct Attempt: Hashable {
    /// `2xx`, `5xx`, …; `none` where nobody answered.
    let statusClass: String
    let outcome: String
  }

  struct State {
    var requests: [Request: Int] = [:]
    var polls: [String: Int] = [:]
    var attempts: [Attempt: Int] = [:]
    var retries = 0
    var deliveriesRequested = 0
    /// Attempts that took as long as a bound at most, and longer than the one before.
    var durations = [Int](repeating: 0, count: Meters.bounds.count + 1)
    var durationSum = Duration.zero
    /// True while the journal is polled and delivered.
    var isWorking = false
  }

  /// Bounds of the histogram in milliseconds: from a neighbour’s answer to the longest wait.
  static let bounds: [Int64] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 15_000]

  let state = Mutex(State())

  func count(_ request: Request) { state.withLock { $0.requests[request, default: 0] += 1 } }

  func count(_ outcome: StepOutcome) {
    state.withLock { state in
      switch outcome {
      case .polled(let poll): state.polls[poll.status.rawValue, default: 0] += 1
      case .requested(let deliveries): state.deliveriesRequested += deliveries
      case .attempted(let attempt): state.count(attempt)
      // Nothing was sent; the journal’s own figures have it as held or skipped.
      case .settled: break
      }
    }
  }
}

extension Meters.State {
  fileprivate mutating func count(_ attempt: AttemptReport) {
    let statusClass = attempt.status.map { "\($0 / 100)xx" } ?? "none"
    attempts[Meters.Attempt(statusClass: statusClass, outcome: attempt.outcome), default: 0] += 1
    if attempt.attempt > 1 { retries += 1 }
    let place = Meters.bounds.firstIndex { attempt.duration <= .milliseconds($0) }
    durations[place ?? Meters.bounds.count] += 1
    durationSum += attempt.duration
  }
}
