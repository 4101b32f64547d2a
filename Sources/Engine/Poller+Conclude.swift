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
    decide: @Sendable (Feed, Moment) -> [Event]
  ) async throws(JournalError) -> (appended: AppendResult, events: [Event])? {
    try await wallClock.recordStep()
    let (connector, stream) = (connector, run.feed.stream)
    do {
      let (appended, events) = try await repository.decide(on: [stream, .journal], in: world) {
        view, now throws(JournalError) -> Decision<[Event]> in
        guard let row = try view.feed(run.row.feed), row.moved == run.row.moved,
          row.state == run.row.state, try view.areAt(aftermath.expected)
        else { return Decision(nil, answer: []) }
        let events = decide(run.feed.asConfigured(in: row), now)
        var append = AppendRequest(
          try view.newEvents(
            events, of: stream, cause: run.cause(begun: Poller.begun(events.first) ?? run.takenUpAt)
          ) + view.unlessOpen(aftermath.newEvents),
          expecting: aftermath.expected, payloads: payloads, stagedCount: run.stagedCount, at: now)
        if case .pollCompleted? = events.first {
          append.pollID = run.hasKept ? run.pollID : nil
          try run.discover(row, by: connector, in: &append, view)
          let ends = try view.ends(of: run)
          append.newEvents += ends.newEvents
          append.expected.merge(ends.expected) { $1 }
        }
        return Decision(append, answer: events)
      }
      return appended.map { ($0, events) }
    } catch .stagingLost {
      return nil
    }
  }

  /// When the poll began that an event tells of.
  private static func begun(_ event: Event?) -> Moment? {
    switch event {
    case .pollCompleted(let body)?: Moment(milliseconds: body.startedAtMs)
    case .pollFailed(let body)?: Moment(milliseconds: body.startedAtMs)
    default: nil
    }
  }
}

extension JournalSnapshot {
  /// Leaves out notices that are open already.
  fileprivate func unlessOpen(_ newEvents: [NewEvent]) throws(JournalError) -> [NewEvent] {
    var others: [NewEvent] = []
    for newEvent in newEvents {
      if case .noticeRaised(let notice) = newEvent.event,
        try openNotice(notice.kind, notice.subject) != nil
      {
        continue
      }
      others.append(newEvent)
    }
    return others
  }

  /// Puts events into their streams, notices into their own; the later ones caused by the first.
  fileprivate func newEvents(
    _ events: [Event], of stream: StreamName, cause: NewEvent.Cause
  ) throws(JournalError) -> [NewEvent] {
    var newEvents: [NewEvent] = []
    for (place, event) in events.enumerated() {
      var target = stream
      if case .noticeRaised(let notice) = event {
        target = StreamName.notice(notice.kind, about: notice.subject)
      }
      newEvents.append(NewEvent(target, event, cause: place == 0 ? cause : .newEvent(0)))
    }
    return try unlessOpen(newEvents)
  }

  /// The ends of the notices about what a poll could have at last.
  fileprivate func ends(of run: PollRun) throws(JournalError) -> NoticeEnds {
    var ends = NoticeEnds()
    for (object, outcome) in run.misses.settled.sorted(by: { $0.key < $1.key }) {
      try end(
        Feed.unreadableKind, about: StreamName.object(object, ofFeed: run.row.feed),
        because: outcome,
        instance: run.row.instance, in: &ends)
    }
    return ends
  }
}
