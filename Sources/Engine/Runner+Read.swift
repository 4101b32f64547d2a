import Domain
import Events
package import Journal

extension Runner {
  /// Asks page by page until the last one, a comparison’s absences confirmed.
  func read(_ start: PollSession, of instance: Instance) async throws(LogError) -> Ending {
    var session = start
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
        page, body: body, from: book.reader, salt: { [world] in world.bytes(16) }, keepsAll: false)
      if session.tally.count > Limits.pollChangesMax {
        return failed(
          session, "too-many-changes", "more than \(Limits.pollChangesMax) changes at once")
      }
      try await stage(&session, isForced: false)
    }
    if case .comparison = session.feed.mode {
      let ending = try await confirmAbsences(&session, &access, of: instance)
      // The sightings are a scratch table of this connection; a failure leaves them to the next
      // run.
      for ticket in [session.ticket, session.ticket + 1] {
        try await book.reader.read { reading throws(LogError) in
          try reading.dropSightings(ticket: ticket)
        }
      }
      if let ending { return ending }
    }
    return .finished(session)
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
      switch await world.perform(request) {
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

  /// Stages what a session holds on disk, past its bound or at the end of a page that a person
  /// waits at.
  package func stage(_ session: inout PollSession, isForced: Bool) async throws(LogError) {
    let bytes = session.stash.reduce(0) { $0 + $1.bytesKept }
    guard !session.stash.isEmpty, isForced || bytes > Limits.stashBytesMax else { return }
    try await book.log.stage(session.stash, ticket: session.ticket)
    session.markStaged()
  }

  // MARK: A comparison's absences

  /// Confirms that what a full listing missed is gone.
  ///
  /// - Returns: nil where the comparison can be believed.
  func confirmAbsences(
    _ session: inout PollSession, _ access: inout Access, of instance: Instance
  ) async throws(LogError) -> Ending? {
    let (feed, ticket) = (session.row.feed, session.ticket)
    let (absent, known) = try await book.reader.read { reading throws(LogError) in
      (try reading.absentCount(in: feed, ticket: ticket), try reading.objectCount(of: feed))
    }
    if absent == 0 { return nil }
    let isMany = Feed.needsSecondListing(absent: absent, known: known)
    if isMany, let ending = try await listAgain(&session, &access, of: instance, absent: absent) {
      return ending
    }
    if session.tally.count + absent > Limits.pollChangesMax {
      return failed(
        session, "too-many-changes", "more than \(Limits.pollChangesMax) changes at once")
    }
    return try await askForEach(&session, &access, of: instance, absent: absent, isMany: isMany)
  }

  private func listAgain(
    _ session: inout PollSession, _ access: inout Access, of instance: Instance, absent: Int
  ) async throws(LogError) -> Ending? {
    let first = session
    session.listAgain()
    while let ask = session.ask {
      let (page, body): (Page, [UInt8])
      switch try await fetch(ask, &access, of: instance, session) {
      case .page(let found, let bytes): (page, body) = (found, bytes)
      case .ended(let ending): return ending
      }
      _ = try await session.take(
        page, body: body, from: book.reader, salt: { [world] in world.bytes(16) }, keepsAll: false)
    }
    let (feed, ticket) = (session.row.feed, session.ticket)
    let isSame = try await book.reader.read { reading throws(LogError) in
      guard try reading.absentCount(in: feed, ticket: ticket + 1) == absent else { return false }
      // Equal in number and none of the first in the second: the same objects.
      try reading.joinSightings(ticket + 1, into: ticket)
      return try reading.absentCount(in: feed, ticket: ticket) == absent
    }
    // The cursor of the first listing is the one that its differences belong to.
    session.goOn(from: first)
    guard isSame else {
      return failed(
        session, "listing-unreliable",
        "\(absent) objects were absent from one full listing and not from the next")
    }
    return nil
  }

  private func askForEach(
    _ session: inout PollSession, _ access: inout Access, of instance: Instance, absent: Int,
    isMany: Bool
  ) async throws(LogError) -> Ending? {
    // Of a very large absence that two listings agree on, a sample is asked for.
    let stride = max(1, absent / Limits.absencesConfirmedMax)
    var (after, place) = ("", 0)
    let (feed, ticket) = (session.row.feed, session.ticket)
    while true {
      let start = after
      let missing = try await book.reader.read { reading throws(LogError) in
        try reading.absent(in: feed, ticket: ticket, after: start, limit: 500)
      }
      guard let last = missing.last else { return nil }
      after = last.object
      for (object, known) in missing {
        defer { place += 1 }
        guard place % stride == 0 else {
          session.takeAbsent(object, known: known, item: nil, payload: nil)
          continue
        }
        switch try await confirm(object, known, &session, &access, of: instance) {
        case .gone: break
        case .exists where !isMany: break
        case .exists:
          return failed(
            session, "listing-unreliable",
            "\(absent) objects were absent from two full listings, and one of them exists")
        case .ended(let ending): return ending
        }
      }
      try await stage(&session, isForced: false)
    }
  }

  private enum Confirmed {
    case gone, exists
    case ended(Ending)
  }

  private func confirm(
    _ object: String, _ known: KnownObject, _ session: inout PollSession,
    _ access: inout Access, of instance: Instance
  ) async throws(LogError) -> Confirmed {
    while true {
      let request = connector.confirmation(
        of: object, in: session.collection, token: access.token)
      let reply: Reply
      switch await world.perform(request) {
      case .failed(let failure):
        return .ended(Runner.networkFailed(failure, request, session))
      case .reply(let answer): reply = answer
      }
      switch connector.readConfirmation(reply, of: object) {
      case .exists(let item):
        session.takeMissed(item, known: known, body: reply.body, salt: world.bytes(16))
        return .exists
      case .gone(let item):
        let payload = item.map {
          Payload(Array(reply.body[$0.bytes]), kind: .evidence, salt: world.bytes(16))
        }
        session.takeAbsent(object, known: known, item: item, payload: payload)
        return .gone
      case .unauthorized(let reason):
        guard !access.isFresh else {
          return .ended(refused(reply, request, session, reason: "authError", text: reason))
        }
        switch try await self.access(to: instance, isStale: true) {
        case .success(let token): access = Runner.Access(token: token, isFresh: true)
        case .failure(let denial): return .ended(denied(denial, session))
        }
      case .refused(let refusal):
        let failure = Feed.Failure(
          refusal: refusal, asked: Runner.described(request), startedAt: session.startedAt)
        return .ended(Ending.failed(failure, nil, []).keeping(reply, world))
      }
    }
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

  private func refused(
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
  fileprivate func keeping(_ reply: Reply, _ world: World) -> Runner.Ending {
    guard case .failed(var failure, _, let drafts) = self, !reply.body.isEmpty else { return self }
    let kept = Array(reply.body.prefix(Limits.answerBytesKept))
    let payload = Payload(kept, kind: .evidence, salt: world.bytes(16))
    failure.answer = payload.name
    return .failed(failure, payload, drafts)
  }
}
