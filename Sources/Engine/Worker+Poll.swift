package import Domain
package import EventStore
package import Events

extension Worker {
  /// Polls a feed once, due or not, and records what it came to.
  ///
  /// - Parameter isForced: Whether a provider’s `Retry-After` that still runs is passed over.
  package func poll(_ id: Int64, isForced: Bool = false) async throws(JournalError) -> PollReport {
    for _ in 0..<Limits.conflictsMax {
      guard let row = try await repository.feed(id) else {
        return skipped(PollReport(instance: 0, resource: "", status: .skipped), "no such feed")
      }
      var report = PollReport(instance: row.instance, resource: row.resource, status: .skipped)
      let instance = try await repository.instance(row.instance)
      if let why = Worker.skipReason(row, instance, now: world.now(), isForced: isForced) {
        report.nextAt = row.next(at: world.now())
        return skipped(report, why)
      }
      guard let run = try await pollRun(of: row) else {
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
    throw .conflict(stream: "feed/\(id)", expected: 0, actual: 0)
  }

  /// Why a feed is not polled now; nil where it can be.
  package static func skipReason(
    _ row: FeedRow, _ instance: Instance, now: Moment, isForced: Bool
  ) -> String? {
    if instance.isDeleted { return "the instance is deleted" }
    if !instance.isEnabled { return "the instance is disabled" }
    switch row.state {
    case .unsupported: return "this resource is not supported"
    case .closed: return "the feed is closed"
    case .disabled: return "the feed is disabled after too many failures"
    case .open: break
    }
    if row.notBefore > now, !isForced {
      return "the provider asked to be left alone until \(row.notBefore.rfc3339)"
    }
    return nil
  }

  private func skipped(_ report: PollReport, _ why: String) -> PollReport {
    var report = report
    report.error = why
    return report
  }

  /// A number by which a poll's staged payloads and sightings are told from another's; always even.
  package nonisolated func newPollID() -> Int64 {
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

  /// What a failure leads to besides, such as the end of an authorization.
  struct Aftermath {
    var newEvents: [NewEvent] = []
    /// As what decided it was read: where one of these streams has moved, it is looked at again.
    var expected: [String: Int64] = [:]
  }

  /// - Returns: nil where the feed moved meanwhile, and everything has to be looked at again.
  private func carryOut(
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
  private func leave(
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
  package func accept(
    _ run: PollRun, into report: PollReport? = nil
  ) async throws(JournalError) -> PollReport? {
    var report =
      report
      ?? PollReport(
        instance: run.row.instance, resource: run.row.resource, status: .skipped)
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

  /// Appends what a poll came to, unless the feed’s cursor moved since it began.
  ///
  /// Decided and appended under one clock: a step that is recorded in between is a conflict, and it
  /// is decided again. What was configured anew meanwhile, such as its interval, holds already.
  private func conclude(
    _ run: PollRun, payloads: [Payload] = [], with aftermath: Aftermath = Aftermath(),
    decide: (Feed, Moment) -> [Event]
  ) async throws(JournalError) -> (appended: AppendResult, events: [Event])? {
    let stream = run.feed.stream
    for _ in 0..<Limits.conflictsMax {
      try await noticeClock()
      let feed = run.row.feed
      let (row, version, clock, isAsItWas) = try await repository.reader.read {
        snapshot throws(JournalError) in
        (
          try snapshot.feed(feed), try snapshot.version(of: stream),
          try snapshot.version(of: "journal"), try snapshot.areAt(aftermath.expected)
        )
      }
      guard let row, row.moved == run.row.moved, row.state == run.row.state, isAsItWas
      else { return nil }
      let now = world.now()
      let events = decide(run.feed.asConfigured(in: row), now)
      let begun = Worker.begun(events.first) ?? run.takenUpAt
      let isCompleted = if case .pollCompleted? = events.first { true } else { false }
      let roster =
        isCompleted ? try await rosterEvents(run, row, at: now) : (newEvents: [], expected: [:])
      let ends = isCompleted ? try await noticeEnds(of: run) : NoticeEnds()
      let append = AppendRequest(
        try await newEvents(events, of: stream, cause: run.cause(begun: begun))
          + others(aftermath.newEvents)
          + roster.newEvents + ends.newEvents,
        expecting: [stream: version, "journal": clock]
          .merging(aftermath.expected) { $1 }.merging(roster.expected) { $1 }
          .merging(ends.expected) { $1 },
        payloads: payloads, pollID: isCompleted && run.hasKept ? run.pollID : nil,
        stagedCount: run.stagedCount, at: now)
      switch try await repository.attemptKept(append) {
      case .appended(let appended): return (appended, events)
      case .lost: return nil
      case .conflict: continue
      }
    }
    throw .conflict(stream: stream, expected: 0, actual: 0)
  }

  /// When the poll began that an event tells of.
  private static func begun(_ event: Event?) -> Moment? {
    switch event {
    case .pollCompleted(let body)?: Moment(milliseconds: body.startedAtMs)
    case .pollFailed(let body)?: Moment(milliseconds: body.startedAtMs)
    default: nil
    }
  }

  /// What else is to be appended, but for notices that are open already.
  private func others(_ newEvents: [NewEvent]) async throws(JournalError) -> [NewEvent] {
    var others: [NewEvent] = []
    for newEvent in newEvents {
      if case .noticeRaised(let notice) = newEvent.event,
        try await repository.isNoticeOpen(notice.kind, notice.subject)
      {
        continue
      }
      others.append(newEvent)
    }
    return others
  }

  private func newEvents(
    _ events: [Event], of stream: String, cause: NewEvent.Cause
  ) async throws(JournalError) -> [NewEvent] {
    var newEvents: [NewEvent] = []
    for (place, event) in events.enumerated() {
      let target: String
      if case .noticeRaised(let notice) = event {
        if try await repository.isNoticeOpen(notice.kind, notice.subject) { continue }
        target = Repository.noticeStream(notice.kind, notice.subject)
      } else {
        target = stream
      }
      newEvents.append(NewEvent(target, event, cause: place == 0 ? cause : .newEvent(0)))
    }
    return newEvents
  }
}
