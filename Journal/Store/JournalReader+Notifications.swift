package import Events

/// A notification on its way to its instance’s callback.
package struct NotificationRow: Sendable, Equatable {
  /// The place of its `delivery.requested`.
  package var position: Int64
  package var stream: StreamName
  /// The decimal id that the receiver sees.
  package var notification: String
  /// The `message.eventId` that the receiver sees.
  package var eventID: String
  package var instance: Int64
  package var url: String?
  /// As the column of that name has it.
  package var status: String
  /// HTTP’s, of the last answer.
  package var lastStatus: Int64?
  package var error: String?
  /// Digest of the body, and its length.
  package var body: String
  package var bytes: Int64
  package var askedAt: Moment
  /// When it became what it is.
  package var changedAt: Moment
  /// True where a client said so; that its callback took it is another matter.
  package var isAcknowledged: Bool
}

/// A question for a page of notifications, replays left out; everything that is set has to fit.
package struct NotificationQuery: Sendable, Equatable {
  package var instance: Int64?
  package var url: String?
  /// States of deliveries; empty: all.
  package var statuses: [String] = []
  /// Positions past this one.
  package var after: Int64 = 0
  /// Positions below this one.
  package var before: Int64 = .max
  /// Oldest first.
  package var isAscending = false
  /// With replays: of a single notification that is known.
  package var withReplays = false

  package init() {}

  /// The text of the query, and what is bound to it.
  func composed(limit: Int) -> (text: String, values: [String: Binding]) {
    var fragments = [SQL.listNotifications]
    if !withReplays { fragments.append(.whereLive) }
    if instance != nil { fragments.append(.whereInstance) }
    if url != nil { fragments.append(.whereUrl) }
    if statuses.count == 1 {
      fragments.append(.whereStatus)
    } else if !statuses.isEmpty {
      fragments.append(statuses.contains("succeeded") ? .whereMostStatuses : .whereStatuses)
    }
    fragments.append(isAscending ? .pageUp : .pageDown)
    return (
      fragments.map(\.text).joined().replacing("@key", with: "deliveries.position")
        .replacing("@table", with: "deliveries"),
      [
        "instance": Binding(instance), "url": Binding(url),
        "status": Binding(statuses.first), "statuses": .text(JSONBody.array(statuses)),
        "after": .integer(after), "before": .integer(before), "limit": .integer(Int64(limit)),
      ]
    )
  }
}

/// The notifications of one step of time and one instance.
package struct NotificationCount: Sendable, Equatable {
  /// Counted from 0.
  package var step: Int64
  package var instance: Int64
  package var count: Int64
  package var success: Int64
  package var failed: Int64
}

extension JournalReader {
  /// A page of notifications by their positions, the newest first unless it says otherwise.
  package func notifications(
    _ query: NotificationQuery, limit: Int
  ) throws(JournalError) -> [NotificationRow] {
    let (text, values) = query.composed(limit: limit)
    let rows = try view { snapshot throws(JournalError) in try snapshot.rows(text, values).0 }
    var notifications: [NotificationRow] = []
    for row in rows {
      guard let notification = NotificationRow(row) else {
        throw .misfolded(path: path, why: "deliveries holds what no event makes of it")
      }
      notifications.append(notification)
    }
    return notifications
  }

  /// The notification with an event id, as it was asked for first; nil where there is none.
  package func notification(_ eventID: String) throws(JournalError) -> NotificationRow? {
    let found = try view { snapshot throws(JournalError) in
      try snapshot.rows(SQL.findNotification, ["event": .text(eventID)])
    }
    guard let position = found.first?["position"]?.integer else { return nil }
    var query = NotificationQuery()
    query.withReplays = true
    query.after = position - 1
    query.before = position + 1
    return try notifications(query, limit: 1).first
  }

  /// A notification by the id that its receiver sees; nil where there is none.
  package func notification(_ id: NotificationID) throws(JournalError) -> NotificationRow? {
    let asked = try view { snapshot throws(JournalError) in
      try snapshot.events(of: .delivery(DeliveryID(of: id)), limit: 1).first
    }
    guard let asked else { return nil }
    var query = NotificationQuery()
    query.after = asked.position - 1
    query.before = asked.position + 1
    return try notifications(query, limit: 1).first
  }

  /// Counts the notifications that were asked for in a stretch of time, by steps and instances.
  ///
  /// - Parameters:
  ///   - start: Where the first step begins.
  ///   - end: The last moment that counts.
  ///   - step: How long each is.
  ///   - limit: Counts at most.
  package func countNotifications(
    from start: Moment, through end: Moment, step: Duration, of instance: Int64?, limit: Int
  ) throws(JournalError) -> [NotificationCount] {
    let rows = try view { snapshot throws(JournalError) in
      try snapshot.rows(
        SQL.countNotifications,
        [
          "start_ms": .integer(start.milliseconds), "step_ms": .integer(step.wholeMilliseconds),
          "after": .integer(try snapshot.position(at: start - .milliseconds(1))),
          "before": .integer(try snapshot.position(at: end) + 1), "instance": Binding(instance),
          "limit": .integer(Int64(limit)),
        ])
    }
    return rows.map { row in
      func number(_ name: String) -> Int64 { row[name]?.integer ?? 0 }
      return NotificationCount(
        step: number("step"), instance: number("instance"), count: number("count"),
        success: number("success"), failed: number("failed"))
    }
  }

  /// Those of some URLs that take nothing now.
  package func disabledCallbacks(among urls: [String]) throws(JournalError) -> Set<String> {
    let rows = try view { snapshot throws(JournalError) in
      try snapshot.rows(SQL.findDisabledCallbacks, ["urls": .text(JSONBody.array(urls))])
    }
    return Set(rows.compactMap { $0["url"]?.string })
  }
}

extension NotificationRow {
  fileprivate init?(_ row: Row) {
    guard let position = row["position"]?.integer, let delivery = row["delivery"]?.string,
      let notification = row["notification"]?.string, let eventID = row["eventId"]?.string,
      let instance = row["instance"]?.integer, let status = row["status"]?.string,
      let body = row["body"]?.string, let bytes = row["bytes"]?.integer,
      let askedAt = row["askedAt"]?.moment, let changedAt = row["changedAt"]?.moment,
      let acknowledged = row["acknowledged"]?.integer
    else { return nil }
    self.init(
      position: position, stream: .delivery(DeliveryID(stored: delivery)),
      notification: notification,
      eventID: eventID, instance: instance, url: row["url"]?.string, status: status,
      lastStatus: row["lastStatus"]?.integer, error: row["error"]?.string, body: body,
      bytes: bytes, askedAt: askedAt, changedAt: changedAt, isAcknowledged: acknowledged != 0)
  }
}
