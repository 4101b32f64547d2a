package import Events

/// A feed as its next decision needs it.
package struct FeedRow: Sendable, Equatable {
  /// The word that the table stores for whether it is polled, and why not.
  package enum State: String, Sendable { case open, unsupported, disabled, closed }

  /// The purpose of the next poll: to learn what is there, to go on, or to compare all of it.
  package typealias Mode = FeedMode

  package var feed: FeedID
  package var instance: InstanceID
  package var resource: String
  package var url: String
  package var collectionKind: String?
  package var collection: String?
  package var idField: String?
  package var updatedField: String?
  package var interval: Duration
  package var state: State
  package var mode: Mode
  package var cursor: String?
  package var failures: Int
  /// The provider asked to be left alone until then.
  package var notBefore: Moment
  package var movedAt: Moment?
  /// When the poll began that moved it last.
  package var lookedAt: Moment?
  package var nextAt: Moment?
  /// Position of the event that last changed cursor or mode.
  package var moved: Int64
  /// How dates are read and filtered by; nil where nothing of it is configured.
  package var rules: PollingRules?
  /// The feed whose poll found this collection.
  package var roster: FeedID?
  /// Its id in that roster.
  package var member: String?
  /// The baseline announces what was created since then.
  package var announceFrom: Moment?
  /// Position of the last `poll.requested` that no poll has answered yet.
  package var pollRequest: Int64?
  /// When that was due.
  package var requestedAt: Moment?

  /// When it is polled next: as planned, but not while the provider’s `Retry-After` runs. nil where
  /// it is not polled by itself, and the provider asked for no wait.
  package func next(at now: Moment) -> Moment? {
    notBefore > now ? max(notBefore, nextAt ?? notBefore) : nextAt
  }

  /// - Throws: `misfolded` for what no event can make of a feed.
  init(_ row: Statement) throws(JournalError) {
    feed = FeedID(row.integer(0))
    instance = InstanceID(row.integer(1))
    resource = row.text(2)
    url = row.text(3)
    collectionKind = row.optionalText(4)
    collection = row.optionalText(5)
    idField = row.optionalText(6)
    updatedField = row.optionalText(7)
    interval = .milliseconds(try row.count(8, "feeds.interval_ms"))
    guard let state = State(rawValue: row.text(9)) else { throw row.misfolded("feeds.state", 9) }
    guard let mode = Mode(rawValue: row.text(10)) else { throw row.misfolded("feeds.mode", 10) }
    self.state = state
    self.mode = mode
    cursor = row.optionalText(11)
    failures = Int(try row.count(12, "feeds.failures"))
    notBefore = Moment(milliseconds: row.integer(13))
    movedAt = row.optionalInteger(14).map { Moment(milliseconds: $0) }
    nextAt = row.optionalInteger(15).map { Moment(milliseconds: $0) }
    moved = row.integer(16)
    rules = row.optionalText(17).flatMap { JSONBody.value($0) }
    guard rules != nil || row.isNull(17) else { throw row.misfolded("feeds.rules", 17) }
    roster = row.optionalInteger(18).map { FeedID($0) }
    announceFrom = row.optionalInteger(19).map { Moment(milliseconds: $0) }
    member = row.optionalText(20)
    lookedAt = row.optionalInteger(21).map { Moment(milliseconds: $0) }
    pollRequest = row.optionalInteger(22)
    requestedAt = row.optionalInteger(23).map { Moment(milliseconds: $0) }
  }
}

/// An object that a feed knows.
package struct KnownObject: Sendable, Equatable {
  package var revision: String
  package var series: String?
  package var isGone: Bool
  /// The value at `idField`, where it is not the provider’s id.
  package var objectId: String?

  package init(
    revision: String, series: String? = nil, isGone: Bool = false, objectId: String? = nil
  ) {
    self.revision = revision
    self.series = series
    self.isGone = isGone
    self.objectId = objectId
  }
}

/// Known objects by their ids.
package struct KnownObjects: Sendable, Equatable {
  private var objects: [ExactText: KnownObject] = [:]

  package init() {}

  package subscript(id: String) -> KnownObject? {
    get { objects[ExactText(id)] }
    set { objects[ExactText(id)] = newValue }
  }
}

/// How far a replay is.
package struct ReplayRow: Sendable, Equatable {
  package var url: String
  package var mode: String
  package var state: String
  package var notifications: Int
  package var requested: Int
  package var sent: Int
  package var succeeded: Int
  package var failed: Int
}

/// The deliveries of a replay that have not come to an end.
package struct ReplayRest: Sendable, Equatable {
  /// Set aside until their callback is enabled, or the replay goes on.
  package var held: Int
  /// True while any is under way, or waits for its turn.
  package var isWaiting: Bool
}

extension JournalSnapshot {
  /// When the first task of some kinds is due that is not due by then.
  package func nextDue(
    _ kinds: Set<DueTask.Kind> = DueTask.Kind.all, after moment: Moment
  ) throws(JournalError) -> Moment? {
    var first: Moment?
    for kind in kinds {
      let query = try query(
        SQL.nextDue,
        ["task": .text(kind.rawValue), "after_ms": .integer(moment.milliseconds)])
      defer { query.reset() }
      guard try query.step() else { continue }
      let due = Moment(milliseconds: query.integer(0))
      first = min(first ?? due, due)
    }
    return first
  }

