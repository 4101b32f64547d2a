package import Events

extension JournalReader {
  /// One event of a trace: where it stands in the log, and how many steps from the event traced;
  /// below 0 before it.
  package struct Traced: Sendable, Equatable {
    package var position: Int64
    package var depth: Int64
  }

  /// Events of a trace whose rows are read at once.
  package static let tracePage = 500

  /// Why an event happened and what came of it, in order of the log; empty where there is no such
  /// event. A few bytes an event, so that even a poll of everything fits; `rows(of:)` has the rest.
  package func trace(_ position: Int64) throws(JournalError) -> [Traced] {
    try view { snapshot throws(JournalError) in
      let query = try snapshot.query(SQL.trace, ["position": .integer(position)])
      defer { query.reset() }
      var met: [Traced] = []
      while try query.step() {
        met.append(Traced(position: query.integer(0), depth: query.integer(1)))
      }
      return met
    }
  }

  /// The rows `position, type, stream, cause, depth, recordedAt, body` of a page of a trace.
  package func rows(of page: some Collection<Traced>) throws(JournalError) -> [Row] {
    let met = page.map { "[\($0.position),\($0.depth)]" }.joined(separator: ",")
    return try view { snapshot throws(JournalError) in
      try snapshot.rows(SQL.traceRows, ["met": .text("[\(met)]")])
    }
  }

  /// The positions of the deliveries that came of an event.
  package func requests(since position: Int64) throws(JournalError) -> [Int64] {
    try view { snapshot throws(JournalError) in
      try snapshot.column(SQL.traceRequests, ["position": .integer(position)]) { $0.integer(0) }
    }
  }

  /// The positions of the deliveries after a part of the log that tell of a change in it.
  ///
  /// - Parameter part: From the event after its lower bound to the one before its upper bound.
  package func requestsLater(of part: Range<Int64>) throws(JournalError) -> [Int64] {
    try view { snapshot throws(JournalError) in
      guard try part.upperBound <= snapshot.head().position else { return [] }
      return try snapshot.column(
        SQL.traceRequestsLater,
        ["after": .integer(part.lowerBound), "before": .integer(part.upperBound)]
      ) { $0.integer(0) }
    }
  }

  /// Looks for a URL among those that instances name, somebody switched, or deliveries go to.
  package func knows(callback url: String) throws(JournalError) -> Bool {
    try view { snapshot throws(JournalError) in
      try snapshot.first(SQL.findCallback, ["url": .text(url)]) == 1
    }
  }

  /// The first instance that has the URL for its callback; nil where none has.
  package func firstInstance(sendingTo url: String) throws(JournalError) -> InstanceID? {
    try view { snapshot throws(JournalError) in
      try snapshot.first(SQL.findInstanceOfCallback, ["url": .text(url)]).map { InstanceID($0) }
    }
  }

  /// True where an instance that is not deleted names a URL as its callback.
  package func isNamed(callback url: String) throws(JournalError) -> Bool {
    try view { snapshot throws(JournalError) in
      try snapshot.first(SQL.namesCallback, ["url": .text(url)]) == 1
    }
  }

  /// A page of the deliveries in one state that no replay asked for, of the instances that name a
  /// URL: rows `position, since, id, changes, bytes` in the order of the log.
  package func deliveries(
    in status: String, of url: String, after: Int64, before: Int64, limit: Int
  ) throws(JournalError) -> [Row] {
    try view { snapshot throws(JournalError) in
      try snapshot.rows(
        SQL.unacceptedDeliveries,
        [
          "status": .text(status), "url": .text(url), "after": .integer(after),
          "before": .integer(before), "limit": .integer(Int64(limit)),
        ])
    }
  }

  /// A notification as a replay judges it before it asks for it again.
  package struct JudgedNotification: Sendable, Equatable {
    package var id: NotificationID
    /// True where a replay rendered it.
    package var isRebuilt: Bool
    /// True where the URL took it, whatever became of the delivery since.
    package var isDelivered: Bool
    /// True where a delivery of it is on its way to the URL.
    package var isOpen: Bool
  }

  /// Judges notifications by their ids.
  package func judge(
    _ ids: [NotificationID], to url: String
  ) throws(JournalError) -> [JudgedNotification] {
    try view { snapshot throws(JournalError) in
      let query = try snapshot.query(
        SQL.judgeNotifications, ["ids": .text(JSONBody.array(ids.map(\.text))), "url": .text(url)])
      defer { query.reset() }
      var judged: [JudgedNotification] = []
      while try query.step() {
        judged.append(
          JudgedNotification(
            id: NotificationID(stored: query.text(0)), isRebuilt: query.integer(1) != 0,
            isDelivered: query.integer(2) != 0, isOpen: query.integer(3) != 0))
      }
      return judged
    }
  }

