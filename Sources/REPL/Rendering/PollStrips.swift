import Daybook
import Events

/// The polls of each feed over a time, a line a feed.
///
///     1 calendars/primary/changed-events  ▁▁▁█▁▁✗✗▁↺▁▁░░░░▁▁  1,311 polls  2✗  1↺  9h░
///     1 changed-groups                    ▁▁▁▁▁▁▁▁▁▁▁▁░░░░▁▁  1,304 polls  9h░
///     ▁ to █ polls by what they found, ✗ failed, ↺ cursor expired or reset, ░ overdue
struct PollStrips {
  private let since: Moment
  private let until: Moment
  private let width: Int
  private var feeds: [Int64: Feed] = [:]

  /// The part of a strip that one column shows.
  private struct Column {
    var polls = 0
    var changes = 0
    var isFailed = false
    var isReset = false
    var isOverdue = false
  }

  private struct Feed {
    let instance: Int64
    var name = ""
    var columns: [Column]
    var polls = 0
    var failed = 0
    var resets = 0
    var overdue = Duration.zero
    var lastAt: Moment?
    var dueAt: Moment?

    init(instance: Int64, columns count: Int, dueAt: Moment? = nil) {
      self.instance = instance
      columns = Array(repeating: Column(), count: count)
      (lastAt, self.dueAt) = (dueAt, dueAt)
    }

    var hasTrouble: Bool { failed > 0 || resets > 0 || overdue > .zero }
  }

  /// - Parameters:
  ///   - until: The time as of which it is drawn.
  ///   - width: Of the window, in cells.
  init(since: Moment, until: Moment, width: Int) {
    self.since = since
    self.until = max(until, since + .seconds(60))
    self.width = width
  }

  var isEmpty: Bool { feeds.isEmpty }

  private var nameCells: Int { max(12, width * 3 / 10) }
  private static let countCells = 30
  private var count: Int { max(10, width - nameCells - Self.countCells) }

  private func column(_ moment: Moment) -> Int {
    let part = moment.milliseconds - since.milliseconds
    let whole = max(1, until.milliseconds - since.milliseconds)
    return min(count - 1, max(0, Int(part * Int64(count) / whole)))
  }

  // MARK: What happened

  /// Takes in what was recorded, in the order of the log.
  mutating func add(_ marks: [PollMark]) {
    for mark in marks where mark.at >= since { add(mark) }
  }

  private mutating func add(_ mark: PollMark) {
    var feed = feeds[mark.feed] ?? Feed(instance: mark.instance, columns: count)
    if case .opened(let resource, _) = mark.kind { feed.name = resource }
    isLate(&feed, before: mark)
    let place = column(mark.at)
    switch mark.kind {
    case .completed(let changes):
      feed.polls += 1
      feed.columns[place].polls += 1
      feed.columns[place].changes += changes
    case .failed:
      feed.polls += 1
      feed.failed += 1
      feed.columns[place].isFailed = true
    case .reset:
      feed.resets += 1
      feed.columns[place].isReset = true
    case .opened, .ended, .resumed: break
    }
    feed.lastAt = mark.at
    feed.dueAt = mark.nextAt
    feeds[mark.feed] = feed
  }

  /// Draws the time for which a poll was due before it came.
  private func isLate(_ feed: inout Feed, before mark: PollMark) {
    if let due = feed.dueAt, let last = feed.lastAt {
      overdue(&feed, from: due, to: mark.at, pause: due - last)
    } else if feed.lastAt == nil, case .completed = mark.kind, let next = mark.nextAt {
      // What was before the time that is drawn is not known: as often as now, it is taken to be.
      let pause = next - mark.at
      overdue(&feed, from: since + pause, to: mark.at, pause: pause)
    }
  }

  /// A poll is late by more than the pause before it: schedules have jitter, and work queues.
  private func overdue(_ feed: inout Feed, from due: Moment, to end: Moment, pause: Duration) {
    let start = max(due, since)
    guard end - due > max(pause, .seconds(60)), end > start else { return }
    feed.overdue += end - start
    for place in column(start)...column(end) { feed.columns[place].isOverdue = true }
  }

  // MARK: Lines

