import Domain
import Events
import Journal

extension Runner {
  /// Asks page by page until the last one, a comparison’s absences confirmed.
  func read(
    _ session: inout PollSession, of instance: Instance
  ) async throws(LogError) -> Ending {
    var access: Access
    switch try await self.access(to: instance, isStale: false) {
    case .success(let token): access = Runner.Access(token: token)
    case .failure(let denial): return denied(denial, session)
    }
    while let ask = session.ask {
      guard session.pages < Limits.pollPagesMax else {
        return failed(session, "too-many-pages", "more than \(Limits.pollPagesMax) pages")
      }
      let fetched = try await fetch(ask, &access, of: instance, session)
      let (page, body): (Page, [UInt8])
      switch fetched {
      case .page(let found, let bytes): (page, body) = (found, bytes)
      case .ended(let ending): return ending
      }
      if let fault = Runner.fault(in: page) { return failed(session, "unreadable", fault) }
      _ = try await session.take(
        page, body: body, from: book.reader, salt: { [world] in world.bytes(16) })
      if let ending = tooMuch(session) { return ending }
      try await keep(&session)
    }
    if let ending = try await settle(&session, &access, of: instance) { return ending }
    return .finished
  }

  private func tooMuch(_ session: PollSession) -> Ending? {
    if session.tally.count > Limits.pollChangesMax {
      return failed(
        session, "too-many-changes", "more than \(Limits.pollChangesMax) changes at once")
    }
    guard session.members.count > Limits.rosterMax else { return nil }
    return failed(
      session, "too-many-members", "more than \(Limits.rosterMax) collections in one list")
  }

  /// A token in use, and whether it was refreshed in this poll already.
  package struct Access: Sendable {
    package var token: String
    package var isFresh = false
  }

  enum Fetched {
    case page(Page, [UInt8])
    case ended(Ending)
  }

  /// Asks for one page; refreshes the token once where it is not accepted.
  func fetch(
    _ ask: Ask, _ access: inout Access, of instance: Instance, _ session: PollSession
  ) async throws(LogError) -> Fetched {
    while true {
      let request = connector.request(ask, token: access.token)
      let reply: Reply
      switch await perform(request, of: instance) {
      case .failed(let failure):
        return .ended(Runner.networkFailed(failure, request, session))
      case .reply(let answer): reply = answer
      }
      switch connector.read(reply, to: ask) {
      case .page(let page): return .page(page, reply.body)
      case .cursorExpired(let reason):
        guard case .changes = ask.mode else {
          return .ended(refused(reply, request, session, reason: "cursorExpired", text: reason))
        }
        return .ended(.expired(reason: reason))
      case .unauthorized(let reason):
        guard !access.isFresh else {
          return .ended(refused(reply, request, session, reason: "authError", text: reason))
        }
        switch try await self.access(to: instance, isStale: true) {
        case .success(let token): access = Runner.Access(token: token, isFresh: true)
        case .failure(let denial): return .ended(denied(denial, session))
        }
      case .refused(let refusal):
        return .ended(
          .failed(
            Feed.Failure(
              refusal: refusal, asked: Runner.described(request), answer: nil,
              startedAt: session.startedAt), nil, []
          ).keeping(reply, world))
      }
    }
  }

  /// Carries a request out, once the user’s quota has room for it.
  func perform(_ request: Request, of instance: Instance) async -> Outcome {
    if request.quotaUnits > 0 {
      let now = world.uptime()
      let wait = paces[instance.id, default: Pace(at: now)].spend(request.quotaUnits, at: now)
      if wait > .zero { await world.sleep(wait) }
    }
    return await world.perform(request)
  }

  // MARK: Failures

  static func fault(in page: Page) -> String? {
    let long = page.items.first {
      $0.id.isEmpty || $0.id.count > Limits.idCharactersMax
        || $0.revision.count > Limits.idCharactersMax
    }
    return long == nil ? nil : "an item without a usable id"
  }

  static func described(_ request: Request) -> String {
    "\(request.method.rawValue) \(request.url)"
  }

  func failed(_ session: PollSession, _ reason: String, _ text: String) -> Ending {
    let refusal = ProviderRefusal(status: nil, reason: reason, text: text)
    return .failed(
      Feed.Failure(refusal: refusal, asked: nil, startedAt: session.startedAt), nil, [])
  }

  static func networkFailed(
    _ failure: NetworkFailure, _ request: Request, _ session: PollSession
  ) -> Ending {
    if failure.kind == .cancelled { return .cancelled }
    let refusal = ProviderRefusal(
      status: nil, reason: failure.kind.rawValue, text: failure.text)
    return .failed(
      Feed.Failure(
        refusal: refusal, asked: described(request), startedAt: session.startedAt), nil, [])
  }

  func refused(
    _ reply: Reply, _ request: Request, _ session: PollSession, reason: String, text: String
  ) -> Ending {
    let refusal = ProviderRefusal(status: reply.status, reason: reason, text: text)
    let failure = Feed.Failure(
      refusal: refusal, asked: Runner.described(request), startedAt: session.startedAt)
    return Ending.failed(failure, nil, []).keeping(reply, world)
  }
}

extension Runner.Ending {
  /// The failure with the beginning of the answer kept as evidence.
  func keeping(_ reply: Reply, _ world: World) -> Runner.Ending {
    guard case .failed(var failure, _, let drafts) = self, !reply.body.isEmpty else { return self }
    let kept = Array(reply.body.prefix(Limits.answerBytesKept))
    let payload = Payload(kept, kind: .evidence, salt: world.bytes(16))
    failure.answer = payload.name
    return .failed(failure, payload, drafts)
  }
}
