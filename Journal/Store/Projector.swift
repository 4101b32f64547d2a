import Events
import RawJSON

/// The tables of one generation, and the statements that fold events into them.
///
/// `Fold` carries it out, the same in an append, in a catch-up and in a rebuild.
struct Projector {
  /// Raised whenever a table or statement below changes; a journal of another revision is rebuilt.
  static let revision: Int64 = 24

  let connection: Connection
  let generation: Int64

  /// Makes the tables of this generation, without the indices that folding does not need.
  func makeTables() throws(JournalError) {
    try connection.execute(named(SQL.decisionTables))
    try connection.execute(named(SQL.reportTables))
  }

  /// The text with this generation in place of the dollar sign.
  func named(_ text: String) -> String { SQL.naming(text, generation: generation) }

  /// The text of a statement for this generation.
  func named(_ query: SQL) -> String { named(query.text) }

  /// The texts of some statements for this generation, one after the other.
  func named(_ queries: [SQL]) -> String { named(queries.map(\.text).joined()) }
}

extension Projector {
  /// Which statements fold which event into the decision tables, in order.
  static let decisions: [String: [SQL]] = [
    "clock.stepped": [
      .stepClock, .stepClockOfFeeds, .stepClockOfLanes, .stepClockOfMissed, .stepClockOfHealth,
    ],
    "instance.enabled": [.unpauseInstance, .planPollsOfInstance],
    "instance.disabled": [.pauseInstance, .dropPollsOfInstance, .clearPollRequests],
    "instance.deleted": [
      .pauseInstance, .dropPollsOfInstance, .clearPollRequests,
      .expediteDeliveries, .moveLanesOfInstance,
    ],
    "feed.opened": [.openFeed, .planPoll],
    "feed.updated": [.updateFeed, .planPoll, .replanPoll],
    "feed.closed": [
      .changeFeedState, .dropPoll, .deletePollRequest, .deleteObjects, .deleteMissed,
    ],
    "feed.disabled": [.changeFeedState, .dropPoll, .deletePollRequest],
    "feed.enabled": [.changeFeedState, .planPoll],
    "poll.requested": [.upsertPollRequest, .expeditePoll],
    "poll.completed": [
      .deleteObjects, .upsertObjects, .completePoll, .planPoll, .replanPoll,
      .planNotify,
    ],
    "poll.failed": [.failPoll, .planPoll, .replanPoll],
    "cursor.expired": [.dropCursor, .planPoll, .replanPoll],
    "cursor.reset": [.dropCursor, .planPoll, .replanPoll],
    "change.observed": [
      .upsertObject, .upsertCancelledObject, .deleteOccurrences, .removeObject,
    ],
    "object.missed": [.upsertMissed],
    "object.settled": [.deleteMissed],
    "delivery.requested": [
      .requestDelivery, .takeTurns, .standBehind, .placeFollowers, .moveLane, .countForReplay,
      .paceReplay, .endNotify,
    ],
    "delivery.attempted": [.beginAttempt, .moveLane, .countForReplay],
    "delivery.succeeded": closing + [.noteSuccess, .countForReplay],
    "delivery.failed": [.retryDelivery, .standBehind, .moveLane, .noteFailure],
    "delivery.unknown": [.retryDelivery, .standBehind, .moveLane],
    "delivery.held": [.holdDelivery, .placeFollowers, .moveLane],
    "delivery.released": [
      .releaseDelivery, .takeTurnsAgain, .standBehind, .placeFollowers, .moveLane, .countForReplay,
    ],
    "delivery.exhausted": closing + [.noteGivenUp, .countForReplay],
    "delivery.skipped": closing + [.moveLane, .countForReplay],
    "callback.disabled": [.closeBreaker],
    "callback.enabled": [.closeBreaker],
    "breaker.opened": [.openBreaker],
    "breaker.closed": [.closeBreaker],
    "replay.requested": [.openReplay, .planReplay],
    "replay.stopped": [.changeReplay, .dropReplay],
    "replay.resumed": [.changeReplay, .planReplay],
    "replay.completed": [.changeReplay, .dropReplay],
  ]

  /// A delivery comes to its end.
  private static let closing: [SQL] = [
    .freeFollowers, .moveLaneOfFreed, .leaveTurns, .closeDelivery,
  ]

  /// Events that change rows of the agenda, or lanes, which are not their own alone.
  static let touchesAgenda: Set<String> = ["clock.stepped", "instance.deleted"]

  /// Statements that neither change feeds nor polls on the agenda.
  static let sparesFeeds: Set<SQL> = [
    .deleteObjects, .upsertObjects, .upsertObject, .upsertCancelledObject, .deleteOccurrences,
    .removeObject, .upsertMissed, .deleteMissed, .countForReplay, .paceReplay, .openReplay,
    .changeReplay, .planReplay, .dropReplay, .noteSuccess, .noteFailure, .noteGivenUp, .openBreaker,
    .closeBreaker,
  ]

  /// Which statements fold which event into the report tables, in order; what every event enters,
  /// and rows with a history, are not among them.
  static let reports: [String: [SQL]] = [
    "clock.stepped": [.stepClockOfCursors, .stepClockOfDeliveries],
    "change.observed": [.addChange],
    "notice.raised": [.addNotice],
    "notice.closed": [.endNotice],
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
  static let conditions: [SQL: @Sendable (FoldedEvent) -> Bool] = [
    .upsertObject: { !$0.fields.holds(.kind, "DELETED") },
    .upsertCancelledObject: { $0.fields.holds(.kind, "DELETED") },
    .deleteOccurrences: { $0.fields.holds(.kind, "DELETED") },
    .removeObject: { $0.fields.holds(.kind, "DELETED") },
    .deleteObjects: { $0.type == "feed.closed" || $0.fields.holds(.mode, "baseline") },
    .upsertObjects: { $0.fields[.manifests].bytes.count > 2 },
    .planNotify: { ($0.fields.integer(.changes) ?? 0) != 0 },
    .replanPoll: { $0.fields.integer(.nextAtMs) == nil },
    .countForReplay: { $0.isOfReplay },
    .noteSuccess: { !$0.isOfReplay },
    .noteFailure: { !$0.isOfReplay },
    .noteGivenUp: { !$0.isOfReplay },
    .paceReplay: { $0.fields.integer(.replay) != nil },
    .endNotify: { event in
      guard let place = event.fields.integer(.place) else { return false }
      guard let places = event.fields.integer(.places), places > 0 else { return false }
      return place == places - 1
    },
  ]

  static let decisionTables = [
    "feeds", "objects", "missed", "paused", "agenda", "lanes", "turns", "health", "replays",
  ]
  static let reportTables = [
    "entries", "effects", "instances", "cursors", "changes", "deliveries", "callbacks", "notices",
  ]
}
