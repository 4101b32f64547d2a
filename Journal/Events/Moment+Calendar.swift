/// Year, month, day and time of day of a moment in UTC, and the forms that Daybook prints.
///
/// The conversion between days and dates is the one for the proleptic Gregorian calendar by shifted
/// years that begin in March. Source: Howard Hinnant, “chrono-Compatible Low-Level Date
/// Algorithms”.
public struct CalendarTime: Equatable, Sendable {
  /// Years of the common era, astronomical numbering.
  public var year: Int
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int
  /// 0 to 23.
  public var hour: Int
  /// 0 to 59.
  public var minute: Int
  /// 0 to 59; leap seconds do not exist in Unix time.
  public var second: Int
  /// 0 to 999.
  public var millisecond: Int

  /// The parts as given, unchecked; `Moment(_:)` gives the instant.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    millisecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.millisecond = millisecond
  }

  /// In English, as HTTP, Java and the log’s own texts name them; January first.
  package static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// In English; Sunday first.
  package static let weekdayNames = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// 0 for Sunday to 6 for Saturday.
  public var weekday: Int {
    let days = daysFromEpoch(year: year, month: month, day: day)
    return floorRemainder(days + 4, 7)
  }

  /// True where the parts name a day and time that exist.
  public var isValid: Bool {
    guard (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day) else {
      return false
    }
    return (0...23).contains(hour) && (0...59).contains(minute) && (0...59).contains(second)
      && (0...999).contains(millisecond)
  }
}

extension Moment {
  /// The instant of a calendar time in UTC.
  public init(_ time: CalendarTime) {
    let days = daysFromEpoch(year: time.year, month: time.month, day: time.day)
    let seconds = ((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second
    self.init(milliseconds: Int64(seconds) * 1_000 + Int64(time.millisecond))
  }

  /// The parts of this instant in UTC.
  public var calendarTime: CalendarTime {
    let total = Int(milliseconds)
    let days = floorQuotient(total, 86_400_000)
    let rest = floorRemainder(total, 86_400_000)
    let (year, month, day) = dateFromEpoch(days: days)
    return CalendarTime(
      year: year, month: month, day: day, hour: rest / 3_600_000, minute: rest / 60_000 % 60,
      second: rest / 1_000 % 60, millisecond: rest % 1_000)
  }

  /// RFC 3339 in UTC with milliseconds: `2026-11-23T09:05:00.000Z`.
  public var rfc3339: String {
    let time = calendarTime
    return "\(dateText(time))T\(clockText(time)).\(padded(time.millisecond, 3))Z"
  }

  /// ISO 8601 in UTC with whole seconds: `2026-11-23T09:05:00Z`, the form of `events[].pollDate`.
  public var isoSeconds: String {
    let time = calendarTime
    return "\(dateText(time))T\(clockText(time))Z"
  }

  /// Java's `Date.toString()` in UTC: `Mon Nov 23 09:05:00 UTC 2026`, the form of `createdDate`.
  public var javaDate: String {
    let time = calendarTime
    let month = CalendarTime.monthNames[time.month - 1].prefix(3)
    let day = "\(CalendarTime.weekdayNames[time.weekday].prefix(3)) \(month) \(padded(time.day, 2))"
    return "\(day) \(clockText(time)) UTC \(padded(time.year, 4))"
  }

  /// The instant that an RFC 3339 text names, or nil where it names none.
  ///
  /// Lenient where providers are: any number of fraction digits (those past the third are dropped),
  /// `t` and `z` in lower case, offsets with or without a colon, a blank in place of the `T`.
  public init?(rfc3339 text: String) {
    var reader = DigitReader(text)
    guard let year = reader.number(4), reader.take("-"), let month = reader.number(2),
      reader.take("-"), let day = reader.number(2),
      reader.take("T") || reader.take("t")
        || reader.take(" "), let hour = reader.number(2), reader.take(":"),
      let minute = reader.number(2)
    else { return nil }
    var second = 0
    if reader.take(":") {
      guard let value = reader.number(2) else { return nil }
      second = value
    }
    let fraction = reader.take(".") ? reader.fraction() : 0
    guard let offset = reader.offset(), reader.isAtEnd, let millisecond = fraction else {
      return nil
    }
    let time = CalendarTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: min(second, 59),
      millisecond: millisecond)
    guard time.isValid, second <= 60 else { return nil }
    self = Moment(time) - .seconds(offset)
  }
}

/// Reads the fixed digits of a date from the left; never past the end.
private struct DigitReader {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = Substring(text).utf8
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let first = rest.first, UInt32(first) == character.value else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(_ digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let first = rest.first, (48...57).contains(first) else { return nil }
      value = value * 10 + Int(first) - 48
      rest.removeFirst()
    }
    return value
  }

  /// The milliseconds of a fraction with one digit or more.
  mutating func fraction() -> Int? {
    var value = 0
    var count = 0
    while let first = rest.first, (48...57).contains(first) {
      if count < 3 { value = value * 10 + Int(first) - 48 }
      count += 1
      rest.removeFirst()
    }
    guard count > 0 else { return nil }
    for _ in count..<max(3, count) { value *= 10 }
    return value
  }

  /// Seconds east of UTC.
  mutating func offset() -> Int? {
    if take("Z") || take("z") { return 0 }
    let sign = take("+") ? 1 : take("-") ? -1 : 0
    guard sign != 0, let hours = number(2), hours < 24 else { return nil }
    if isAtEnd { return sign * hours * 3_600 }
    _ = take(":")
    guard let minutes = number(2), minutes < 60 else { return nil }
    return sign * (hours * 3_600 + minutes * 60)
  }
}

private func daysFromEpoch(year: Int, month: Int, day: Int) -> Int {
  let shifted = month <= 2 ? year - 1 : year
  let era = floorQuotient(shifted, 400)
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

private func dateFromEpoch(days: Int) -> (year: Int, month: Int, day: Int) {
  let shifted = days + 719_468
  let era = floorQuotient(shifted, 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra =
    (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthIndex = (5 * dayOfYear + 2) / 153
  let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
}

private func daysIn(month: Int, year: Int) -> Int {
  switch month {
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  case 4, 6, 9, 11: 30
  default: 31
  }
}

private func floorQuotient(_ value: Int, _ divisor: Int) -> Int {
  value / divisor - (value % divisor < 0 ? 1 : 0)
}

private func floorRemainder(_ value: Int, _ divisor: Int) -> Int {
  let rest = value % divisor
  return rest < 0 ? rest + divisor : rest
}

private func dateText(_ time: CalendarTime) -> String {
  "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
}

private func clockText(_ time: CalendarTime) -> String {
  "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
}

private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return digits.count >= width
    ? digits : String(repeating: "0", count: width - digits.count) + digits
}
