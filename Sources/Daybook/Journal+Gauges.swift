import EventStore
public import Events

/// Figures of a journal as it is now, for whoever watches it.
public struct JournalGauges: Sendable, Equatable {
  /// Deliveries in one state.
  public struct Waiting: Sendable, Equatable {
    /// How many there are.
    public var count: Int
    /// When the first of them was asked for.
    public var oldestAt: Moment?
  }

  /// The feeds of one resource that are polled on a schedule.
  public struct Feeds: Sendable, Equatable {
    /// The key in the configuration.
    public var resource: String
    /// How many there are.
    public var count: Int
    /// When the first of them is due, or has been.
    public var dueAt: Moment
    /// When the one was read that was read longest ago; nil where none was.
    public var readAt: Moment?
  }

  /// The position of the last event.
  public var head: Int64
  /// By state, those of `Deliveries.states` that end nothing; a state that none is in is left out.
  public var deliveries: [String: Waiting]
  /// When the poll is due that is due first, or has waited longest; nil where none is planned.
  public var firstPollDueAt: Moment?

  /// Deliveries that are to be made, held ones not counted.
  public var pending: Int {
    deliveries.reduce(0) { $0 + ($1.key == "held" ? 0 : $1.value.count) }
  }

  /// When the first of them was asked for; nil where there is none.
  public var oldestPendingAt: Moment? {
    deliveries.filter { $0.key != "held" }.compactMap(\.value.oldestAt).min()
  }
}

/// Appends of this process since it opened the journal.
public struct AppendCounts: Sendable, Equatable {
  /// Transactions, each made durable by one sync of the disk.
  public var commits = 0
  /// Requests in them.
  public var appends = 0
  /// Events in these.
  public var events = 0
}

extension Journal {
  /// How much waits, and since when; costs the more the more deliveries wait, and reads no log.
  public func gauges() async throws(DaybookError) -> JournalGauges {
    try await translated {
      let found = try await reader().read { snapshot throws(JournalError) in
        try snapshot.gauges()
      }
      return JournalGauges(
        head: found.head,
        deliveries: Dictionary(
          found.deliveries.map { ($0.state, .init(count: $0.count, oldestAt: $0.oldestAt)) },
          uniquingKeysWith: { first, _ in first }),
        firstPollDueAt: found.firstPollDueAt)
    }
  }

  /// How feeds stand, by resource; those that are due first where there are more. Looks at every
  /// feed.
  public func feedGauges(limit: Int) async throws(DaybookError) -> [JournalGauges.Feeds] {
    try await translated {
      try await reader(isCaughtUp: false).read { snapshot throws(JournalError) in
        try snapshot.feedGauges(limit: limit)
      }.map { .init(resource: $0.resource, count: $0.count, dueAt: $0.dueAt, readAt: $0.readAt) }
    }
  }

  /// Appends of this process, counted.
  public func appendCounts() async -> AppendCounts {
    guard let counts = await access.appendCounts() else { return AppendCounts() }
    return AppendCounts(commits: counts.commits, appends: counts.appends, events: counts.events)
  }

  /// Bytes of the journal’s file, and of the write-ahead log beside it.
  public func bytesOnDisk() -> (journal: Int64, log: Int64) {
    (fileBytes(access.path), fileBytes(access.path + "-wal"))
  }
}
