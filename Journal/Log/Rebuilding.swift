/// Fills new disposable tables beside the old ones and swaps. The caller holds the journal's lock
/// and puts each step into one transaction; after a crash the next rebuild goes on from the last of
/// them.
struct Rebuilding {
  let connection: Connection

  /// The generation under construction: a new one, or the one that a crash left.
  func begin() throws(LogError) -> Int64 {
    let rows = try connection.projections()
    let live = rows["decisions"]?.generation ?? 1
    if let begun = rows["rebuild"], begun.revision == Projector.revision {
      return begun.generation
    }
    let generation = max(live, rows["rebuild"]?.generation ?? 0) + 1
    try Projector(connection: connection, generation: generation).makeTables()
    try connection.putProjection("rebuild", generation: generation, position: 0)
    return generation
  }

  /// Folds some more events; the position reached, nil where another process has led everybody over
  /// to these tables meanwhile.
  ///
  /// - Parameter rows: How many are changed, after which it is enough.
  func fold(_ generation: Int64, rows: Int) throws(LogError) -> Int64? {
    guard let start = try reached(generation) else { return nil }
    return try onward(generation, from: start, rows: rows)
  }

  /// The statements that make the indices which folding does not need. They are made when the rows
  /// are there: to sort them once takes a fraction of the time of finding each its place.
  func indices(_ generation: Int64) -> [String] {
    Projector(connection: connection, generation: generation).named(SQL.reportIndices)
      .split(separator: ";\n").map(String.init)
  }

  /// Makes an index; false where another process has led everybody over meanwhile.
  func make(_ index: String, of generation: Int64) throws(LogError) -> Bool {
    guard try reached(generation) != nil else { return false }
    try connection.execute(index)
    return true
  }

  private func reached(_ generation: Int64) throws(LogError) -> Int64? {
    guard let begun = try connection.projections()["rebuild"], begun.generation == generation
    else { return nil }
    return begun.position
  }

  private func onward(
    _ generation: Int64, from start: Int64, rows: Int
  ) throws(LogError) -> Int64 {
    let folded = try connection.fold(generation).fold(
      Fold.Portion(after: start, events: .max, rows: rows, isDeciding: true))
    try connection.putProjection("rebuild", generation: generation, position: folded.reached)
    return folded.reached
  }

  /// Folds what is left and leads everybody over; the position reached, nil where another process
  /// has done so.
  func swap(to generation: Int64) throws(LogError) -> Int64? {
    guard var reached = try reached(generation) else { return nil }
    reached = try onward(generation, from: reached, rows: .max)
    try connection.execute(SQL.dropViews)
    let projector = Projector(connection: connection, generation: generation)
    try connection.execute(projector.named(SQL.liveViews))
    try connection.putProjection("decisions", generation: generation, position: reached)
    try connection.putProjection("reports", generation: generation, position: reached)
    try connection.statement(SQL.dropProjection).run(["name": .text("rebuild")])
    return reached
  }

  /// Names of the tables of earlier generations; a later one may be under construction.
  func old(before generation: Int64) throws(LogError) -> [String] {
    let names = Projector.decisionTables + Projector.reportTables
    var old: [String] = []
    let query = try connection.statement(SQL.listSchema)
    while try query.step() {
      let name = query.text(1)
      let base = name.prefix { $0 != "_" }
      let suffix = name.dropFirst(base.count + 1)
      if query.text(0) == "table", names.contains(String(base)), let number = Int64(suffix),
        number < generation
      {
        old.append(name)
      }
    }
    return old
  }

  func drop(_ table: String) throws(LogError) {
    try connection.execute("DROP TABLE IF EXISTS \(table)")
  }

  /// All of it at once, for a journal whose tables an older program has made.
  func whole() throws(LogError) {
    try connection.keepPages(kilobytes: Bounds.foldingCacheKilobytes)
    defer { try? connection.keepPages(kilobytes: Bounds.cacheKilobytes) }
    // These tables can be made again, so their commits are not synced.
    try connection.execute("PRAGMA synchronous = NORMAL")
    defer { try? connection.execute("PRAGMA synchronous = FULL") }
    let generation = try step { () throws(LogError) in try begin() }
    var reached: Int64 = -1
    while true {
      let next = try step { () throws(LogError) in
        try fold(generation, rows: Bounds.foldedRowsOpening)
      }
      guard let next else { return }
      if next == reached { break }
      reached = next
    }
    for index in indices(generation) {
      _ = try step { () throws(LogError) in try make(index, of: generation) }
    }
    _ = try step { () throws(LogError) in try swap(to: generation) }
    for table in try old(before: generation) {
      try step { () throws(LogError) in try drop(table) }
    }
  }

  /// One transaction, and the write-ahead log copied back where it has grown long enough.
  private func step<Answer>(_ work: () throws(LogError) -> Answer) throws(LogError) -> Answer {
    let answer = try connection.transaction(work)
    if connection.pagesWaiting > Bounds.walPagesFolding { try connection.copyBack() }
    return answer
  }
}
