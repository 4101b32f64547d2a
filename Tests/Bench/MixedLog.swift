import Events
import Journal

/// A log as running makes it: feeds that are polled, a change each time, and its delivery.
enum MixedLog {
  private static let feeds = 100

  /// - Parameter events: How many there are at least; they come in rounds of five.
  static func build(_ path: String, events: Int) async throws -> EventLog {
    let log = try BenchLog.open(path)
    let opened = (1...feeds).map { Draft("feed/\($0)", .feedOpened(opening($0))) }
    _ = try await log.append(Append(opened, at: BenchLog.start))
    var position = try await log.currentHead().position
    var drafts: [Draft] = []
    for round in 0..<(events / 5) {
      drafts += polled(round, after: position + Int64(drafts.count))
      guard drafts.count >= 5_000 || round == events / 5 - 1 else { continue }
      let appended = try await log.append(
        Append(drafts, at: BenchLog.start + .milliseconds(round)))
      position = appended.positions.last ?? position
      drafts = []
    }
    return log
  }

  private static func opening(_ feed: Int) -> FeedOpened {
    FeedOpened(
      feed: Int64(feed), instance: Int64(feed), resource: "events",
      url: "/hubs/calendar/calendars/primary/changed-events", collectionKind: "calendar",
      collection: "primary", isSupported: true, intervalMs: 60_000,
      nextAtMs: BenchLog.start.milliseconds)
  }

  private static func polled(_ round: Int, after position: Int64) -> [Draft] {
    let feed = Int64(round % feeds + 1)
    let at = BenchLog.start.milliseconds + Int64(round)
    let delivery = "\(1_000_000_000 + round)"
    let digest = String(repeating: "5a", count: 32)
    let poll = PollCompleted(
      feed: feed, instance: feed, mode: "changes", cursorBefore: "CPDAlvWDx70CEPDA\(round)",
      cursorAfter: "CPDAlvWDx70CEPDA\(round + 1)", pages: 1, items: 1, changes: 1, manifests: [],
      evidence: [digest], startedAtMs: at, polledAtMs: at, nextAtMs: at + 60_000)
    let change = ChangeObserved(
      feed: feed, instance: feed, resource: "events", kind: .updated,
      object: "object\(round / feeds % 50)", revision: "\"\(at)\"", dateMs: at, polledAtMs: at,
      item: digest, bytes: 900)
    let request = DeliveryRequested(
      delivery: delivery, notification: delivery, eventId: delivery, instance: feed, feed: feed,
      resource: "events", action: .updated, changes: [position + 2], sequence: position,
      body: digest, bytes: 1_900, mode: "live", hasCredentials: true, place: 0, places: 1,
      dueAtMs: at)
    let attempt = DeliveryAttempted(
      delivery: delivery, instance: feed, attempt: 1, url: "https://hooks.example.com/team",
      sentAtMs: at)
    let success = DeliverySucceeded(
      delivery: delivery, instance: feed, attempt: 1, status: 204, durationMs: 31,
      responseBytes: 0)
    return [
      Draft("feed/\(feed)", .pollCompleted(poll)),
      Draft("feed/\(feed)", .changeObserved(change), cause: .position(position + 1)),
      Draft("delivery/\(delivery)", .deliveryRequested(request), cause: .position(position + 1)),
      Draft("delivery/\(delivery)", .deliveryAttempted(attempt), cause: .position(position + 3)),
      Draft("delivery/\(delivery)", .deliverySucceeded(success), cause: .position(position + 4)),
    ]
  }
}
