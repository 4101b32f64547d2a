import Events

/// How a series repeats, as far as the stand-in reads it: daily and weekly, with `INTERVAL`,
/// `COUNT`, `UNTIL` and, for weeks, `BYDAY`. Every other rule is kept and shown, and yields the
/// first occurrence alone.
///
///     ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6"]
struct Recurrence: Sendable, Equatable {
  let lines: [String]
  private var stepDays: Int64?
  private var isWeekly = false
  private var count: Int?
  private var until: Int64?
  /// 0 for Monday to 6 for Sunday; empty where the first occurrence names the day.
  private var weekdays: [Int64] = []

  init(lines: [String]) {
    self.lines = lines
    guard let rule = lines.first(where: { $0.hasPrefix("RRULE:") }) else { return }
    var parts: [Substring: Substring] = [:]
    for part in rule.dropFirst(6).split(separator: ";") {
      let halves = part.split(separator: "=", maxSplits: 1)
      if halves.count == 2 { parts[halves[0]] = halves[1] }
    }
    let interval = max(1, parts["INTERVAL"].flatMap { Int64($0) } ?? 1)
    guard interval <= 1_000 else { return }
    switch parts["FREQ"] {
    case "DAILY": stepDays = interval
    case "WEEKLY":
      stepDays = 7 * interval
      isWeekly = true
    default: return
    }
    count = parts["COUNT"].flatMap { Int($0) }
    until = parts["UNTIL"].flatMap { EventTime.seconds(ofStamp: $0) }
    if isWeekly, let days = parts["BYDAY"] {
      let names: [Substring] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
      weekdays = days.split(separator: ",").compactMap { names.firstIndex(of: $0).map(Int64.init) }
        .sorted()
    }
  }

  /// The rule ends by itself.
  var isBounded: Bool { stepDays == nil || count != nil || until != nil }

  /// The starts of the occurrences in order, at most `FakeLimits.occurrencesMax`.
  func starts(from first: EventTime) -> [Int64] {
    guard let stepDays else { return [first.seconds] }
    let most = min(count ?? FakeLimits.occurrencesMax, FakeLimits.occurrencesMax)
    let day: Int64 = 86_400
    let local = first.seconds + Int64(first.offsetMinutes) * 60
    let days = local >= 0 ? local / day : (local - day + 1) / day
    // 1970-01-01 was a Thursday, the fourth day of a week that begins on Monday.
    let weekday = ((days + 3) % 7 + 7) % 7
    let offsets = weekdays.isEmpty ? [0] : weekdays.map { $0 - weekday }
    var starts: [Int64] = []
    var period: Int64 = 0
    while starts.count < most {
      for offset in offsets where starts.count < most {
        let start = first.seconds + (period * stepDays + offset) * day
        if let until, start > until { return starts }
        if start >= first.seconds { starts.append(start) }
      }
      period += 1
    }
    return starts
  }
}
