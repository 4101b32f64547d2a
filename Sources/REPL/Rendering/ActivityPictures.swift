import Daybook
import Events

/// Hours of activity as pictures for a terminal.
///
///     https://example.com/hook   2026-11-23 00:00 to 2026-11-30 02:00 UTC, an hour a column
///     changes     ▁▁▂▅█▃▁   123, at most 41 an hour
///     deliveries  ▁▁▂▅█▃▁   61, at most 20 an hour
///     attempts    ▁▁▂▅█▃▁   70, at most 25 an hour
///     failed      ▁  █      9, at most 8 an hour
///     time        ▂█▃▁ ▁    p50 31 ms, p90 120 ms, p99 801 ms; 10 ms or less to 1 s and more
///     arrived     at the 1st attempt 55, 2nd 4, 3rd 2
@MainActor
final class ActivityPictures {
  private var parts: [Activity.Key: [Activity]] = [:]

  var isEmpty: Bool { parts.isEmpty }

  /// Takes hours in, in their order.
  func add(_ hours: [Activity]) {
    for hour in hours { parts[hour.key, default: []].append(hour) }
  }

  /// True where the locale's text is UTF-8: without it bars are made of ASCII.
  static func isUTF8(_ environment: [String: String]) -> Bool {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    let locale = (named ?? "").uppercased()
    return locale.contains("UTF-8") || locale.contains("UTF8")
  }

  /// All pictures, one part after the other.
  func lines(isUTF8: Bool, width: Int) -> [String] {
    let ordered = parts.sorted { "\($0.key)" < "\($1.key)" }
    return ordered.enumerated().flatMap { place, part in
      (place > 0 ? [""] : []) + picture(of: part.key, part.value, isUTF8: isUTF8, width: width)
    }
  }

  private func picture(
    of key: Activity.Key, _ hours: [Activity], isUTF8: Bool, width: Int
  ) -> [String] {
    guard let first = hours.first?.hour, let last = hours.last?.hour else { return [] }
    let span = Int((last.milliseconds - first.milliseconds) / 3_600_000) + 1
    let columns = max(10, min(span, width - 45))
    let hoursEach = (span + columns - 1) / columns
    let bars = Bars(isUTF8: isUTF8)
    func line(_ name: String, _ count: (Activity) -> Int) -> String {
      var sums = [Int](repeating: 0, count: (span + hoursEach - 1) / hoursEach)
      for hour in hours {
        let place = Int((hour.hour.milliseconds - first.milliseconds) / 3_600_000) / hoursEach
        sums[place] += count(hour)
      }
      let most = sums.max() ?? 0
      let unit = hoursEach == 1 ? "an hour" : "in \(hoursEach) hours"
      return "\(Self.padded(name))\(bars.line(sums))  \(grouped(sums.reduce(0, +))), at most"
        + " \(grouped(most)) \(unit)"
    }
    let each = hoursEach == 1 ? "an hour" : "\(hoursEach) hours"
    let range =
      "\(Self.text(first)) to \(Self.text(last + .seconds(3_600))) UTC, \(each) a column"
    var lines = [[Self.text(key), range].filter { !$0.isEmpty }.joined(separator: "   ")]
    if case .callback = key {} else { lines.append(line("changes", \.changes)) }
    lines.append(line("deliveries", \.deliveries))
    lines.append(line("attempts", \.attempts))
    if hours.contains(where: { $0.failed > 0 }) { lines.append(line("failed", \.failed)) }
    return lines + times(hours, bars) + tries(hours)
  }

  /// Upper ends of the histogram's bars, in milliseconds; the last bar has no end.
  private static let ends: [Int64] = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000]

  private func times(_ hours: [Activity], _ bars: Bars) -> [String] {
    let all = hours.flatMap(\.durations).sorted()
    guard !all.isEmpty else { return [] }
    var counts = [Int](repeating: 0, count: Self.ends.count + 1)
    for time in all { counts[Self.ends.firstIndex { time <= $0 } ?? Self.ends.count] += 1 }
    func percentile(_ part: Int) -> String {
      "p\(part) \(grouped(all[max(1, (all.count * part + 99) / 100) - 1])) ms"
    }
    let numbers = [50, 90, 99].map(percentile).joined(separator: ", ")
    return ["\(Self.padded("time"))\(bars.line(counts))  \(numbers); bars from 1 ms to over 10 s"]
  }

  private func tries(_ hours: [Activity]) -> [String] {
    var counts: [Int: Int] = [:]
    for hour in hours { counts.merge(hour.triesOfArrived, uniquingKeysWith: +) }
    guard !counts.isEmpty else { return [] }
    let ordered = counts.sorted { $0.key < $1.key }
    let texts = ordered.prefix(6).map { "attempt \($0.key): \(grouped($0.value))" }
    let rest = ordered.dropFirst(6).reduce(0) { $0 + $1.value }
    let more = rest > 0 ? ", later: \(grouped(rest))" : ""
    return ["\(Self.padded("arrived"))at \(texts.joined(separator: ", "))\(more)"]
  }

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 12 - name.count))
  }

  private static func text(_ moment: Moment) -> String {
    String(moment.rfc3339.prefix(16)).replacing("T", with: " ")
  }

  private static func text(_ key: Activity.Key) -> String {
    switch key {
    case .all: ""
    case .instance(let id): "instance \(id)"
    case .resource(let text), .callback(let text): text.isEmpty ? "(unknown)" : text
    }
  }
}

/// Heights as characters.
struct Bars {
  /// From the lowest to the highest.
  let steps: [Character]

  init(isUTF8: Bool) {
    steps =
      isUTF8 ? ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] : ["_", ".", ":", "-", "=", "+", "*", "#"]
  }

  /// A bar a number, as high as it is beside the highest; a blank for 0.
  func line(_ counts: [Int]) -> String {
    let most = max(1, counts.max() ?? 1)
    return String(
      counts.map { count in
        count == 0 ? " " : steps[min(steps.count - 1, (count * steps.count - 1) / most)]
      })
  }
}
