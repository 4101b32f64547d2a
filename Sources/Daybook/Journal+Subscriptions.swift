import Domain
import Engine
import EventStore
import Events
import RawJSON

extension Journal {
  /// The ways of notifications to the callbacks of their instances, in the platform’s words.
  public var subscriptions: Subscriptions { Subscriptions(journal: self) }

  /// Subscriptions: an instance has one, with its own id, while its events are on and it has a
  /// callback.
  public struct Subscriptions: Sendable {
    let journal: Journal

    /// A page of subscriptions in the order of their ids.
    ///
    ///     {"id":7,"channel":"webhook","topics":["instance-7-googlesuite-events"],
    ///      "config":{"url":"https://example.com/hook"},"active":true}
    ///
    /// `active` is false while the callback is disabled.
    ///
    /// - Throws: `refused` for a size that is not 1 to 1,000, and a `next` that no page had.
    public func page(
      next: String? = nil, size: Int = 100
    ) async throws(DaybookError) -> ObjectPage {
      try await translated {
        try PageBounds.check(size: size)
        var query = InstanceQuery()
        query.isSubscribed = true
        query.after = try PageBounds.position(next) ?? 0
        let reader = try await journal.reader()
        let rows = try await reader.instances(query, limit: size + 1)
        let page = Array(rows.prefix(size))
        return ObjectPage(
          objects: try await Self.objects(page, reader).map {
            String(decoding: $0.bytes(), as: UTF8.self)
          },
          next: rows.count > size ? page.last.map { "\($0.id)" } : nil,
          total: try await reader.count(query.fromStart))
      }
    }

    /// The subscription of an instance, where it has one, as a page.
    public func page(of instance: Int64) async throws(DaybookError) -> ObjectPage {
      do {
        return ObjectPage(objects: [try await subscription(instance)], next: nil, total: 1)
      } catch {
        guard case .refused(let refusal) = error, refusal.code == .notFound(.subscription) else {
          throw error
        }
        return ObjectPage(objects: [], next: nil, total: 0)
      }
    }

    /// One subscription.
    ///
    /// - Throws: `refused` where there is none with that id.
    public func subscription(_ id: Int64) async throws(DaybookError) -> String {
      try await translated {
        let object = try await Self.object(id, journal.reader())
        return String(decoding: object.bytes(), as: UTF8.self)
      }
    }

    static func object(_ id: Int64, _ reader: JournalReader) async throws -> JSON {
      var query = InstanceQuery()
      query.isSubscribed = true
      query.after = id > 0 ? id - 1 : .max
      let row = try await reader.instances(query, limit: 1).first
      guard let row, row.id.number == id else {
        throw Refusal(.notFound(.subscription), "there is no subscription \(id)")
      }
      return try await objects([row], reader)[0]
    }

    private static func objects(
      _ rows: [InstanceRow], _ reader: JournalReader
    ) async throws(JournalError) -> [JSON] {
      let disabled = try await reader.disabledCallbacks(
        among: rows.compactMap(\.settings.callback))
      return rows.map { row in
        let url = row.settings.callback ?? ""
        return [
          "id": .number(row.id.number), "channel": "webhook",
          "topics": [.string("instance-\(row.id)-\(row.settings.element)-events")],
          "config": ["url": .string(url)], "active": .bool(!disabled.contains(url)),
        ]
      }
    }
  }
}

