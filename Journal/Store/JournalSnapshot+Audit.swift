package import Events

// How the deliveries that tell of changes stood at an event: what was recorded after it, also while
// somebody reads page by page, is no part of the answer.

extension JournalSnapshot {
  /// The deliveries that told of some changes by an event, in the order of the changes: rows
  /// `change, position, since, id, url, status, attempts, lastStatus, error, nextAt, finishedAt,
  /// replay, body, bytes, attempt`.
  ///
  /// A delivery has a row for how it stood, and one for each time that it had been accepted; there
  /// `attempt` is the position of the attempt that was.
  package func deliveries(
    telling changes: [Int64], at position: Int64
  ) throws(JournalError) -> [Row] {
    try rows(
      SQL.toldOfChanges, ["changes": .text(Self.list(changes)), "at": .integer(position)])
  }

  /// True where a delivery after an event tells of a change, or the notifications of its poll are
  /// still to be put together.
  ///
  /// - Parameter poll: That of the change.
  package func isTold(
    _ change: Int64, of poll: Int64, after position: Int64
  ) throws(JournalError) -> Bool {
    try first(
      SQL.isToldLater,
      ["change": .integer(change), "poll": .integer(poll), "at": .integer(position)]) == 1
  }

  /// When events were recorded, by their positions.
  package func times(of positions: [Int64]) throws(JournalError) -> [Int64: Moment] {
    let found = try column(SQL.enteredAt, ["positions": .text(Self.list(positions))]) { row in
      (row.integer(0), Moment(milliseconds: row.integer(1)))
    }
    return Dictionary(found, uniquingKeysWith: { $1 })
  }

  /// The callback that an instance named at an event; nil where it named none.
  package func callback(
    of instance: InstanceID, at position: Int64
  ) throws(JournalError) -> String? {
    try column(
      SQL.callbackAsOf, ["instance": .id(instance), "at": .integer(position)]
    ) { $0.optionalText(0) }.first ?? nil
  }

  private static func list(_ numbers: [Int64]) -> String {
    "[" + numbers.map(String.init).joined(separator: ",") + "]"
  }
}
