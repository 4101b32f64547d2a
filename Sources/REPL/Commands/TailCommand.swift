import ArgumentParser
import Daybook
import Events

struct TailCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "The newest events, and those that follow.",
    discussion: "EXAMPLE\n  daybook tail -n 5")

  static let isWork = true
  var waitsForOthers: Bool { follows }

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions
  @Option(name: .customShort("n"), help: "Begin with the newest N.") var count = 10
  @Flag(name: .customShort("f"), help: "Go on as events are appended; Ctrl-C ends it.")
  var follows = false

  @MainActor func perform(_ session: Session) async throws {
    guard count >= 0 else { throw Failure.usage("-n: \(count) is below 0") }
    let part = try await filters.part(of: .events, in: session)
    try await session.journal().check(part)
    if part.isReversed, follows {
      throw Failure.usage("--reverse: what follows is printed as it comes, after what was before")
    }
    guard follows else {
      let rows = try await session.journal().events.newest(part.limit ?? count, of: part)
      let names = session.names(of: .events)
      return try await session.show(names, of: .events, rows.map { Record($0).only(names) })
    }
    try await follow(part, session)
  }

  /// The fields of events that follow: on a terminal as many as make one line.
  @MainActor private func followed(in session: Session) -> [String] {
    let names = session.names(of: .events)
    guard names != RowTable.events.names else { return names }
    return names.filter { $0 != "stream" && $0 != "cause" }
  }

  /// Prints the newest events, and goes on with what is appended until the task is cancelled.
  @MainActor private func follow(_ part: Selection, _ session: Session) async throws {
    let journal = try session.journal()
    var seen = try await journal.head()
    let names = followed(in: session)
    try await session.follow(names, of: .events) { write, flush in
      var begin = part
      begin.before = min(begin.before ?? .max, seen + 1)
      let newest = try await journal.events.newest(part.limit ?? count, of: begin)
      for row in newest { try write(Record(row).only(names)) }
      try flush()
      var next = part
      next.limit = nil
      while !Task.isCancelled {
        await session.world.sleep(.milliseconds(200))
        // Looked at first: what is appended meanwhile belongs to the next round.
        let last = try await journal.head()
        next.after = max(part.after ?? 0, seen)
        next.before = min(part.before ?? .max, last + 1)
        try await journal.events.pages(next) { @MainActor rows in
          for row in rows { try write(Record(row).only(names)) }
          return !Task.isCancelled
        }
        try flush()
        seen = last
      }
    }
    throw Failure(status: 130, "")
  }
}
