import ArgumentParser
import Daybook
import Engine
import EventStore
import Events

extension Session {
  /// Rows shown on a terminal where no limit was given.
  private static let newestShown = 50
  /// Rows counted at most to say how many more there are.
  private static let countedMax = 10_000

  /// Prints a list: everything into a file or pipe, on a terminal the newest.
  func report(_ query: ReportQuery) async throws {
    let reader = try await reader()
    if isTerminal, query.limit == nil { return try await reportNewest(query, reader) }
    let names = names(of: query.kind)
    try await show(names) { write in
      // A page is read when the one before is printed.
      try await reader.rows(query) { @MainActor rows in
        for row in rows { try write(Record(row).only(names)) }
        return !Task.isCancelled
      }
    }
    remarkOnNames(of: query.kind)
  }

  /// The fields to show: on a terminal those that a person looks for first, unless a format was
  /// named.
  private func names(of kind: ReportQuery.Kind) -> [String] {
    isTerminal && output == .auto ? kind.mainColumns : kind.columns
  }

  private func remarkOnNames(of kind: ReportQuery.Kind) {
    let (shown, all) = (names(of: kind).count, kind.columns.count)
    if shown < all { remark("\(shown) of \(all) fields; --output line shows all") }
  }

  private func reportNewest(_ query: ReportQuery, _ reader: JournalReader) async throws {
    var newest = query
    newest.isReversed = true
    newest.limit = Session.newestShown + Session.countedMax
    let rows = try await reader.rows(newest)
    let newestRows = rows.prefix(Session.newestShown)
    let shown = query.isReversed ? Array(newestRows) : newestRows.reversed()
    let names = names(of: query.kind)
    try await show(names, shown.map { Record($0).only(names) })
    remarkOnNames(of: query.kind)
    let more = rows.count - shown.count
    if more > 0 {
      let count = more >= Session.countedMax ? "more than \(Session.countedMax)" : "\(more)"
      remark("\(count) earlier; --limit N or --before N shows them")
    }
  }
}

extension ReportQuery.Kind {
  /// The fields of a list, in order; the same in every format.
  var columns: [String] {
    switch self {
    case .events:
      [
        "position", "stream", "version", "type", "recordedAt", "cause", "body", "digest",
        "revision", "key",
      ]
    case .changes:
      [
        "position", "instance", "resource", "eventType", "objectId", "objectType", "date",
        "pollDate", "cause", "object", "item", "bytes",
      ]
    case .deliveries:
      [
        "position", "id", "instance", "url", "status", "attempts", "lastStatus", "nextAt",
        "changes", "mode", "replay", "resource", "bytes", "error",
      ]
    case .instances:
      [
        "id", "name", "element", "state", "reason", "callback", "resources", "lastPollAt",
        "nextPollAt", "authorization", "createdAt",
      ]
    case .cursors:
      [
        "instance", "resource", "cursor", "movedAt", "failures", "nextAt", "state", "mode",
        "collection", "reason", "feed",
      ]
    case .callbacks: ["url", "state", "reason", "since", "pending", "held"]
    case .notices:
      [
        "position", "kind", "subject", "text", "openedAt", "closedAt", "instance",
      ]
    case .replays:
      ["replay", "url", "mode", "state", "total", "sent", "succeeded", "failed"]
    }
  }
}

extension ReportQuery.Kind {
  /// The fields that a table of 100 columns has room for: what a person looks for first.
  var mainColumns: [String] {
    switch self {
    case .events: ["position", "recordedAt", "type", "stream", "cause", "body"]
    case .changes: ["position", "eventType", "resource", "objectId", "date", "cause"]
    case .deliveries: ["position", "status", "attempts", "lastStatus", "nextAt", "changes", "url"]
    case .instances: ["id", "name", "state", "callback", "nextPollAt"]
    case .cursors: ["instance", "resource", "state", "movedAt", "failures", "nextAt"]
    case .callbacks: columns
    case .notices: ["position", "kind", "subject", "text"]
    case .replays: columns
    }
  }
}

extension Record {
  /// The fields of those names.
  func only(_ names: [String]) -> Record { Record(fields.filter { names.contains($0.name) }) }

  /// A row of the log’s answers in the renderer’s terms.
  init(_ row: Row) {
    self.init(
      zip(row.names, row.values).map { name, value in
        let cell: Cell =
          switch value {
          case .null: .null
          case .text(let text): .text(text)
          case .integer(let number): .integer(number)
          case .decimal(let number): .real(number)
          case .flag(let flag): .boolean(flag)
          case .moment(let moment): .moment(moment)
          case .json(let text): .json(text)
          case .hex(let digits): .text(digits)
          }
        return Field(name, cell)
      })
  }
}

struct EventsCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "The event log.",
    discussion: "EXAMPLE\n  daybook events --type poll.completed --limit 5 --reverse")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.report(try await filters.query(.events, in: session))
  }
}

struct ChangesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "What was observed.",
    discussion: "EXAMPLE\n  daybook changes --type DELETED")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.report(try await filters.query(.changes, in: session))
  }
}

