import Events

extension JournalWriter {
  /// Folds what was appended since into the report tables, in short transactions.
  ///
  /// These tables can be built anew at any time, so their commits are not synced one by one.
  ///
  /// - Parameters:
  ///   - limit: Events at most; nil for all up to the head at the call.
  ///   - patience: How long to wait for who holds the journal's locks.
  /// - Returns: The position that the tables have reached; those of another program's making stay
  ///   as they are.
  @discardableResult
  package func catchUp(
    limit: Int? = nil, patience: Patience = .long
  ) async throws(JournalError) -> Int64 {
    try refresh()
    let goal = head.position
    let reached = try connection.projections()["reports"]?.position ?? 0
    guard goal - reached > Int64(Bounds.foldedMax) else {
      return try await follow(to: goal, limit: limit ?? .max, patience)
    }
    try connection.keepPages(kilobytes: Bounds.foldingCacheKilobytes)
    defer { try? connection.keepPages(kilobytes: Bounds.cacheKilobytes) }
    return try await follow(to: goal, limit: limit ?? .max, patience)
  }

  private func follow(
    to goal: Int64, limit: Int, _ patience: Patience
  ) async throws(JournalError) -> Int64 {
    var left = limit
    while true {
      let (reached, folded) = try foldReports(to: goal, most: left, patience)
      left -= folded
      if folded == 0 || left <= 0 || reached >= goal { return reached }
      copyBack(after: Bounds.walPagesFolding)
      // Appends that wait go first.
      await Task.yield()
    }
  }

  private func foldReports(
    to goal: Int64, most: Int, _ patience: Patience
  ) throws(JournalError) -> (Int64, Int) {
    guard try toFold(to: goal) != nil else { return (goal, 0) }
    return try writeDisposable(patience) { () throws(JournalError) in
      guard let row = try toFold(to: goal) else { return (goal, 0) }
      let folded: (reached: Int64, events: Int)
      do throws(JournalError) {
        folded = try connection.fold(row.generation).fold(
          Fold.Portion(after: row.position, events: most, rows: Bounds.foldedRows))
      } catch {
        throw error.ofFolding(path)
      }
      try connection.putProjection(
        "reports", generation: row.generation, position: folded.reached)
      return (folded.reached, folded.events)
    }
  }

  /// The report tables, where they are this program's and have not read as far.
  private func toFold(to goal: Int64) throws(JournalError) -> Connection.ProjectionRow? {
    guard let row = try connection.projections()["reports"], row.position < goal,
      row.revision == Projector.revision
    else { return nil }
    return row
  }
}
