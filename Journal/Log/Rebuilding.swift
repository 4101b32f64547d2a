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
  func fold(_ generation: Int64) throws(LogError) -> Int64? {
    guard let start = try reached(generation) else { return nil }
    return try onward(generation, from: start)
  }

  private func reached(_ generation: Int64) throws(LogError) -> Int64? {
    guard let begun = try connection.projections()["rebuild"], begun.generation == generation
    else { return nil }
    return begun.position
  }

  private func onward(_ generation: Int64, from start: Int64) throws(LogError) -> Int64 {
    let projector = Projector(connection: connection, generation: generation)
    let events = try connection.events(after: start, limit: Bounds.foldedMax)
    for event in events {
      try projector.decide(event)
      try projector.report(event)
    }
    let reached = events.last?.position ?? start
    try connection.putProjection("rebuild", generation: generation, position: reached)
    return reached
  }

  /// Folds what is left and leads everybody over; the position reached, nil where another process
  /// has done so.
  func swap(to generation: Int64) throws(LogError) -> Int64? {
    guard var reached = try reached(generation) else { return nil }
    while true {
      let next = try onward(generation, from: reached)
      if next == reached { break }
      reached = next
    }
    try connection.execute(SQL.dropViews)
    let projector = Projector(connection: connection, generation: generation)
    try connection.execute(projector.named(SQL.liveViews))
    try connection.putProjection("decisions", generation: generation, position: reached)
    try connection.putProjection("reports", generation: generation, position: reached)
    try connection.statement(SQL.dropProjection).run(["name": .text("rebuild")])
    return reached
  }

  /// Drops the tables of earlier generations; a later one may be under construction.
  func dropOld(before generation: Int64) throws(LogError) {
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
    for name in old { try connection.execute("DROP TABLE \(name)") }
  }

  /// All of it at once, for a journal whose tables an older program has made.
  func whole() throws(LogError) {
    let generation = try connection.transaction { () throws(LogError) in try begin() }
    var reached: Int64 = -1
    while true {
      let next = try connection.transaction { () throws(LogError) in try fold(generation) }
      guard let next else { return }
      if next == reached { break }
      reached = next
    }
    try connection.transaction { () throws(LogError) in
      _ = try swap(to: generation)
      try dropOld(before: generation)
    }
  }
}
