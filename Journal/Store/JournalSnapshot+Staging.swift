package import Events

extension JournalSnapshot {
  /// From where a poll of a feed could go on; nil where nothing was kept of one.
  package func progress(
    of feed: FeedID, moved: Int64
  ) throws(JournalError) -> (pollID: Int64, keptAt: Moment, state: String)? {
    let query = try query(
      SQL.loadProgress, ["feed": .id(feed), "moved": .integer(moved)])
    defer { query.reset() }
    guard try query.step() else { return nil }
    return (query.integer(0), Moment(milliseconds: query.integer(1)), query.text(2))
  }

  /// The objects that a listing has seen by id, each with the sum of its labels.
  package func sighted(
    pollID: Int64, after object: String, limit: Int
  ) throws(JournalError) -> [(object: String, labels: Int64)] {
    let query = try query(
      SQL.listSighted,
      ["ticket": .integer(pollID), "after": .text(object), "limit": .integer(Int64(limit))])
    defer { query.reset() }
    var rows: [(object: String, labels: Int64)] = []
    while try query.step() { rows.append((query.text(0), query.integer(1))) }
    return rows
  }

  /// The objects that a listing has seen and the feed does not know, or knows with other labels.
  ///
  /// - Returns: In the order of the ids; the revision that is known, if any.
  package func differing(
    in feed: FeedID, pollID: Int64, after object: String, limit: Int
  ) throws(JournalError) -> [(object: String, known: String?)] {
    let query = try query(
      SQL.listDiffering,
      [
        "feed": .id(feed), "ticket": .integer(pollID), "after": .text(object),
        "limit": .integer(Int64(limit)),
      ])
    defer { query.reset() }
    var rows: [(object: String, known: String?)] = []
    while try query.step() { rows.append((query.text(0), query.optionalText(1))) }
    return rows
  }
}
