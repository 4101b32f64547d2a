/// Lets a receiver rest that fails most of what it is sent, and looks now and then whether it has
/// recovered.
///
///     closed ──▶ open, where 70 % of at least 10 attempts have failed in 5 minutes
///     open ────▶ one is let through 30 s after the last failure ──▶ closed, where it is taken
///
/// Counts in steps of ten seconds, by a clock that never jumps. Source: Convoy, “Circuit breaking”.
package struct Breaker: Sendable, Equatable {
  /// The reaction to an outcome that is to be told.
  package enum Change: Sendable, Equatable {
    case opened(attempts: Int, failed: Int)
    case closed
  }

  /// Attempts that ended within one step of the window.
  private struct Step: Sendable, Equatable {
    var start: Duration
    var attempts = 0
    var failed = 0
  }

  private var steps: [Step] = []
  /// When the next one is let through; nil: it is closed.
  package private(set) var nextAt: Duration?

  /// Closed, and nothing is known.
  package init() {}

  /// Open since before.
  package init(openUntil nextAt: Duration) { self.nextAt = nextAt }

  package var isOpen: Bool { nextAt != nil }

  /// True where it has nothing to remember.
  package func isIdle(at now: Duration) -> Bool {
    nextAt == nil && (steps.last.map { now - $0.start >= Limits.breakerWindow } ?? true)
  }

  /// Takes in how an attempt ended.
  ///
  /// - Parameter isProbe: True for the one that was let through, or was made by hand: what was
  ///   under way already when it opened says nothing new.
  package mutating func note(
    hasFailed: Bool, isProbe: Bool, wait: Duration, at now: Duration
  ) -> Change? {
    guard nextAt == nil else {
      guard isProbe else { return nil }
      guard hasFailed else {
        self = Breaker()
        return .closed
      }
      nextAt = now + wait
      return nil
    }
    if let last = steps.last, now - last.start < Limits.breakerStep {
    } else {
      steps.append(Step(start: now))
      steps.removeAll { now - $0.start >= Limits.breakerWindow }
    }
    steps[steps.count - 1].attempts += 1
    guard hasFailed else { return nil }
    steps[steps.count - 1].failed += 1
    let (attempts, failed) = steps.reduce((0, 0)) { ($0.0 + $1.attempts, $0.1 + $1.failed) }
    guard attempts >= Limits.breakerAttemptsMin,
      Double(failed) >= Limits.breakerShare * Double(attempts)
    else { return nil }
    steps = []
    nextAt = now + wait
    return .opened(attempts: attempts, failed: failed)
  }
}
