import ArgumentParser
import Daybook
import Events

struct AtCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "at", abstract: "Time travel: all queries answer as of that event.",
    discussion: "EXAMPLE\n  daybook -c 'at 3' -c 'instance list'")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A position, a mark, or a time.") var position: String

  @MainActor func perform(_ session: Session) async throws {
    // Seen from the past, what came after it could not be named.
    let present = try session.presentJournal()
    let position = try await session.position(position, flag: "at", in: present)
    try await session.travel(to: position)
    session.visit(position)
  }
}

struct NowCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "now", abstract: "Comes back to the present.",
    discussion: "EXAMPLE\n  daybook -c 'at 3' -c now -c 'instance list'")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.travel(to: nil)
  }
}

struct NextCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "The next event of the log.",
    discussion: "EXAMPLE\n  daybook -c 'at 1' -c 'next --type feed.opened'")

  @OptionGroup var shared: SharedOptions
  @Option(name: .customLong("type"), parsing: .upToNextOption, help: "Types.")
  var types: [String] = []

  @MainActor func perform(_ session: Session) async throws {
    try await session.step(forward: true, types: types)
  }
}

struct PrevCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "prev", abstract: "The event before.",
    discussion: "EXAMPLE\n  daybook -c prev -c prev")

  @OptionGroup var shared: SharedOptions
  @Option(name: .customLong("type"), parsing: .upToNextOption, help: "Types.")
  var types: [String] = []

  @MainActor func perform(_ session: Session) async throws {
    try await session.step(forward: false, types: types)
  }
}

extension Session {
  /// Remembers a position, for going back and forward.
  func visit(_ position: Int64) {
    place = position
    // What lay ahead is forgotten, as in any history of visits.
    visited = visited.prefix(visitedPlace + 1).suffix(Session.visitsMax) + [position]
    visitedPlace = visited.count - 1
  }

  /// Shows the neighbouring event and stands there; in the past, the time goes along.
  func step(forward: Bool, types: [String]) async throws {
    try await stepping(
      { journal in
        let head = try await journal.head()
        let from = place ?? (forward ? 0 : head + 1)
        let next = try await journal.events.neighbour(of: from, isBack: !forward, types: types)
        guard let next else {
          let what = types.isEmpty ? "event" : "event of these types"
          throw Failure.failed("there is no \(what) \(forward ? "after" : "before") \(from)")
        }
        return next
      }, arrived: visit)
  }

  /// Finds a position in the whole log, shows what is there and stands there; in the past all
  /// queries answer as of it from then on.
  ///
  /// - Parameter arrived: Told before it is shown: who leaves the pager stands there all the same.
  func stepping(
    _ find: (Journal) async throws -> Int64, arrived: (Int64) -> Void
  ) async throws {
    let journal = try presentJournal()
    let position = try await find(journal)
    let row = try await journal.events.glance(position)
    if asOf != nil { try await travel(to: position) }
    arrived(position)
    place = position
    try await showOne(Record(row))
  }
}

struct DiffCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What changed in instances, cursors and deliveries between two events.",
    discussion: "EXAMPLE\n  daybook diff 1 head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The earlier position.") var from: String
  @Argument(help: "The later position.") var to: String

  @MainActor func perform(_ session: Session) async throws {
    let start = try await session.position(from, flag: "diff")
    let end = try await session.position(to, flag: "diff")
    let rows = try await session.journal().difference(from: start, to: end)
    try await session.show(RowTable.difference.names, rows.map { Record($0) })
  }
}

struct TraceCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Why: the chain of causes before an event, and everything that came of it.",
    discussion: "EXAMPLE\n  daybook trace head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A position.") var position: String

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position, flag: "trace")
    let journal = try session.journal()
    // One that is not there is refused before anything is shown.
    _ = try await journal.events.glance(position)
    try await session.show(RowTable.trace.names) { write in
      try await journal.trace(position) { @MainActor rows in
        for row in rows { try write(Record(row)) }
        return true
      }
    }
  }
}
