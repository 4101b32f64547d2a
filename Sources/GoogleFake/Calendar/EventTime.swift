import Events

/// When an event starts or ends: a day, or an instant seen at an offset from UTC.
///
/// The stand-in knows no rules of time zones: `timeZone` is kept and shown, and a time without an
/// offset is read as UTC.
struct EventTime: Hashable, Sendable {
  /// Unix time; for a day, that of its midnight in UTC.
  var seconds: Int64
  /// East of UTC.
  var offsetMinutes: Int16 = 0
  var isDay = false
  /// An IANA name such as `Europe/Zurich`.
  var zone: String?

  init(seconds: Int64, offsetMinutes: Int16 = 0, isDay: Bool = false, zone: String? = nil) {
    self.seconds = seconds
    self.offsetMinutes = offsetMinutes
    self.isDay = isDay
    self.zone = zone
  }

  /// Reads `{"date":"2026-11-23"}` or `{"dateTime":"2026-11-23T09:00:00+01:00","timeZone":"…"}`.
  init?(_ json: LooseJSON) {
    zone = json["timeZone"]?.string
    if let date = json["date"]?.string {
      guard let midnight = Moment(rfc3339: date + "T00:00:00Z") else { return nil }
      seconds = midnight.milliseconds / 1_000
      isDay = true
    } else if let text = json["dateTime"]?.string {
      let hasOffset =
        text.hasSuffix("Z") || text.hasSuffix("z")
        || text.utf8.dropFirst(19).contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
      guard hasOffset || zone != nil,
        let instant = Moment(rfc3339: hasOffset ? text : text + "Z"),
        let local = Moment(rfc3339: String(text.prefix(19)) + "Z")
      else { return nil }
      seconds = (instant.milliseconds - instant.milliseconds % 1_000) / 1_000
      offsetMinutes = Int16((local.milliseconds / 1_000 - seconds) / 60)
    } else {
      return nil
    }
  }

  /// The same kind of time at another instant.
  func moved(to seconds: Int64) -> EventTime {
    var other = self
    other.seconds = seconds
    return other
  }

  /// `2026-11-23`, `2026-11-23T09:00:00Z` or `2026-11-23T09:00:00+01:00`.
  var text: String {
    let local = Moment(milliseconds: (seconds + Int64(offsetMinutes) * 60) * 1_000).isoSeconds
    if isDay { return String(local.prefix(10)) }
    guard offsetMinutes != 0 else { return local }
    let total = abs(Int(offsetMinutes))
    let (hours, minutes) = (total / 60, total % 60)
    let sign = offsetMinutes < 0 ? "-" : "+"
    return local.dropLast() + "\(sign)\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")"
      + "\(minutes)"
  }

  /// The part behind the underscore in the id of an occurrence: `20261123T080000Z` or `20261123`.
  var stamp: String {
    let text = Moment(milliseconds: seconds * 1_000).isoSeconds
      .filter { $0 != "-" && $0 != ":" }
    return isDay ? String(text.prefix(8)) : text
  }

  /// The Unix time that a stamp names.
  static func seconds(ofStamp stamp: some StringProtocol) -> Int64? {
    let digits = Array(stamp)
    guard digits.count == 8 || digits.count == 16 else { return nil }
    let date = "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
    let clock =
      digits.count == 8
      ? "T00:00:00Z"
      : "T\(String(digits[9..<11])):\(String(digits[11..<13])):\(String(digits[13..<15]))Z"
    return Moment(rfc3339: date + clock).map { $0.milliseconds / 1_000 }
  }

  func write(_ name: String, to text: inout JSONText) {
    text.objectField(name) { text in
      text.field(isDay ? "date" : "dateTime", self.text)
      if let zone { text.field("timeZone", zone) }
    }
  }
}
