import ArgumentParser
import Daybook
import Events

extension Session {
  /// Rows shown on a terminal where no limit was given.
  private static let newestShown = 50
  /// Rows counted at most to say how many more there are.
  private static let countedMax = 10_000

  /// Prints a list: everything into a file or pipe, on a terminal the newest.
  func report(_ source: some RowSource, _ part: Selection = Selection()) async throws {
    if isTerminal, part.limit == nil { return try await reportNewest(source, part) }
    let names = names(of: source.table)
    try await show(names) { write in
      // A page is read when the one before is printed.
      try await source.pages(part) { @MainActor rows in
        for row in rows { try write(Record(row).only(names)) }
        return !Task.isCancelled
      }
    }
    remarkOnNames(of: source.table)
  }

  /// The fields to show: on a terminal those that a person looks for first, unless a format was
  /// named.
  private func names(of table: RowTable) -> [String] {
    isTerminal && output == .auto ? table.main : table.names
  }

  private func remarkOnNames(of table: RowTable) {
    let (shown, all) = (names(of: table).count, table.columns.count)
    if shown < all { remark("\(shown) of \(all) fields; --output line shows all") }
  }

  private func reportNewest(_ source: some RowSource, _ part: Selection) async throws {
    var newest = part
    newest.isReversed = true
    let rows = try await source.rows(newest, limit: Session.newestShown + Session.countedMax)
    let newestRows = rows.prefix(Session.newestShown)
    let shown = part.isReversed ? Array(newestRows) : newestRows.reversed()
    let names = names(of: source.table)
    try await show(names, shown.map { Record($0).only(names) })
    remarkOnNames(of: source.table)
    let more = rows.count - shown.count
    if more > 0 {
      let count = more >= Session.countedMax ? "more than \(Session.countedMax)" : "\(more)"
      remark("\(count) earlier; --limit N or --before N shows them")
    }
  }
}

extension Record {
  /// The fields of those names.
  func only(_ names: [String]) -> Record { Record(fields.filter { names.contains($0.name) }) }

  /// A row of the journal’s answers in the renderer’s terms.
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
    let part = try await filters.part(of: .events, in: session)
    try await session.report(session.journal().events, part)
  }
}

struct ChangesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "What was observed.",
    discussion: "EXAMPLE\n  daybook changes --type DELETED")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @MainActor func perform(_ session: Session) async throws {
    let part = try await filters.part(of: .changes, in: session)
    try await session.report(session.journal().changes, part)
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

  /// Refuses a word that is no state of a delivery.
  static func check(_ status: [String]) throws(Failure) {
    let states = Journal.Deliveries.states
    for word in status where !states.contains(word) {
      throw .usage("--status: \(visible(word)) is none of \(states.joined(separator: ", "))")
    }
  }

  @MainActor func perform(_ session: Session) async throws {
    try Self.check(status)
    var part = try await filters.part(of: .deliveries, in: session)
    part.statuses = status
    try await session.report(session.journal().deliveries, part)
  }
}

struct NoticesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices", abstract: "What needs a person.",
    discussion: "EXAMPLE\n  daybook notices --open")

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Only what is not settled.") var open = false

  @MainActor func perform(_ session: Session) async throws {
    var part = Selection()
    part.isOpen = open
    try await session.report(session.journal().notices, part)
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
    var newest = try await filters.part(of: .events, in: session)
    newest.isReversed = true
    newest.limit = filters.limit ?? count
    guard follows else {
      let rows = try await session.journal().events.rows(newest)
      return try await session.show(RowTable.events.names, rows.reversed().map { Record($0) })
    }
    try await follow(newest, session)
  }

  /// Prints the newest events, and goes on with what is appended until the task is cancelled.
  @MainActor private func follow(_ newest: Selection, _ session: Session) async throws {
    let journal = try session.journal()
    var seen = try await journal.head()
    try await session.follow(RowTable.events.names) { write, flush in
      var begin = newest
      begin.before = min(begin.before ?? .max, seen + 1)
      for row in try await journal.events.rows(begin).reversed() { try write(Record(row)) }
      try flush()
      var next = newest
      next.isReversed = false
      next.limit = nil
      while !Task.isCancelled {
        await session.world.sleep(.milliseconds(200))
        // Looked at first: what is appended meanwhile belongs to the next round.
        let last = try await journal.head()
        next.after = max(newest.after ?? 0, seen)
        next.before = min(newest.before ?? .max, last + 1)
        try await journal.events.pages(next) { @MainActor rows in
          for row in rows { try write(Record(row)) }
          return !Task.isCancelled
        }
        try flush()
        seen = last
      }
    }
    throw Failure(status: 130, "")
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
      try await session.report(session.journal().cursors)
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
      try await session.showOne(Record(try await session.journal().cursors.row(of: id, resource)))
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
      let cursors = try session.writing().cursors
      try await cursors.reset(of: id, resource, toBaseline: baseline, reason: reason)
      try await session.showOne(Record(try await cursors.row(of: id, resource)))
    }
  }
}
