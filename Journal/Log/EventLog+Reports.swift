import Events

extension EventLog {
  /// Folds what was appended since into the report tables, in short transactions.
  ///
  /// These tables can be built anew at any time, so their commits are not synced one by one.
  ///
  /// - Parameter limit: Events at most; nil for all up to the head at the call.
  /// - Returns: The position that the tables have reached.
  @discardableResult
  package func catchUp(limit: Int? = nil) async throws(LogError) -> Int64 {
    try refresh()
    let goal = head.position
    var left = limit ?? .max
    while true {
      let (reached, folded) = try foldReports(to: goal, most: min(left, Bounds.foldedMax))
      left -= folded
      if folded == 0 || left <= 0 || reached >= goal { return reached }
      // Appends that wait go first.
      await Task.yield()
    }
  }

  private func foldReports(to goal: Int64, most: Int) throws(LogError) -> (Int64, Int) {
    guard let row = try connection.projections()["reports"], row.position < goal, !isStale else {
      return (goal, 0)
    }
    try connection.execute("PRAGMA synchronous = NORMAL")
    defer { try? connection.execute("PRAGMA synchronous = FULL") }
    return try write { () throws(LogError) in
      guard let row = try connection.projections()["reports"] else { return (goal, 0) }
      let projector = Projector(connection: connection, generation: row.generation)
      let events = try connection.events(after: row.position, limit: most)
      for event in events { try projector.report(event) }
      let reached = events.last?.position ?? row.position
      try connection.putProjection("reports", generation: row.generation, position: reached)
      return (reached, events.count)
    }
  }
}
