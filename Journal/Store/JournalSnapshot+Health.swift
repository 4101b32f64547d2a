package import Events

/// A callback whose breaker is open.
package struct OpenBreaker: Sendable, Equatable {
  package var url: String
  /// When an attempt to it failed last.
  package var failedAt: Moment
  /// How long after that the next one is let through.
  package var wait: Duration
}

extension JournalSnapshot {
  /// Callbacks whose breaker is open.
  package func openBreakers() throws(JournalError) -> [OpenBreaker] {
    try column(SQL.openBreakers, [:]) {
      OpenBreaker(
        url: $0.text(0), failedAt: Moment(milliseconds: $0.integer(1)),
        wait: .milliseconds($0.integer(2)))
    }
  }

  /// Since when a callback has failed and nothing else, and how many deliveries were given up in
  /// that time; nil: it took the last one.
  package func failing(
    _ url: String
  ) throws(JournalError) -> (since: Moment, givenUp: Int)? {
    let query = try query(SQL.loadHealth, ["url": .text(url)])
    defer { query.reset() }
    guard try query.step() else { return nil }
    return (Moment(milliseconds: query.integer(0)), Int(query.integer(1)))
  }
}
