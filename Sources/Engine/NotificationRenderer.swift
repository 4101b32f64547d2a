import Domain
import EventStore
import Events
import RawJSON
import Webhook

/// Renders changes into notifications, each with an id that follows from what leads to it.
struct NotificationRenderer: Sendable {
  private let repository: Repository
  private let connector: any Connector
  private let world: World

  init(_ repository: Repository, connector: any Connector, world: World) {
    self.repository = repository
    self.connector = connector
    self.world = world
  }

  /// Renders the notification of some changes of one kind and one poll.
  nonisolated(nonsending) func render(
    _ changes: [ObservedChange], _ source: NotificationSource, of instance: Instance
  ) async throws(JournalError) -> RenderedDelivery {
    let first = changes[0].body
    let identity = Chain.identity(of: source.digest, place: source.place)
    let notification = NotificationRenderer.id(identity)
    let head = NotificationRenderer.head(
      changes, notification, eventID: NotificationRenderer.eventID(identity),
      createdAt: source.createdAt,
      polledAt: source.polledAt, of: instance, by: connector)
    let told = changes.map(\.told)
    let (pieces, objects) = try await recipe(Envelope.render(head, told), changes)
    let whole = Envelope.body(of: Envelope.render(head, told)) { objects[$0] }
    let payload = Payload(recipe: pieces, whole: whole, salt: world.bytes(16))
    let id = NotificationID(notification)
    let requested = DeliveryRequested(
      delivery: DeliveryID(of: id, in: source.replay), notification: id, eventId: head.eventId,
      instance: instance.id, feed: first.feed, resource: first.resource, action: first.kind,
      changes: changes.map(\.position), sequence: source.sequence, body: payload.name,
      bytes: whole.count, mode: source.mode, replay: source.replay, url: source.url,
      hasCredentials: source.hasCredentials, place: source.place, places: source.places,
      dueAtMs: source.dueAt.milliseconds,
      order: source.order == .object ? nil : .known(source.order))
    return RenderedDelivery(requested: requested, payload: payload)
  }

  /// Fills in what the notification of some changes says of all of them.
  static func head(
    _ changes: [ObservedChange], _ notification: UInt64, eventID: String, createdAt: Moment,
    polledAt: Moment, of instance: Instance, by connector: any Connector
  ) -> NotificationHead {
    let first = changes[0].body
    return NotificationHead(
      notification: notification, eventId: eventID, elementKey: connector.element,
      hubKey: connector.hub, instance: instance.id, instanceName: instance.settings?.name ?? "",
      instanceTags: instance.settings?.tags ?? [],
      objectType: first.objectType ?? first.resource, action: first.kind, createdAt: createdAt,
      polledAt: polledAt)
  }

  private nonisolated(nonsending) func recipe(
    _ pieces: [Piece], _ changes: [ObservedChange]
  ) async throws(JournalError) -> ([Payload.Piece], [[UInt8]]) {
    var objects: [[UInt8]] = []
    var named: [[UInt8]?] = []
    for change in changes {
      let item = try await kept(change.body.item)
      named.append(item == nil ? nil : change.body.item.flatMap { bytesOf(hexadecimal: $0) })
      objects.append(item ?? Envelope.stub(id: change.body.object))
    }
    var recipe: [Payload.Piece] = []
    for piece in pieces {
      switch piece {
      case .text(let bytes): recipe.append(.text(bytes))
      case .object(let index):
        if let digest = named[index] {
          recipe.append(.payload(digest: digest))
        } else {
          recipe.append(.text(objects[index]))
        }
      }
    }
    return (recipe, objects)
  }

  /// The bytes of an object; nil where there never were any, and where they were removed.
  private nonisolated(nonsending) func kept(_ item: String?) async throws(JournalError) -> [UInt8]?
  {
    guard let item else { return nil }
    do {
      return try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.payload(item)
      }
    } catch .noPayload {
      return nil
    }
  }

  /// The id of a notification, of 63 bits.
  static func id(_ identity: [UInt8]) -> UInt64 {
    identity.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
  }

  /// 20 url-safe characters, as `message.eventId` has.
  private static func eventID(_ identity: [UInt8]) -> String {
    let alphabet = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    for place in stride(from: 8, to: 23, by: 3) {
      let bits = identity[place..<place + 3].reduce(0) { $0 << 8 | Int($1) }
      for shift in [18, 12, 6, 0] { text.append(alphabet[bits >> shift & 63]) }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Where a notification comes from and where it goes.
struct NotificationSource: Sendable {
  /// Digest of the fact that leads to it: its id is derived from digest and place.
  let digest: [UInt8]
  let place: Int
  let places: Int
  /// The position of the poll. It only grows, whatever a key is pointed at, and what one poll
  /// says of an object it says once.
  let sequence: Int64
  let polledAt: Moment
  let createdAt: Moment
  let replay: ReplayID?
  let url: String?
  let mode: StoredWord<DeliveryMode>
  let hasCredentials: Bool
  let dueAt: Moment
  var order = DeliveryOrder.object
}
