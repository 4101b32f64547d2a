import Domain
package import Engine
import EventStore
package import Events

extension OpenedJournal {
  /// Polls once and returns when done; where another process works through the journal, that one
  /// polls.
  ///
  /// - Parameters:
  ///   - isForced: Whether a provider’s `Retry-After` is passed over.
  ///   - reason: Recorded with a request for each poll.
  ///   - progress: Told the polls that are done.
  package func poll(
    _ target: Journal.Polls.Target, isForced: Bool, reason: String? = nil,
    progress: WorkProgress.Report = { _ in }
  ) async throws -> [PollReport] {
    try await repository.writer.checkProjections()
    let feeds = try await feeds(target)
    guard let lock = try EngineLock(self) else {
      return try await askForPolls(feeds, isForced: isForced, reason: reason, progress)
    }
    defer { lock.release() }
    if let reason {
      for feed in feeds {
        let instance = try await repository.instance(feed.instance)
        guard feed.skipReason(of: instance, at: world.now(), isForced: isForced) == nil
        else { continue }
        _ = try await request(feed, reason: reason)
      }
    }
    return try await pollNow(feeds, isForced: isForced, under: lock, progress)
  }

  /// Polls in this process, which holds the engine lock.
  private func pollNow(
    _ feeds: [FeedRow], isForced: Bool, under lock: EngineLock,
    _ progress: WorkProgress.Report = { _ in }
  ) async throws -> [PollReport] {
    let worker = worker(under: lock)
    try await worker.recover()
    var reports: [PollReport] = []
    for (done, feed) in feeds.enumerated() where !Task.isCancelled {
      progress(WorkProgress(done: Int64(done), total: Int64(feeds.count)))
      reports.append(try await worker.poll(feed.feed, isForced: isForced))
      for new in try await joined(feed, besides: feeds) {
        reports.append(try await worker.poll(new.feed, isForced: isForced))
      }
    }
    try await worker.work([.notify], until: .nothingDue) { _ in }
    return reports
  }

  /// The feeds that a poll of a list of collections has just opened: who polls everything polls
  /// them as well.
  private func joined(_ feed: FeedRow, besides known: [FeedRow]) async throws -> [FeedRow] {
    guard let kind = feed.collectionKind, let id = feed.collection else { return [] }
    let collection = Collection(kind: kind, id: id)
    guard connector.reads(collection), connector.nature(of: collection) == .roster
    else { return [] }
    let ids = Set(known.map(\.feed))
    return try await repository.feeds(discoveredBy: feed).filter {
      $0.state == .open && $0.movedAt == nil && $0.failures == 0 && !ids.contains($0.feed)
    }
  }

  private func feeds(_ target: Journal.Polls.Target) async throws -> [FeedRow] {
    let now = world.now()
    let (rows, due) = try await repository.reader.read { snapshot throws(JournalError) in
      (try snapshot.feeds(of: nil), try snapshot.due([.poll], at: now, limit: 1_000_000))
    }
    switch target {
    case .due:
      let subjects = Set(due.map(\.subject))
      return rows.filter { subjects.contains(.poll(feed: $0.feed)) }
    case .all: return rows.filter { $0.state == .open }
    case .instance(let number, let resource):
      let id = InstanceID(number)
      let instance = try await repository.instance(id)
      _ = try instance.changeable()
      let own = rows.filter { $0.instance == id && $0.state != .closed }
      guard let resource else { return own.filter { $0.state != .unsupported } }
      let named = own.filter { $0.resource == resource }
      guard !named.isEmpty else {
        let names = own.map(\.resource).joined(separator: ", ")
        throw Refusal(
          .notFound(.resource),
          "instance \(id) has no resource \(resource)"
            + (names.isEmpty ? "" : "; it has \(names)"))
      }
      return named
    }
  }

