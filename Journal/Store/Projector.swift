import Events

/// What an event makes of the disposable tables of one generation.
///
/// `Fold` carries it out, the same in an append, in a catch-up and in a rebuild.
struct Projector {
  /// Raised whenever a table or statement below changes; a journal of another revision is rebuilt.
  static let revision: Int64 = 16

  let connection: Connection
  let generation: Int64

  /// Makes the tables of this generation, without the indices that folding does not need.
  func makeTables() throws(JournalError) {
    try connection.execute(named(SQL.decisionTables))
    try connection.execute(named(SQL.reportTables))
  }

  /// The text with this generation in place of the dollar sign.
  func named(_ sql: String) -> String {
    sql.replacing("_$", with: "_\(generation)")
  }
}

extension Projector {
  /// Which statements fold which event into the decision tables, in order.
  static let decisions: [String: [String]] = [
    "clock.stepped": [
      SQL.stepClock, SQL.stepClockOfFeeds, SQL.stepClockOfLanes, SQL.stepClockOfMissed,
    ],
    "instance.enabled": [SQL.unpauseInstance, SQL.planPollsOfInstance],
    "instance.disabled": [SQL.pauseInstance, SQL.dropPollsOfInstance, SQL.clearPollRequests],
    "instance.deleted": [
      SQL.pauseInstance, SQL.dropPollsOfInstance, SQL.clearPollRequests,
      SQL.expediteDeliveries, SQL.moveLanesOfInstance,
    ],
    "feed.opened": [SQL.openFeed, SQL.planPoll],
    "feed.updated": [SQL.updateFeed, SQL.planPoll, SQL.replanPoll],
    "feed.closed": [
      SQL.changeFeedState, SQL.dropPoll, SQL.deletePollRequest, SQL.deleteObjects, SQL.deleteMissed,
    ],
    "feed.disabled": [SQL.changeFeedState, SQL.dropPoll, SQL.deletePollRequest],
    "feed.enabled": [SQL.changeFeedState, SQL.planPoll],
    "poll.requested": [SQL.upsertPollRequest, SQL.expeditePoll],
    "poll.completed": [
      SQL.deleteObjects, SQL.upsertObjects, SQL.completePoll, SQL.planPoll, SQL.replanPoll,
      SQL.planNotify,
    ],
    "poll.failed": [SQL.failPoll, SQL.planPoll, SQL.replanPoll],
    "cursor.expired": [SQL.dropCursor, SQL.planPoll, SQL.replanPoll],
    "cursor.reset": [SQL.dropCursor, SQL.planPoll, SQL.replanPoll],
    "change.observed": [
      SQL.upsertObject, SQL.upsertCancelledObject, SQL.deleteOccurrences, SQL.removeObject,
    ],
    "object.missed": [SQL.upsertMissed],
    "object.settled": [SQL.deleteMissed],
    "delivery.requested": [
      SQL.requestDelivery, SQL.moveLane, SQL.countForReplay, SQL.paceReplay, SQL.endNotify,
    ],
    "delivery.attempted": [SQL.beginAttempt, SQL.moveLane, SQL.countForReplay],
    "delivery.succeeded": [SQL.closeDelivery, SQL.countForReplay],
    "delivery.failed": [SQL.retryDelivery, SQL.moveLane],
    "delivery.unknown": [SQL.retryDelivery, SQL.moveLane],
    "delivery.held": [SQL.holdDelivery, SQL.moveLane],
    "delivery.released": [SQL.releaseDelivery, SQL.moveLane, SQL.countForReplay],
    "delivery.exhausted": [SQL.closeDelivery, SQL.countForReplay],
    "delivery.skipped": [SQL.closeDelivery, SQL.moveLane, SQL.countForReplay],
    "replay.requested": [SQL.openReplay, SQL.planReplay],
    "replay.stopped": [SQL.changeReplay, SQL.dropReplay],
    "replay.resumed": [SQL.changeReplay, SQL.planReplay],
    "replay.completed": [SQL.changeReplay, SQL.dropReplay],
  ]

  /// Which statements fold which event into the report tables, in order; what every event enters,
  /// and rows with a history, are not among them.
  static let reports: [String: [String]] = [
    "clock.stepped": [SQL.stepClockOfCursors, SQL.stepClockOfDeliveries],
    "change.observed": [SQL.addChange],
    "notice.raised": [SQL.addNotice],
    "notice.closed": [SQL.endNotice],
  ]

  /// Tables whose rows have a history.
  enum History { case instances, cursors, deliveries, callbacks }

  /// Which event makes a row of which table end, and another begin.
  static let histories: [String: History] = [
    "instance.created": .instances, "instance.updated": .instances,
    "instance.enabled": .instances, "instance.disabled": .instances,
    "instance.deleted": .instances, "authorization.granted": .instances,
    "authorization.refreshed": .instances, "authorization.refused": .instances,
    "feed.opened": .cursors, "feed.updated": .cursors, "feed.closed": .cursors,
    "feed.disabled": .cursors, "feed.enabled": .cursors, "poll.completed": .cursors,
    "poll.failed": .cursors, "cursor.expired": .cursors, "cursor.reset": .cursors,
    "delivery.requested": .deliveries, "delivery.attempted": .deliveries,
    "delivery.succeeded": .deliveries, "delivery.failed": .deliveries,
    "delivery.unknown": .deliveries, "delivery.held": .deliveries,
    "delivery.released": .deliveries, "delivery.exhausted": .deliveries,
    "delivery.skipped": .deliveries,
    "callback.disabled": .callbacks, "callback.enabled": .callbacks,
  ]

  /// Statements that change nothing where this does not hold: what they say themselves, said before
  /// they are run.
  static let conditions: [String: @Sendable (FoldedEvent) -> Bool] = [
    SQL.upsertObject: { !$0.fields.holds(.kind, "DELETED") },
    SQL.upsertCancelledObject: { $0.fields.holds(.kind, "DELETED") },
    SQL.deleteOccurrences: { $0.fields.holds(.kind, "DELETED") },
    SQL.removeObject: { $0.fields.holds(.kind, "DELETED") },
    SQL.deleteObjects: { $0.type == "feed.closed" || $0.fields.holds(.mode, "baseline") },
    SQL.upsertObjects: { $0.fields[.manifests].bytes.count > 2 },
    SQL.planNotify: { $0.fields.integer(.changes) != 0 },
    SQL.replanPoll: { $0.fields.integer(.nextAtMs) == nil },
    SQL.countForReplay: { $0.isOfReplay },
    SQL.paceReplay: { $0.fields.integer(.replay) != nil },
    SQL.endNotify: { event in
      guard let place = event.fields.integer(.place) else { return false }
      guard let places = event.fields.integer(.places), places > 0 else { return false }
      return place == places - 1
    },
  ]

  static let decisionTables = [
    "feeds", "objects", "missed", "paused", "agenda", "lanes", "replays",
  ]
  static let reportTables = [
    "entries", "effects", "instances", "cursors", "changes", "deliveries", "callbacks", "notices",
  ]
}
