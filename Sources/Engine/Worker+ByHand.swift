package import Domain
package import EventStore
package import Events

/// Tasks that a person asks for by themselves, beside the agenda.
extension Worker {
  /// Polls a feed once, due or not, and records what it came to.
  ///
  /// - Parameter isForced: True where a provider’s `Retry-After` that still runs is passed over.
  package func poll(_ feed: FeedID, isForced: Bool = false) async throws(JournalError) -> PollReport
  {
    try await poller.poll(feed, isForced: isForced)
  }

  /// Begins a poll by hand.
  ///
  /// - Throws: `Refusal` where the feed cannot be polled now; `JournalError`.
  package func beginByHand(_ feed: FeedID) async throws -> ManualPoll {
    try await poller.beginByHand(feed)
  }

  /// The request that comes next, without its credentials; nil after the last page.
  package func nextRequest(of poll: ManualPoll) -> Request? { poller.nextRequest(of: poll) }

  /// Asks for the next page and judges every item of it.
  package func fetchByHand(
    _ poll: inout ManualPoll
  ) async throws(JournalError) -> ManualPoll.Fetched {
    try await poller.fetchByHand(&poll)
  }

  /// Does what is left once the last page was taken.
  ///
  /// - Returns: The objects that were asked for by themselves; with none the poll can be accepted
  ///   as well.
  package func reconcileByHand(
    _ poll: inout ManualPoll
  ) async throws(JournalError) -> ManualPoll.Fetched {
    try await poller.reconcileByHand(&poll)
  }

  /// Records a poll that was read to its end, its changes and the cursor, all together.
  ///
  /// - Returns: nil where the feed moved meanwhile.
  package func accept(_ run: PollRun) async throws(JournalError) -> PollReport? {
    try await poller.accept(run)
  }

  /// Records what was seen and leaves the cursor alone.
  ///
  /// - Returns: The position of `poll.discarded`.
  package func discard(_ poll: ManualPoll, reason: String) async throws(JournalError) -> Int64 {
    try await poller.discard(poll, reason: reason)
  }
}
