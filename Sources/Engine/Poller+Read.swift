import Domain
import EventStore
import Events

extension Poller {
  /// Asks page by page until the last one, a comparison’s absences confirmed.
  nonisolated(nonsending) func read(_ run: inout PollRun) async throws(JournalError) -> Ending {
    while let ask = run.ask {
      switch try await fetch(ask, &run) {
      case .page(let page, let body):
        _ = try await run.take(
          page, body: body, from: repository.reader, salt: { [world] in world.bytes(16) })
      case .ended(let ending): return ending
      }
      if let ending = tooMuch(run) { return ending }
      try await keep(&run)
    }
    if let ending = try await reconcile(&run) { return ending }
    return .finished
  }

  /// Why a poll is not gone on with: it holds more than it may.
  func tooMuch(_ run: PollRun) -> Ending? {
    if run.changeSet.count > Limits.pollChangesMax {
      return failed(
        run, "too-many-changes", "more than \(Limits.pollChangesMax) changes at once")
    }
    guard run.collections.count > Limits.rosterMax else { return nil }
    return failed(
      run, "too-many-members", "more than \(Limits.rosterMax) collections in one list")
  }

  enum Fetched {
    case page(Page, [UInt8])
    case ended(Ending)
  }

  /// Asks for one page, and looks whether it can be believed.
  nonisolated(nonsending) func fetch(
    _ ask: PageRequest, _ run: inout PollRun
  ) async throws(JournalError) -> Fetched {
    guard run.pages < Limits.pollPagesMax else {
      return .ended(failed(run, "too-many-pages", "more than \(Limits.pollPagesMax) pages"))
    }
    let connector = connector
    let asked = try await answer(&run) { token in
      connector.request(ask, token: token)
    } read: { reply in
      connector.read(reply, to: ask)
    } unauthorized: { outcome in
      if case .unauthorized(let reason) = outcome { reason } else { nil }
    }
    switch asked {
    case .ended(let ending): return .ended(ending)
    case .failed(let failure): return try await passOver(ask, .failed(failure), &run)
    case .answered(let outcome, let reply):
      switch outcome {
      case .page(let page):
        if let ending = try await tooMuchUnreadable(on: page, reply, run) {
          return .ended(ending)
        }
        if let fault = fault(in: page, after: ask, &run.trail) {
          return .ended(failed(run, "unreadable", fault))
        }
        return .page(page, reply.body)
      case .cursorExpired(let reason):
        guard case .changes = ask.mode else {
          let refusal = ProviderRefusal(
            status: reply.status, reason: "cursorExpired", text: reason)
          return .ended(try await refused(refusal, reply, run, needsNewStart: true))
        }
        return .ended(.expired(reason: reason))
      case .unauthorized(let reason):
        let refusal = ProviderRefusal(status: reply.status, reason: "authError", text: reason)
        return .ended(try await refused(refusal, reply, run))
      case .refused(let refusal):
        return try await passOver(ask, .refused(refusal, reply), &run)
      }
    }
  }

  /// Goes on behind a single object that cannot be had; of a page that cannot, ends the poll.
  private nonisolated(nonsending) func passOver(
    _ ask: PageRequest, _ trouble: Trouble, _ run: inout PollRun
  ) async throws(JournalError) -> Fetched {
    guard let object = connector.object(of: ask), !run.isSecondListing else {
      return .ended(try await ending(of: trouble, run))
    }
    if let ending = try await miss(object, trouble, &run) { return .ended(ending) }
    return .page(connector.page(without: ask), [])
  }

  enum Asked<Answer> {
    case answered(Answer, Reply)
    case failed(NetworkFailure)
    case ended(Ending)
  }

