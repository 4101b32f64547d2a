package import Events

/// A task that is due.
package struct DueTask: Sendable, Hashable {
  /// The kinds of tasks, by the names that the table stores.
  package enum Kind: String, Sendable, CaseIterable {
    case poll, notify, deliver, replay

    /// Every kind.
    package static let all = Set(allCases)
  }

  /// The answer to a task that is offered: to take it, or to pass it over.
  package enum Choice: Sendable {
    case take
    /// Not this one, not now.
    case later
    /// None of its lane, not now.
    case laneIsFull
    /// Not one of its kind.
    case full
  }

  /// The thing whose turn it is.
  package enum Subject: Sendable, Hashable {
    case poll(feed: FeedID)
    /// By the position of `poll.completed`.
    case notify(poll: Int64)
    case deliver(StreamName)
    case replay(ReplayID)
  }

  package var subject: Subject
  package var dueAt: Moment
  /// 0 where it concerns none.
  package var instance: InstanceID
  /// The position of the event that it is due to: of what is due at once the older goes first.
  package var since: Int64
  /// The instance; for a delivery of a replay that one, as a number less than 0.
  package var lane: Int64
  /// A delivery that was attempted since it was asked for or released.
  package var isTried: Bool

  package init(
    _ subject: Subject, dueAt: Moment, instance: InstanceID, since: Int64, lane: Int64? = nil,
    isTried: Bool = false
  ) {
    self.subject = subject
    self.dueAt = dueAt
    self.instance = instance
    self.since = since
    self.lane = lane ?? instance.number
    self.isTried = isTried
  }

  package var kind: Kind { subject.kind }

  /// The replay that a delivery is of; nil where it is of none.
  package var replay: ReplayID? { lane < 0 && lane != .min ? ReplayID(-lane) : nil }
}

extension DueTask.Subject {
  package var kind: DueTask.Kind {
    switch self {
    case .poll: .poll
    case .notify: .notify
    case .deliver: .deliver
    case .replay: .replay
    }
  }

  /// As the table stores it: the stream whose turn it is, or the position of a poll.
  package var text: String {
    switch self {
    case .poll(let feed): StreamName.feed(feed).text
    case .notify(let poll): String(poll)
    case .deliver(let delivery): delivery.text
    case .replay(let replay): StreamName.replay(replay).text
    }
  }

  /// nil for a text that names nothing of that kind.
  init?(_ kind: DueTask.Kind, stored text: String) {
    let subject: DueTask.Subject? =
      switch kind {
      case .poll: StreamName(stored: text).feed.map { .poll(feed: $0) }
      case .notify: Int64(text).map { .notify(poll: $0) }
      case .deliver: .deliver(StreamName(stored: text))
      case .replay: StreamName(stored: text).replay.map { .replay($0) }
      }
    guard let subject else { return nil }
    self = subject
  }
}

extension JournalSnapshot {
  /// Tasks of some kinds that are due, in order of due times, then of the log.
  ///
  /// - Parameters:
  ///   - limit: Of each kind, so that many of one never hide another.
  ///   - most: How many polls are passed over to find those. Deliveries need none: they wait in
  ///     lanes.
  ///   - choose: Which ones are wanted, asked in their order.
  /// - Throws: `misfolded` for a subject that no event brings about.
  package func due(
    _ kinds: Set<DueTask.Kind> = DueTask.Kind.all, at now: Moment, limit: Int,
    passing most: Int = 0, _ choose: (DueTask) -> DueTask.Choice = { _ in .take }
  ) throws(JournalError) -> [DueTask] {
    var tasks: [DueTask] = []
    for kind in DueTask.Kind.allCases where kinds.contains(kind) {
      tasks +=
        kind == .deliver
        ? try dueDeliveries(at: now, limit: limit, choose)
        : try due(kind, at: now, limit: limit, passing: most, choose)
    }
    return tasks.sorted {
      ($0.dueAt, $0.since, $0.subject.text) < ($1.dueAt, $1.since, $1.subject.text)
    }
  }

  private func due(
    _ kind: DueTask.Kind, at now: Moment, limit: Int, passing most: Int,
    _ choose: (DueTask) -> DueTask.Choice
  ) throws(JournalError) -> [DueTask] {
    let query = try query(
      SQL.dueTasks,
      [
        "task": .text(kind.rawValue), "now_ms": .integer(now.milliseconds),
        "limit": .integer(Int64(limit + most)),
      ])
    defer { query.reset() }
    var tasks: [DueTask] = []
    while tasks.count < limit, try query.step() {
      guard let subject = DueTask.Subject(kind, stored: query.text(1)) else {
        throw query.misfolded("agenda.subject", 1)
      }
      let task = DueTask(
        subject, dueAt: Moment(milliseconds: query.integer(2)),
        instance: InstanceID(query.integer(3)),
        since: query.integer(4))
      switch choose(task) {
      case .take: tasks.append(task)
      case .later, .laneIsFull: continue
      case .full: return tasks
      }
    }
    return tasks
  }

