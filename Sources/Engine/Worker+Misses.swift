import Domain
import EventStore
import Events

/// What comes back in place of an object.
enum Trouble {
  case refused(ProviderRefusal, Reply)
  case failed(NetworkFailure)

  /// Whether it may be the object's own: not the account's, the quota's or the moment's.
  var isOfObject: Bool {
    switch self {
    case .refused(let refusal, _): !refusal.isGeneral
    case .failed(let failure): failure.kind != .cancelled
    }
  }

  /// Whether it tells little of the object, and counts for it only where it comes again and again.
  var isOfNetwork: Bool {
    switch self {
    case .refused: false
    case .failed(let failure): ![.tooLarge, .garbled].contains(failure.kind)
    }
  }
}

extension Worker {
  /// The end that a trouble puts to a poll.
  func ending(
    of trouble: Trouble, _ session: PollRun
  ) async throws(JournalError) -> Ending {
    switch trouble {
    case .refused(let refusal, let reply): return try await refused(refusal, reply, session)
    case .failed(let failure): return networkFailed(failure, session)
    }
  }

  /// Goes on without an object that cannot be had, which the log remembers; unless it may well be
  /// everything that cannot, or it is tried too seldom yet to be passed over.
  ///
  /// - Returns: nil where the poll goes on.
  func miss(
    _ object: AskedObject, _ trouble: Trouble, _ session: inout PollRun
  ) async throws(JournalError) -> Ending? {
    let ending = try await ending(of: trouble, session)
    guard trouble.isOfObject, case .failed(var failure, let answer, let aftermath) = ending else {
      return ending
    }
    let miss = missed(object.id, failure, session)
    if object.isPart || trouble.isOfNetwork, miss.tries < Limits.objectTriesMax {
      failure.miss = miss
      return .failed(failure, answer, with: aftermath)
    }
    if session.misses.inRow == 0 {
      var safe = session
      safe.safe = []
      session.safe = [safe]
    }
    session.misses.add(miss)
    if session.misses.isGeneral {
      try await goBack(&session)
      return .failed(failure, answer, with: aftermath)
    }
    if let ending = tooManyMissed(session, session.misses.found.count) { return ending }
    if let answer { session.pendingPayloads.append(answer) }
    return nil
  }

  private func missed(
    _ object: String, _ failure: Feed.Failure, _ session: PollRun
  ) -> Misses.Miss {
    Misses.Miss(
      object: object, reason: failure.refusal.reason, text: failure.refusal.text,
      status: failure.refusal.status, asked: failure.asked, answer: failure.answer,
      tries: session.tries(of: object),
      since: session.missing[object]?.since ?? session.window?.since)
  }

  /// Puts a poll back to before the first of the objects that were missed one after the other: they
  /// are asked for again.
  private func goBack(_ session: inout PollRun) async throws(JournalError) {
    guard var safe = session.safe.first else { return }
    if session.hasKept {
      try await repository.writer.trimStaging(pollID: session.pollID, staged: safe.stagedCount)
    }
    safe.hasKept = session.hasKept
    safe.canGoOn = session.canGoOn
    // Noted anew, wherever the last note was made.
    safe.noted = (0, 0)
    safe.asked = session.asked
    session = safe
  }

  func tooManyMissed(_ session: PollRun, _ count: Int) -> Ending? {
    guard count > Limits.missedObjectsMax else { return nil }
    return failed(
      session, "too-many-unreadable",
      "more than \(Limits.missedObjectsMax) objects cannot be had or read")
  }

  /// Why a page is not gone on from: nothing on it can be read, or too little.
  func tooMuchUnreadable(
    on page: Page, _ reply: Reply, _ session: PollRun
  ) async throws(JournalError) -> Ending? {
    guard let first = page.strays.first else { return nil }
    let given = session.misses.given + page.items.count
    guard given > 0 || page.strays.count <= Limits.missesWithoutGiftMax else {
      let refusal = ProviderRefusal(
        status: reply.status, reason: "unreadable",
        text: "Google's answer cannot be read: nothing in it can: \(first.fault)")
      return try await refused(refusal, reply, session)
    }
    return tooManyMissed(session, session.misses.found.count + page.strays.count)
  }

