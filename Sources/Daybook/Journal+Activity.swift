import Engine
import EventStore
public import Events

extension Journal {
  /// Counts changes, deliveries and attempts hour by hour, in the order of the log.
  ///
  /// Reads the part of the log from there on once, a page at a time; each hour is given as soon as
  /// the next begins, so that the first comes early and memory is that of one hour.
  ///
  /// - Parameters:
  ///   - since: Events recorded then or later.
  ///   - grouping: nil: all together.
  ///   - progress: Told the position reached, and the last one.
  ///   - polls: Gets what polls came to, as they are read.
  ///   - take: Gets the counts of an hour that has any; answers whether to go on.
  /// - Throws: `DaybookError`, and whatever `take` throws.
  public func activity(
    since: Moment, by grouping: Activity.Grouping? = nil,
    progress: @escaping WorkProgress.Report = { _ in },
    polls: (@Sendable ([PollMark]) async throws -> Void)? = nil,
    _ take: @Sendable ([Activity]) async throws -> Bool
  ) async throws {
    do {
      let reader = try await reader()
      let first = try await reader.position(at: since - .milliseconds(1))
      let head = try await reader.read { snapshot throws(JournalError) in
        try snapshot.head().position
      }
      let last = asOf.map { min($0, head) } ?? head
      // What was opened before the part that is read is known by the list of feeds.
      let feeds = grouping == .resource ? try await resourcesOfFeeds() : [:]
      var count = ActivityCount(grouping, feeds: feeds)
      var after = first
      while after < last {
        try Task.checkCancellation()
        let (start, counted) = (after, count)
        // Counted on the reader’s thread: with much to read others have theirs to themselves.
        let page = try await reader.read { snapshot throws(JournalError) in
          try ActivityPage(snapshot, after: start, through: last, Self.activityPage, counted)
        }
        guard let end = page.end else { break }
        count = page.count
        for ended in page.ended where try await !take(ended) { return }
        if let polls { try await polls(page.marks) }
        after = end
        progress(WorkProgress(done: after - first, total: last - first))
      }
      let rest = count.end()
      if !rest.isEmpty { _ = try await take(rest) }
    } catch {
      throw DaybookError.passing(error)
    }
  }

  private func resourcesOfFeeds() async throws(DaybookError) -> [Int64: String] {
    var resources: [Int64: String] = [:]
    for row in try await cursors.rows() {
      if let feed = row["feed"]?.integer { resources[feed] = row["resource"]?.string }
    }
    return resources
  }

  /// The feeds that there are, in the order of the list of cursors.
  public func watchedFeeds() async throws(DaybookError) -> [WatchedFeed] {
    try await cursors.rows().compactMap { row in
      guard let feed = row["feed"]?.integer, let instance = row["instance"]?.integer else {
        return nil
      }
      let (resource, collection) = (row["resource"]?.string ?? "", row["collection"]?.string)
      // One key may stand for many calendars.
      let isPlain = !resource.contains("{calendarId}")
      return WatchedFeed(
        feed: feed, instance: instance,
        name: isPlain ? resource : "\(resource) \(collection ?? "")",
        nextAt: row["nextAt"]?.moment)
    }
  }

  /// Events read at a time.
  private static let activityPage = 2_000
}

/// A page of the log, counted.
private struct ActivityPage: Sendable {
  /// Its last position; nil where nothing was left.
  private(set) var end: Int64?
  /// The counts of the hour that goes on.
  private(set) var count: ActivityCount
  /// Those of hours that came to their end.
  private(set) var ended: [[Activity]] = []
  private(set) var marks: [PollMark] = []

  init(
    _ snapshot: JournalSnapshot, after: Int64, through last: Int64, _ limit: Int,
    _ count: ActivityCount
  ) throws(JournalError) {
    self.count = count
    let rows = try snapshot.events(after: after, limit: limit)
    end = rows.last?.position
    for row in rows where row.position <= last {
      if let hour = self.count.hourBefore(row.recordedAt) { ended.append(hour) }
      if let mark = try PollMark(row) {
        self.count.add(mark)
        marks.append(mark)
      } else {
        try self.count.add(row)
      }
    }
  }
}

