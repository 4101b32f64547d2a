package import Domain
import Events
package import Journal

/// A poll that a person carries forward by hand: nothing is recorded until it is accepted or
/// discarded.
package struct HandPoll: Sendable {
  package fileprivate(set) var session: PollSession
  let instance: Instance
  var access: Access?

  /// What came of asking for a page.
  package enum Fetched: Sendable {
    case page([PollSession.Judged])
    /// The provider no longer takes the cursor, or refused, or did not answer.
    case ended(reason: String, text: String)
    /// The task was cancelled, so nothing more is asked for; or what was asked for was cut.
    case cancelled
  }
}

extension Runner {
  /// Begins a poll by hand.
  ///
  /// - Throws: `Refusal` where the feed cannot be polled now; `LogError`.
  package func beginByHand(_ feed: Int64) async throws -> HandPoll {
    try await book.log.checkProjections()
    guard let row = try await book.feed(feed) else { throw Refusal("there is no feed \(feed)") }
    let instance = try await book.instance(row.instance)
    if let why = Runner.whyNot(row, instance, now: world.now(), isForced: true) {
      throw Refusal("\(row.resource) of instance \(row.instance): \(why)")
    }
    try checkCollection(of: row)
    guard var session = PollSession(row, by: connector, ticket: newTicket(), at: world.now())
    else {
      throw Refusal("\(row.resource) of instance \(row.instance): it is not supported")
    }
    session.isByHand = true
    try await takeUpMissing(&session)
    return HandPoll(session: session, instance: instance, access: nil)
  }

  /// The request that comes next, without its credentials; nil after the last page.
  package func nextRequest(of poll: HandPoll) -> Request? {
    guard let ask = poll.session.ask else { return nil }
    var request = connector.request(ask, token: "")
    request.headers.removeAll { $0.name.lowercased() == "authorization" }
    return request
  }

  /// Asks for the next page and judges every item of it.
  package func fetchByHand(_ poll: inout HandPoll) async throws(LogError) -> HandPoll.Fetched {
    guard let ask = poll.session.ask else { return .page([]) }
    var access: Access
    if let known = poll.access {
      access = known
    } else {
      switch try await self.access(to: poll.instance.id) {
      case .success(let found): access = found
      case .failure(let denial): return Runner.told(denied(denial, poll.session))
      }
    }
    let fetched = try await fetch(ask, &poll.session, &access, of: poll.instance)
    poll.access = access
    switch fetched {
    case .page(let page, let body):
      let judged = try await poll.session.take(
        page, body: body, from: book.reader, salt: { [world] in world.bytes(16) })
      if let ending = tooMuch(poll.session) { return Runner.told(ending) }
      try await keep(&poll.session)
      return .page(judged)
    case .ended(let ending): return Runner.told(ending)
    }
  }

  /// Does what is left once the last page was taken: asks for what a listing showed without its
  /// state, and confirms what it missed.
  ///
  /// - Returns: What that found; with nothing found the poll can be accepted as well.
  package func settleByHand(_ poll: inout HandPoll) async throws(LogError) -> HandPoll.Fetched {
    guard var access = poll.access else { return .page([]) }
    let ending = try await settle(&poll.session, &access, of: poll.instance)
    poll.access = access
    return ending.map(Runner.told) ?? .page(poll.session.settled)
  }

  /// Records what was seen and leaves the cursor alone.
  ///
  /// - Returns: The position of `poll.discarded`.
  package func discard(_ poll: HandPoll, reason: String) async throws(LogError) -> Int64 {
    let session = poll.session
    return try await book.log.append(
      Append(
        [
          Draft(
            session.feed.stream, session.discarded(reason: reason),
            cause: session.cause(begun: session.takenUpAt))
        ],
        payloads: session.stash, ticket: session.hasKept ? session.ticket : nil,
        stagedCount: session.stagedCount, at: world.now())
    ).first
  }

  private static func told(_ ending: Ending) -> HandPoll.Fetched {
    switch ending {
    case .finished: .page([])
    case .expired(let reason): .ended(reason: "cursorExpired", text: reason)
    case .failed(let failure, _, _):
      .ended(reason: failure.refusal.reason, text: failure.refusal.text)
    case .cancelled: .cancelled
    }
  }
}
