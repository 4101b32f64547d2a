import Events

extension JournalWriter {
  /// Builds every disposable table anew beside the old ones, and swaps.
  ///
  /// Short transactions, so that appends go on; what was built survives a crash and is gone on
  /// with where it is whole. Where another process finishes it first, its tables are the new ones.
  /// What is left over of others goes, and so do foreign triggers, indices and views.
  ///
  /// - Parameter progress: Told the position reached and the head, after each transaction.
  /// - Returns: How many events were folded.
  /// - Throws: `stopped` where the task was cancelled; the next rebuild goes on from there.
  package func rebuild(
    progress: @Sendable (Int64, Int64) -> Void = { _, _ in }
  ) async throws(JournalError) -> Int64 {
    try connection.keepPages(kilobytes: Bounds.foldingCacheKilobytes)
    defer { try? connection.keepPages(kilobytes: Bounds.cacheKilobytes) }
    return try await rebuildAnew(progress)
  }

  private func rebuildAnew(
    _ progress: @Sendable (Int64, Int64) -> Void
  ) async throws(JournalError) -> Int64 {
    let generation = try beginRebuild()
    while true {
      try refresh()
      guard let reached = try foldRebuild(generation) else { return try rebuiltElsewhere() }
      progress(reached, head.position)
      if head.position - reached < Int64(Bounds.foldedMax) { break }
      try await pause()
    }
    for index in Rebuilding(connection: connection).indices(generation) {
      guard try make(index, of: generation) else { return try rebuiltElsewhere() }
      try await pause()
    }
    guard let folded = try swap(to: generation) else { return try rebuiltElsewhere() }
    progress(folded, folded)
    for table in try Rebuilding(connection: connection).leftovers() {
      try drop(table)
      copyBack(after: Bounds.walPagesFolding)
    }
    return folded
  }

  /// Between two transactions: appends that wait go first.
  private func pause() async throws(JournalError) {
    if Task.isCancelled { throw .stopped }
    copyBack(after: Bounds.walPagesFolding)
    await Task.yield()
  }

  private func beginRebuild() throws(JournalError) -> Int64 {
    let rebuilding = Rebuilding(connection: connection)
    return try write { () throws(JournalError) in try rebuilding.begin() }
  }

  private func rebuiltElsewhere() throws(JournalError) -> Int64 {
    dataVersion = -1
    try refresh()
    return head.position
  }

  private func foldRebuild(_ generation: Int64) throws(JournalError) -> Int64? {
    let rebuilding = Rebuilding(connection: connection)
    return try writeUnsynced { () throws(JournalError) in
      try rebuilding.fold(generation, rows: Bounds.foldedRows)
    }
  }

  private func make(_ index: String, of generation: Int64) throws(JournalError) -> Bool {
    let rebuilding = Rebuilding(connection: connection)
    return try writeUnsynced { () throws(JournalError) in try rebuilding.make(index, of: generation)
    }
  }

  /// These tables can be made again, so their commits are not synced.
  private func writeUnsynced<Answer>(
    _ work: () throws(JournalError) -> Answer
  ) throws(JournalError) -> Answer {
    try connection.execute("PRAGMA synchronous = NORMAL")
    defer { try? connection.execute("PRAGMA synchronous = FULL") }
    return try write(.long, work)
  }

  private func swap(to generation: Int64) throws(JournalError) -> Int64? {
    let rebuilding = Rebuilding(connection: connection)
    let reached = try write { () throws(JournalError) in try rebuilding.swap(to: generation) }
    guard let reached else { return nil }
    projector = Projector(connection: connection, generation: generation)
    isStale = false
    dataVersion = -1
    return reached
  }

  private func drop(_ table: String) throws(JournalError) {
    let rebuilding = Rebuilding(connection: connection)
    try writeUnsynced { () throws(JournalError) in try rebuilding.drop(table) }
  }
}