extension Journal.Subscriptions {
  /// A page of deliveries that are not of replays, the newest first.
  ///
  ///     {"notificationId":"1500001","subscriptionId":7,"status":"queued",
  ///      "createdDate":"2026-11-23T09:05:01Z","updatedDate":"2026-11-23T09:05:02Z"}
  ///
  ///     created     is to be sent
  ///     notified    is being sent
  ///     retry       was not taken, and is sent again
  ///     queued      is held until its callback is enabled, or was given up
  ///     delivered   was taken
  ///     skipped     ended without being sent; the platform has no word for that
  ///
  /// `notificationId` is the `id` that the callback receives, a string of digits: as a number many
  /// a reader would round it.
  ///
  /// - Parameters:
  ///   - conditions: The platform’s `where`, of `channel`, `status`, `config.url` and
  ///     `subscriptionId`; nil: all.
  ///   - instance: Of that instance alone, whatever the conditions say; nil: of all.
  ///   - isHydrated: Adds `notification` and `subscription`; a page whose bodies are long has fewer
  ///     then.
  /// - Throws: `refused` for a `where` that cannot be read, another size than 1 to 1,000, and a
  ///   `next` that no page had.
  public func deliveries(
    where conditions: String? = nil, of instance: Int64? = nil, isHydrated: Bool = false,
    next: String? = nil, size: Int = 100
  ) async throws(DaybookError) -> ObjectPage {
    try await translated {
      try PageBounds.check(size: size)
      let reader = try await journal.reader()
      guard var query = try DeliveryConditions(conditions).query,
        instance == nil || query.instance == nil || query.instance == instance
      else { return ObjectPage(objects: [], next: nil, total: nil) }
      query.instance = instance ?? query.instance
      query.before = try PageBounds.position(next) ?? .max
      let rows = try await reader.notifications(query, limit: size + 1)
      var objects: [String] = []
      var bytes: Int64 = 0
      for row in rows.prefix(size) {
        bytes += isHydrated ? row.bytes : 0
        if !objects.isEmpty, bytes > Limits.platformPageBytesMax { break }
        objects.append(try await object(row, isHydrated: isHydrated, reader))
      }
      let isLast = objects.count == rows.count
      return ObjectPage(
        objects: objects, next: isLast ? nil : "\(rows[objects.count - 1].position)", total: nil)
    }
  }

  private func object(
    _ row: NotificationRow, isHydrated: Bool, _ reader: JournalReader
  ) async throws -> String {
    var text = """
      {"notificationId":\(quoted(row.notification)),"subscriptionId":\(row.instance),\
      "status":\(quoted(row.deliveryStatus)),"createdDate":\(quoted(row.askedAt.isoSeconds)),\
      "updatedDate":\(quoted(row.changedAt.isoSeconds))
      """
    guard isHydrated else { return text + "}" }
    text += ",\"notification\":" + (try await row.object(reader))
    var subscription = "null"
    // One that was deleted, or sends nothing any more, has none.
    do {
      let object = try await Self.object(row.instance, reader)
      subscription = String(decoding: object.bytes(), as: UTF8.self)
    } catch let refusal as Refusal where refusal.code == .notFound(.subscription) {}
    return text + ",\"subscription\":\(subscription)}"
  }

  /// Lets what is queued go out: callbacks that are disabled are enabled, and what was given up is
  /// sent again under its own id. What else is pending is not touched.
  ///
  /// - Parameter conditions: The platform’s `where`; its status has to be `queued`.
  /// - Returns: How many deliveries are due now; more than 10,000 that were given up are left to
  ///   another call.
  /// - Throws: `refused` for a `where` that cannot be read, or asks for another status.
  @discardableResult
  public func release(
    where conditions: String, reason: String
  ) async throws(DaybookError) -> Int {
    try await translated {
      let asked = try DeliveryConditions(conditions)
      guard asked.status == "queued" else {
        throw Refusal(at: "where", "has to say status='queued': only that can be released")
      }
      guard asked.query != nil else { return 0 }
      let opened = try await journal.working()
      return try await Release(opened, asked, reason: reason).all()
    }
  }
}

extension NotificationRow {
  /// The notification as the platform shows it. It counts as acknowledged once its callback took
  /// it, or a client said so.
  func object(_ reader: JournalReader) async throws -> String {
    let parts = try await NotificationParts(of: self, from: reader)
    return """
      {"id":\(quoted(notification)),"from":"daybook@localhost",\
      "topic":"instance-\(instance)-googlesuite-events","severity":"medium",\
      "message":\(parts.message ?? "null"),"createdDate":\(quoted(askedAt.isoSeconds)),\
      "active":true,"acknowledged":\(isAcknowledged || status == "succeeded")}
      """
  }