/// The counts of one hour while it is read.
private struct ActivityCount {
  private let grouping: Activity.Grouping?
  private var hour: Moment?
  private var counts: [Activity.Key: Activity] = [:]
  /// Where the attempts go that are under way, by their streams.
  private var underWay: [StreamName: String] = [:]
  /// The resource of deliveries, by their streams, for those that are open.
  private var resources: [StreamName: String] = [:]

  /// Resources of feeds, by their ids.
  private var feeds: [Int64: String]

  init(_ grouping: Activity.Grouping?, feeds: [Int64: String]) {
    self.grouping = grouping
    self.feeds = feeds
  }

  /// The counts so far where a moment is of another hour.
  mutating func hourBefore(_ moment: Moment) -> [Activity]? {
    let length: Int64 = 3_600_000
    let next = Moment(milliseconds: moment.milliseconds - moment.milliseconds % length)
    guard next != hour else { return nil }
    let ended = end()
    hour = next
    return ended.isEmpty ? nil : ended
  }

  /// Ends an hour: its counts, in the order of the keys.
  mutating func end() -> [Activity] {
    defer { counts = [:] }
    return counts.values.map { activity in
      var activity = activity
      activity.durations.sort()
      return activity
    }.sorted { "\($0.key)" < "\($1.key)" }
  }

  mutating func add(_ row: RecordedEvent) throws(JournalError) {
    guard row.type == ChangeObserved.type || row.type.hasPrefix("delivery.") else { return }
    switch try row.event() {
    case .changeObserved(let body):
      guard grouping != .callback else { return }
      change(key(body.instance, resource: body.resource, nil)) { $0.changes += 1 }
    case .deliveryRequested(let body):
      if grouping == .resource { resources[row.stream] = body.resource }
      guard grouping != .callback else { return }
      change(key(body.instance, resource: body.resource, nil)) { $0.deliveries += 1 }
    case .deliveryAttempted(let body):
      underWay[row.stream] = body.url
      let isByCallback = grouping == .callback
      change(key(body.instance, resource: resources[row.stream], body.url)) { activity in
        activity.attempts += 1
        if isByCallback, body.attempt == 1 { activity.deliveries += 1 }
      }
    case .deliverySucceeded(let body):
      let url = underWay.removeValue(forKey: row.stream)
      let resource = resources.removeValue(forKey: row.stream)
      change(key(body.instance, resource: resource, url)) { activity in
        activity.succeeded += 1
        activity.durations.append(body.durationMs)
        activity.triesOfArrived[body.attempt, default: 0] += 1
      }
    case .deliveryFailed(let body):
      let url = underWay.removeValue(forKey: row.stream)
      change(key(body.instance, resource: resources[row.stream], url)) { activity in
        activity.failed += 1
        activity.durations.append(body.durationMs)
      }
    case .deliveryUnknown(let body):
      let url = underWay.removeValue(forKey: row.stream)
      change(key(body.instance, resource: resources[row.stream], url)) { $0.failed += 1 }
    case .deliveryExhausted, .deliverySkipped: resources[row.stream] = nil
    default: break
    }
  }

  /// Counts what a poll came to; polls know their resource by the feed, which was opened earlier.
  mutating func add(_ mark: PollMark) {
    if case .opened(let resource, _) = mark.kind, grouping == .resource {
      feeds[mark.feed] = resource
    }
    guard grouping != .callback else { return }
    let key = key(InstanceID(mark.instance), resource: feeds[mark.feed], nil)
    switch mark.kind {
    case .completed: change(key) { $0.polls += 1 }
    case .failed:
      change(key) {
        $0.polls += 1
        $0.pollsFailed += 1
      }
    case .reset: change(key) { $0.cursorResets += 1 }
    case .opened, .ended, .resumed: break
    }
  }

  private func key(_ instance: InstanceID, resource: String?, _ url: String?) -> Activity.Key {
    switch grouping {
    case nil: .all
    case .instance: .instance(instance.number)
    case .resource: .resource(resource ?? "")
    case .callback: .callback(url ?? "")
    }
  }

  private mutating func change(_ key: Activity.Key, _ count: (inout Activity) -> Void) {
    guard let hour else { return }
    count(&counts[key, default: Activity(hour: hour, key: key)])
  }
}
