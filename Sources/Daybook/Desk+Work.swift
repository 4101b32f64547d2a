import Domain
package import Engine
package import Events
import Journal

extension Desk {
  /// Which feeds to poll.
  package enum PollTarget: Sendable, Equatable {
    /// What is due.
    case due
    /// Everything that can be polled, due or not.
    case all
    /// An instance’s feeds, or one of them, due or not.
    case instance(Int64, resource: String?)
  }

  /// Polls once and returns when done; where another process works through the journal, that one
  /// polls.
  ///
  /// - Parameter isForced: Whether a provider’s `Retry-After` is passed over.
  package func poll(_ target: PollTarget, isForced: Bool) async throws -> [PollReport] {
    let feeds = try await feeds(target)
    guard let lock = try EngineLock(self) else {
      return try await askForPolls(feeds, isForced: isForced)
    }
    defer { lock.release() }
    return try await pollNow(feeds, isForced: isForced)
  }

  /// Polls in this process, which holds the engine lock.
  private func pollNow(_ feeds: [FeedRow], isForced: Bool) async throws -> [PollReport] {
    let runner = runner()
    try await runner.recover()
    var reports: [PollReport] = []
    for feed in feeds {
      reports.append(try await runner.poll(feed.feed, isForced: isForced))
      for member in try await joined(feed, besides: feeds) {
        reports.append(try await runner.poll(member.feed, isForced: isForced))
      }
    }
    try await runner.work([.notify], until: .nothingDue) { _ in }
    return reports
  }

  /// The feeds that a poll of a roster has just opened: who polls everything polls them as well.
  private func joined(_ feed: FeedRow, besides known: [FeedRow]) async throws -> [FeedRow] {
    guard let kind = feed.collectionKind, let id = feed.collection,
      connector.nature(of: Collection(kind: kind, id: id)) == .roster
    else { return [] }
    let ids = Set(known.map(\.feed))
    return try await runner().members(of: feed).filter {
      $0.state == .open && $0.movedAt == nil && $0.failures == 0 && !ids.contains($0.feed)
    }
  }

  private func feeds(_ target: PollTarget) async throws -> [FeedRow] {
    let now = world.now()
    let (rows, due) = try await book.reader.read { reading throws(LogError) in
      (try reading.feeds(of: nil), try reading.due([.poll], at: now, limit: 1_000_000))
    }
    switch target {
    case .due:
      let subjects = Set(due.map(\.subject))
      return rows.filter { subjects.contains("feed/\($0.feed)") }
    case .all: return rows.filter { $0.state == .open }
    case .instance(let id, let resource):
      let instance = try await book.instance(id)
      guard instance.settings != nil else { throw Refusal("there is no instance \(id)") }
      let own = rows.filter { $0.instance == id && $0.state != .closed }
      guard let resource else { return own.filter { $0.state != .unsupported } }
      let named = own.filter { $0.resource == resource }
      guard !named.isEmpty else {
        let names = own.map(\.resource).joined(separator: ", ")
        throw Refusal(
          "instance \(id) has no resource \(resource)"
            + (names.isEmpty ? "" : "; it has \(names)"))
      }
      return named
    }
  }

  /// Appends the wishes, and waits for the running process to carry them out.
  private func askForPolls(
    _ feeds: [FeedRow], isForced: Bool
  ) async throws -> [PollReport] {
    var reports: [PollReport] = []
    var asked: [(FeedRow, Int64)] = []
    for feed in feeds {
      let instance = try await book.instance(feed.instance)
      if let why = Runner.whyNot(feed, instance, now: world.now(), isForced: false) {
        var report = PollReport(
          instance: feed.instance, resource: feed.resource, status: .skipped)
        report.error = why
        reports.append(report)
        continue
      }
      let now = world.now()
      let wish = PollRequested(
        feed: feed.feed, instance: feed.instance, atMs: now.milliseconds)
      let appended = try await book.log.append(
        Append([Draft("feed/\(feed.feed)", .pollRequested(wish))], at: now))
      asked.append((feed, appended.first))
    }
    for (feed, position) in asked {
      reports.append(try await outcome(of: feed, after: position, isForced: isForced))
      for member in try await joined(feed, besides: feeds) {
        reports.append(try await outcome(of: member, after: position, isForced: isForced))
      }
    }
    return reports
  }

