package import Events

/// The copy that a journal is, where it was put back from one.
package struct Lineage: Sendable, Equatable {
  /// The last time that it was.
  package var restored: JournalRestored
  /// The position of that event.
  package var position: Int64
  /// When it was recorded.
  package var recordedAt: Moment
  /// True until a person lets it send.
  package var isHeld: Bool
}

extension JournalSnapshot {
  /// The lineage that a journal is of; nil for one that was never restored.
  ///
  /// - Parameter position: As of that event.
  package func lineage(until position: Int64 = .max) throws(JournalError) -> Lineage? {
    guard try version(of: .lineage) > 0 else { return nil }
    var found: Lineage?
    for row in try events(of: .lineage) where row.position <= position {
      switch try row.event() {
      case .journalRestored(let body):
        found = Lineage(
          restored: body, position: row.position, recordedAt: row.recordedAt, isHeld: true)
      case .journalResumed: found?.isHeld = false
      default: break
      }
    }
    return found
  }

  /// The version that the lineage is at while it may not send; nil while it may.
  package func heldLineage() throws(JournalError) -> Int64? {
    let version = try version(of: .lineage)
    guard version > 0, let last = try lastEvent(of: .lineage), last.type == JournalRestored.type
    else { return nil }
    return version
  }
}
