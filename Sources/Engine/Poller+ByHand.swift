import Domain
import EventStore
import Events

/// A poll that a person carries forward by hand: nothing is recorded until it is accepted or
/// discarded.
package struct ManualPoll: Sendable {
  package fileprivate(set) var run: PollRun
  /// Bytes of the last answer, which may hold much and no item.
  package fileprivate(set) var answerBytes = 0

  /// The outcome of asking for a page.
  package enum Fetched: Sendable {
    case page([PollRun.Judged])
    /// The provider no longer takes the cursor, or refused, or did not answer.
    case ended(reason: String, text: String)
    /// The task was cancelled, so nothing more is asked for; or what was asked for was cut.
    case cancelled
  }
}

extension Poller {
  /// Begins a poll by hand.
  ///
  /// - Throws: `Refusal` where the feed cannot be polled now; `JournalError`.
  nonisolated(nonsending) func beginByHand(_ feed: FeedID) async throws -> ManualPoll {
    try await repository.writer.checkProjections()
    guard let row = try await repository.feed(feed) else {
      throw Refusal(.notFound(.feed), "there is no feed \(feed)")
    }
    let instance = try await repository.instance(row.instance)
    if let why = row.skipReason(of: instance, at: world.now(), isForced: true) {
      throw Refusal(.conflict, "\(row.resource) of instance \(row.instance): \(why)")
    }
    try checkCollection(of: row)
    guard var run = PollRun(row, by: connector, pollID: newPollID(), at: world.now())
    else {
      throw Refusal(
        .unsupported, "\(row.resource) of instance \(row.instance): it is not supported")
    }
    run.isByHand = true
    try await takeUpMissing(&run)
    return ManualPoll(run: run)
  }

  /// The request that comes next, without its credentials; nil after the last page.
  func nextRequest(of poll: ManualPoll) -> Request? {
    guard let ask = poll.run.ask else { return nil }
    var request = connector.request(ask, token: "")
    request.headers.removeAll { $0.name.lowercased() == "authorization" }
    return request
  }

  /// Asks for the next page and judges every item of it.
  nonisolated(nonsending) func fetchByHand(
    _ poll: inout ManualPoll
  ) async throws(JournalError) -> ManualPoll.Fetched {
    guard let ask = poll.run.ask else { return .page([]) }
    let fetched = try await fetch(ask, &poll.run)
    switch fetched {
    case .page(let page, let body):
      poll.answerBytes = body.count
      let judged = try await poll.run.take(
        page, body: body, from: repository.reader, salt: { [world] in world.bytes(16) })
      if let ending = tooMuch(poll.run) { return Poller.told(ending) }
      try await keep(&poll.run)
      return .page(judged)
    case .ended(let ending): return Poller.told(ending)
    }
  }

  /// Does what is left once the last page was taken: asks for what a listing showed without its
  /// state, and confirms what it missed.
  ///
  /// - Returns: What that found; with nothing found the poll can be accepted as well.
  nonisolated(nonsending) func reconcileByHand(
    _ poll: inout ManualPoll
  ) async throws(JournalError) -> ManualPoll.Fetched {
    guard poll.run.access != nil else { return .page([]) }
    let ending = try await reconcile(&poll.run)
    return ending.map(Poller.told) ?? .page(poll.run.settled)
  }

  /// Records what was seen and leaves the cursor alone.
  ///
  /// - Returns: The position of `poll.discarded`.
  nonisolated(nonsending) func discard(
    _ poll: ManualPoll, reason: String
  ) async throws(JournalError) -> Int64 {
    let run = poll.run
    return try await repository.writer.append(
      AppendRequest(
        [
          NewEvent(
            run.feed.stream, run.discarded(reason: reason),
            cause: run.cause(begun: run.takenUpAt))
        ],
        payloads: run.pendingPayloads, pollID: run.hasKept ? run.pollID : nil,
        stagedCount: run.stagedCount, at: world.now())
    ).first
  }

  private static func told(_ ending: Ending) -> ManualPoll.Fetched {
    switch ending {
    case .finished: .page([])
    case .expired(let reason): .ended(reason: "cursorExpired", text: reason)
    case .failed(let failure, _, _):
      .ended(reason: failure.refusal.reason, text: failure.refusal.text)
    case .cancelled: .cancelled
    }
  }
}
