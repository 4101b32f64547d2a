package import Domain
package import EventStore
package import Events

/// Polls feeds: asks the provider page by page, decides what is new, and appends the poll, its
/// changes and the new cursor together.
///
///     poll(7) ──▶ read ──▶ reconcile ──▶ conclude ──▶ poll.completed, change.observed, …
///                  │ page by page          └──▶ again from the start, where the feed has moved
///                  └──▶ poll.failed, cursor.expired
///
/// Lives inside the worker: what it remembers is the worker's.
final class Poller {
  let repository: Repository
  let connector: any Connector
  let world: World
  let settings: EngineSettings
  let tokens: AccessTokens
  let wallClock: WallClock
  /// Makes room for other polls while one waits for its quota.
  let admission: Admission
  /// The rest of each instance’s quota with the provider.
  var quotas: [InstanceID: TokenBucket] = [:]

  init(
    _ repository: Repository, connector: any Connector, world: World, settings: EngineSettings,
    wallClock: WallClock, admission: Admission
  ) {
    self.repository = repository
    self.connector = connector
    self.world = world
    self.settings = settings
    self.wallClock = wallClock
    self.admission = admission
    tokens = AccessTokens(repository, connector: connector, world: world, settings: settings)
  }

  /// Polls a feed once, due or not, and records what it came to.
  ///
  /// - Parameter isForced: Whether a provider’s `Retry-After` that still runs is passed over.
  nonisolated(nonsending) func poll(
    _ id: FeedID, isForced: Bool = false
  ) async throws(JournalError) -> PollReport {
    // Beyond `transact`: what is done again asks the provider, page after page, which no decision
    // may. `conclude` records what it comes to, and appends nothing where the feed has moved since
    // the poll began.
    for _ in 0..<Limits.conflictsMax {
      guard let beginning = try await repository.beginning(of: id) else {
        return skipped(PollReport(instance: 0, resource: "", status: .skipped), "no such feed")
      }
      let row = beginning.row
      var report = PollReport(
        instance: row.instance.number, resource: row.resource, status: .skipped)
      if let why = row.skipReason(of: beginning.instance, at: world.now(), isForced: isForced) {
        // A time where no poll will come would be waited for.
        if row.skipReason(of: beginning.instance, at: world.now(), isForced: true) == nil {
          report.nextAt = row.next(at: world.now())
        }
        return skipped(report, why)
      }
      guard let run = try await pollRun(beginning) else {
        return skipped(report, "this resource is not supported")
      }
      if isNamelessDue(run) {
        // Where it is shown, and whether it can be read by now, a listing of everything tells.
        try await clear(run)
        _ = try await conclude(run) { feed, now in
          feed.expire(reason: "an object without an id could not be read", at: now)
        }
        continue
      }
      if let report = try await carryOut(run, into: report) { return report }
    }
    throw .conflict(stream: .feed(id), expected: 0, actual: 0)
  }

  private func skipped(_ report: PollReport, _ why: String) -> PollReport {
    var report = report
    report.error = why
    return report
  }

  /// A number by which a poll's staged payloads and sightings are told from another's; always even.
  func newPollID() -> Int64 {
    Int64(truncatingIfNeeded: world.chance() >> 2) << 1
  }

  /// How reading a poll ended.
  enum Ending {
    case finished
    case expired(reason: String)
    /// With its answer as evidence, and what else it leads to.
    case failed(Feed.Failure, Payload? = nil, with: Aftermath = Aftermath())
    case cancelled
  }

  /// Events that a failure leads to besides, such as the end of an authorization.
  struct Aftermath {
    var newEvents: [NewEvent] = []
    /// As what decided it was read: where one of these streams has moved, it is looked at again.
    var expected: [StreamName: Int64] = [:]
  }

  /// - Returns: nil where the feed moved meanwhile, and everything has to be looked at again.
  private nonisolated(nonsending) func carryOut(
    _ run: PollRun, into report: PollReport
  ) async throws(JournalError) -> PollReport? {
    var run = run
    let ending = try await read(&run)
    var report = report
    switch ending {
    case .cancelled:
      try await leave(&run, isToBeGoneOnWith: true)
      return skipped(report, "stopped before it was read to its end")
    case .expired(let reason):
      try await clear(run)
      _ = try await conclude(run) { feed, now in feed.expire(reason: reason, at: now) }
      return nil
    case .failed(var failure, let answer, let aftermath):
      // What the provider or the network refused is gone on with later. A page token that is no
      // longer taken, or a listing that cannot be believed, needs a new start.
      let isPassing = !failure.needsNewStart
      try await leave(&run, isToBeGoneOnWith: isPassing)
      failure.isFurther = isPassing && run.isFurther
      let (chance, most) = (world.fraction(), settings.failuresMax)
      let concluded = try await conclude(
        run, payloads: answer.map { [$0] } ?? [], with: aftermath
      ) { [failure] feed, now in
        feed.fail(failure, at: now, chance: chance, most: most)
      }
      guard let (appended, events) = concluded else { return nil }
      report.status = .failed
      report.position = appended.first
      report.error = "\(failure.refusal.reason): \(failure.refusal.text)"
      if case .pollFailed(let body)? = events.first {
        report.nextAt = body.nextAtMs.map { Moment(milliseconds: $0) }
      }
      return report
    case .finished:
      return try await accept(run, into: report)
    }
  }

  /// Notes how far a poll has come that ends before its end, or forgets what it kept.
  private nonisolated(nonsending) func leave(
    _ run: inout PollRun, isToBeGoneOnWith: Bool
  ) async throws(JournalError) {
    if isToBeGoneOnWith, run.canBeNoted, run.place > run.noted.place {
      try await keep(&run, isEnding: true)
    }
    if !isToBeGoneOnWith || !run.canGoOn { try await clear(run) }
  }

  /// Records a poll that was read to its end, its changes and the cursor, all together.
  ///
  /// - Returns: nil where the feed moved meanwhile.
  nonisolated(nonsending) func accept(
    _ run: PollRun, into report: PollReport? = nil
  ) async throws(JournalError) -> PollReport? {
    var report =
      report
      ?? PollReport(
        instance: run.row.instance.number, resource: run.row.resource, status: .skipped)
    guard run.ask == nil else { return skipped(report, "it was not read to its end") }
    let concluded = try await conclude(run, payloads: run.pendingPayloads) { feed, now in
      run.snapshot(at: now).map { feed.complete($0) } ?? []
    }
    guard let (appended, events) = concluded else {
      // Of a poll by hand a person decides what is kept.
      if !run.isByHand { try await clear(run) }
      return nil
    }
    report.status = .completed
    report.pages = run.pages
    report.items = run.items
    report.position = appended.first
    if case .pollCompleted(let body)? = events.first {
      report.changes = body.changes
      report.nextAt = body.nextAtMs.map { Moment(milliseconds: $0) }
    }
    return report
  }
}

extension FeedRow {
  /// Says why a feed is not polled now; nil where it can be.
  ///
  /// - Parameter isForced: True where a provider’s `Retry-After` that still runs is passed over.
  package func skipReason(of instance: Instance, at now: Moment, isForced: Bool) -> String? {
    if instance.isDeleted { return "the instance is deleted" }
    if !instance.isEnabled { return "the instance is disabled" }
    switch state {
    case .unsupported: return "this resource is not supported"
    case .closed: return "the feed is closed"
    case .disabled: return "the feed is disabled after too many failures"
    case .open: break
    }
    if notBefore > now, !isForced {
      return "the provider asked to be left alone until \(notBefore.rfc3339)"
    }
    return nil
  }
}
