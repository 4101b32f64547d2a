package import Events

/// An object that the polls of a feed could not have or read so far.
package struct MissedObject: Sendable, Equatable {
  /// The provider's id, or what stands for it.
  package var object: String
  /// In a row.
  package var tries: Int
  /// The start of what the poll read that missed it first; nil but for feeds polled by dates.
  package var since: Moment?
  package var nextAt: Moment
}

extension JournalSnapshot {
  /// The objects that a feed could not have or read, in the order of their ids.
  package func missed(of feed: FeedID) throws(JournalError) -> [MissedObject] {
    let query = try query(SQL.loadMissed, ["feed": .id(feed)])
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
