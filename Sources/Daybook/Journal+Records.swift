import Domain
import EventStore
import Events
import RawJSON

extension Journal {
  /// Notifications as the platform tells of them, its *event records*; those of replays are left
  /// out of pages and counts.
  public var records: Records { Records(journal: self) }

  /// Event records: what polls led to, and what became of it.
  public struct Records: Sendable {
    let journal: Journal

    /// A page of records, the newest first, of one instance or of all.
    ///
    ///     {"id":"AXaaBBcc_ddEEff11223","eventDate":"2026-11-23T09:05:01Z","status":"NOTIFIED",
    ///      "elementInstanceId":7,"providerData":"{\"changed-groups\":[…],…}",
    ///      "notifiedData":[{"objectId":"…","eventType":"CREATED",…}]}
    ///
    /// `id` is the `message.eventId` that the callback received, `providerData` its `message.raw`
    /// as text, `notifiedData` its `message.events`; both are null where the bytes are not kept.
    ///
    ///     NEW          is to be sent
    ///     RECEIVED     is held until its callback is enabled
    ///     DISPATCHED   was sent and not taken so far, or given up
    ///     CONSUMED     ended without being sent: its instance is deleted, or its URL never allowed
    ///     NOTIFIED     was taken
    ///
    /// - Parameters:
    ///   - next: Of the page before; nil: the first page.
    ///   - size: Records, 1 to 1,000. A page whose bodies are long has fewer.
    /// - Throws: `refused` for another size, and a `next` that no page had.
    public func page(
      of instance: Int64? = nil, next: String? = nil, size: Int = 100
    ) async throws(DaybookError) -> ObjectPage {
      try await translated {
        let (rows, rest) = try await rows(of: instance, next: next, size: size)
        var objects: [String] = []
        var bytes: Int64 = 0
        for row in rows {
          // One is given however long it is, or nobody could go on behind it.
          if !objects.isEmpty, bytes + row.bytes > Limits.platformPageBytesMax {
            let last = rows[objects.count - 1].position
            return ObjectPage(objects: objects, next: "\(last)", total: nil)
          }
          bytes += row.bytes
          objects.append(try await NotificationParts(of: row, from: journal.reader()).record(row))
        }
        return ObjectPage(objects: objects, next: rest, total: nil)
      }
    }

    /// One record by the event id that the callback received, also of a replay rendered anew.
    ///
    /// - Parameter instance: Whose it has to be; nil: anybody’s.
    /// - Throws: `refused` where there is none.
    public func record(
      _ id: String, of instance: Int64? = nil
    ) async throws(DaybookError) -> String {
      try await translated {
        let reader = try await journal.reader()
        guard let row = try await reader.notification(id),
          instance == nil || row.instance == instance
        else { throw Refusal(.notFound(.event), "there is no event record \(id)") }
        return try await NotificationParts(of: row, from: reader).record(row)
      }
    }

    /// A page of what became of notifications, the newest first.
    ///
    ///     {"eventId":"AXaaBBcc_ddEEff11223","elementInstanceId":7,
    ///      "notificationData":[{"message":"Error delivering event: Answered 503"}]}
    ///
    /// - Throws: As `page`.
    public func dispositions(
      of instance: Int64? = nil, next: String? = nil, size: Int = 100
    ) async throws(DaybookError) -> ObjectPage {
      try await translated {
        let (rows, rest) = try await rows(of: instance, next: next, size: size)
        let objects = rows.map { row in
          let messages: [JSON] = row.disposition.map { [["message": .string($0)]] } ?? []
          let data: JSON = [
            "eventId": .string(row.eventID), "elementInstanceId": .number(row.instance),
            "notificationData": .array(messages),
          ]
          return String(decoding: data.bytes(), as: UTF8.self)
        }
        return ObjectPage(objects: objects, next: rest, total: nil)
      }
    }

    private func rows(
      of instance: Int64?, next: String?, size: Int
    ) async throws -> (rows: [NotificationRow], next: String?) {
      try PageBounds.check(size: size)
      var query = NotificationQuery()
      query.instance = instance
      query.before = try PageBounds.position(next) ?? .max
      let rows = try await journal.reader().notifications(query, limit: size + 1)
      return (
        Array(rows.prefix(size)), rows.count > size ? "\(rows[size - 1].position)" : nil
      )
    }
  }
}

/// The parts of a notification’s body, in its own bytes.
struct NotificationParts {
  /// `message.raw`; nil where the bytes are not kept.
  private(set) var raw: String?
  /// `message.events`.
  private(set) var events: String?
  /// The whole of `message`.
  private(set) var message: String?

  init(of row: NotificationRow, from reader: JournalReader) async throws(JournalError) {
    let digest = row.body
    let body: [UInt8]
    do {
      body = try await reader.read { snapshot throws(JournalError) in
        try snapshot.payload(digest)
      }
    } catch .noPayload {
      return
    }
    func text(_ range: Range<Int>) -> String { String(decoding: body[range], as: UTF8.self) }
    var scanner = JSONScanner(body)
    // What was sent is JSON that was written here.
    try? scanner.members { (scanner, name) throws(JSONFault) in
      guard name == "message" else { return }
      let start = scanner.position
      try scanner.members { (scanner, name) throws(JSONFault) in
        switch name {
        case "raw": raw = text(try scanner.value())
        case "events": events = text(try scanner.value())
        default: break
        }
      }
      message = text(start..<scanner.position)
    }
  }

  func record(_ row: NotificationRow) -> String {
    """
    {"id":\(quoted(row.eventID)),"eventDate":\(quoted(row.askedAt.isoSeconds)),\
    "status":\(quoted(row.recordStatus)),"elementInstanceId":\(row.instance),\
    "providerData":\(raw.map(quoted) ?? "null"),"notifiedData":\(events ?? "null")}
    """
  }
}

extension NotificationRow {
  /// The platform’s word for how it stands.
  fileprivate var recordStatus: String {
    switch status {
    case "succeeded": "NOTIFIED"
    case "skipped": "CONSUMED"
    case "held": "RECEIVED"
    case "pending": "NEW"
    default: "DISPATCHED"
    }
  }

  /// One sentence on what became of it; nil where nothing did so far.
  fileprivate var disposition: String? {
    switch status {
    case "succeeded": "Delivered event: answered \(lastStatus.map(String.init) ?? "nothing")"
    case "pending", "attempting": nil
    case "held": "Event is held: \(error ?? "its callback is disabled")"
    default:
      "Error delivering event: \(error ?? lastStatus.map { "answered \($0)" } ?? "no answer")"
    }
  }
}