  /// Appends the wishes, and waits for the running process to carry them out.
  private func askForPolls(
    _ feeds: [FeedRow], isForced: Bool, reason: String?,
    _ progress: WorkProgress.Report
  ) async throws -> [PollReport] {
    var reports: [PollReport] = []
    var asked: [(FeedRow, PollRequest)] = []
    for feed in feeds {
      let instance = try await repository.instance(feed.instance)
      let now = world.now()
      if let why = feed.skipReason(of: instance, at: now, isForced: false) {
        var report = PollReport(
          instance: feed.instance.number, resource: feed.resource, status: .skipped)
        let isOnlyAsked = feed.skipReason(of: instance, at: now, isForced: true) == nil
        report.error = isForced && isOnlyAsked ? "\(why), and \(notForced)" : why
        if isOnlyAsked { report.nextAt = feed.next(at: now) }
        reports.append(report)
        continue
      }
      asked.append((feed, try await request(feed, reason: reason)))
    }
    for (done, (feed, pollRequest)) in asked.enumerated() {
      progress(WorkProgress(done: Int64(done), total: Int64(asked.count)))
      reports.append(try await outcome(of: feed, after: pollRequest, isForced: isForced))
      for new in try await joined(feed, besides: feeds) {
        reports.append(try await outcome(of: new, after: pollRequest, isForced: isForced))
      }
    }
    return reports
  }

  /// Appends the request for a poll.
  private func request(_ feed: FeedRow, reason: String?) async throws -> PollRequest {
    let now = world.now()
    let requested = PollRequested(
      feed: feed.feed, instance: feed.instance, atMs: now.milliseconds, reason: reason)
    let appended = try await repository.writer.append(
      AppendRequest([NewEvent(.feed(feed.feed), .pollRequested(requested))], at: now))
    return PollRequest(position: appended.first, at: now)
  }

  /// Why a provider’s wish is not passed over beside a process that runs the journal.
  private var notForced: String {
    "process \(EngineLock.holder(path)), which runs the journal, is not made to pass that over;"
      + " stop it to force the poll"
  }

  /// A poll that was asked for.
  private struct PollRequest {
    var position: Int64
    var at: Moment
  }

  private func outcome(
    of feed: FeedRow, after pollRequest: PollRequest, isForced: Bool
  ) async throws -> PollReport {
    let unanswered = PollReport(
      instance: feed.instance.number, resource: feed.resource, status: .failed)
    let deadline = world.now() + .seconds(180)
    var after = pollRequest.position
    var isSecond = false
    while world.now() < deadline {
      try Task.checkCancellation()
      let start = after
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.events(after: start, limit: 1_000)
      }
      for row in rows where row.stream == .feed(feed.feed) {
        var report = unanswered
        guard let begun = fill(&report, from: try row.event(), at: row.position) else { continue }
        // What was under way when it was asked for may have missed what it was asked for.
        if begun >= pollRequest.at || isSecond { return report }
        isSecond = true
      }
      after = rows.last?.position ?? after
      guard rows.isEmpty else { continue }
      // The process that worked may have ended without getting to it: then it is done here.
      if let lock = try EngineLock(self) {
        defer { lock.release() }
        return try await pollNow([feed], isForced: isForced, under: lock)[0]
      }
      await world.sleep(.milliseconds(50))
    }
    var report = unanswered
    report.error = "asked for, but process \(EngineLock.holder(path)) has not polled yet"
    return report
  }

  /// - Returns: When the poll began; nil where the event is none.
  private func fill(
    _ report: inout PollReport, from event: Event, at position: Int64
  ) -> Moment? {
    let begun: Int64
    switch event {
    case .pollCompleted(let body):
      begun = body.startedAtMs
      report.status = .completed
      report.pages = body.pages
      report.items = body.items
      report.changes = body.changes
      report.nextAt = body.nextAtMs.map { Moment(milliseconds: $0) }
    case .pollFailed(let body):
      begun = body.startedAtMs
      report.status = .failed
      report.error = "\(body.reason): \(body.text)"
      report.nextAt = body.nextAtMs.map { Moment(milliseconds: $0) }
    default: return nil
    }
    report.position = position
    return Moment(milliseconds: begun)
  }

  /// Polls and delivers until the task is cancelled, and what is under way then has ended.
  ///
  /// - Parameter began: Called once nobody else can do so.
  /// - Throws: `Refusal` where another process does so already.
  package func run(
    began: @Sendable () -> Void = {},
    report: @escaping @Sendable (Worker.Report) -> Void = { _ in }
  ) async throws {
    guard let lock = try EngineLock(self) else { throw runElsewhere }
    defer { lock.release() }
    began()
    try await worker(under: lock).run(report: report)
  }
}