  private func outcome(
    of feed: FeedRow, after position: Int64, isForced: Bool
  ) async throws -> PollReport {
    var report = PollReport(
      instance: feed.instance, resource: feed.resource, status: .skipped)
    let deadline = world.now() + .seconds(180)
    var after = position
    while world.now() < deadline {
      let start = after
      let rows = try await book.reader.read { reading throws(LogError) in
        try reading.events(after: start, limit: 1_000)
      }
      for row in rows where row.stream == "feed/\(feed.feed)" {
        if fill(&report, from: try row.event(), at: row.position) { return report }
      }
      after = rows.last?.position ?? after
      guard rows.isEmpty else { continue }
      // The process that worked may have ended without getting to it: then it is done here.
      if let lock = try EngineLock(self) {
        defer { lock.release() }
        return try await pollNow([feed], isForced: isForced)[0]
      }
      await world.sleep(.milliseconds(50))
    }
    report.error = "asked for, but process \(EngineLock.holder(path)) has not polled yet"
    return report
  }

  private func fill(_ report: inout PollReport, from event: Event, at position: Int64) -> Bool {
    switch event {
    case .pollCompleted(let body):
      report.status = .completed
      report.pages = body.pages
      report.items = body.items
      report.changes = body.changes
      report.nextAt = body.nextAtMs.map { Moment(milliseconds: $0) }
    case .pollFailed(let body):
      report.status = .failed
      report.error = "\(body.reason): \(body.text)"
      report.nextAt = body.nextAtMs.map { Moment(milliseconds: $0) }
    default: return false
    }
    report.position = position
    return true
  }

  /// Makes the deliveries that are due; where another process works through the journal, waits for
  /// it.
  ///
  /// - Parameters:
  ///   - deadline: nil: what is due now; else also waits for retries that come due until then.
  ///   - report: Told each attempt as it is made.
  package func deliver(
    until deadline: Moment?, report: @escaping @Sendable (AttemptReport) -> Void
  ) async throws {
    guard
      let lock = try await lockOrDelivered(by: deadline ?? world.now() + .seconds(60), report)
    else { return }
    defer { lock.release() }
    let runner = runner()
    try await runner.recover()
    let until: Runner.Until = deadline.map { .idle(deadline: $0) } ?? .nothingDue
    try await runner.work([.notify, .deliver, .replay], until: until) { done in
      if case .attempt(let attempt) = done { report(attempt) }
    }
  }

  /// Waits while another process delivers, telling its attempts.
  ///
  /// - Returns: The lock, where that process ended before it was done; nil where nothing is left.
  private func lockOrDelivered(
    by deadline: Moment, _ report: @Sendable (AttemptReport) -> Void
  ) async throws -> EngineLock? {
    var after = try await book.log.currentHead().position
    while true {
      if let lock = try EngineLock(self) { return lock }
      let start = after
      let (rows, open, next) = try await book.reader.read { reading throws(LogError) in
        (
          try reading.events(after: start, limit: 1_000), try reading.openDeliveries(),
          try reading.nextDue(
            [.notify, .deliver, .replay], after: Moment(milliseconds: .min))
        )
      }
      for row in rows {
        if let attempt = try await attempt(row) { report(attempt) }
      }
      after = rows.last?.position ?? after
      let now = world.now()
      let isWaiting = next.map { $0 > now + .seconds(1) } ?? true
      if rows.isEmpty, open == 0 || now >= deadline || isWaiting { return nil }
      if rows.isEmpty { await world.sleep(.milliseconds(50)) }
    }
  }

  /// The row of `deliver` that an outcome in the log stands for.
  func attempt(_ row: Recorded) async throws -> AttemptReport? {
    guard row.type.hasPrefix("delivery.") else { return nil }
    var report = AttemptReport(
      position: row.cause ?? row.position, id: "", url: "", attempt: 0, duration: .zero,
      outcome: String(row.type.dropFirst(9)))
    switch try row.event() {
    case .deliverySucceeded(let body):
      report.attempt = body.attempt
      report.status = body.status
      report.duration = .milliseconds(body.durationMs)
    case .deliveryFailed(let body):
      report.attempt = body.attempt
      report.status = body.status
      report.duration = .milliseconds(body.durationMs)
      report.nextAt = body.retryAtMs.map { Moment(milliseconds: $0) }
    default: return nil
    }
    let stream = row.stream
    let before = try await book.reader.read { reading throws(LogError) in
      try reading.events(of: stream)
    }
    for event in before where event.position < row.position {
      switch try event.event() {
      case .deliveryRequested(let body): report.id = body.notification
      case .deliveryAttempted(let body): report.url = body.url
      default: break
      }
    }
    return report
  }

  /// Polls and delivers until the task is cancelled.
  ///
  /// - Throws: `Refusal` where another process does so already.
  package func run(report: @escaping @Sendable (Runner.Report) -> Void = { _ in }) async throws {
    guard let lock = try EngineLock(self) else {
      throw Refusal(
        "process \(EngineLock.holder(path)) runs \(path) already; stop it first, or ask it:"
          + " what is appended here, it does")
    }
    defer { lock.release() }
    try await runner().run(report: report)
  }
}
