package import Events

/// An object that the polls of a feed could not have or read so far.
package struct MissedObject: Sendable, Equatable {
  /// The provider's id, or what stands for it.
  package var object: String
  /// In a row.
  package var tries: Int
  /// Of a feed polled by dates: since when the poll looked that missed it first.
  package var since: Moment?
  package var nextAt: Moment
}

extension JournalSnapshot {
  /// What a feed could not have or read, in the order of the ids.
  package func missed(of feed: Int64) throws(JournalError) -> [MissedObject] {
    let query = try query(SQL.loadMissed, ["feed": .integer(feed)])
    defer { query.reset() }
    var missed: [MissedObject] = []
    while try query.step() {
      missed.append(
        MissedObject(
          object: query.text(0), tries: Int(try query.count(1, "missed.tries")),
          since: query.optionalInteger(2).map { Moment(milliseconds: $0) },
          nextAt: Moment(milliseconds: query.integer(3))))
    }
    return missed
  }
}