struct DeliveriesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries", abstract: "What was sent where, with its attempts.",
    discussion: "EXAMPLE\n  daybook deliveries --status failed exhausted")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions
  @Option(parsing: .upToNextOption, help: "States, such as pending or failed.")
  var status: [String] = []

  static let states = [
    "pending", "attempting", "succeeded", "failed", "unknown", "held", "exhausted", "skipped",
  ]

  /// Refuses a word that is no state of a delivery.
  static func check(_ status: [String]) throws(Failure) {
    for word in status where !states.contains(word) {
      throw .usage("--status: \(visible(word)) is none of \(states.joined(separator: ", "))")
    }
  }

  @MainActor func perform(_ session: Session) async throws {
    try Self.check(status)
    var query = try await filters.query(.deliveries, in: session)
    query.statuses = status
    try await session.report(query)
  }
}

struct NoticesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices", abstract: "What needs a person.",
    discussion: "EXAMPLE\n  daybook notices --open")

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Only what is not settled.") var open = false

  @MainActor func perform(_ session: Session) async throws {
    var query = ReportQuery(.notices)
    query.isOpen = open
    try await session.report(query)
  }
}

struct TailCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "The newest events, and those that follow.",
    discussion: "EXAMPLE\n  daybook tail -n 5")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions
  @Option(name: .customShort("n"), help: "How many to begin with.") var count = 10
  @Flag(name: .customShort("f"), help: "Go on as events are appended; Ctrl-C ends it.")
  var follows = false

  @MainActor func perform(_ session: Session) async throws {
    guard count >= 0 else { throw Failure.usage("-n: \(count) is below 0") }
    var newest = try await filters.query(.events, in: session)
    newest.isReversed = true
    newest.limit = filters.limit ?? count
    guard follows else {
      let rows = try await session.reader().rows(newest)
      return try await session.show(
        ReportQuery.Kind.events.columns, rows.reversed().map { Record($0) })
    }
    try await follow(newest, session)
  }

  /// Prints the newest events, and goes on with what is appended until the task is cancelled.
  @MainActor private func follow(_ newest: ReportQuery, _ session: Session) async throws {
    var seen = try await head(session)
    try await session.follow(ReportQuery.Kind.events.columns) { write, flush in
      var begin = newest
      begin.before = min(begin.before ?? .max, seen + 1)
      for row in try await session.reader().rows(begin).reversed() { try write(Record(row)) }
      try flush()
      var next = newest
      next.isReversed = false
      next.limit = nil
      while !Task.isCancelled {
        await session.world.sleep(.milliseconds(200))
        // Looked at first: what is appended meanwhile belongs to the next round.
        let last = try await head(session)
        next.after = max(newest.after ?? 0, seen)
        next.before = min(newest.before ?? .max, last + 1)
        let reader = try await session.reader()
        try await reader.rows(next) { @MainActor rows in
          for row in rows { try write(Record(row)) }
          return !Task.isCancelled
        }
        try flush()
        seen = last
      }
    }
    throw Failure(status: 130, "")
  }

  /// Where the log ends now.
  @MainActor private func head(_ session: Session) async throws -> Int64 {
    try await session.reader().read { snapshot throws(JournalError) in try snapshot.head().position
    }
  }
}

struct CursorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cursor", abstract: "How far each feed has read.",
    subcommands: [List.self, Show.self, Reset.self])

  struct List: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists the cursors of all feeds.",
      discussion: "EXAMPLE\n  daybook cursor list")

    @OptionGroup var shared: SharedOptions

    @MainActor func perform(_ session: Session) async throws {
      try await session.report(ReportQuery(.cursors))
    }
  }

  struct Show: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows one cursor.",
      discussion: "EXAMPLE\n  daybook cursor show 1 calendars/primary/changed-events")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The instance's id.") var id: Int64
    @Argument(help: "The resource, as in the configuration.") var resource: String

    @MainActor func perform(_ session: Session) async throws {
      var query = ReportQuery(.cursors)
      query.instance = id
      query.resource = resource
      let rows = try await session.reader().rows(query)
      guard let row = rows.last else {
        throw Failure.failed("instance \(id) has no resource \(visible(resource))")
      }
      try await session.showOne(Record(row))
    }
  }

  struct Reset: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "reset", abstract: "Drops a cursor, for the next poll to look at everything.",
      discussion: """
        The next poll compares all that there is with what is known and announces the differences. \
        With --baseline it learns everything anew and announces nothing: what changed before is \
        passed over. A poll under way is thrown away.

        EXAMPLE
          daybook cursor reset 1 calendars/primary/changed-events --reason 'restored from the bin'
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The instance's id.") var id: Int64
    @Argument(help: "The resource, as in the configuration.") var resource: String
    @Option(help: "Why; kept with the reset.") var reason: String
    @Flag(help: "Learns everything anew and announces nothing.") var baseline = false

    @MainActor func perform(_ session: Session) async throws {
      try await session.desk().instances.resetCursor(
        of: id, resource, toBaseline: baseline, reason: reason)
      var query = ReportQuery(.cursors)
      query.instance = id
      query.resource = resource
      if let row = try await session.reader().rows(query).last {
        try await session.showOne(Record(row))
      }
    }
  }
}
