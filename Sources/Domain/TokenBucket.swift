import Events

/// How much of a user’s quota may be spent now: a store that fills up steadily.
///
/// Store and inflow of a minute together stay within what the provider allows in any minute.
package struct TokenBucket: Sendable, Equatable {
  private var units: Double
  private var at: Duration

  /// A full store.
  ///
  /// - Parameter now: By a clock that never jumps.
  package init(at now: Duration) {
    units = Double(Limits.quotaUnitsAtOnce)
    at = now
  }

  /// Spends units, in advance where there are too few.
  ///
  /// - Returns: How long to wait before what they are for is done.
  package mutating func spend(_ spent: Int, at now: Duration) -> Duration {
    let rate = Double(Limits.quotaUnitsPerMinute) / 60_000
    let passed = Double(max(0, (now - at).wholeMilliseconds))
    units = min(Double(Limits.quotaUnitsAtOnce), units + passed * rate) - Double(spent)
    at = now
    return units >= 0 ? .zero : .milliseconds(Int64((-units / rate).rounded(.up)))
  }
}
