import Daybook
package import Events
import Glibc

/// The zone in which instants are shown; the form is RFC 3339 with milliseconds in either.
package enum MomentStyle: Equatable, Sendable {
  /// `2026-11-23T09:05:00.000Z`
  case utc
  /// `2026-11-23T10:05:00.000+01:00`, in the zone of `TZ` or else of the machine.
  case local

  /// The instant in this zone; in UTC where the C library knows no local time for it.
  package func text(_ moment: Moment) -> String {
    guard let east = east(at: moment) else { return moment.rfc3339 }
    let clock = (moment + .seconds(east)).rfc3339.dropLast()
    let minutes = abs(east) / 60
    let sign = east < 0 ? "-" : "+"
    return "\(clock)\(sign)\(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))"
  }

  /// Seconds by which the local clocks are ahead of UTC; nil in UTC, and where the C library knows
  /// no local time.
  private func east(at moment: Moment) -> Int? {
    guard self == .local else { return nil }
    let millisecond = (moment.milliseconds % 1_000 + 1_000) % 1_000
    var seconds = time_t((moment.milliseconds - millisecond) / 1_000)
    var parts = tm()
    tzset()
    guard localtime_r(&seconds, &parts) != nil else { return nil }
    return parts.tm_gmtoff
  }

  /// The instant in two parts, the day with its zone and the time of day.
  ///
  ///     2026-11-23 UTC       09:05:00.000
  ///     2026-11-23 +01:00    10:05:00.000
  package func parts(_ moment: Moment) -> (day: String, time: String) {
    let parts = text(moment).split(separator: "T", maxSplits: 1)
    guard parts.count == 2 else { return ("", text(moment)) }
    let time = parts[1].prefix { $0 == ":" || $0 == "." || $0.isNumber }
    let zone = parts[1].dropFirst(time.count)
    return ("\(parts[0]) \(zone == "Z" ? "UTC" : zone)", String(time))
  }

  /// The clocks by which times are read that are typed.
  var zone: ClockZone { ClockZone { .seconds(east(at: $0) ?? 0) } }
}

private func twoDigits(_ value: Int) -> String {
  value < 10 ? "0\(value)" : String(value)
}
