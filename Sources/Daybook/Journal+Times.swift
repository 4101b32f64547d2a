import Engine
public import Events

/// The clocks by which people write times.
public struct ClockZone: Sendable {
  /// As the log keeps time.
  public static let utc = ClockZone { _ in .zero }

  private let east: @Sendable (Moment) -> Duration

  /// - Parameter east: How far the clocks are ahead of UTC at an instant.
  public init(east: @escaping @Sendable (Moment) -> Duration) { self.east = east }

  /// The time that the clocks show at an instant, as if it were UTC.
  func clock(at moment: Moment) -> Moment { moment + east(moment) }

  /// The instant at which the clocks show this; where they leave it out or show it twice, one that
  /// is near.
  func moment(at clock: Moment) -> Moment {
    // By the clocks of half a day around it: a change of them may lie between.
    clock - east(clock - east(clock))
  }
}

extension Journal {
  /// The forms of times, for who wrote another.
  public static let timeForms =
    "2026-11-23T09:05:00Z, '2026-11-23 09:05', 2026-11-23, 09:05, yesterday, today, now, 2h or -2h"

  /// Reads a time as people write it.
  ///
  ///     2026-11-23T09:05:00Z                           an instant
  ///     2026-11-23   2026-11-23 09:05   09:05:30       on the clocks of the zone; the last, today
  ///     yesterday   today                              when these days began
  ///     now   2h   -2h   1w                            now, and so long ago
  ///
  /// - Returns: nil where the text is no time.
  public func moment(_ text: String, in zone: ClockZone = .utc) -> Moment? {
    if let moment = Moment(rfc3339: text) { return moment }
    let now = access.world.now()
    let clock = zone.clock(at: now).milliseconds
    let day: Int64 = 86_400_000
    let today = Moment(milliseconds: clock - (clock % day + day) % day)
    switch text {
    case "now": return now
    case "today": return zone.moment(at: today)
    case "yesterday": return zone.moment(at: today - .milliseconds(day))
    default: break
    }
    if let ago = Duration(ago: text.hasPrefix("-") ? text.dropFirst() : text[...]) {
      return now - ago
    }
    let date = today.rfc3339.prefix(10)
    let forms = ["\(text)T00:00Z", "\(text)Z", "\(date)T\(text)Z", "\(date)T0\(text)Z"]
    return forms.lazy.compactMap { Moment(rfc3339: $0) }.first.map { zone.moment(at: $0) }
  }
}

extension Duration {
  /// A duration with its unit, weeks among them.
  fileprivate init?(ago text: Substring) {
    guard text.hasSuffix("w"), let weeks = Int64(text.dropLast()), (0...60).contains(weeks) else {
      self.init(unit: text)
      return
    }
    self.init(unit: "\(weeks * 7)d")
  }
}
