package import Events
import FoundationEssentials
import FoundationInternationalization

/// A time zone by one of the names that polling configurations use.
///
///     GMT  UTC  Z            no offset
///     -8:00  +0530  GMT+2    a fixed offset
///     America/Denver         the rules of the zone database
///     PST  CST  IST          Java's short names for zones, with their summer time
///     EST  MST  HST  PDT     fixed offsets, in Java as well
///
/// Source of the short names: Java SE, `java.time.ZoneId.SHORT_IDS`.
package struct Zone: Sendable, Equatable {
  private enum Kind: Equatable {
    case fixed(seconds: Int)
    case ruled(TimeZone)
  }

  private let kind: Kind

  /// No offset, whatever the time of year.
  package static let gmt = Zone(secondsEast: 0)

  private init(_ kind: Kind) { self.kind = kind }

  /// A fixed offset.
  package init(secondsEast seconds: Int) {
    self.init(.fixed(seconds: seconds))
  }

  /// - Returns: nil for a name that means nothing, here or to the zone database.
  package init?(_ name: String) {
    if ["GMT", "UTC", "UT", "Z"].contains(name.uppercased()) {
      self = .gmt
    } else if let seconds = Zone.offset(name) ?? fixedZones[name] {
      self.init(secondsEast: seconds)
    } else if let zone = Zone.named(ruledZones[name] ?? name) {
      self.init(.ruled(zone))
    } else {
      return nil
    }
  }

  /// A zone as it stands in a text beside the time: a short name means one offset there.
  package init?(inText name: String) {
    if let seconds = standardZones[name] {
      self.init(secondsEast: seconds)
    } else {
      self.init(name)
    }
  }

  /// Seconds that clocks are ahead of UTC.
  package func secondsEast(at moment: Moment) -> Int {
    switch kind {
    case .fixed(let seconds): seconds
    case .ruled(let zone):
      zone.secondsFromGMT(
        for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1_000))
    }
  }

  /// The instant at which clocks show a time. Of a time that they show twice, or never, the instant
  /// by the offset of one side.
  package func moment(of time: CalendarTime) -> Moment {
    let asUTC = Moment(time)
    let near = asUTC - .seconds(secondsEast(at: asUTC))
    return asUTC - .seconds(secondsEast(at: near))
  }

  /// `-8:00`, `+0530`, `GMT+2`: hours, and minutes where there are any.
  private static func offset(_ name: String) -> Int? {
    var rest = Substring(name)
    for prefix in ["GMT", "UTC"] where rest.hasPrefix(prefix) { rest = rest.dropFirst(3) }
    guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
    let digits = rest.dropFirst().filter { $0 != ":" }
    guard (1...4).contains(digits.utf8.count), digits.first != "+", let value = Int(digits),
      value >= 0
    else { return nil }
    let (hours, minutes) = digits.utf8.count > 2 ? (value / 100, value % 100) : (value, 0)
    guard hours < 24, minutes < 60 else { return nil }
    return (sign == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
  }

  /// Names of places, such as `Europe/Berlin`; never a path.
  private static func named(_ name: String) -> TimeZone? {
    guard name.contains("/"), !name.hasPrefix("/"), !name.contains(".."), name.utf8.count <= 64
    else { return nil }
    return TimeZone(identifier: name)
  }
}

/// Short names that have no summer time.
private let fixedZones = [
  "EST": -18_000, "MST": -25_200, "HST": -36_000, "PDT": -25_200, "MDT": -21_600, "CDT": -18_000,
  "EDT": -14_400, "CEST": 7_200,
]

/// Short names of zones that have one.
private let ruledZones = [
  "PST": "America/Los_Angeles", "CST": "America/Chicago", "AST": "America/Anchorage",
  "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "CTT": "Asia/Shanghai", "ECT": "Europe/Paris",
  "AET": "Australia/Sydney", "PRT": "America/Puerto_Rico", "NST": "Pacific/Auckland",
  "CET": "Europe/Paris", "EET": "Europe/Athens", "WET": "Europe/Lisbon",
]

/// The offsets of short names beside a time: `PST` is never summer time there.
private let standardZones = [
  "PST": -28_800, "CST": -21_600, "AST": -14_400, "CET": 3_600, "EET": 7_200, "WET": 0,
]
