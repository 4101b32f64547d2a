import EventStore
import Events

/// A log as running makes it: feeds that are polled, a change each time, and its delivery, with the
/// bytes that they name.
enum MixedLog {
  private static let feeds = 100

  /// - Parameter events: How many there are at least; they come in rounds of five.
  static func build(_ path: String, events: Int) async throws -> JournalWriter {
    let log = try BenchLog.open(path)
    let opened = (1...feeds).map { NewEvent(.feed(FeedID(Int64($0))), .feedOpened(opening($0))) }
    _ = try await log.append(AppendRequest(opened, at: BenchLog.start))
    var position = try await log.currentHead().position
    var newEvents: [NewEvent] = []
    var payloads: [Payload] = []
    for round in 0..<(events / 5) {
      let bytes = kept(round)
      payloads += bytes
      newEvents += polled(round, after: position + Int64(newEvents.count), bytes.map(\.name))
      guard newEvents.count >= 5_000 || round == events / 5 - 1 else { continue }
      let appended = try await log.append(
        AppendRequest(newEvents, payloads: payloads, at: BenchLog.start + .milliseconds(round)))
      position = appended.positions.last ?? position
      newEvents = []
      payloads = []
    }
    return log
  }

  private static func opening(_ feed: Int) -> FeedOpened {
    FeedOpened(
      feed: FeedID(Int64(feed)), instance: InstanceID(Int64(feed)), resource: "events",
      url: "/hubs/calendar/calendars/primary/changed-events", collectionKind: "calendar",
      collection: "primary", isSupported: true, intervalMs: 60_000,
      nextAtMs: BenchLog.start.milliseconds)
  }

  /// A page, the item in it, and the body that is sent.
  private static func kept(_ round: Int) -> [Payload] {
    let salt = withUnsafeBytes(of: (UInt64(round), UInt64(round))) { [UInt8]($0) }
    let text = String(repeating: "Planning, \(round) ", count: 40)
    let item = Payload(Array(#"{"summary":"\#(text)"}"#.utf8), kind: .evidence, salt: salt)
    let page = Payload(Array(#"{"items":["\#(text)"]}"#.utf8), kind: .evidence, salt: salt)
    let (before, after) = (Array(#"{"message":"#.utf8), Array("}".utf8))
    let body = Payload(
      recipe: [.text(before), .payload(digest: item.digest), .text(after)],
      whole: before + Array(#"{"summary":"\#(text)"}"#.utf8) + after, salt: salt)
    return [page, item, body]
  }

  private static func polled(
    _ round: Int, after position: Int64, _ names: [String]
  ) -> [NewEvent] {
    let feed = FeedID(Int64(round % feeds + 1))
    let at = BenchLog.start.milliseconds + Int64(round)
    let notification = NotificationID(UInt64(1_000_000_000 + round))
    let delivery = DeliveryID(of: notification)
    let poll = PollCompleted(
      feed: feed, instance: InstanceID(feed.number), mode: .known(.changes),
      cursorBefore: "CPDAlvWDx70CEPDA\(round)",
      cursorAfter: "CPDAlvWDx70CEPDA\(round + 1)", pages: 1, items: 1, changes: 1, manifests: [],
      evidence: [names[0]], startedAtMs: at, polledAtMs: at, nextAtMs: at + 60_000)
    let change = ChangeObserved(
      feed: feed, instance: InstanceID(feed.number), resource: "events", kind: .updated,
      object: "object\(round / feeds % 50)", revision: "\"\(at)\"", dateMs: at, polledAtMs: at,
      item: names[1], bytes: 900)
    let request = DeliveryRequested(
      delivery: delivery, notification: notification, eventId: delivery.text,
      instance: InstanceID(feed.number),
      feed: feed,
      resource: "events", action: .updated, changes: [position + 2], sequence: position,
      body: names[2], bytes: 1_900, mode: .known(.live), hasCredentials: true, place: 0, places: 1,
      dueAtMs: at)
    let attempt = DeliveryAttempted(
      delivery: delivery, instance: InstanceID(feed.number), attempt: 1,
      url: "https://hooks.example.com/team",
      sentAtMs: at)
    let success = DeliverySucceeded(
      delivery: delivery, instance: InstanceID(feed.number), attempt: 1, status: 204,
      durationMs: 31,
      responseBytes: 0)
    return [
      NewEvent(.feed(feed), .pollCompleted(poll)),
      NewEvent(.feed(feed), .changeObserved(change), cause: .position(position + 1)),
      NewEvent(
        .delivery(delivery), .deliveryRequested(request), cause: .position(position + 1)),
      NewEvent(
        .delivery(delivery), .deliveryAttempted(attempt), cause: .position(position + 3)),
      NewEvent(
        .delivery(delivery), .deliverySucceeded(success), cause: .position(position + 4)),
    ]
  }
}
