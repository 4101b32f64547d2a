/// An instant in UTC with the resolution of the log: whole milliseconds since 1970-01-01T00:00:00Z.
///
///     Moment(milliseconds: 1_700_000_000_123).rfc3339    // 2023-11-14T22:13:20.123Z
public struct Moment: Hashable, Comparable, Sendable, Codable {
  /// Unix time in UTC, milliseconds.
  public var milliseconds: Int64

  /// The instant that many milliseconds after the Unix epoch.
  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// Stored as the bare number of milliseconds.
  public init(from decoder: any Decoder) throws {
    milliseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  /// Stored as the bare number of milliseconds.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }

  /// Earlier instants come first.
  public static func < (left: Moment, right: Moment) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// The instant after a wait, cut to whole milliseconds; the last or first one there is where it
  /// would lie beyond.
  public static func + (left: Moment, right: Duration) -> Moment {
    Moment(milliseconds: left.milliseconds.adding(right.wholeMilliseconds))
  }

  /// The instant before a wait, cut to whole milliseconds; the first or last one there is where it
  /// would lie beyond.
  public static func - (left: Moment, right: Duration) -> Moment {
    Moment(milliseconds: left.milliseconds.subtracting(right.wholeMilliseconds))
  }

  /// The wait from the right instant to the left one; negative where the left is earlier.
  public static func - (left: Moment, right: Moment) -> Duration {
    .milliseconds(left.milliseconds.subtracting(right.milliseconds))
  }
}

extension Duration {
  /// The duration in whole milliseconds, the next more where it lies between two.
  public var roundedUp: Duration {
    let cut = Duration.milliseconds(wholeMilliseconds)
    return cut < self ? cut + .milliseconds(1) : cut
  }

  /// The duration in milliseconds, cut toward zero.
  public var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (milliseconds, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000)
    if isTooMuch { return seconds < 0 ? .min : .max }
    return milliseconds.adding(attoseconds / 1_000_000_000_000_000)
  }
}

/// Sums that stop at the ends: a number that somebody has changed in a file ends no program.
extension Int64 {
  fileprivate func adding(_ other: Int64) -> Int64 {
    let (sum, isTooMuch) = addingReportingOverflow(other)
    return isTooMuch ? (other < 0 ? .min : .max) : sum
  }

  fileprivate func subtracting(_ other: Int64) -> Int64 {
    let (rest, isTooMuch) = subtractingReportingOverflow(other)
    return isTooMuch ? (other < 0 ? .max : .min) : rest
  }
}
