import Events

/// A copy of the report tables in the scratch database of a connection that may write nothing else.
struct ReportCopy {
  let generation: Int64
  /// The last event folded into it.
  var position: Int64
  /// True once the indices are made that queries search by.
  var isIndexed = false
}

extension JournalReader {
  /// Makes a copy where the report tables lag behind the log, and catches it up to the head.
  ///
  /// - Parameters:
  ///   - reached: How far the journal's own tables have read; 0 where they are of no use.
  ///   - isOther: Whether the generation in force is another than at the last look.
  func followCopy(reached: Int64, isOther: Bool) throws(JournalError) {
    let head = try JournalFile.head(connection).0.position
    if let old = copy, isOther {
      try drop(old)
      copy = nil
    }
    if copy == nil {
      guard reached < head else { return }
      copy = try makeCopy(reached: reached)
      try makeViews()
    }
    guard var following = copy else { return }
    let fold = connection.fold(following.generation)
    while following.position < head {
      let folded = try fold.fold(
        Fold.Portion(after: following.position, events: Bounds.pageRows))
      if folded.events == 0 { break }
      following.position = folded.reached
    }
    if !following.isIndexed {
      let projector = Projector(connection: connection, generation: following.generation)
      try connection.execute(projector.named(SQL.reportIndices))
      following.isIndexed = true
    }
    copy = following
  }

  private func makeCopy(reached: Int64) throws(JournalError) -> ReportCopy {
    let projector = Projector(connection: connection, generation: generation)
    try connection.execute(projector.named(SQL.reportTables))
    guard reached > 0 else { return ReportCopy(generation: generation, position: 0) }
    for table in Projector.reportTables.map({ "\($0)_\(generation)" }) {
      let columns = try connection.columns(of: table).all
      try connection.execute(
        SQL.copyTable.replacing("@table", with: table).replacing("@columns", with: columns))
    }
    return ReportCopy(generation: generation, position: reached)
  }

  private func drop(_ old: ReportCopy) throws(JournalError) {
    connection.forgetFold()
    for table in Projector.reportTables {
      try connection.execute("DROP TABLE main.\(table)_\(old.generation)")
    }
  }
}

extension JournalReader {
  /// Lets all queries answer as of an event, or as of now again.
  ///
  /// For a reader of its own: an engine that shared it would decide by the past. Only what reports
  /// has a past: the tables that decide (`feeds`, `objects`, `agenda`) stay as they are.
  ///
  /// - Parameter position: Any number from 1; past the head it is the head as it grows. nil: now.
  package func travel(to position: Int64?) throws(JournalError) {
    precondition(position ?? 1 >= 1, "positions count from 1, not \(position ?? 0)")
    try connection.snapshot { () throws(JournalError) in
      // The way leads over now, so that a copy is caught up to the head first.
      asOf = nil
      dataVersion = -1
      try makeViews()
      try refresh()
      asOf = position
      try makeViews()
    }
  }

  /// Names of this connection alone that stand before the journal's: the past, or the copy.
  func makeViews() throws(JournalError) {
    try connection.execute(SQL.dropTempViews)
    try makePastLog()
    let projector = Projector(connection: connection, generation: generation)
    if let asOf {
      let log = connection.archives == nil ? "\(connection.schema).events" : "temp.whole_events"
      try connection.execute(
        projector.named(SQL.pastViews).replacing("main.events", with: log)
          .replacing("@", with: "\(asOf)"))
    } else if copy != nil {
      let views = SQL.liveViews.replacing("CREATE VIEW", with: "CREATE TEMP VIEW")
      try connection.execute(projector.named(views))
    }
  }

  /// Where events were archived, the table that stands before the log ends with that event itself.
  private func makePastLog() throws(JournalError) {
    if let archives = connection.archives {
      archives.bound = asOf
      return
    }
    try connection.execute(SQL.dropPastLog)
    guard let asOf else { return }
    try connection.execute(
      SQL.pastLog.replacing("main.events", with: "\(connection.schema).events")
        .replacing("@", with: "\(asOf)"))
  }
}
