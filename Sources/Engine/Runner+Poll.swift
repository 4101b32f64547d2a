package import Domain
package import Events
package import Journal

extension Runner {
  /// Polls a feed once, due or not, and records what it came to.
  ///
  /// - Parameter isForced: Whether a provider’s `Retry-After` that still runs is passed over.
  package func poll(_ id: Int64, isForced: Bool = false) async throws(LogError) -> PollReport {
    for _ in 0..<Limits.conflictsMax {
      guard let row = try await book.feed(id) else {
        return skipped(PollReport(instance: 0, resource: "", status: .skipped), "no such feed")
      }
      var report = PollReport(instance: row.instance, resource: row.resource, status: .skipped)
      let instance = try await book.instance(row.instance)
      if let why = Runner.whyNot(row, instance, now: world.now(), isForced: isForced) {
        report.nextAt = row.next(at: world.now())
        return skipped(report, why)
      }
      guard let session = try await session(of: row) else {
        return skipped(report, "this resource is not supported")
      }
      if isNamelessDue(session) {
        // Where it is shown, and whether it can be read by now, a listing of everything tells.
        try await clear(session)
        _ = try await conclude(session) { feed, now in
          feed.expire(reason: "an object without an id could not be read", at: now)
        }
        continue
      }
      if let report = try await carryOut(session, of: instance, into: report) { return report }
    }
    throw .conflict(stream: "feed/\(id)", expected: 0, actual: 0)
  }

  /// Why a feed is not polled now; nil where it can be.
  package static func whyNot(
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
  package nonisolated func newTicket() -> Int64 {
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
    var drafts: [Draft] = []
    /// As what decided it was read: where one of these streams has moved, it is looked at again.
    var expected: [String: Int64] = [:]
  }

  /// - Returns: nil where the feed moved meanwhile, and everything has to be looked at again.
  private func carryOut(
    _ session: PollSession, of instance: Instance, into report: PollReport
  ) async throws(LogError) -> PollReport? {
    var session = session
    let ending = try await read(&session, of: instance)
    var report = report
    switch ending {
    case .cancelled:
      try await leave(&session, isToBeGoneOnWith: true)
      return skipped(report, "stopped before it was read to its end")
    case .expired(let reason):
      try await clear(session)
      _ = try await conclude(session) { feed, now in feed.expire(reason: reason, at: now) }
      return nil
    case .failed(var failure, let answer, let aftermath):
      // What the provider or the network refused is gone on with later. A page token that is no
      // longer taken, or a listing that cannot be believed, needs a new start.
      let isPassing = !failure.needsNewStart
      try await leave(&session, isToBeGoneOnWith: isPassing)
      failure.isFurther = isPassing && session.isFurther
      let (chance, most) = (world.fraction(), settings.failuresMax)
      let concluded = try await conclude(
        session, payloads: answer.map { [$0] } ?? [], with: aftermath
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
      return try await accept(session, into: report)
    }
  }

  /// Notes how far a poll has come that ends before its end, or forgets what it kept.
  private func leave(
    _ session: inout PollSession, isToBeGoneOnWith: Bool
  ) async throws(LogError) {
    if isToBeGoneOnWith, session.canBeNoted, session.place > session.noted.place {
      try await keep(&session, isEnding: true)
    }
    if !isToBeGoneOnWith || !session.canGoOn { try await clear(session) }
  }

  /// Records a poll that was read to its end, its changes and the cursor, all together.
  ///
  /// - Returns: nil where the feed moved meanwhile.
  package func accept(
    _ session: PollSession, into report: PollReport? = nil
  ) async throws(LogError) -> PollReport? {
    var report =
      report
      ?? PollReport(
        instance: session.row.instance, resource: session.row.resource, status: .skipped)
    guard session.ask == nil else { return skipped(report, "it was not read to its end") }
    let concluded = try await conclude(session, payloads: session.stash) { feed, now in
      session.reading(at: now).map { feed.complete($0) } ?? []
    }
    guard let (appended, events) = concluded else {
      // Of a poll by hand a person decides what is kept.
      if !session.isByHand { try await clear(session) }
      return nil
    }
    report.status = .completed
    report.pages = session.pages
    report.items = session.items
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
    _ session: PollSession, payloads: [Payload] = [], with aftermath: Aftermath = Aftermath(),
    decide: (Feed, Moment) -> [Event]
  ) async throws(LogError) -> (appended: Appended, events: [Event])? {
    let stream = session.feed.stream
    for _ in 0..<Limits.conflictsMax {
      try await noticeClock()
      let feed = session.row.feed
      let (row, version, clock, isAsItWas) = try await book.reader.read {
        reading throws(LogError) in
        (
          try reading.feed(feed), try reading.version(of: stream),
          try reading.version(of: "journal"), try reading.areAt(aftermath.expected)
        )
      }
      guard let row, row.moved == session.row.moved, row.state == session.row.state, isAsItWas
      else { return nil }
      let now = world.now()
      let events = decide(session.feed.asConfigured(in: row), now)
      let begun = Runner.begun(events.first) ?? session.takenUpAt
      let isCompleted = if case .pollCompleted? = events.first { true } else { false }
      let roster =
        isCompleted ? try await rosterDrafts(session, row, at: now) : (drafts: [], expected: [:])
      let ends = isCompleted ? try await noticeEnds(of: session) : NoticeEnds()
      let append = Append(
        try await drafts(events, of: stream, cause: session.cause(begun: begun))
          + others(aftermath.drafts)
          + roster.drafts + ends.drafts,
        expecting: [stream: version, "journal": clock]
          .merging(aftermath.expected) { $1 }.merging(roster.expected) { $1 }
          .merging(ends.expected) { $1 },
        payloads: payloads, ticket: isCompleted && session.hasKept ? session.ticket : nil,
        stagedCount: session.stagedCount, at: now)
      switch try await book.attemptKept(append) {
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
  private func others(_ drafts: [Draft]) async throws(LogError) -> [Draft] {
    var others: [Draft] = []
    for draft in drafts {
      if case .noticeRaised(let notice) = draft.event,
        try await book.isNoticeOpen(notice.kind, notice.subject)
      {
        continue
      }
      others.append(draft)
    }
    return others
  }

  private func drafts(
    _ events: [Event], of stream: String, cause: Draft.Cause
  ) async throws(LogError) -> [Draft] {
    var drafts: [Draft] = []
    for (place, event) in events.enumerated() {
      let target: String
      if case .noticeRaised(let notice) = event {
        if try await book.isNoticeOpen(notice.kind, notice.subject) { continue }
        target = Book.noticeStream(notice.kind, notice.subject)
      } else {
        target = stream
      }
      drafts.append(Draft(target, event, cause: place == 0 ? cause : .draft(0)))
    }
    return drafts
  }
}
