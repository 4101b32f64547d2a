import Events

/// Folds events into the disposable tables of one generation, by SQL alone.
///
/// Each statement reads what it needs from the body of the event, so that folding needs no decoding
/// and works the same in an append, in a catch-up and in a rebuild.
struct Projector {
  /// Raised whenever a table or statement below changes; a journal of another revision is rebuilt.
  static let revision: Int64 = 12

  let connection: Connection
  let generation: Int64

  /// Makes the tables of this generation.
  func makeTables() throws(LogError) {
    try connection.execute(named(SQL.decisionTables))
    try connection.execute(named(SQL.reportTables))
  }

  func decide(_ row: Recorded) throws(LogError) {
    try run(Projector.decisions[row.type] ?? [], row)
  }

  func report(_ row: Recorded) throws(LogError) {
    try run([SQL.enterEvent, SQL.enterEffect], row)
    try run(Projector.reports[row.type] ?? [], row)
  }

  /// The text with this generation in place of the dollar sign.
  func named(_ sql: String) -> String {
    sql.replacing("_$", with: "_\(generation)")
  }

  private func run(_ texts: [String], _ row: Recorded) throws(LogError) {
    for text in texts {
      try connection.projection(text, generation).run([
        "position": .integer(row.position), "stream": .text(row.stream),
        "type": .text(row.type), "recorded_at_ms": .integer(row.recordedAt.milliseconds),
        "cause": Binding(row.cause), "body": .text(row.body),
      ])
    }
  }
}

extension Projector {
  /// Which statements fold which event into the decision tables, in order.
  static let decisions: [String: [String]] = [
    "clock.stepped": [SQL.stepClock, SQL.stepClockOfFeeds, SQL.stepClockOfLanes],
    "instance.enabled": [SQL.unpauseInstance, SQL.planPollsOfInstance],
    "instance.disabled": [SQL.pauseInstance, SQL.dropPollsOfInstance, SQL.forgetWishesOfInstance],
    "instance.deleted": [
      SQL.pauseInstance, SQL.dropPollsOfInstance, SQL.forgetWishesOfInstance,
      SQL.hastenDeliveriesOfInstance, SQL.moveLanesOfInstance,
    ],
    "feed.opened": [SQL.openFeed, SQL.planPoll],
    "feed.updated": [SQL.updateFeed, SQL.planPoll, SQL.replanPoll],
    "feed.closed": [
      SQL.changeFeedState, SQL.dropPoll, SQL.forgetWish, SQL.forgetObjects,
    ],
    "feed.disabled": [SQL.changeFeedState, SQL.dropPoll, SQL.forgetWish],
    "feed.enabled": [SQL.changeFeedState, SQL.planPoll],
    "poll.requested": [SQL.noteWish, SQL.hastenPoll],
    "poll.completed": [
      SQL.forgetObjects, SQL.learnObjects, SQL.completePoll, SQL.planPoll, SQL.replanPoll,
      SQL.planNotify,
    ],
    "poll.failed": [SQL.failPoll, SQL.planPoll, SQL.replanPoll],
    "cursor.expired": [SQL.dropCursor, SQL.planPoll, SQL.replanPoll],
    "cursor.reset": [SQL.dropCursor, SQL.planPoll, SQL.replanPoll],
    "change.observed": [SQL.knowObject, SQL.forgetOccurrences, SQL.unknowObject],
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

  /// Which statements fold which event into the report tables, in order.
  static let reports: [String: [String]] = {
    let instance = [SQL.endInstanceRow, SQL.nextInstanceRow]
    let cursor = [SQL.endCursorRow, SQL.nextCursorRow]
    let delivery = [SQL.endDeliveryRow, SQL.nextDeliveryRow]
    let callback = [SQL.endCallbackRow, SQL.nextCallbackRow]
    return [
      "clock.stepped": [SQL.stepClockOfCursors, SQL.stepClockOfDeliveries],
      "instance.created": [SQL.addInstance],
      "instance.updated": instance, "instance.enabled": instance,
      "instance.disabled": instance, "instance.deleted": instance,
      "authorization.granted": instance, "authorization.refreshed": instance,
      "authorization.refused": instance,
      "feed.opened": [SQL.addCursor],
      "feed.updated": cursor, "feed.closed": cursor, "feed.disabled": cursor,
      "feed.enabled": cursor,
      "poll.completed": cursor, "poll.failed": cursor, "cursor.expired": cursor,
      "cursor.reset": cursor,
      "change.observed": [SQL.addChange],
      "delivery.requested": [SQL.addDelivery, SQL.enterEffectsOfChanges],
      "delivery.attempted": delivery, "delivery.succeeded": delivery,
      "delivery.failed": delivery, "delivery.unknown": delivery, "delivery.held": delivery,
      "delivery.released": delivery, "delivery.exhausted": delivery,
      "delivery.skipped": delivery,
      "callback.disabled": callback, "callback.enabled": callback,
      "notice.raised": [SQL.addNotice], "notice.closed": [SQL.endNotice],
    ]
  }()

  static let decisionTables = ["feeds", "objects", "paused", "agenda", "lanes", "replays"]
  static let reportTables = [
    "entries", "effects", "instances", "cursors", "changes", "deliveries", "callbacks", "notices",
  ]
}