  /// The lines, with those feeds first that had trouble where there are more than a screen holds.
  ///
  /// - Parameter known: The feeds that there are: also those of which nothing was recorded.
  mutating func lines(_ known: [WatchedFeed], isUTF8: Bool, palette: Palette) -> [String] {
    end(known)
    guard !feeds.isEmpty else { return [] }
    var order = feeds.keys.sorted { a, b in
      (feeds[a]?.instance ?? 0, a) < (feeds[b]?.instance ?? 0, b)
    }
    let left = order.count - TerminalLimits.stripsMax
    if left > 0 {
      order =
        order.filter { feeds[$0]?.hasTrouble == true }
        + order.filter { feeds[$0]?.hasTrouble == false }
      order.removeLast(left)
    }
    let signs = Signs(isUTF8: isUTF8)
    let each = Self.text((until - since) / count)
    var lines = ["polls, \(each) a column"]
    lines += order.compactMap { feeds[$0].map { line($0, signs, palette) } }
    if left > 0 {
      lines.append("\(grouped(Int64(left))) more feeds; those with trouble come first")
    }
    return lines + [palette.styled(signs.legend, .faint)]
  }

  private mutating func end(_ known: [WatchedFeed]) {
    for watched in known {
      if feeds[watched.feed] == nil, let next = watched.nextAt, next < until {
        feeds[watched.feed] = Feed(instance: watched.instance, columns: count, dueAt: next)
      }
      feeds[watched.feed]?.name = watched.name
    }
    for (id, feed) in feeds {
      guard let due = feed.dueAt, let last = feed.lastAt else { continue }
      var feed = feed
      overdue(&feed, from: due, to: until, pause: due - last)
      feeds[id] = feed
    }
  }

  private func line(_ feed: Feed, _ signs: Signs, _ palette: Palette) -> String {
    let name = shortened("\(feed.instance) \(feed.name)", cells: nameCells - 1)
    let blanks = String(repeating: " ", count: max(1, nameCells - displayWidth(name)))
    let most = feed.columns.map(\.changes).max() ?? 0
    var strip = ""
    for column in feed.columns { strip += sign(column, most, signs, palette) }
    var counts = [counted(Int64(feed.polls), "poll")]
    if feed.failed > 0 { counts.append(palette.styled("\(feed.failed)\(signs.failed)", .bad)) }
    if feed.resets > 0 { counts.append(palette.styled("\(feed.resets)\(signs.reset)", .warning)) }
    if feed.overdue > .zero {
      counts.append(palette.styled("\(Self.text(feed.overdue))\(signs.overdue)", .warning))
    }
    return name + blanks + strip + "  " + counts.joined(separator: "  ")
  }

  private func sign(_ column: Column, _ most: Int, _ signs: Signs, _ palette: Palette) -> String {
    if column.isFailed { return palette.styled(String(signs.failed), .bad) }
    if column.isReset { return palette.styled(String(signs.reset), .warning) }
    guard column.polls > 0 else {
      return column.isOverdue ? palette.styled(String(signs.overdue), .warning) : " "
    }
    let steps = signs.steps
    let height = most > 0 ? (column.changes * (steps.count - 1) + most - 1) / most : 0
    return String(steps[min(height, steps.count - 1)])
  }

  /// Such as `9h`: one unit is enough for a picture.
  private static func text(_ duration: Duration) -> String {
    let seconds = duration.wholeMilliseconds / 1_000
    switch seconds {
    case ..<120: return "\(max(1, seconds))s"
    case ..<7_200: return "\(seconds / 60)min"
    case ..<172_800: return "\(seconds / 3_600)h"
    default: return "\(seconds / 86_400)d"
    }
  }
}

/// The signs of a strip.
private struct Signs {
  let steps: [Character]
  let failed: Character
  let reset: Character
  let overdue: Character
  let legend: String

  init(isUTF8: Bool) {
    steps = Bars(isUTF8: isUTF8).steps
    (failed, reset, overdue) = isUTF8 ? ("✗", "↺", "░") : ("x", "r", "?")
    legend =
      "\(steps[0]) to \(steps[steps.count - 1]) polls by what they found, \(failed) failed,"
      + " \(reset) cursor expired or reset, \(overdue) overdue"
  }
}
