import Events

extension EventLog {
  /// Builds every disposable table anew beside the old ones, and swaps.
  ///
  /// Short transactions, so that appends go on; what was built survives a crash and is gone on
  /// with.
  ///
  /// - Parameter progress: Told the position reached and the head, after each transaction.
  /// - Returns: How many events were folded.
  /// - Throws: `stopped` where the task was cancelled; the next rebuild goes on from there.
  package func rebuild(
    progress: @Sendable (Int64, Int64) -> Void = { _, _ in }
  ) async throws(LogError) -> Int64 {
    let generation = try beginRebuild()
    while true {
      try refresh()
      let reached = try foldRebuild(generation)
      progress(reached, head.position)
      if Task.isCancelled { throw .stopped }
      if head.position - reached < Int64(Bounds.foldedMax) { break }
      await Task.yield()
    }
    let folded = try swap(to: generation)
    progress(folded, folded)
    try dropOld(except: generation)
    return folded
  }

  /// The generation under construction: a new one, or the one that a crash left.
  private func beginRebuild() throws(LogError) -> Int64 {
    try lock.wait()
    defer { lock.release() }
    return try connection.transaction { () throws(LogError) in
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
  }

  private func foldRebuild(_ generation: Int64) throws(LogError) -> Int64 {
    try lock.wait()
    defer { lock.release() }
    try connection.execute("PRAGMA synchronous = NORMAL")
    defer { try? connection.execute("PRAGMA synchronous = FULL") }
    return try connection.transaction { () throws(LogError) in
      try foldOnward(generation, from: try connection.projections()["rebuild"]?.position ?? 0)
    }
  }

  private func foldOnward(_ generation: Int64, from start: Int64) throws(LogError) -> Int64 {
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

  private func swap(to generation: Int64) throws(LogError) -> Int64 {
    try lock.wait()
    defer { lock.release() }
    let reached = try connection.transaction { () throws(LogError) in
      var reached = try connection.projections()["rebuild"]?.position ?? 0
      while true {
        let next = try foldOnward(generation, from: reached)
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
    projector = Projector(connection: connection, generation: generation)
    isStale = false
    dataVersion = -1
    return reached
  }

  private func dropOld(except generation: Int64) throws(LogError) {
    try lock.wait()
    defer { lock.release() }
    let names = Projector.decisionTables + Projector.reportTables
    var old: [String] = []
    let query = try connection.statement(SQL.listSchema)
    while try query.step() {
      let name = query.text(1)
      let base = name.prefix { $0 != "_" }
      let suffix = name.dropFirst(base.count + 1)
      if query.text(0) == "table", names.contains(String(base)), suffix != "\(generation)",
        Int64(suffix) != nil
      {
        old.append(name)
      }
    }
    for name in old { try connection.execute("DROP TABLE \(name)") }
  }
}