  /// Deliveries that are due: each lane in its order, and the lanes in turns, first the one in
  /// which one has waited longest.
  ///
  /// A lane that is full is left at its first delivery, so that what this costs does not depend on
  /// how many wait.
  private func dueDeliveries(
    at now: Moment, limit: Int, _ choose: (DueTask) -> DueTask.Choice
  ) throws(JournalError) -> [DueTask] {
    var tasks: [DueTask] = []
    var last = (dueAtMs: Int64.min, lane: Int64.min)
    // Those that rest come first, and may be many: the others stand behind them.
    while tasks.count < limit {
      let page = try column(
        SQL.dueLanes,
        [
          "now_ms": .integer(now.milliseconds), "limit": .integer(Int64(limit) * 2),
          "after_ms": .integer(last.dueAtMs), "after_lane": .integer(last.lane),
        ]
      ) { (dueAtMs: $0.integer(1), lane: $0.integer(0)) }
      guard try take(page.map { Lane(lane: $0.lane) }, at: now, limit: limit, &tasks, choose),
        page.count == limit * 2, let end = page.last
      else { return tasks }
      last = end
    }
    return tasks
  }

  /// Takes from lanes in turns.
  ///
  /// - Returns: False where no other one would be taken.
  private func take(
    _ page: [Lane], at now: Moment, limit: Int, _ tasks: inout [DueTask],
    _ choose: (DueTask) -> DueTask.Choice
  ) throws(JournalError) -> Bool {
    var lanes = page
    while !lanes.isEmpty {
      for place in lanes.indices {
        guard tasks.count < limit else { return false }
        turn: while let task = try lanes[place].next(self, at: now) {
          switch choose(task) {
          case .take:
            tasks.append(task)
            break turn
          case .later: continue turn
          case .laneIsFull: lanes[place].isOver = true
          case .full: return false
          }
        }
      }
      lanes.removeAll(where: \.isOver)
    }
    return true
  }

  /// The first poll of an instance before another whose notifications are still to be asked for;
  /// nil: there is none.
  package func earlierNotification(
    of instance: InstanceID, before position: Int64
  ) throws(JournalError) -> Int64? {
    let query = try query(
      SQL.earlierNotification, ["instance": .id(instance), "before": .integer(position)])
    defer { query.reset() }
    return try query.step() ? query.optionalInteger(0) : nil
  }

  /// Looks whether a delivery is due now, and nobody is at it.
  package func isDue(_ delivery: StreamName, at now: Moment) throws(JournalError) -> Bool {
    let query = try query(
      SQL.isDue, ["subject": .text(delivery.text), "now_ms": .integer(now.milliseconds)])
    defer { query.reset() }
    return try query.step()
  }
}

/// A lane while its deliveries are handed out, some at a time.
private struct Lane {
  let lane: Int64
  var isOver = false
  private var read: ArraySlice<DueTask> = []
  private var isWhole = false
  private var last = (dueAtMs: Int64.min, since: Int64.min)

  /// Deliveries read at once: one turn wants one, and a few are under way already.
  private static let readMax = 8

  init(lane: Int64) { self.lane = lane }

  /// The next delivery; nil where the lane has none left, or is full.
  mutating func next(_ snapshot: JournalSnapshot, at now: Moment) throws(JournalError) -> DueTask? {
    if isOver { return nil }
    if read.isEmpty, !isWhole { try readMore(snapshot, at: now) }
    guard let task = read.popFirst() else {
      isOver = true
      return nil
    }
    return task
  }

  private mutating func readMore(_ snapshot: JournalSnapshot, at now: Moment) throws(JournalError) {
    let lane = lane
    let tasks = try snapshot.column(
      SQL.dueInLane,
      [
        "lane": .integer(lane), "now_ms": .integer(now.milliseconds),
        "after_ms": .integer(last.dueAtMs), "after_since": .integer(last.since),
        "limit": .integer(Int64(Lane.readMax)),
      ]
    ) {
      DueTask(
        .deliver(StreamName(stored: $0.text(0))), dueAt: Moment(milliseconds: $0.integer(1)),
        instance: InstanceID($0.integer(2)), since: $0.integer(3), lane: lane,
        isTried: $0.integer(4) != 0)
    }
    read = tasks[...]
    isWhole = tasks.count < Lane.readMax
    if let end = tasks.last { last = (end.dueAt.milliseconds, end.since) }
  }
}
