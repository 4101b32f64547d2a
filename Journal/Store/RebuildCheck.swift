import Events

/// One table, index, view or trigger in which the journal and the same built anew differ.
package struct TableDifference: Sendable, Equatable {
  /// A table's name for people, such as `deliveries`; of an index, view or trigger its own.
  package var table: String
  /// Rows that should be there and are not.
  package var missing: Int
  /// Rows that are there and should not be. A row with another value counts in both.
  package var surplus: Int
  /// The first such row as a JSON array in the order of the table's columns: a missing one where
  /// there is any. Else what is found wrong, and with what.
  package var example: String
}

extension JournalReader {
  /// Builds every disposable table anew in a temporary file and compares; changes nothing.
  ///
  /// All within one view of the journal, with memory that does not grow with it. Report tables are
  /// compared as of the event that they have reached. Evidence may be gone. The schema of these
  /// tables, the rows of `projections`, and each table with its indices are looked at as well.
  ///
  /// - Parameter progress: Told the position folded and the head, after each page.
  /// - Returns: The tables that differ; none where the journal is as it should be. Tables of
  ///   another program's making differ as a whole, which `projections` stands for.
  /// - Throws: `stopped` where the task was cancelled.
  package func checkRebuild(
    progress: @Sendable (Int64, Int64) -> Void = { _, _ in }
  ) async throws(JournalError) -> [TableDifference] {
    let scratch = try Connection(scratchBeside: path, isImmutable: isImmutable)
    try scratch.execute("BEGIN")
    try scratch.noticeArchives()
    let rows = try scratch.projections()
    let revision = rows["decisions"]?.revision ?? 0
    guard revision == Projector.revision else {
      let example = "[\"decisions\",\(revision)]"
      return [TableDifference(table: "projections", missing: 1, surplus: 1, example: example)]
    }
    let head = try JournalFile.head(scratch).0.position
    if let (row, why) = Connection.implausibility(of: rows, head: head) {
      return [try scratch.difference("projections", isMissing: true, row, why)]
    }
    let generation = rows["decisions"]?.generation ?? 1
    let reached = rows["reports"]?.position ?? 0
    let objects = try scratch.schemaObjects()
    let foreign = try Projector.schemaDifferences(generation, in: objects)
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
    for found in foreign { differences.append(try scratch.difference(found)) }
    if !foreign.contains(where: { $0.object.name == "entries_\(generation)" }) {
      let newest = try scratch.newestEntry(of: generation)
      let why = "its position is \(reached), and the tables reach to \(newest)"
      if newest != reached {
        differences.append(try scratch.difference("projections", isMissing: true, "reports", why))
      }
    }
    // A table without its own columns cannot be compared row by row.
    let unlike = Set(foreign.filter { $0.object.kind == "table" }.map(\.object.name))
    for table in Projector.decisionTables + Projector.reportTables
    where !unlike.contains("\(table)_\(generation)") {
      if let found = try projector.difference(in: table) { differences.append(found) }
      if let found = try scratch.disorder(in: table, generation) { differences.append(found) }
      if Task.isCancelled { throw .stopped }
      await Task.yield()
    }
    try scratch.execute("COMMIT")
    return differences
  }
}

extension Projector {
  fileprivate func difference(in table: String) throws(JournalError) -> TableDifference? {
    let anew = try connection.lacking(in: "journal", table: "\(table)_\(generation)", of: "main")
    let kept = try connection.lacking(in: "main", table: "\(table)_\(generation)", of: "journal")
    guard let example = anew.first ?? kept.first else { return nil }
    return TableDifference(
      table: table, missing: anew.count, surplus: kept.count, example: example)
  }
}

extension Connection {
  fileprivate func difference(
    _ table: String, isMissing: Bool, _ name: String, _ text: String
  ) throws(JournalError) -> TableDifference {
    let query = try statement(SQL.tellDifference)
    defer { query.reset() }
    try query.bind("name", .text(name))
    try query.bind("text", .text(text))
    let example = try query.step() ? query.text(0) : "[]"
    return TableDifference(
      table: table, missing: isMissing ? 1 : 0, surplus: 1, example: example)
  }

  fileprivate func difference(_ found: SchemaDifference) throws(JournalError) -> TableDifference {
    var told = try difference(
      found.object.name, isMissing: found.isMissing, found.object.kind, found.description)
    told.surplus = found.isSurplus ? 1 : 0
    return told
  }

  /// A table whose indices do not lead to its rows, or whose rows are not what its columns take.
  fileprivate func disorder(
    in table: String, _ generation: Int64
  ) throws(JournalError) -> TableDifference? {
    let problems = try integrityProblems(of: "\(table)_\(generation)")
    guard let first = problems.first else { return nil }
    var told = try difference(table, isMissing: true, "integrity", first)
    told.missing = problems.count
    told.surplus = 0
    return told
  }
}

extension Connection {
  /// The columns of a table of the journal, and those of its primary key.
  func columns(of table: String) throws(JournalError) -> (all: String, key: String) {
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
  ) throws(JournalError) -> (count: Int, first: String?) {
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