  /// The platform’s word for how its delivery stands.
  fileprivate var deliveryStatus: String {
    DeliveryConditions.statuses.first { $0.value.contains(status) }?.key ?? "created"
  }
}

/// The deliveries that a `where` asks for.
private struct DeliveryConditions {
  /// Our states under the platform’s words.
  static let statuses: KeyValuePairs = [
    "created": ["pending"], "notified": ["attempting"], "retry": ["failed", "unknown"],
    "queued": ["held", "exhausted"], "delivered": ["succeeded"], "skipped": ["skipped"],
  ]

  let status: String?
  let url: String?
  private let channel: String?
  private let instance: Int64?

  init(_ text: String?) throws(Refusal) {
    let clause = try WhereClause(
      text ?? "", knowing: ["channel", "status", "config.url", "subscriptionId"])
    channel = clause["channel"]
    status = clause["status"]
    url = clause["config.url"]
    if let status, !Self.statuses.contains(where: { $0.key == status }) {
      let words = Self.statuses.map(\.key).joined(separator: ", ")
      throw Refusal(at: "where", "status is one of \(words), and not \(status)")
    }
    instance =
      try clause["subscriptionId"].map { text throws(Refusal) in
        guard let id = Int64(text) else {
          throw Refusal(at: "where", "subscriptionId has to be a number")
        }
        return id
      }
  }

  /// nil where nothing can fit: there is only one channel.
  var query: NotificationQuery? {
    guard channel == nil || channel == "webhook" else { return nil }
    var query = NotificationQuery()
    query.instance = instance
    query.url = url
    query.statuses = Self.statuses.first { $0.key == status }?.value ?? []
    return query
  }
}

/// Lets queued deliveries go out.
private struct Release {
  private let opened: OpenedJournal
  private let asked: DeliveryConditions
  private let reason: String

  init(_ opened: OpenedJournal, _ asked: DeliveryConditions, reason: String) {
    self.opened = opened
    self.asked = asked
    self.reason = reason
  }

  func all() async throws -> Int { try await held() + givenUp() }

  /// Lets go what waits for a callback to be enabled; others of the same callback go with it.
  private func held() async throws -> Int {
    let reader = opened.repository.reader
    let groups = try await reader.read { snapshot throws(JournalError) in
      try snapshot.heldGroups()
    }
    var urls: [String] = []
    for group in groups where group.replay == 0 {
      guard let url = group.callback, asked.url == nil || asked.url == url,
        asked.query?.instance == nil || asked.query?.instance == group.instance.number,
        !urls.contains(url)
      else { continue }
      urls.append(url)
    }
    var count = 0
    for url in urls {
      count += try await reader.read { snapshot throws(JournalError) in
        try snapshot.countHeld(for: url)
          + snapshot.countHeld(for: StreamName.callback(url).text)
      }
      try await opened.replays.enable(callback: url, reason: reason)
    }
    return count
  }

  private func givenUp() async throws -> Int {
    guard var query = asked.query else { return 0 }
    query.statuses = ["exhausted"]
    query.isAscending = true
    var count = 0
    while count < Limits.releasedMax {
      try Task.checkCancellation()
      try await opened.repository.writer.catchUp(patience: .short)
      let page = query
      let rows = try await opened.repository.reader.notifications(page, limit: 100)
      guard let last = rows.last else { break }
      query.after = last.position
      for row in rows {
        do {
          _ = try await opened.replays.redeliver(row.stream)
          count += 1
        } catch let refusal as Refusal {
          // Deleted meanwhile, or somebody was faster: nothing is to be done.
          guard refusal.code == .deleted || refusal.code == .conflict else { throw refusal }
        }
      }
    }
    return count
  }
}
