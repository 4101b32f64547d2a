import Domain
import EventStore
import Events

/// An answer, or none, in place of an object.
enum Trouble {
  case refused(ProviderRefusal, Reply)
  case failed(NetworkFailure)

  /// True where it may be the object's own: not the account's, the quota's or the moment's.
  var isOfObject: Bool {
    switch self {
    case .refused(let refusal, _): !refusal.isGeneral
    case .failed(let failure): failure.kind != .cancelled
    }
  }

  /// True where it tells little of the object, and counts for it only where it comes again and
  /// again.
  var isOfNetwork: Bool {
    switch self {
    case .refused: false
    case .failed(let failure): ![.tooLarge, .garbled].contains(failure.kind)
    }
  }
}

extension Poller {
  /// The end that a trouble puts to a poll.
  nonisolated(nonsending) func ending(
    of trouble: Trouble, _ run: PollRun
  ) async throws(JournalError) -> Ending {
    switch trouble {
    case .refused(let refusal, let reply): return try await refused(refusal, reply, run)
    case .failed(let failure): return networkFailed(failure, run)
    }
  }

  /// Goes on without an object that cannot be had, which the log remembers; unless it may well be
  /// everything that cannot, or it is tried too seldom yet to be passed over.
  ///
  /// - Returns: nil where the poll goes on.
  nonisolated(nonsending) func miss(
    _ object: AskedObject, _ trouble: Trouble, _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    let ending = try await ending(of: trouble, run)
    guard trouble.isOfObject, case .failed(var failure, let answer, let aftermath) = ending else {
      return ending
    }
    let miss = missed(object.id, failure, run)
    if object.isPart || trouble.isOfNetwork, miss.tries < Limits.objectTriesMax {
      failure.miss = miss
      return .failed(failure, answer, with: aftermath)
    }
    if run.misses.inRow == 0 {
      var safe = run
      safe.safe = []
      run.safe = [safe]
    }
    run.misses.add(miss)
    if run.misses.isGeneral {
      try await goBack(&run)
      return .failed(failure, answer, with: aftermath)
    }
    if let ending = tooManyMissed(run, run.misses.found.count) { return ending }
    if let answer { run.pendingPayloads.append(answer) }
    return nil
  }

  private func missed(
    _ object: String, _ failure: Feed.Failure, _ run: PollRun
  ) -> Misses.Miss {
    Misses.Miss(
      object: object, reason: failure.refusal.reason, text: failure.refusal.text,
      status: failure.refusal.status, asked: failure.asked, answer: failure.answer,
      tries: run.tries(of: object),
      since: run.missing[object]?.since ?? run.window?.since)
  }

  /// Puts a poll back to before the first of the objects that were missed one after the other: they
  /// are asked for again.
  private nonisolated(nonsending) func goBack(_ run: inout PollRun) async throws(JournalError) {
    guard var safe = run.safe.first else { return }
    if run.hasKept {
      try await repository.writer.trimStaging(pollID: run.pollID, staged: safe.stagedCount)
    }
    safe.hasKept = run.hasKept
    safe.canGoOn = run.canGoOn
    // Noted anew, wherever the last note was made.
    safe.noted = (0, 0)
    safe.asked = run.asked
    safe.access = run.access
    run = safe
  }

  func tooManyMissed(_ run: PollRun, _ count: Int) -> Ending? {
    guard count > Limits.missedObjectsMax else { return nil }
    return failed(
      run, "too-many-unreadable",
      "more than \(Limits.missedObjectsMax) objects cannot be had or read")
  }

  /// Why a page is not gone on from: nothing on it can be read, or too little.
  nonisolated(nonsending) func tooMuchUnreadable(
    on page: Page, _ reply: Reply, _ run: PollRun
  ) async throws(JournalError) -> Ending? {
    guard let first = page.strays.first else { return nil }
    let given = run.misses.given + page.items.count
    guard given > 0 || page.strays.count <= Limits.missesWithoutGiftMax else {
      let refusal = ProviderRefusal(
        status: reply.status, reason: "unreadable",
        text: "Google's answer cannot be read: nothing in it can: \(first.fault)")
      return try await refused(refusal, reply, run)
    }
    return tooManyMissed(run, run.misses.found.count + page.strays.count)
  }

