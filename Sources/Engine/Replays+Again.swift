package import Domain
package import EventStore
import Events
import Webhook

extension Replays {
  /// A recorded notification beside the same by today's rules.
  package struct Again: Sendable, Equatable {
    /// The position of its `delivery.requested`.
    package var position: Int64
    /// The body as it was recorded.
    package var recorded: [UInt8]
    /// The bodies that its changes make now, with its id and its times.
    package var today: [[UInt8]]
  }

  /// Renders a recorded notification by today's rules: settings, grouping and form of now, under
  /// the recorded id. Nothing is written.
  ///
  /// - Parameter position: Of a change, or of any event of a delivery.
  /// - Throws: `Refusal` where no notification is of it, or its bytes are not kept; `JournalError`.
  package static func again(
    _ position: Int64, by connector: any Connector, from reader: JournalReader
  ) async throws -> Again {
    let place = try await requestPosition(position, from: reader)
    let row = try await found(place, from: reader)
    guard case .deliveryRequested(let requested) = try row.event() else { throw untold(position) }
    let changes = try await changes(at: requested.changes, from: reader)
    let createdAt = try await found(row.cause ?? place, from: reader).recordedAt
    let instance = try await reader.instance(requested.instance)
    var today: [[UInt8]] = []
    for told in groups(of: changes) {
      let head = NotificationRenderer.head(
        told, requested.notification.number ?? 0, eventID: requested.eventId,
        createdAt: createdAt, polledAt: Moment(milliseconds: told[0].body.polledAtMs), of: instance,
        by: connector)
      today.append(try await body(head, told, from: reader))
    }
    let recorded = try await kept(requested.body, from: reader)
    return Again(position: place, recorded: recorded, today: today)
  }

  private static func groups(of changes: [ObservedChange]) -> [[ObservedChange]] {
    let byPosition = Dictionary(changes.map { ($0.position, $0) }) { first, _ in first }
    return NotificationPlan.groups(changes.map(\.part)).map { group in
      group.compactMap { byPosition[$0.position] }
    }
  }

  private static func changes(
    at positions: [Int64], from reader: JournalReader
  ) async throws -> [ObservedChange] {
    var changes: [ObservedChange] = []
    for position in positions {
      let row = try await found(position, from: reader)
      if let change = try ObservedChange(row) { changes.append(change) }
    }
    return changes
  }

  /// The place of the request of the delivery that an event belongs to, or of the first that tells
  /// of a change.
  private static func requestPosition(
    _ position: Int64, from reader: JournalReader
  ) async throws -> Int64 {
    let event = try await found(position, from: reader)
    let stream = event.stream
    if event.type.hasPrefix("delivery.") {
      let rows = try await reader.read { snapshot throws(JournalError) in
        try snapshot.events(of: stream, limit: 1)
      }
      return rows.first?.position ?? position
    }
    guard event.type == ChangeObserved.type else { throw untold(position) }
    let requests = try await reader.requests(since: position)
    guard let first = requests.first else { throw untold(position) }
    return first
  }

  private static func untold(_ position: Int64) -> Refusal {
    Refusal(
      .notFound(.delivery),
      "event \(position) is neither a delivery nor a change that a notification tells of")
  }

  private static func found(
    _ position: Int64, from reader: JournalReader
  ) async throws -> RecordedEvent {
    let row = try await reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: position)
    }
    guard let row else { throw Refusal(.notFound(.event), "there is no event \(position)") }
    return row
  }

  /// The refusal about bytes that are not kept, with the event that removed them.
  static func gone(_ what: String, _ position: Int64?) -> Refusal {
    let how =
      position.map { "were removed by event \($0); `show \($0)` tells why" }
      ?? "are not kept any more"
    return Refusal(.conflict, "\(what) \(how)")
  }

  private static func body(
    _ head: NotificationHead, _ changes: [ObservedChange], from reader: JournalReader
  ) async throws -> [UInt8] {
    var objects: [[UInt8]] = []
    for change in changes {
      if let item = change.body.item {
        objects.append(try await kept(item, from: reader))
      } else {
        objects.append(Envelope.stub(id: change.body.object))
      }
    }
    let pieces = Envelope.render(head, changes.map(\.told))
    return Envelope.body(of: pieces) { objects[$0] }
  }

  /// - Throws: `Refusal` where the bytes are not kept any more.
  private static func kept(
    _ digest: String, from reader: JournalReader
  ) async throws -> [UInt8] {
    do {
      return try await reader.read { snapshot throws(JournalError) in
        try snapshot.payload(digest)
      }
    } catch .noPayload(_, let position) {
      throw gone("the bytes of this notification", position)
    }
  }
}
