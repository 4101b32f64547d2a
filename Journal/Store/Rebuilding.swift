/// Fills new disposable tables beside the old ones and swaps. The caller holds the journal's lock
/// and puts each step into one transaction; after a crash the next rebuild goes on from the last of
/// them.
struct Rebuilding {
  let connection: Connection

  /// The generation under construction: an unused one, or the one that a crash left whole. Foreign
  /// triggers on disposable tables go first.
  func begin() throws(JournalError) -> Int64 {
    let found = try connection.schemaObjects()
    for object in found where object.kind == "trigger" && Projector.isDisposable(object.owner) {
      try connection.execute("DROP TRIGGER \(quoted(object.name))")
    }
    let rows = try connection.projections()
    if let begun = rows["rebuild"], try canGoOn(begun, rows, found) { return begun.generation }
    let generation = unused(rows, found)
    try Projector(connection: connection, generation: generation).makeTables()
    try connection.putProjection("rebuild", generation: generation, position: 0)
    return generation
  }

  /// Looks whether tables under construction are ours and have read as far as is said of them.
  private func canGoOn(
    _ begun: Connection.ProjectionRow, _ rows: [String: Connection.ProjectionRow],
    _ found: [SchemaObject]
  ) throws(JournalError) -> Bool {
    guard begun.revision == Projector.revision,
      (1...Projector.generationMax).contains(begun.generation),
      begun.generation != rows["decisions"]?.generation,
      begun.generation != rows["reports"]?.generation
    else { return false }
    let late = Set(
      indices(begun.generation).compactMap { text in
        text.split(whereSeparator: \.isWhitespace).drop { $0 != "EXISTS" }.dropFirst().first
          .map(String.init)
      })
    let isOurs = try Projector.schemaDifferences(begun.generation, in: found).allSatisfy {
      $0.object.kind == "view" || $0.object.kind == "trigger"
        || $0.isMissing && !$0.isSurplus && late.contains($0.object.name)
    }
    guard isOurs else { return false }
    return try connection.newestEntry(of: begun.generation) == begun.position
  }

  /// A generation that nothing in the file bears the number of.
  private func unused(
    _ rows: [String: Connection.ProjectionRow], _ found: [SchemaObject]
  ) -> Int64 {
    let numbers = found.compactMap { object in
      object.name.lastIndex(of: "_").flatMap { Int64(object.name[$0...].dropFirst()) }
    }
    let taken = (numbers + rows.values.map(\.generation)).filter {
      (1..<Projector.generationMax).contains($0)
    }
    return (taken.max() ?? 0) + 1
  }

  private func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  /// Folds some more events; the position reached and how many they were, nil where another process
  /// has led everybody over to these tables meanwhile.
  ///
  /// - Parameter rows: How many are changed, after which it is enough.
  func fold(
    _ generation: Int64, rows: Int
  ) throws(JournalError) -> (reached: Int64, events: Int)? {
    guard let start = try reached(generation) else { return nil }
    return try onward(generation, from: start, rows: rows)
  }

  /// The statements that make the indices which folding does not need. They are made when the rows
  /// are there: to sort them once takes a fraction of the time of finding each its place.
  func indices(_ generation: Int64) -> [String] {
    Projector(connection: connection, generation: generation).named(SQL.reportIndices)
      .split(separator: ";\n").filter { $0.contains("CREATE") }.map(String.init)
  }

  /// Makes an index; false where another process has led everybody over meanwhile.
  func make(_ index: String, of generation: Int64) throws(JournalError) -> Bool {
    guard try reached(generation) != nil else { return false }
    try connection.execute(index)
    return true
  }

  private func reached(_ generation: Int64) throws(JournalError) -> Int64? {
    guard let begun = try connection.projections()["rebuild"], begun.generation == generation
    else { return nil }
    return begun.position
  }

  private func onward(
    _ generation: Int64, from start: Int64, rows: Int
  ) throws(JournalError) -> (reached: Int64, events: Int) {
    let folded = try connection.fold(generation).fold(
      Fold.Portion(after: start, events: .max, rows: rows, isDeciding: true, skipsUndone: true))
    try connection.putProjection("rebuild", generation: generation, position: folded.reached)
    return folded
  }

  /// Folds what is left and leads everybody over; the position reached, nil where another process
  /// has done so.
  func swap(to generation: Int64) throws(JournalError) -> Int64? {
    guard var reached = try reached(generation) else { return nil }
    while case let folded = try onward(generation, from: reached, rows: .max), folded.events > 0 {
      reached = folded.reached
    }
    // Something else may have taken the name of a view.
    for object in try connection.schemaObjects()
    where Projector.viewNames.contains(object.name) && object.kind != "view" {
      try connection.execute("DROP \(object.kind) \(object.name)")
    }
    try connection.execute(SQL.dropViews)
    let projector = Projector(connection: connection, generation: generation)
    try connection.execute(projector.named(SQL.liveViews))
    try connection.putProjection("decisions", generation: generation, position: reached)
    try connection.putProjection("reports", generation: generation, position: reached)
    try connection.statement(SQL.dropProjection).run(["name": .text("rebuild")])
    return reached
  }

  /// Names of disposable tables that are neither in force nor under construction.
  func leftovers() throws(JournalError) -> [String] {
    try connection.snapshot { () throws(JournalError) in
      let used = try inUse()
      return try connection.schemaObjects().filter { object in
        object.kind == "table" && Projector.generation(ofTable: object.name) != nil
          && !used.contains { object.name.hasSuffix("_\($0)") }
      }.map(\.name)
    }
  }

  private func inUse() throws(JournalError) -> [Int64] {
    try connection.projections().values.map(\.generation)
  }

  /// Drops what was left over; another process may have taken its name up meanwhile.
  func drop(_ table: String) throws(JournalError) {
    guard try !inUse().contains(where: { table.hasSuffix("_\($0)") }) else { return }
    try connection.execute("DROP TABLE IF EXISTS \(quoted(table))")
  }
}