  /// True where an object without an id is to be looked for again.
  func isNamelessDue(_ run: PollRun) -> Bool {
    guard case .changes = run.feed.mode else { return false }
    let now = world.now()
    return run.missing.values.contains { Misses.isNameless($0.object) && $0.nextAt <= now }
  }

  /// Tries what earlier polls could not have, where it is due or somebody asked for the poll.
  ///
  /// Nothing of it ends the poll but its authorization, or that too much is missed.
  nonisolated(nonsending) func tryMissing(
    _ run: inout PollRun
  ) async throws(JournalError) -> Ending? {
    if case .changes = run.feed.mode {} else { reconcileListed(&run) }
    let now = world.now()
    for missed in run.missing.values.sorted(by: { $0.object < $1.object }) {
      let object = missed.object
      guard run.isAsked || missed.nextAt <= now, !Misses.isNameless(object),
        !run.misses.holds(object), run.misses.settled[object] == nil
      else { continue }
      switch try await confirmed(object, &run) {
      case .exists(let item, let body):
        try await takeMissed(item, since: missed.since, body, &run)
      case .gone(let item, let body):
        try await takeGone(object, item, body, &run)
      case .missed(let trouble):
        let ending = try await ending(of: trouble, run)
        guard case .failed(let failure, let answer, _) = ending else { return ending }
        guard trouble.isOfObject, !trouble.isOfNetwork else {
          return tooManyMissed(run, run.missedCount)
        }
        run.misses.add(self.missed(object, failure, run), isAlone: false)
        if let answer { run.pendingPayloads.append(answer) }
      case .ended(let ending): return ending
      }
    }
    return tooManyMissed(run, run.missedCount)
  }

  /// A listing of everything has shown what there is: of what it did not find unreadable again,
  /// nothing is missed any more, but for what a comparison shows by its id alone.
  private func reconcileListed(_ run: inout PollRun) {
    for object in run.missing.keys where !run.misses.holds(object) {
      guard run.feed.mode == .baseline || Misses.isNameless(object) else { continue }
      if run.misses.settled[object] == nil { run.misses.settle(object, isGone: false) }
    }
  }

  private nonisolated(nonsending) func takeMissed(
    _ item: Item, since: Moment?, _ body: [UInt8], _ run: inout PollRun
  ) async throws(JournalError) {
    run.had(item.id, isGone: false)
    if run.nature == .roster {
      run.collections[item.id] = item
      return
    }
    let known = try await repository.reader.known([item], in: run.row.feed)
    let was = known[item.id].map { Known(revision: $0.revision, isGone: $0.isGone) }
    var dated: Verdict?
    if run.nature == .dated {
      let window = DateWindow(since: since ?? Moment(milliseconds: 0), now: run.began)
      dated = run.rule.judge(item, Array(body[item.bytes]), known: was, in: window)
      if dated?.kind == nil { return }
    }
    run.takeFound(
      item, known: known[item.id], body: body, salt: world.bytes(16),
      isSeriesKnown: item.series.flatMap { known[$0] }.map { !$0.isGone } ?? false, dated: dated)
  }

  private nonisolated(nonsending) func takeGone(
    _ object: String, _ item: Item?, _ body: [UInt8], _ run: inout PollRun
  ) async throws(JournalError) {
    run.had(object, isGone: true)
    if run.nature == .roster {
      run.collections[object] = Item(id: object, revision: "gone", isGone: true, bytes: 0..<0)
      return
    }
    let feed = run.row.feed
    let known = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.known([object], in: feed)
    }
    // By dates no deletion is told.
    guard run.nature != .dated, let was = known[object], !was.isGone else { return }
    let shown = item.map { ($0, Array(body[$0.bytes]), world.bytes(16)) }
    run.takeAbsent(object, known: was, shown: shown)
  }
}