  /// Carries a request of a poll out, with a token that should be taken; where it is not, once more
  /// with a new one.
  nonisolated(nonsending) func answer<Answer>(
    _ run: inout PollRun, request: (_ token: String) -> Request, read: (Reply) -> Answer,
    unauthorized: (Answer) -> String?
  ) async throws(JournalError) -> Asked<Answer> {
    var refused: String?
    while true {
      let token: String
      if refused == nil, let access = run.access, !access.isEnding(at: world.now()) {
        token = access.token
      } else {
        switch try await tokens.access(to: run.row.instance, refused: refused) {
        case .success(let found):
          run.access = found
          token = found.token
        case .failure(let denial): return .ended(denied(denial, run))
        }
      }
      let request = request(token)
      run.asked = request.described
      let reply: Reply
      switch await perform(request, of: run.row.instance) {
      case .failed(let failure): return .failed(failure)
      case .reply(let answer): reply = answer
      }
      let answer = read(reply)
      guard refused == nil, unauthorized(answer) != nil else { return .answered(answer, reply) }
      refused = token
    }
  }

  /// Carries a request out, once the user’s quota has room for it.
  nonisolated(nonsending) func perform(_ request: Request, of instance: InstanceID) async -> Outcome
  {
    if request.quotaUnits > 0 {
      let now = world.uptime()
      let wait = quotas[instance, default: TokenBucket(at: now)].spend(
        request.quotaUnits, at: now)
      if wait > .zero {
        // Who waits for a quota asks nobody meanwhile, so others may.
        let isPaused = admission.control.pausePoll()
        await world.sleep(wait)
        if isPaused { admission.control.resumePoll() }
      }
    }
    return await world.begin(request)
  }

  // MARK: Failures

  /// Why a page cannot be believed; takes it into the trail otherwise.
  func fault(in page: Page, after ask: PageRequest, _ trail: inout PageTrail) -> String? {
    let long = page.items.first {
      $0.id.isEmpty || $0.id.count > Limits.idCharactersMax
        || $0.revision.count > Limits.idCharactersMax
    }
    if long != nil { return "an item without a usable id" }
    if let name = connector.pageName(of: ask) {
      trail.take(name)
      guard trail.takeContent(of: page) else { return "the page shows what one before it did" }
    }
    guard case .more(let continuation) = page.next else { return nil }
    var next = ask
    next.continuation = continuation
    guard let name = connector.pageName(of: next), trail.holds(name) else { return nil }
    guard name == connector.pageName(of: ask) else {
      return "the page names one as the next that was read before"
    }
    // Gmail's history has pages without records that come again.
    if page.items.isEmpty, trail.mayComeAgain() { return nil }
    return "the page names itself as the next one"
  }

  /// A failure that is ours to see: what was answered cannot be believed, or is too much.
  func failed(_ run: PollRun, _ reason: String, _ text: String) -> Ending {
    let refusal = ProviderRefusal(status: nil, reason: reason, text: text)
    var failure = Feed.Failure(
      refusal: refusal, asked: run.asked, startedAt: run.takenUpAt)
    failure.needsNewStart = true
    return .failed(failure)
  }

  func networkFailed(_ failure: NetworkFailure, _ run: PollRun) -> Ending {
    if failure.kind == .cancelled { return .cancelled }
    let refusal = ProviderRefusal(
      status: nil, reason: failure.kind.rawValue, text: failure.text)
    return .failed(
      Feed.Failure(refusal: refusal, asked: run.asked, startedAt: run.takenUpAt))
  }

  /// Ends a poll with what the provider refused, and keeps the beginning of its answer as evidence.
  nonisolated(nonsending) func refused(
    _ refusal: ProviderRefusal, _ reply: Reply, _ run: PollRun,
    needsNewStart: Bool = false
  ) async throws(JournalError) -> Ending {
    let redaction = try await repository.redaction(of: run.row.instance)
    var refusal = refusal
    refusal.text = redaction.clean(refusal.text)
    refusal.reason = redaction.clean(refusal.reason)
    var failure = Feed.Failure(
      refusal: refusal, asked: run.asked, startedAt: run.takenUpAt)
    failure.needsNewStart = needsNewStart || refusal.isOfPageToken
    guard !reply.body.isEmpty else { return .failed(failure) }
    let first = Array(reply.body.prefix(Limits.answerBytesKept))
    let kept = redaction.clean(first, isCut: reply.isCut || first.count < reply.body.count)
    let payload = Payload(kept, kind: .evidence, salt: world.bytes(16))
    failure.answer = payload.name
    return .failed(failure, payload)
  }
}
