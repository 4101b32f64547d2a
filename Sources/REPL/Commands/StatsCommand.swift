import ArgumentParser
import Daybook
import Events

struct StatsCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Changes, deliveries and attempts hour by hour.",
    discussion: """
      A row an hour: changes, deliveries asked for, attempts with their outcomes, the percentiles \
      of how long they took, and the mean number of attempts until a delivery arrived. On a \
      terminal pictures of the same; --output gives the rows there too. Without --since it is the \
      week before the last event.

      EXAMPLE
        daybook stats --since -24h --by callback
      """)

  enum Grouping: String, WordOperand { case instance, resource, callback }

  @OptionGroup var shared: SharedOptions
  @Option(
    parsing: .unconditional, help: "Recorded then or later: a time such as 2026-11-23, today, -2h.")
  var since: TimeText?
  @Option(help: "instance, resource or callback: each by itself.") var by: Grouping?

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.journal()
    let start = try await begin(session)
    let grouping = by.flatMap { Activity.Grouping(rawValue: $0.rawValue) }
    let gauge = ProgressGauge()
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
    let pictures = ActivityPictures()
    try await session.showing("stats", "event", gauge) {
      try await journal.activity(since: start, by: grouping, progress: { gauge.set($0) }) {
        @MainActor hours in
        pictures.add(hours)
        return !Task.isCancelled
      }
    }
    let isUTF8 = ActivityPictures.isUTF8(session.settings.environment)
    if !pictures.isEmpty {
      let lines = pictures.lines(isUTF8: isUTF8, width: session.width)
      try session.say(lines.map { visible($0) }.joined(separator: "\n"))
    } else {
      session.remark("nothing happened since \(start.isoSeconds); --since looks further back")
    }
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
