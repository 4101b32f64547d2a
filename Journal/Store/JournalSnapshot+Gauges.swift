package import Events
import Glibc

/// Bytes of a file; 0 where there is none.
package func fileBytes(_ path: String) -> Int64 {
  var status = stat()
  return stat(path, &status) == 0 ? Int64(status.st_size) : 0
}

/// Figures of a journal as it is now.
package struct GaugeRows: Sendable, Equatable {
  /// Deliveries in one state.
  package struct Waiting: Sendable, Equatable {
    package var state: String
    package var count: Int
    /// When the first of them was asked for.
    package var oldestAt: Moment?
  }

  /// The feeds of one resource.
  package struct Feeds: Sendable, Equatable {
    package var resource: String
    package var count: Int
    /// When the first of them is due.
    package var dueAt: Moment
    /// When the one was read that was read longest ago; nil where none was.
    package var readAt: Moment?
  }

  package var head: Int64
  package var deliveries: [Waiting]
  /// When the poll is due that is due first, or has waited longest; nil where none is planned.
  package var firstPollDueAt: Moment?
}

extension JournalSnapshot {
  /// How much waits.
  package func gauges() throws(JournalError) -> GaugeRows {
    var deliveries: [GaugeRows.Waiting] = []
    var firsts: [Int64] = []
    do {
      let query = try query(SQL.countOpenDeliveries)
      defer { query.reset() }
      while try query.step() {
        deliveries.append(
          .init(state: query.text(0), count: Int(query.integer(1)), oldestAt: nil))
        firsts.append(query.integer(2))
      }
    }
    for place in deliveries.indices {
      deliveries[place].oldestAt = try event(at: firsts[place])?.recordedAt
    }
    let poll = try query(SQL.firstDuePoll)
    defer { poll.reset() }
    let dueAt = try poll.step() ? Moment(milliseconds: poll.integer(0)) : nil
    return GaugeRows(
      head: try head().position, deliveries: deliveries, firstPollDueAt: dueAt)
  }

  /// How the feeds stand, by resource; those that are due first where there are more.
  package func feedGauges(limit: Int) throws(JournalError) -> [GaugeRows.Feeds] {
    let query = try query(SQL.sumFeeds, ["limit": .integer(Int64(limit))])
    defer { query.reset() }
    var feeds: [GaugeRows.Feeds] = []
    while try query.step() {
      feeds.append(
        .init(
          resource: query.text(0), count: Int(query.integer(1)),
          dueAt: Moment(milliseconds: query.integer(2)),
          readAt: query.optionalInteger(3).map { Moment(milliseconds: $0) }))
    }
    return feeds
  }
}
