import Domain
import EventStore
import Events

extension Poller {
  /// Appends what a poll came to, unless the feed’s cursor moved since it began.
  ///
  /// Decided and appended under one clock: a step that is recorded in between is a conflict, and it
  /// is decided again. What was configured anew meanwhile, such as its interval, holds already.
  nonisolated(nonsending) func conclude(
    _ run: PollRun, payloads: [Payload] = [], with aftermath: Aftermath = Aftermath(),
    decide: (Feed, Moment) -> [Event]
  ) async throws(JournalError) -> (appended: AppendResult, events: [Event])? {
    let stream = run.feed.stream
    for _ in 0..<Limits.conflictsMax {
      try await wallClock.recordStep()
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
      let begun = Poller.begun(events.first) ?? run.takenUpAt
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
  private nonisolated(nonsending) func others(
    _ newEvents: [NewEvent]
  ) async throws(JournalError) -> [NewEvent] {
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

  private nonisolated(nonsending) func newEvents(
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
