import Events

/// One table in which the journal and the same table built anew differ.
package struct TableDifference: Sendable, Equatable {
  /// Its name for people, such as `deliveries`.
  package var table: String
  /// Rows that should be there and are not.
  package var missing: Int
  /// Rows that are there and should not be. A row with another value counts in both.
  package var surplus: Int
  /// The first such row as a JSON array in the order of the table's columns: a missing one where
  /// there is any.
  package var example: String
}

extension LogReader {
  /// Builds every disposable table anew in a temporary file and compares; changes nothing.
  ///
  /// All within one view of the journal, with memory that does not grow with it. Report tables are
  /// compared as of the event that they have reached. Evidence may be gone.
  ///
  /// - Parameter progress: Told the position folded and the head, after each page.
  /// - Returns: The tables that differ; none where the journal is as it should be. Tables of
  ///   another program's making differ as a whole, which `projections` stands for.
  /// - Throws: `stopped` where the task was cancelled.
  package func checkRebuild(
    progress: @Sendable (Int64, Int64) -> Void = { _, _ in }
  ) async throws(LogError) -> [TableDifference] {
    let scratch = try Connection(scratchBeside: path, isImmutable: isImmutable)
    try scratch.execute("BEGIN")
    let rows = try scratch.projections()
    let revision = rows["decisions"]?.revision ?? 0
    guard revision == Projector.revision else {
      let example = "[\"decisions\",\(revision)]"
      return [TableDifference(table: "projections", missing: 1, surplus: 1, example: example)]
    }
    let generation = rows["decisions"]?.generation ?? 1
    let reached = rows["reports"]?.position ?? 0
    let head = try JournalFile.head(scratch).0.position
    let projector = Projector(connection: scratch, generation: generation)
    try projector.makeTables()
    var position: Int64 = 0
    while position < head {
      let portion = Fold.Portion(
        after: position, events: Bounds.pageRows, isDeciding: true, reportsTo: reached)
      let folded = try scratch.fold(generation).fold(portion)
      guard folded.events > 0 else {
        throw .damaged(path: path, why: "there is a gap after event \(position)")
      }
      position = folded.reached
      progress(position, head)
      if Task.isCancelled { throw .stopped }
      await Task.yield()
    }
    var differences: [TableDifference] = []
    for table in Projector.decisionTables + Projector.reportTables {
      if let found = try projector.difference(in: table) { differences.append(found) }
      await Task.yield()
    }
    try scratch.execute("COMMIT")
    return differences
  }
}

extension Projector {
  fileprivate func difference(in table: String) throws(LogError) -> TableDifference? {
    let anew = try connection.lacking(in: "journal", table: "\(table)_\(generation)", of: "main")
    let kept = try connection.lacking(in: "main", table: "\(table)_\(generation)", of: "journal")
    guard let example = anew.first ?? kept.first else { return nil }
    return TableDifference(
      table: table, missing: anew.count, surplus: kept.count, example: example)
  }
}

extension Connection {
  /// The columns of a table of the journal, and those of its primary key.
  func columns(of table: String) throws(LogError) -> (all: String, key: String) {
    let query = try statement(SQL.listColumns)
    defer { query.reset() }
    try query.bind("table", .text(table))
    try query.bind("schema", .text(schema))
    var all: [String] = []
    var key: [(place: Int64, name: String)] = []
    while try query.step() {
      all.append(query.text(0))
      if query.integer(1) > 0 { key.append((query.integer(1), query.text(0))) }
    }
    guard !all.isEmpty else { throw .damaged(path: path, why: "it has no table \(table)") }
    let names = key.sorted { $0.place < $1.place }.map(\.name)
    return (all.joined(separator: ", "), names.joined(separator: ", "))
  }

  /// How many rows of one database the other lacks, and the first of them.
  fileprivate func lacking(
    in those: String, table: String, of these: String
  ) throws(LogError) -> (count: Int, first: String?) {
    let (all, key) = try columns(of: table)
    let query = try statement(
      SQL.compareTables.replacing("@table", with: table).replacing("@columns", with: all)
        .replacing("@key", with: key).replacing("@these", with: these)
        .replacing("@those", with: those))
    defer { query.reset() }
    var count = 0
    var first: String?
    while try query.step() {
      count += 1
      if first == nil { first = query.text(0) }
    }
    return (count, first)
  }
}
