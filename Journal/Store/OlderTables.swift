/// How far tables reach that an older program has folded, and those that take their place.
package struct OlderTables: Sendable, Equatable {
  /// The last event in the tables that report; those that decide have all.
  package var reached: Int64
  /// The last event in the tables that this program makes beside them; 0 where nobody has begun.
  package var rebuilt: Int64
  /// The last event of the log.
  package var head: Int64

  package init(reached: Int64, rebuilt: Int64, head: Int64) {
    self.reached = reached
    self.rebuilt = rebuilt
    self.head = head
  }
}

extension JournalSnapshot {
  /// The tables in force where an older program has folded them: what they hold is as that one
  /// understood the log. nil where they are this program's, or a copy of its own is read instead.
  package func olderTables() throws(JournalError) -> OlderTables? {
    if reached != nil { return nil }
    return try connection.olderTables()
  }
}

extension Connection {
  fileprivate func olderTables() throws(JournalError) -> OlderTables? {
    let rows = try projections()
    guard let decisions = rows["decisions"], decisions.revision < Projector.revision else {
      return nil
    }
    let begun = rows["rebuild"].flatMap { $0.revision == Projector.revision ? $0.position : nil }
    return try OlderTables(
      reached: rows["reports"]?.position ?? 0, rebuilt: begun ?? 0,
      head: JournalFile.head(self).0.position)
  }

  /// The error for whoever would append while the tables in force are an older program's.
  func rebuildingError() throws(JournalError) -> JournalError {
    let older = try olderTables()
    return .rebuilding(path: path, reached: older?.rebuilt ?? 0, head: older?.head ?? 0)
  }

  /// The same for a statement that cannot be prepared, where it is for tables in force that are
  /// another program's: they may have other columns.
  func errorOfShape(_ error: JournalError, of generation: Int64) -> JournalError {
    // 1: SQLite knows a name in it not. Source: sqlite.org, “Result and Error Codes”.
    guard case .sqlite(let code, _, _) = error, code & 0xff == 1,
      let decisions = try? projections()["decisions"], decisions.generation == generation
    else { return error }
    if decisions.revision > Projector.revision { return .newerProgram(path: path) }
    guard decisions.revision < Projector.revision else { return error }
    return (try? rebuildingError()) ?? error
  }
}
