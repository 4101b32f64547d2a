import Events

/// Reads a text by the elements of a date pattern, from the left; never past the end.
struct DateReader {
  private var rest: Substring
  private var time = CalendarTime(year: 1970, month: 1, day: 1)
  /// An hour of twelve is one after noon; nil where the text does not say.
  private var isAfternoon: Bool?
  /// The zone that the text names.
  private var zone: Zone?

  init(_ text: String) {
    rest = text.prefix(200)
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// - Returns: nil where the parts name no day and time that exist.
  func moment(in zone: Zone) -> Moment? {
    var time = time
    if let isAfternoon { time.hour = time.hour % 12 + (isAfternoon ? 12 : 0) }
    guard time.isValid, (0...9_999).contains(time.year) else { return nil }
    return (self.zone ?? zone).moment(of: time)
  }

  /// - Parameter next: What follows: digits end where a field of digits begins.
  mutating func take(
    _ element: JavaDatePattern.Element, before next: JavaDatePattern.Element?
  ) -> Bool {
    switch element {
    case .literal(let text): takeLiteral(text, before: next)
    case .field(let letter, let count):
      takeField(letter, digits: isDigits(next) ? count : nil, isNamed: count > 2, before: next)
    }
  }

  private mutating func takeLiteral(_ text: String, before next: JavaDatePattern.Element?) -> Bool {
    // Blanks in a row are one.
    if text == " ", next == .literal(" ") { return true }
    if rest.hasPrefix(text) {
      rest = rest.dropFirst(text.count)
      if text == " " { rest = rest.drop { $0 == " " } }
      return true
    }
    // No fraction where there could be one; an offset where the pattern has a quoted `Z`.
    if text == ".", case .field("S", _) = next { return true }
    return text == "Z" && takeOffset()
  }

  private mutating func takeField(
    _ letter: Character, digits: Int?, isNamed: Bool, before next: JavaDatePattern.Element?
  ) -> Bool {
    switch letter {
    case "y": return takeYear(digits)
    case "M", "L":
      if !isNamed { return takeNumber(digits, \.month) }
      guard let place = takeName(CalendarTime.monthNames) else { return false }
      time.month = place + 1
      return true
    case "d": return takeNumber(digits, \.day)
    case "H", "K", "h": return takeNumber(digits, \.hour)
    case "k":
      guard takeNumber(digits, \.hour) else { return false }
      time.hour %= 24
      return true
    case "m": return takeNumber(digits, \.minute)
    case "s": return takeSecond(digits, before: next)
    case "S": return takeFraction()
    case "a": return takeHalf()
    case "E": return takeName(CalendarTime.weekdayNames) != nil
    case "z": return takeZone()
    case "Z", "X": return takeOffset()
    default: return takeLiteral(String(letter), before: next)
    }
  }

  private func isDigits(_ element: JavaDatePattern.Element?) -> Bool {
    guard case .field(let letter, let count) = element else { return false }
    return "ydHkhKmsS".contains(letter) || "ML".contains(letter) && count < 3
  }

  private mutating func number(_ digits: Int?) -> Int? {
    let text = rest.prefix(digits ?? 9).prefix { $0.isASCII && $0.isNumber }
    guard let value = Int(text), digits == nil || text.count == digits else { return nil }
    rest = rest.dropFirst(text.count)
    return value
  }

  private mutating func takeNumber(
    _ digits: Int?, _ part: WritableKeyPath<CalendarTime, Int>
  ) -> Bool {
    guard let value = number(digits) else { return false }
    time[keyPath: part] = value
    return true
  }

  /// Two digits are taken as 1970 to 2069.
  private mutating func takeYear(_ digits: Int?) -> Bool {
    let before = rest.utf8.count
    guard let value = number(digits) else { return false }
    let isShort = before - rest.utf8.count == 2
    time.year = isShort ? value + (value < 70 ? 2_000 : 1_900) : value
    return true
  }

  /// A leap second is the one before it. A fraction that the pattern does not have is passed over.
  private mutating func takeSecond(_ digits: Int?, before next: JavaDatePattern.Element?) -> Bool {
    guard takeNumber(digits, \.second) else { return false }
    if time.second == 60 { time.second = 59 }
    if rest.hasPrefix("."), next != .literal(".") {
      rest = rest.dropFirst()
      return takeFraction()
    }
    return true
  }

  private mutating func takeFraction() -> Bool {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    let text = digits.prefix(3)
    time.millisecond = Int(text + String(repeating: "0", count: 3 - text.count)) ?? 0
    return true
  }

  private mutating func takeHalf() -> Bool {
    let word = rest.prefix(2).uppercased()
    guard word == "AM" || word == "PM" else { return false }
    isAfternoon = word == "PM"
    rest = rest.dropFirst(2)
    return true
  }

  /// A whole name or its first three letters, in whatever case.
  private mutating func takeName(_ names: [String]) -> Int? {
    let word = rest.prefix { $0.isLetter }
    let place = names.firstIndex { name in
      [name.lowercased(), String(name.prefix(3).lowercased())].contains(word.lowercased())
    }
    if place != nil { rest = rest.dropFirst(word.count) }
    return place
  }

  private mutating func takeZone() -> Bool {
    let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-:/_".contains($0)) }
    guard let found = Zone(inText: String(word)) else { return false }
    zone = found
    rest = rest.dropFirst(word.count)
    return true
  }

  /// `Z`, `+02`, `+0200`, `+02:00`, `GMT+2`.
  private mutating func takeOffset() -> Bool { takeZone() }
}
