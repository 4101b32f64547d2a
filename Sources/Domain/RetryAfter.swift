package import Events

extension Reply {
  /// How long the other side asks us to wait by its `Retry-After`; nil where it does not, or not
  /// legibly. Never negative, never more than a day.
  ///
  ///     Retry-After: 120
  ///     Retry-After: Fri, 31 Dec 1999 23:59:59 GMT
  ///
  /// Source: RFC 9110, §10.2.3.
  ///
  /// - Parameter now: What a date is measured from; where it is nil, dates are not legible.
  package func retryAfter(now: Moment?) -> Duration? {
    guard let value = header("Retry-After")?.drop(while: { $0 == " " }), !value.isEmpty else {
      return nil
    }
    let day = Duration.seconds(86_400)
    if value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      // More digits than fit are a long wait, and a long wait is a day.
      return min(.seconds(Int32(value) ?? .max), day)
    }
    guard let now, let date = Moment(httpDate: String(value)) else { return nil }
    return min(max(date - now, .zero), day)
  }
}

extension Moment {
  /// The instant that an HTTP date names in any of its three forms, or nil where it names none.
  ///
  ///     Sun, 06 Nov 1994 08:49:37 GMT
  ///     Sunday, 06-Nov-94 08:49:37 GMT
  ///     Sun Nov  6 08:49:37 1994
  ///
  /// Source: RFC 9110, §5.6.7.
  package init?(httpDate text: String) {
    let parts = text.split { " ,-".contains($0) }.map(String.init)
    let order: [Int]
    switch parts.count {
    case 6 where parts[5] == "GMT": order = [3, 2, 1, 4]
    case 5: order = [4, 1, 2, 3]
    default: return nil
    }
    let clock = parts[order[3]].split(separator: ":").map(String.init)
    guard let year = httpYear(parts[order[0]]), let month = httpMonth(parts[order[1]]),
      let day = digits(parts[order[2]]), clock.count == 3, let hour = digits(clock[0]),
      let minute = digits(clock[1]), let second = digits(clock[2]), second <= 60
    else { return nil }
    let time = CalendarTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: min(second, 59))
    guard time.isValid else { return nil }
    self.init(time)
  }
}

/// Two digits are taken as 1970 to 2069.
private func httpYear(_ text: String) -> Int? {
  guard text.utf8.count == 4 || text.utf8.count == 2, let year = Int(text), year >= 0 else {
    return nil
  }
  return text.utf8.count == 4 ? year : year < 70 ? 2_000 + year : 1_900 + year
}

private func httpMonth(_ text: String) -> Int? {
  CalendarTime.monthNames.firstIndex { $0.prefix(3) == text }.map { $0 + 1 }
}

private func digits(_ text: String) -> Int? {
  guard (1...2).contains(text.utf8.count), let number = Int(text), number >= 0 else { return nil }
  return number
}