  /// Deliveries whose attempt has no outcome yet: with no engine running, a crash lost it.
  package func begun(limit: Int) throws(JournalError) -> [StreamName] {
    try streams(SQL.begunDeliveries, ["limit": .integer(Int64(limit))])
  }

  /// Looks for anything of delivering that is due sometime or under way.
  package func hasOpenDeliveries() throws(JournalError) -> Bool {
    let query = try query(SQL.openDeliveries)
    defer { query.reset() }
    return try query.step() && query.integer(0) != 0
  }

  /// The latest time, by its own clock, of a poll that was completed after an event.
  package func latestPoll(after position: Int64) throws(JournalError) -> Moment? {
    let query = try query(SQL.latestPoll, ["position": .integer(position)])
    defer { query.reset() }
    guard try query.step() else { return nil }
    return query.optionalInteger(0).map { Moment(milliseconds: $0) }
  }

  /// Compares the versions that streams are at with those that a decision was made at.
  package func areAt(_ versions: [StreamName: Int64]) throws(JournalError) -> Bool {
    for (stream, version) in versions where try self.version(of: stream) != version {
      return false
    }
    return true
  }

  /// A feed as the next poll has to see it; nil where it was never opened.
  package func feed(_ feed: FeedID) throws(JournalError) -> FeedRow? {
    let query = try query(SQL.loadFeed, ["feed": .id(feed)])
    defer { query.reset() }
    return try query.step() ? try FeedRow(query) : nil
  }

  /// True where an instance is disabled or deleted, so that none of its feeds is polled.
  package func isPaused(_ instance: InstanceID) throws(JournalError) -> Bool {
    let query = try query(SQL.isPaused, ["instance": .integer(instance.number)])
    defer { query.reset() }
    return try query.step()
  }

  /// The feeds of one instance or of all, closed ones among them.
  package func feeds(of instance: InstanceID?) throws(JournalError) -> [FeedRow] {
    let query = try query(SQL.loadFeeds, ["instance": Binding(instance)])
    defer { query.reset() }
    var rows: [FeedRow] = []
    while try query.step() { rows.append(try FeedRow(query)) }
    return rows
  }

  /// Those of the objects that the feed knows.
  package func known(
    _ objects: some Sequence<String>, in feed: FeedID
  ) throws(JournalError) -> KnownObjects {
    var found = KnownObjects()
    for object in objects where found[object] == nil {
      let query = try query(
        SQL.loadObject, ["feed": .id(feed), "object": .text(object)])
      if try query.step() {
        found[object] = KnownObject(
          revision: query.text(0), series: query.optionalText(1), isGone: query.integer(2) != 0,
          objectId: query.optionalText(3))
      }
      query.reset()
    }
    return found
  }

  /// How many objects are known, which says when an absence needs a second look.
  package func objectCount(of feed: FeedID) throws(JournalError) -> Int {
    let query = try query(SQL.countObjects, ["feed": .id(feed)])
    defer { query.reset() }
    return try query.step() ? Int(query.integer(0)) : 0
  }

  /// How many known objects a comparison has not seen.
  package func absentCount(in feed: FeedID, pollID: Int64) throws(JournalError) -> Int {
    let query = try query(
      SQL.countAbsent, ["feed": .id(feed), "ticket": .integer(pollID)])
    defer { query.reset() }
    return try query.step() ? Int(query.integer(0)) : 0
  }

  /// Known objects that a comparison has not seen, in the order of their ids.
  package func absent(
    in feed: FeedID, pollID: Int64, after object: String, limit: Int
  ) throws(JournalError) -> [(object: String, known: KnownObject)] {
    let query = try query(
      SQL.listAbsent,
      [
        "feed": .id(feed), "ticket": .integer(pollID), "after": .text(object),
        "limit": .integer(Int64(limit)),
      ])
    defer { query.reset() }
    var rows: [(object: String, known: KnownObject)] = []
    while try query.step() {
      let known = KnownObject(
        revision: query.text(1), series: query.optionalText(2),
        objectId: query.optionalText(3))
      rows.append((query.text(0), known))
    }
    return rows
  }

  /// A replay and how far it has come; nil where there is none of that id.
  package func replay(_ replay: ReplayID) throws(JournalError) -> ReplayRow? {
    let query = try query(SQL.loadReplay, ["replay": .id(replay)])
    defer { query.reset() }
    guard try query.step() else { return nil }
    return ReplayRow(
      url: query.text(0), mode: query.text(1), state: query.text(2),
      notifications: Int(try query.count(3, "replays.notifications")),
      requested: Int(try query.count(4, "replays.requested")),
      sent: Int(try query.count(5, "replays.sent")),
      succeeded: Int(try query.count(6, "replays.succeeded")),
      failed: Int(try query.count(7, "replays.failed")))
  }

  func streams(
    _ sql: SQL, _ values: KeyValuePairs<String, Binding>
  ) throws(JournalError) -> [StreamName] {
    try column(sql, values) { StreamName(stored: $0.text(0)) }
  }

  /// The first column of all rows.
  func column<Value>(
    _ sql: SQL, _ values: KeyValuePairs<String, Binding>, _ value: (Statement) -> Value
  ) throws(JournalError) -> [Value] {
    let query = try query(sql, values)
    defer { query.reset() }
    var found: [Value] = []
    while try query.step() { found.append(value(query)) }
    return found
  }
}
