import Domain
import Engine
import EventStore
import Events

extension Journal.Subscriptions {
  /// A page of notifications by their topics, the newest first; those of replays are left out.
  ///
  ///     {"id":"1500001","from":"daybook@localhost","topic":"instance-7-googlesuite-events",
  ///      "severity":"medium","message":{…},"createdDate":"2026-11-23T09:05:01Z","active":true,
  ///      "acknowledged":true}
  ///
  /// A page whose bodies are long has fewer.
  ///
  /// - Parameters:
  ///   - topics: Such as `instance-7-googlesuite-events`; others have no notifications.
  ///   - instance: Of that instance alone, whatever the topics say; nil: of all.
  /// - Throws: `refused` for no topics or too many, another size than 1 to 1,000, and a `next` that
  ///   no page had.
  public func notifications(
    of topics: [String], instance: Int64? = nil, next: String? = nil, size: Int = 100
  ) async throws(DaybookError) -> ObjectPage {
    try await translated {
      guard !topics.isEmpty else { throw Refusal(at: "topics[]", "is missing") }
      guard topics.count <= Limits.tagsMax else {
        throw Refusal(.tooLarge, "at most \(Limits.tagsMax) are allowed", at: "topics[]")
      }
      try PageBounds.check(size: size)
      let before = try PageBounds.position(next) ?? .max
      let reader = try await journal.reader()
      var rows: [NotificationRow] = []
      for number in Set(topics.compactMap(Self.instance)) where instance ?? number == number {
        var query = NotificationQuery()
        query.instance = number
        query.before = before
        rows += try await reader.notifications(query, limit: size + 1)
      }
      rows.sort { $0.position > $1.position }
      var objects: [String] = []
      var bytes: Int64 = 0
      for row in rows.prefix(size) {
        bytes += row.bytes
        if !objects.isEmpty, bytes > Limits.platformPageBytesMax { break }
        objects.append(try await row.object(reader))
      }
      let isLast = objects.count == rows.count
      return ObjectPage(
        objects: objects, next: isLast ? nil : "\(rows[objects.count - 1].position)", total: nil)
    }
  }

  /// Records that a client has dealt with a notification: once, however often it is said. Its
  /// delivery goes on.
  ///
  /// - Parameters:
  ///   - id: The `id` that its callback receives.
  ///   - instance: Of that instance alone; nil: of any.
  ///   - askedBy: Who says so, such as a name that the system has for a person; recorded with it.
  /// - Returns: The notification as it is listed.
  /// - Throws: `refused` where there is none.
  @discardableResult
  public func acknowledge(
    _ id: String, instance: Int64? = nil, askedBy: String? = nil
  ) async throws(DaybookError) -> String {
    try await translated {
      let notification = NotificationID(stored: id)
      let missing = Refusal(.notFound(.notification), "there is no notification \(id)")
      // Who only asks for what is not there writes nothing.
      let found = try await journal.reader().notification(notification)
      guard var row = found, instance == nil || row.instance == instance else { throw missing }
      if !row.isAcknowledged {
        let opened = try await journal.working()
        let acknowledged = NotificationAcknowledged(
          notification: notification, eventId: row.eventID, instance: InstanceID(row.instance),
          askedBy: askedBy)
        let stream = StreamName.notification(notification)
        let cause = row.position
        _ = try await opened.repository.transact([stream], in: opened.world) { view, now in
          guard try view.version(of: stream) == 0 else { return Decision(nil) }
          return Decision(
            AppendRequest(
              [NewEvent(stream, .notificationAcknowledged(acknowledged), cause: .position(cause))],
              at: now))
        }
        row.isAcknowledged = true
      }
      return try await row.object(journal.reader())
    }
  }

  /// The instance of a topic; nil for one that is of none.
  private static func instance(of topic: String) -> Int64? {
    let parts = topic.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "instance", parts[2...] == ["googlesuite", "events"] else {
      return nil
    }
    return Int64(parts[1])
  }
}
