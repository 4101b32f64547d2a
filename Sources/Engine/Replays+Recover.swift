package import Domain
package import EventStore
package import Events

extension Replays {
  /// The deliveries that a URL has not accepted and that can be sent again, frozen to positions.
  package struct Recovery: Sendable, Equatable {
    /// Positions of `delivery.requested`, ascending.
    package var positions: [Int64] = []
    package var changes = 0
    package var bytes: Int64 = 0
    /// Those that were given up.
    package var exhausted = 0
    /// Those that wait for a retry: they go now.
    package var retrying = 0
    /// Those that are held though what held them is over.
    package var held = 0
    /// Those that were not sent because there was no URL, or it was not allowed.
    package var skipped = 0
    /// Left out: the URL took the notification, or all changes in it, by another delivery.
    package var delivered = 0
    /// Left out: another delivery of it is on its way there.
    package var open = 0
    /// Left out: held for what is not over yet.
    package var stillHeld = 0
    /// False where the URL takes no deliveries: nothing can be sent.
    package var isEnabled = true

    package init() {}
  }

  private enum Kind { case exhausted, retrying, held, skipped }

  /// Finds what a URL has not accepted of a part of the log, of the instances whose callback it is.
  ///
  /// - Parameters:
  ///   - since: Asked for then or later.
  ///   - until: Asked for before then; nil: until now.
  /// - Throws: `Refusal` where no instance names it, it can never be allowed, or it is more than
  ///   goes at once; `JournalError`.
  package static func selectRecovery(
    for url: String, since: Moment, until: Moment?, rules: AddressRules, from reader: JournalReader
  ) async throws -> Recovery {
    if let refusal = rules.refusal(ofCallbackURL: url) { throw Refusal(at: "url", refusal) }
    guard try await reader.isNamed(callback: url) else {
      throw Refusal(
        .notFound(.callback),
        "no instance names \(url); a replay of what is missing there sends it what others got")
    }
    let callback = try await reader.read { view throws(JournalError) in try view.callback(url) }
    let after = try await reader.position(at: since - .milliseconds(1))
    var before = Int64.max
    if let until { before = try await reader.position(at: until - .milliseconds(1)) + 1 }
    var recovery = Recovery()
    recovery.isEnabled = callback.isEnabled
    for status in ["exhausted", "failed", "unknown", "held", "skipped"] {
      var last = after
      while true {
        let rows = try await reader.deliveries(
          in: status, of: url, after: last, before: before, limit: recoveryPage)
        guard let end = rows.last?["position"]?.integer else { break }
        last = end
        try await take(rows, in: status, for: url, callback, &recovery, from: reader)
        try check(recovery.positions.count)
      }
    }
    recovery.positions.sort()
    return recovery
  }

  private static let recoveryPage = 500

  private static func take(
    _ rows: [Row], in status: String, for url: String, _ callback: Callback,
    _ recovery: inout Recovery, from reader: JournalReader
  ) async throws {
    let ids = rows.compactMap { $0["id"]?.string.map { NotificationID(stored: $0) } }
    let judged = Dictionary(
      try await reader.judge(ids, to: url).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    let told = try await toldDeliveries(in: rows, to: url, from: reader)
    for row in rows {
      guard let position = row["position"]?.integer, let since = row["since"]?.integer,
        let known = row["id"]?.string.flatMap({ judged[NotificationID(stored: $0)] })
      else { continue }
      if known.isDelivered || told.taken.contains(position) {
        recovery.delivered += 1
        continue
      }
      // What waits for its own retry or release is on its way itself.
      if status == "exhausted" || status == "skipped",
        known.isOpen || told.open.contains(position)
      {
        recovery.open += 1
        continue
      }
      guard let kind = try await kind(status, since: since, for: url, callback, from: reader)
      else {
        if status == "held" { recovery.stillHeld += 1 }
        continue
      }
      switch kind {
      case .exhausted: recovery.exhausted += 1
      case .retrying: recovery.retrying += 1
      case .held: recovery.held += 1
      case .skipped: recovery.skipped += 1
      }
      recovery.positions.append(position)
      recovery.changes += Int(row["changes"]?.integer ?? 0)
      recovery.bytes += row["bytes"]?.integer ?? 0
    }
  }

  /// The way in which a delivery can be sent again; nil where it cannot.
  ///
  /// - Parameter since: The event that made it what it is.
  private static func kind(
    _ status: String, since: Int64, for url: String, _ callback: Callback,
    from reader: JournalReader
  ) async throws(JournalError) -> Kind? {
    switch status {
    case "exhausted": return .exhausted
    case "failed", "unknown": return .retrying
    default: break
    }
    let event = try await reader.read { view throws(JournalError) in
      try view.event(at: since)?.event()
    }
    switch event {
    case .deliveryHeld(let held) where held.kind.known == .callbackDisabled:
      return held.url != url || callback.isEnabled ? .held : nil
    case .deliverySkipped(let skipped):
      let isOver = [.known(.noCallback), .known(.blocked)].contains(skipped.reason)
      return isOver ? .skipped : nil
    default: return nil
    }
  }

  /// Opens again what was found, each delivery once and in the order in which it was made: it is
  /// due as it was due first.
  ///
  /// Killed anywhere, the rest is found by the next `selectRecovery`, and what was opened is not.
  ///
  /// - Parameter reason: Recorded with each.
  /// - Returns: How many were opened; what somebody else did meanwhile is left as it is.
  package func recover(_ recovery: Recovery, reason: String?) async throws -> Int {
    var opened = 0
    for start in stride(from: 0, to: recovery.positions.count, by: Limits.deliveriesPerAppend) {
      try Task.checkCancellation()
      let end = min(start + Limits.deliveriesPerAppend, recovery.positions.count)
      let part = recovery.positions[start..<end]
      let now = world.now()
      let loaded = try await repository.reader.read { view throws(JournalError) in
        var loaded: [(StreamName, Repository.LoadedDelivery)] = []
        for position in part {
          guard let stream = try view.event(at: position)?.stream else { continue }
          loaded.append((stream, try view.delivery(stream)))
        }
        return loaded
      }
      var appends: [AppendRequest] = []
      for (stream, loaded) in loaded {
        let delivery = loaded.delivery
        guard let requested = delivery.requested, Self.isUnsent(delivery.status) else { continue }
        let due = min(now, Moment(milliseconds: requested.dueAtMs))
        let newEvents = delivery.release(reason: .redelivered, dueAt: due, text: reason).map {
          NewEvent(stream, $0, cause: .position(loaded.last))
        }
        appends.append(
          AppendRequest(newEvents, expecting: [stream: delivery.version], at: now))
      }
      try await repository.appendTogether(appends)
      opened += appends.count
    }
    return opened
  }

  private static func isUnsent(_ status: Delivery.Status) -> Bool {
    switch status {
    case .exhausted, .failed, .unknown, .held, .skipped: true
    case .pending, .attempting, .succeeded: false
    }
  }
}
