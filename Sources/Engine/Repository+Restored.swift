package import Domain
import EventStore
package import Events

/// A journal that was put back from a copy: what its backup held is held, and goes on when a person
/// says so.
///
/// After the backup was made the original may have sent more, of which the copy knows nothing. So
/// nothing is sent by itself.
extension Repository {
  /// Why a delivery of a restored journal is held.
  static let restoredReason =
    "the journal was restored from a copy, and sends nothing until it is resumed"

  /// Begins a lineage of its own, and holds whatever is to be sent.
  ///
  /// For a file that nobody else has open: it is put in its place once this is done.
  ///
  /// - Parameter retrySchedule: For attempts that were under way when the copy was made: their
  ///   outcome is unknown.
  /// - Returns: How many deliveries are held for it.
  package func restore(
    _ restored: JournalRestored, retrySchedule: RetrySchedule, in world: World,
    progress: @Sendable (Int64) -> Void = { _ in }
  ) async throws -> Int64 {
    let notice = NoticeRaised(
      kind: .known(.restored), subject: .lineage,
      text: "This journal was restored from a copy that ends at event \(restored.head). What was"
        + " sent after that is unknown to it. Nothing is sent until `restore` resumes it.")
    let marked = try await writer.append(
      AppendRequest(
        [
          NewEvent(.lineage, .journalRestored(restored)),
          NewEvent(
            StreamName.notice(.known(.restored), about: .lineage), .noticeRaised(notice),
            cause: .newEvent(0)),
        ], at: world.now()))
    var held: Int64 = 0
    try await forEachOpen { streams in
      let request = try await hold(
        streams, cause: marked.first, retrySchedule: retrySchedule, in: world)
      guard !request.newEvents.isEmpty else { return }
      _ = try await writer.append(request)
      held += Int64(Set(request.newEvents.map(\.stream)).count)
      progress(held)
    }
    return held
  }

  /// Hands over whatever is to be sent, some at a time: first what was under way, which is not
  /// found again once it is held.
  private func forEachOpen(_ hold: ([StreamName]) async throws -> Void) async throws {
    while true {
      let begun = try await reader.read { snapshot throws(JournalError) in
        try snapshot.begun(limit: Limits.deliveriesPerAppend)
      }
      if begun.isEmpty { break }
      try await hold(begun)
    }
    let last = try await reader.read { snapshot throws(JournalError) in
      try snapshot.lastIDs().instance
    }
    for instance in InstanceID.all(through: last) {
      var after = StreamName(stored: "")
      while true {
        try Task.checkCancellation()
        let start = after
        let streams = try await reader.read { snapshot throws(JournalError) in
          try snapshot.openDeliveries(
            of: instance, after: start, limit: Limits.deliveriesPerAppend)
        }
        guard let end = streams.last else { break }
        try await hold(streams)
        after = end
      }
    }
  }

  /// The append that holds deliveries, but for those that something else holds already.
  private func hold(
    _ streams: [StreamName], cause: Int64, retrySchedule: RetrySchedule, in world: World
  ) async throws -> AppendRequest {
    let loaded = try await reader.read { snapshot throws(JournalError) in
      try streams.map { stream throws(JournalError) in (stream, try snapshot.delivery(stream)) }
    }
    var request = AppendRequest([], at: world.now())
    for (stream, found) in loaded {
      var delivery = found.delivery
      let unknown = delivery.markOutcomeUnknown(
        retrySchedule: retrySchedule, at: world.now(), chance: world.fraction())
      for event in unknown { delivery.evolve(event, at: world.now()) }
      let events =
        unknown
        + delivery.hold(.restored, url: StreamName.lineage.text, reason: Self.restoredReason)
      request.newEvents += events.map { NewEvent(stream, $0, cause: .position(cause)) }
      if !events.isEmpty { request.expected[stream] = found.delivery.version }
    }
    return request
  }

  /// Lets a restored journal send; where that was cut short, the rest of what it held goes out.
  ///
  /// - Returns: How many deliveries are due again.
  /// - Throws: `Refusal` where nothing is held for it.
  package func resume(reason: String?, in world: World) async throws -> Int {
    let (_, held) = try await transact([.lineage], in: world) { view, now in
      let held = try view.countHeld(for: StreamName.lineage.text)
      guard let lineage = try view.lineage() else {
        throw Refusal(.conflict, "this journal was not restored; nothing is held for that")
      }
      guard lineage.isHeld else {
        guard held > 0 else {
          throw Refusal(.conflict, "this journal was resumed already; nothing is held for it")
        }
        return Decision(nil, answer: held)
      }
      var ends = NoticeEnds()
      try view.end(.restored, about: .lineage, because: "resumed", in: &ends)
      let resumed = JournalResumed(lineage: lineage.restored.lineage, reason: reason)
      return Decision(
        AppendRequest(
          [NewEvent(.lineage, .journalResumed(resumed), cause: .position(lineage.position))]
            + ends.newEvents, expecting: ends.expected, at: now), answer: held)
    }
    try await release(heldFor: StreamName.lineage.text, reason: .journalResumed, in: world)
    return held
  }
}