  /// Whether an object without an id is to be looked for again.
  func isNamelessDue(_ session: PollRun) -> Bool {
    guard case .changes = session.feed.mode else { return false }
    let now = world.now()
    return session.missing.values.contains { Misses.isNameless($0.object) && $0.nextAt <= now }
  }

  /// Tries what earlier polls could not have, where it is due or somebody asked for the poll.
  ///
  /// Nothing of it ends the poll but its authorization, or that too much is missed.
  func tryMissing(
    _ session: inout PollRun, _ access: inout Access, of instance: Instance
  ) async throws(JournalError) -> Ending? {
    if case .changes = session.feed.mode {} else { reconcileListed(&session) }
    let now = world.now()
    for missed in session.missing.values.sorted(by: { $0.object < $1.object }) {
      let object = missed.object
      guard session.isAsked || missed.nextAt <= now, !Misses.isNameless(object),
        !session.misses.holds(object), session.misses.settled[object] == nil
      else { continue }
      switch try await confirmed(object, &session, &access, of: instance) {
      case .exists(let item, let body):
        try await takeMissed(item, since: missed.since, body, &session)
      case .gone(let item, let body):
        try await takeGone(object, item, body, &session)
      case .missed(let trouble):
        let ending = try await ending(of: trouble, session)
        guard case .failed(let failure, let answer, _) = ending else { return ending }
        guard trouble.isOfObject, !trouble.isOfNetwork else {
          return tooManyMissed(session, session.missedCount)
        }
        session.misses.add(self.missed(object, failure, session), isAlone: false)
        if let answer { session.pendingPayloads.append(answer) }
      case .ended(let ending): return ending
      }
    }
    return tooManyMissed(session, session.missedCount)
  }

  /// A listing of everything has shown what there is: of what it did not find unreadable again,
  /// nothing is missed any more, but for what a comparison shows by its id alone.
  private func reconcileListed(_ session: inout PollRun) {
    for object in session.missing.keys where !session.misses.holds(object) {
      guard session.feed.mode == .baseline || Misses.isNameless(object) else { continue }
      if session.misses.settled[object] == nil { session.misses.settle(object, isGone: false) }
    }
  }

  private func takeMissed(
    _ item: Item, since: Moment?, _ body: [UInt8], _ session: inout PollRun
  ) async throws(JournalError) {
    session.had(item.id, isGone: false)
    if session.nature == .roster {
      session.members[item.id] = item
      return
    }
    let known = try await repository.reader.known([item], in: session.row.feed)
    let was = known[item.id].map { Known(revision: $0.revision, isGone: $0.isGone) }
    var dated: Verdict?
    if session.nature == .dated {
      let window = DateWindow(since: since ?? Moment(milliseconds: 0), now: session.began)
      dated = session.rule.judge(item, Array(body[item.bytes]), known: was, in: window)
      if dated?.kind == nil { return }
    }
    session.takeFound(
      item, known: known[item.id], body: body, salt: world.bytes(16),
      isSeriesKnown: item.series.flatMap { known[$0] }.map { !$0.isGone } ?? false, dated: dated)
  }

  private func takeGone(
    _ object: String, _ item: Item?, _ body: [UInt8], _ session: inout PollRun
  ) async throws(JournalError) {
    session.had(object, isGone: true)
    if session.nature == .roster {
      session.members[object] = Item(id: object, revision: "gone", isGone: true, bytes: 0..<0)
      return
    }
    let feed = session.row.feed
    let known = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.known([object], in: feed)
    }
    // By dates no deletion is told.
    guard session.nature != .dated, let was = known[object], !was.isGone else { return }
    let shown = item.map { ($0, Array(body[$0.bytes]), world.bytes(16)) }
    session.takeAbsent(object, known: was, shown: shown)
  }

  /// The ends of the notices about what a poll could have at last.
  func noticeEnds(of session: PollRun) async throws(JournalError) -> NoticeEnds {
    var ends = NoticeEnds()
    for (object, outcome) in session.misses.settled.sorted(by: { $0.key < $1.key }) {
      try await repository.end(
        Feed.unreadableKind, about: Feed.subject(object, of: session.row.feed), because: outcome,
        instance: session.row.instance, in: &ends)
    }
    return ends
  }
}
