import ArgumentParser
import Daybook
import Events

struct StatsCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Changes, deliveries, attempts and polls hour by hour.",
    discussion: """
      A row an hour: changes, deliveries asked for, attempts with their outcomes, the percentiles \
      of how long they took, the mean number of attempts until a delivery arrived, and polls. On \
      a terminal pictures of the same, with a strip for each feed that shows when it was polled, \
      when that failed, when its cursor was reset and when polls were overdue; --output gives the \
      rows there too. Without --since it is the week before the last event.

      EXAMPLE
        daybook stats --since -24h --by callback
      """)

  enum Grouping: String, WordOperand { case instance, resource, callback }

  @OptionGroup var shared: SharedOptions
  @Option(
    parsing: .unconditional,
    help: "Only what was recorded at TIME or later, such as 2026-11-23, today, -2h.")
  var since: TimeText?
  @Option(help: "instance, resource or callback: each by itself.") var by: Grouping?

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.journal()
    let start = try await begin(session)
    let grouping = by.flatMap { Activity.Grouping(rawValue: $0.rawValue) }
    let names = RowTable.activity.names.filter { name in
      by?.rawValue == name || !Grouping.allCases.map(\.rawValue).contains(name)
    }
    guard session.isTerminal, session.output == .auto else {
      return try await session.follow(names, of: .activity) { write, flush in
        try await journal.activity(since: start, by: grouping) { @MainActor hours in
          for hour in hours { try write(Record(hour.row)) }
          try flush()
          return !Task.isCancelled
        }
      }
    }
    try await draw(session, journal, since: start, by: grouping)
  }

  @MainActor private func draw(
    _ session: Session, _ journal: Journal, since start: Moment, by grouping: Activity.Grouping?
  ) async throws {
    let gauge = ProgressGauge()
    let pictures = ActivityPictures()
    // As of the past it ends there; now, what is overdue is so up to this moment.
    var end = session.world.now()
    if let asOf = session.asOf { end = try await journal.events.time(of: asOf) ?? end }
    // Before the first event there was nothing to poll.
    let first = try await journal.events.time(of: 1) ?? start
    let strips = DrawnStrips(
      PollStrips(since: max(start, first), until: end, width: session.width))
    try await session.showing("stats", "event", gauge) {
      try await journal.activity(
        since: start, by: grouping, progress: { gauge.set($0) },
        polls: { @MainActor marks in strips.strips.add(marks) }
      ) { @MainActor hours in
        pictures.add(hours)
        return !Task.isCancelled
      }
    }
    let isUTF8 = ActivityPictures.isUTF8(session.settings.environment)
    var lines: [String] = []
    if !pictures.isEmpty {
      lines += pictures.lines(isUTF8: isUTF8, width: session.width).map { visible($0) }
    }
    // What goes to a callback is not polled.
    if by != .callback {
      let drawn = strips.strips.lines(
        try await journal.watchedFeeds(), isUTF8: isUTF8, palette: session.presentation.palette)
      if !drawn.isEmpty, !lines.isEmpty { lines.append("") }
      lines += drawn
    }
    guard !lines.isEmpty else {
      return session.remark(
        "nothing happened since \(start.isoSeconds); --since looks further back")
    }
    try session.say(lines.joined(separator: "\n"))
  }

  /// Where it begins: a week before the last event, where nothing was said.
  @MainActor private func begin(_ session: Session) async throws -> Moment {
    if let since { return try session.moment(since.text, flag: "--since") }
    let journal = try session.journal()
    let head = try await session.position("head", flag: "stats")
    let last = try await journal.events.time(of: head) ?? session.world.now()
    return last - .seconds(7 * 86_400)
  }
}

/// Strips as they come.
@MainActor private final class DrawnStrips {
  var strips: PollStrips

  init(_ strips: PollStrips) { self.strips = strips }
}