  /// Those of some changes that a URL was told of and took.
  package func changes(
    among positions: [Int64], deliveredTo url: String
  ) throws(JournalError) -> Set<Int64> {
    try changes(SQL.deliveredChanges, among: positions, url)
  }

  /// Those of some changes that are on their way to a URL.
  package func changes(
    among positions: [Int64], openAt url: String
  ) throws(JournalError) -> Set<Int64> {
    try changes(SQL.openChanges, among: positions, url)
  }

  private func changes(
    _ sql: SQL, among positions: [Int64], _ url: String
  ) throws(JournalError) -> Set<Int64> {
    let list = positions.map(String.init).joined(separator: ",")
    return try view { snapshot throws(JournalError) in
      Set(
        try snapshot.column(sql, ["positions": .text("[\(list)]"), "url": .text(url)]) {
          $0.integer(0)
        })
    }
  }

  /// One event as a trace has it; nil where there is none.
  package func glance(at position: Int64) throws(JournalError) -> Row? {
    try view { snapshot throws(JournalError) in
      try snapshot.rows(SQL.glance, ["position": .integer(position)]).first
    }
  }

  /// The first event after a position that came of another; nil where there is none.
  package func effect(
    of cause: Int64, after position: Int64
  ) throws(JournalError) -> Int64? {
    try view { snapshot throws(JournalError) in
      try snapshot.first(
        SQL.nextEffect, ["cause": .integer(cause), "after": .integer(position)])
    }
  }

  /// The first event that one came of; nil where it came of none.
  package func cause(of position: Int64) throws(JournalError) -> Int64? {
    try view { snapshot throws(JournalError) in
      try snapshot.first(SQL.firstCause, ["effect": .integer(position)])
    }
  }

  /// The position one step on or back; nil at the end.
  ///
  /// - Parameter types: Steps over events of all other types; empty: over none.
  package func step(
    from position: Int64, isBack: Bool = false, types: [String] = []
  ) throws(JournalError) -> Int64? {
    try view { snapshot throws(JournalError) in
      guard !types.isEmpty else {
        let sql = isBack ? SQL.lastEvent : SQL.nextEvent
        return try snapshot.first(sql, ["position": .integer(position)])
      }
      let sql = isBack ? SQL.lastOfType : SQL.nextOfType
      var found: [Int64] = []
      for type in types {
        let one = try snapshot.first(
          sql, ["position": .integer(position), "type": .text(type)])
        if let one { found.append(one) }
      }
      return isBack ? found.max() : found.min()
    }
  }

  /// The fields that differ between two events: rows `kind, id, field, before, after`.
  ///
  /// Instances first, then cursors, then deliveries; `from` may be the later one.
  package func difference(from: Int64, to: Int64) throws(JournalError) -> [Row] {
    let isBack = to < from
    let values: [String: Binding] = [
      "low": .integer(min(from, to)), "high": .integer(max(from, to)),
      "is_back": .integer(isBack ? 1 : 0),
    ]
    return try view { snapshot throws(JournalError) in
      var all: [Row] = []
      for query in JournalReader.differences {
        for row in try snapshot.rows(query, values).0 { all.append(JournalReader.typed(row)) }
      }
      return all
    }
  }

  /// The statements that compare two events, one for each kind of row.
  static var differences: [String] {
    [
      SQL.diff.replacing("@rows", with: SQL.diffInstances.text), SQL.diffCursors.text,
      SQL.diff.replacing("@rows", with: SQL.diffDeliveries.text),
    ]
  }

  /// A field of a difference names its kind as a column would: `nextAt@moment`.
  private static func typed(_ row: Row) -> Row {
    guard let name = row["field"]?.string, name.hasSuffix("@moment") else { return row }
    var row = row
    row.values[2] = .text(String(name.dropLast("@moment".count)))
    for place in [3, 4] {
      if let number = row.values[place].integer {
        row.values[place] = .moment(Moment(milliseconds: number))
      }
    }
    return row
  }
}

extension JournalSnapshot {
  func first(
    _ sql: SQL, _ values: KeyValuePairs<String, Binding>
  ) throws(JournalError) -> Int64? {
    let query = try query(sql, values)
    defer { query.reset() }
    return try query.step() ? query.integer(0) : nil
  }
}
