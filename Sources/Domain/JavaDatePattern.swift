package import Events

/// A date pattern as Java writes it, read leniently.
///
///     yyyy-MM-dd'T'HH:mm:ss.SSS'Z'    2026-11-23T09:05:00.123Z
///     EEE, dd MMM yyyy HH:mm:ss Z     Mon, 23 Nov 2026 09:05:00 +0000
///     milliseconds                    1795424700123
///
/// A bare `T` is itself, because a pasted command loses the quotes around it; `Z` reads `Z` and
/// offsets of any form; `SSS` any fraction of a second, or none. Source of the letters: Java SE,
/// `java.text.SimpleDateFormat`.
package struct JavaDatePattern: Sendable, Equatable {
  enum Element: Equatable {
    case literal(String)
    case field(Character, count: Int)
  }

  /// nil: milliseconds since the epoch.
  let elements: [Element]?

  /// - Returns: nil where a letter means nothing, or nothing that tells a date.
  package init?(_ pattern: String) {
    if pattern == "milliseconds" {
      elements = nil
      return
    }
    guard let elements = JavaDatePattern.elements(of: pattern) else { return nil }
    self.elements = elements
  }

  private init(elements: [Element]?) { self.elements = elements }

  /// The pattern that Google writes, and that of a date for which none is given.
  package static let rfc3339 = JavaDatePattern(
    elements: elements(of: "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"))

  /// The instant as the zone's clocks and calendars show it, names in English.
  package func format(_ moment: Moment, zone: Zone = .gmt) -> String {
    guard let elements else { return String(moment.milliseconds) }
    let offset = zone.secondsEast(at: moment)
    let time = (moment + .seconds(offset)).calendarTime
    // Without quotes around the `T` there were none around the `Z`.
    let isUnquoted = elements.contains(.field("T", count: 1))
    return elements.map { element in
      switch element {
      case .literal(let text): text
      case .field("Z", _) where isUnquoted && offset == 0: "Z"
      case .field(let letter, let count): written(letter, count, time, offset)
      }
    }.joined()
  }

  /// - Parameter zone: Of a text that does not name one itself.
  /// - Returns: nil where the text is not of this pattern, or names no day and time that exist.
  package func parse(_ text: String, zone: Zone = .gmt) -> Moment? {
    guard let elements else {
      return Int64(text).flatMap {
        (-latest...latest).contains($0) ? Moment(milliseconds: $0) : nil
      }
    }
    var reader = DateReader(text)
    for (place, element) in elements.enumerated() {
      let next = place + 1 < elements.count ? elements[place + 1] : nil
      guard reader.take(element, before: next) else { return nil }
    }
    return reader.isAtEnd ? reader.moment(in: zone) : nil
  }

  private static func elements(of pattern: String) -> [Element]? {
    var elements: [Element] = []
    var rest = Substring(pattern)
    while let letter = rest.first {
      if letter == "'" {
        guard let text = quotedText(&rest) else { return nil }
        elements.append(.literal(text))
      } else if letter.isASCII, letter.isLetter {
        let run = rest.prefix { $0 == letter }
        guard knownLetters.contains(letter), run.count <= 9 else { return nil }
        elements.append(.field(letter, count: run.count))
        rest = rest.dropFirst(run.count)
      } else {
        elements.append(.literal(String(rest.removeFirst())))
      }
    }
    let isDate = elements.contains {
      if case .field(let letter, _) = $0 { letter != "T" } else { false }
    }
    return isDate && pattern.utf8.count <= 200 ? elements : nil
  }

  /// Takes the text between two quotes, of which two in a row are one; `''` alone is one too.
  private static func quotedText(_ rest: inout Substring) -> String? {
    rest = rest.dropFirst()
    if rest.first == "'" {
      rest = rest.dropFirst()
      return "'"
    }
    var text = ""
    while let next = rest.popFirst() {
      guard next == "'" else {
        text.append(next)
        continue
      }
      guard rest.first == "'" else { return text }
      text.append(rest.removeFirst())
    }
    return nil
  }
}

private let knownLetters: Set<Character> = [
  "y", "M", "L", "d", "H", "k", "h", "K", "m", "s", "S", "a", "E", "z", "Z", "X", "T",
]

/// The end of the year 9999.
private let latest: Int64 = 253_402_300_799_999

private func written(
  _ letter: Character, _ count: Int, _ time: CalendarTime, _ offset: Int
) -> String {
  switch letter {
  case "y": count == 2 ? padded(time.year % 100, 2) : padded(time.year, count)
  case "M", "L":
    count > 2 ? name(CalendarTime.monthNames[time.month - 1], count) : padded(time.month, count)
  case "d": padded(time.day, count)
  case "H": padded(time.hour, count)
  case "k": padded(time.hour == 0 ? 24 : time.hour, count)
  case "h": padded((time.hour + 11) % 12 + 1, count)
  case "K": padded(time.hour % 12, count)
  case "m": padded(time.minute, count)
  case "s": padded(time.second, count)
  case "S": fraction(time.millisecond, count)
  case "a": time.hour < 12 ? "AM" : "PM"
  case "E": name(CalendarTime.weekdayNames[time.weekday], count)
  case "z": offset == 0 ? "GMT" : "GMT\(offsetText(offset, colon: true))"
  case "Z": offsetText(offset, colon: false)
  case "X" where offset == 0: "Z"
  case "X" where count == 1: String(offsetText(offset, colon: false).prefix(3))
  case "X": offsetText(offset, colon: count > 2)
  default: String(repeating: letter, count: count)
  }
}

private func name(_ whole: String, _ count: Int) -> String {
  count > 3 ? whole : String(whole.prefix(3))
}

/// More than three digits are a fraction as fine, such as `SSSSSS` for microseconds.
private func fraction(_ millisecond: Int, _ count: Int) -> String {
  let digits = padded(millisecond, 3)
  return count < 3 ? String(digits.prefix(count)) : digits + padded(0, count - 3)
}

private func offsetText(_ offset: Int, colon: Bool) -> String {
  let minutes = abs(offset) / 60
  let sign = offset < 0 ? "-" : "+"
  return "\(sign)\(padded(minutes / 60, 2))\(colon ? ":" : "")\(padded(minutes % 60, 2))"
}

private func padded(_ value: Int, _ width: Int) -> String {
  if width == 0 { return "" }
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
