import Domain
import EventStore
import Events
import RawJSON
import Webhook

extension Worker {
  /// Asks for the deliveries that the changes of a poll lead to.
  ///
  /// Their streams are named by the poll and their place: asking again finds what was asked
  /// already.
  ///
  /// - Returns: How many deliveries were asked for now.
  func notify(_ position: Int64) async throws(JournalError) -> Int {
    let found = try await repository.reader.read {
      snapshot throws(JournalError) -> [RecordedEvent] in
      guard let poll = try snapshot.event(at: position),
        case .pollCompleted(let body) = try poll.event()
      else { return [] }
      return try [poll] + snapshot.events(after: position, limit: body.changes)
    }
    guard let poll = found.first, case .pollCompleted(let completed) = try poll.event() else {
      return 0
    }
    let changes = try found.dropFirst().map { row throws(JournalError) in
      try Worker.changed(row)
    }
    let instance = try await repository.instance(completed.instance)
    let groups = NotificationPlan.groups(changes.compactMap { $0 }.map(\.part))
    let byPosition = Dictionary(
      uniqueKeysWithValues: changes.compactMap { $0 }.map { ($0.position, $0) })
    var batch = DeliveryBatch(cause: position)
    var asked = 0
    for (place, group) in groups.enumerated() {
      let source = NotificationSource(
        digest: poll.digest, place: place, places: groups.count, sequence: position,
        polledAt: Moment(milliseconds: completed.polledAtMs), createdAt: poll.recordedAt,
        replay: nil, url: nil, mode: "live", hasCredentials: true, dueAt: world.now())
      try await batch.add(
        render(group.compactMap { byPosition[$0.position] }, source, of: instance))
      if batch.isFull { asked += try await flush(&batch) }
    }
    return asked + (try await flush(&batch))
  }

  /// A change as a notification needs it.
  struct Changed: Sendable {
    let position: Int64
    let cause: Int64
    let body: ChangeObserved

    var part: NotificationPlan.Part {
      NotificationPlan.Part(position: position, kind: body.kind, bytes: body.bytes)
    }

    var told: NotificationChange {
      NotificationChange(
        kind: body.kind, objectId: body.objectId ?? body.object,
        date: Moment(milliseconds: body.dateMs))
    }
  }

  static func changed(_ row: RecordedEvent) throws(JournalError) -> Changed? {
    guard case .changeObserved(let body) = try row.event() else { return nil }
    return Changed(position: row.position, cause: row.cause ?? 0, body: body)
  }

  /// Where a notification comes from and where it goes.
  struct NotificationSource: Sendable {
    /// Of the fact that leads to it: its id is derived from digest and place.
    let digest: [UInt8]
    let place: Int
    let places: Int
    /// The position of the poll. It only grows, whatever a key is pointed at, and what one poll
    /// says of an object it says once.
    let sequence: Int64
    let polledAt: Moment
    let createdAt: Moment
    let replay: Int64?
    let url: String?
    let mode: String
    let hasCredentials: Bool
    let dueAt: Moment
  }

  /// A delivery ready to be asked for.
  struct Rendered: Sendable {
    let requested: DeliveryRequested
    let payload: Payload?

    var stream: String { "delivery/\(requested.delivery)" }
  }

  /// Renders the notification of some changes of one kind and one poll.
  func render(
    _ changes: [Changed], _ source: NotificationSource, of instance: Instance
  ) async throws(JournalError) -> Rendered {
    let first = changes[0].body
    let identity = Chain.identity(of: source.digest, place: source.place)
    let notification = Worker.notification(identity)
    let head = Worker.head(
      changes, notification, eventID: Worker.eventID(identity), createdAt: source.createdAt,
      polledAt: source.polledAt, of: instance, by: connector)
    let told = changes.map(\.told)
    let (pieces, objects) = try await recipe(Envelope.render(head, told), changes)
    let whole = Envelope.body(of: Envelope.render(head, told)) { objects[$0] }
    let payload = Payload(recipe: pieces, whole: whole, salt: world.bytes(16))
    let id = String(notification) + (source.replay.map { "/replay/\($0)" } ?? "")
    let requested = DeliveryRequested(
      delivery: id, notification: String(notification), eventId: head.eventId,
      instance: instance.id, feed: first.feed, resource: first.resource, action: first.kind,
      changes: changes.map(\.position), sequence: source.sequence, body: payload.name,
      bytes: whole.count, mode: source.mode, replay: source.replay, url: source.url,
      hasCredentials: source.hasCredentials, place: source.place, places: source.places,
      dueAtMs: source.dueAt.milliseconds)
    return Rendered(requested: requested, payload: payload)
  }

  /// What the notification of some changes says of all of them.
  static func head(
    _ changes: [Changed], _ notification: UInt64, eventID: String, createdAt: Moment,
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

  private func recipe(
    _ pieces: [Piece], _ changes: [Changed]
  ) async throws(JournalError) -> ([Payload.Piece], [[UInt8]]) {
    var objects: [[UInt8]] = []
    for change in changes {
      guard let item = change.body.item else {
        objects.append(Envelope.stub(id: change.body.object))
        continue
      }
      objects.append(
        try await repository.reader.read { snapshot throws(JournalError) in
          try snapshot.payload(item)
        })
    }
    var recipe: [Payload.Piece] = []
    for piece in pieces {
      switch piece {
      case .text(let bytes): recipe.append(.text(bytes))
      case .object(let index):
        if let item = changes[index].body.item, let digest = bytesOf(hexadecimal: item) {
          recipe.append(.payload(digest: digest))
        } else {
          recipe.append(.text(objects[index]))
        }
      }
    }
    return (recipe, objects)
  }

  /// The id of a notification, of 63 bits.
  static func notification(_ identity: [UInt8]) -> UInt64 {
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

  /// Deliveries that go into one append.
  struct DeliveryBatch {
    /// The poll or the replay that asks.
    let cause: Int64
    var deliveries: [Rendered] = []
    var bytes = 0

    init(cause: Int64) { self.cause = cause }

    mutating func add(_ rendered: Rendered) {
      deliveries.append(rendered)
      bytes += rendered.payload?.bytesKept ?? 0
    }

    var isFull: Bool {
      deliveries.count >= Limits.deliveriesPerAppend || bytes > Limits.notificationBytesMax
    }
  }

  /// Appends the batch; those that were asked for before a crash are passed over.
  ///
  /// - Returns: How many were asked for now.
  func flush(_ batch: inout DeliveryBatch) async throws(JournalError) -> Int {
    let deliveries = batch.deliveries
    batch = DeliveryBatch(cause: batch.cause)
    guard !deliveries.isEmpty else { return 0 }
    do {
      try await ask(deliveries, cause: batch.cause)
      return deliveries.count
    } catch .conflict {
      var asked = 0
      for delivery in deliveries {
        do {
          try await ask([delivery], cause: batch.cause)
          asked += 1
        } catch .conflict {
          continue
        }
      }
      return asked
    }
  }

  private func ask(_ deliveries: [Rendered], cause: Int64) async throws(JournalError) {
    let newEvents = deliveries.map {
      NewEvent($0.stream, .deliveryRequested($0.requested), cause: .position(cause))
    }
    let expected = Dictionary(uniqueKeysWithValues: deliveries.map { ($0.stream, Int64(0)) })
    _ = try await repository.writer.append(
      AppendRequest(
        newEvents, expecting: expected, payloads: deliveries.compactMap(\.payload),
        at: world.now()))
  }
}
