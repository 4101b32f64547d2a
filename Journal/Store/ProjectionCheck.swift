/// A cheap look whether the disposable tables are what the log makes of them: enough for damage
/// that would lose or repeat work to be noticed before any is done.
///
/// | compared | rows read |
/// |---|---|
/// | the rows of `projections`, the schema of the generation in force | some 60 |
/// | each table that decides with its indices, by SQLite, where it is short | 10,000 each at most |
/// | feeds with the event that opened them and with the agenda | those of all feeds |
/// | replays with the agenda, lanes with the agenda | those of all replays and lanes |
/// | the newest polls and deliveries with the agenda | 1,000 each, and the newest 1,000 events |
///
/// What it costs does not grow with the history: some milliseconds for a fresh journal, some tens
/// where all bounds are reached. Known objects, pauses, counts and all that only reports are
/// compared by `rebuild --check` alone.
struct ProjectionCheck {
  let connection: Connection
  let generation: Int64
  let head: Int64

  /// Polls and deliveries that are looked at, the newest ones.
  private static let newestMax: Int64 = 1_000
  /// Rows up to which a table and its indices are held against each other.
  private static let rowsMax: Int64 = 10_000
  /// Events that the report tables may be behind for the end of a poll's notifications to be
  /// searched among them.
  private static let lagMax: Int64 = 10_000

  /// The first thing found to be wrong, as the end of a sentence; nil where there is none.
  func finding() throws(JournalError) -> String? {
    let rows = try connection.projections()
    if let (row, why) = Connection.implausibility(of: rows, head: head) {
      return "the table projections, row \(row): \(why)"
    }
    let schema = try connection.schemaObjects()
    if let first = try Projector.schemaDifferences(generation, in: schema).first {
      return first.description
    }
    let reached = rows["reports"]?.position ?? 0
    let newest = try connection.newestEntry(of: generation)
    guard newest == reached else {
      return "the table projections says that reports reach to event \(reached), and they reach to"
        + " event \(newest)"
    }
    for table in Projector.decisionTables {
      if let problem = try shortTableProblem("\(table)_\(generation)") {
        return "the table \(table): \(problem)"
      }
    }
    return try misplaced(reached: reached)
  }

  private func shortTableProblem(_ table: String) throws(JournalError) -> String? {
    let count = try connection.statement(SQL.countSome.replacing("@table", with: table))
    defer { count.reset() }
    try count.bind("limit", .integer(Self.rowsMax + 1))
    guard try count.step(), count.integer(0) <= Self.rowsMax else { return nil }
    return try connection.integrityProblems(of: table).first
  }

  /// Each statement finds one thing at the most, which its sentence ends with.
  static let searches: [(sql: SQL, says: String)] = [
    (SQL.findAlteredFeed, "the table feeds differs from the event that opened feed "),
    (SQL.findLostFeed, "the table feeds lacks feed "),
    (SQL.findUnplannedFeed, "the agenda lacks the poll of feed "),
    (SQL.findIdlePoll, "the agenda has a poll of what is not open: "),
    (SQL.findUnplannedReplay, "the agenda lacks replay "),
    (SQL.findDifferingLane, "the table lanes differs from the agenda in lane "),
    (SQL.findLostDelivery, "the agenda differs from the events of "),
    (SQL.findLostNotification, "the agenda lacks the notifications of the poll at event "),
  ]

  private func misplaced(reached: Int64) throws(JournalError) -> String? {
    for (sql, says) in Self.searches {
      // Too many events would have to be read to know.
      if sql == .findLostNotification, head - reached > Self.lagMax { continue }
      let query = try connection.projection(sql, generation)
      defer { query.reset() }
      try query.bind("limit", .integer(Self.newestMax))
      try query.bind("reached", .integer(reached))
      if try query.step() { return says + query.text(0) }
    }
    return nil
  }
}

extension JournalWriter {
  /// Looks once for each generation of the disposable tables whether they may be worked by; what
  /// that compares, and what it costs, says `ProjectionCheck`. Tables of another program are not
  /// looked at: nothing is written by them.
  ///
  /// - Throws: `misfolded` with what differs; `rebuild` mends it.
  package func checkProjections() throws(JournalError) {
    try connection.snapshot { () throws(JournalError) in
      dataVersion = -1
      try refresh()
      guard checkedGeneration != projector.generation, !isStale, !isBehind else { return }
      let check = ProjectionCheck(
        connection: connection, generation: projector.generation, head: head.position)
      if let finding = try check.finding() { throw .misfolded(path: path, why: finding) }
      checkedGeneration = projector.generation
    }
  }
}
