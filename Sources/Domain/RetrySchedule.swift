package import Events

/// How long to wait after each failed attempt, without jitter.
package enum RetrySchedule: Sendable, Equatable {
  /// The default; see `standardWaits`.
  case standard
  /// 8^x seconds, five times, counted from the first failure.
  ///
  ///     after attempt   1    2     3      4       5
  ///     at             8 s  64 s  512 s  4096 s  32768 s   after the first failure
  ///
  /// Source: SAP Open Connectors, “Event retry and queueing”.
  case sap
  case waits([Duration])

  ///     after attempt   1     2      3      4    5    6     7     8     9
  ///     wait           5 s  5 min  30 min  2 h  5 h  10 h  14 h  20 h  24 h
  ///
  /// Source: Standard Webhooks, “Deliverability and reliability”.
  package static let standardWaits: [Duration] = [
    .seconds(5), .seconds(300), .seconds(1_800), .seconds(7_200), .seconds(18_000),
    .seconds(36_000), .seconds(50_400), .seconds(72_000), .seconds(86_400),
  ]

  /// The wait after an attempt, or nil when it is time to give up.
  ///
  /// - Parameter attempt: The attempt just failed, counted from 1 since the delivery was opened.
  package func wait(
    afterAttempt attempt: Int, at now: Moment, firstFailureAt: Moment
  ) -> Duration? {
    precondition(attempt >= 1, "attempts count from 1, not \(attempt)")
    switch self {
    case .standard: return RetrySchedule.pick(RetrySchedule.standardWaits, attempt)
    case .waits(let waits): return RetrySchedule.pick(waits, attempt)
    case .sap:
      guard attempt <= 5 else { return nil }
      let since = Duration.seconds(1 << (3 * attempt))
      return max(firstFailureAt + since - now, .zero)
    }
  }

  /// The wait that is repeated where a delivery may not be given up.
  package var lastWait: Duration {
    switch self {
    case .standard: RetrySchedule.standardWaits.last ?? .zero
    case .waits(let waits): waits.last ?? .zero
    case .sap: .seconds(1 << 15)
    }
  }

  private static func pick(_ waits: [Duration], _ attempt: Int) -> Duration? {
    attempt <= waits.count ? waits[attempt - 1] : nil
  }

  /// Reads `standard`, `sap` or a list of waits such as `1s,5s,5m`; nil where it is none of them.
  package init?(_ text: String) {
    switch text {
    case "standard": self = .standard
    case "sap": self = .sap
    default:
      let waits = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { Duration(unit: $0.trimmingBlanks()) }
      guard !waits.isEmpty, waits.count <= 50, waits.allSatisfy({ $0 != nil }) else { return nil }
      self = .waits(waits.compactMap { $0 })
    }
  }
}

extension StringProtocol {
  /// The text without blanks at its ends.
  package func trimmingBlanks() -> String {
    var rest = Substring(self)
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }
}
