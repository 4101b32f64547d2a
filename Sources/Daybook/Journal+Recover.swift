import Domain
import Engine
import EventStore
public import Events

/// The deliveries that a URL has not accepted and that can be sent again; nothing was sent.
public struct RecoveryPlan: Sendable, Equatable {
  /// Where to, in full: the callback of at least one instance.
  public let url: String
  let recovery: Engine.Replays.Recovery

  /// Deliveries that would be opened again.
  public var notifications: Int { recovery.positions.count }
  /// Changes in them.
  public var changes: Int { recovery.changes }
  /// Bytes of their bodies.
  public var bytes: Int64 { recovery.bytes }
  /// False where the URL takes no deliveries: it has to be enabled first.
  public var isEnabled: Bool { recovery.isEnabled }
  /// Deliveries that stay held, because what they wait for is not over.
  public var stillHeld: Int { recovery.stillHeld }
  /// Deliveries of notifications that the URL has accepted by others.
  public var alreadyDelivered: Int { recovery.delivered }
  /// Deliveries of notifications that others take to the URL.
  public var open: Int { recovery.open }

  /// By the columns of `RowTable.recoveryPlans`.
  public var row: Row {
    [
      "url": .text(url), "notifications": .integer(Int64(notifications)),
      "changes": .integer(Int64(changes)), "bytes": .integer(bytes),
      "exhausted": .integer(Int64(recovery.exhausted)),
      "retrying": .integer(Int64(recovery.retrying)), "held": .integer(Int64(recovery.held)),
      "skipped": .integer(Int64(recovery.skipped)),
      "alreadyDelivered": .integer(Int64(alreadyDelivered)), "open": .integer(Int64(open)),
      "stillHeld": .integer(Int64(stillHeld)),
    ]
  }
}

extension Journal.Callbacks {
  /// Finds what a URL has not accepted, of the instances whose callback it is, and sends nothing.
  ///
  /// - Parameters:
  ///   - since: Asked for then or later.
  ///   - until: Asked for before then; nil: until now.
  /// - Throws: `refused` where no instance names the URL, or it can never be allowed.
  public func recovery(
    of url: String, since: Moment, until: Moment? = nil
  ) async throws(DaybookError) -> RecoveryPlan {
    let rules = journal.access.settings.engine.rules
    return try await translated {
      RecoveryPlan(
        url: url,
        recovery: try await Engine.Replays.selectRecovery(
          for: url, since: since, until: until, rules: rules, from: try await journal.reader()))
    }
  }

  /// Opens again what was found, each delivery once, under its own id, in the order in which they
  /// were made.
  ///
  /// - Parameter reason: Recorded with each.
  /// - Returns: The deliveries, for whoever runs the journal to send them, or for `send` to.
  /// - Throws: `refused` where the URL takes no deliveries.
  public func recover(
    _ plan: RecoveryPlan, reason: String? = nil
  ) async throws(DaybookError) -> RecoveredDeliveries {
    try await translated {
      guard plan.isEnabled else {
        throw Refusal(
          .conflict,
          "\(plan.url) takes no deliveries; `callback enable` lets it, and sends what"
            + " is held for it")
      }
      let opened = try await journal.working()
      let head = try await opened.repository.writer.currentHead().position
      let count = try await opened.replays.recover(plan.recovery, reason: reason)
      return RecoveredDeliveries(
        count: count, opened: opened, positions: plan.recovery.positions, after: head)
    }
  }
}

/// Deliveries that were opened again together and are due.
public struct RecoveredDeliveries: Sendable {
  /// How many there are.
  public let count: Int
  let opened: OpenedJournal
  let positions: [Int64]
  let after: Int64

  /// Makes an attempt of each, with whatever else is due, or waits for the process that runs the
  /// journal.
  ///
  /// - Parameter report: Told each attempt as it is made, and what comes to rest without one.
  /// - Throws: `refused`, with the code `locked`, where that process makes none for a minute.
  public func send(
    report: @escaping @Sendable (AttemptReport) -> Void = { _ in }
  ) async throws(DaybookError) {
    try await translated {
      try await opened.sendRecovered(positions, after: after, report: report)
    }
  }
}
