import Events
import Testing

@testable import Journal

@Suite struct AgendaTests {
  @Test func `of what is due at once the older goes first, whatever its id`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for (place, name) in ["9", "5", "7"].enumerated() {
      let request = DeliveryRequested(
        delivery: name, notification: name, eventId: name, instance: 1, feed: 1, resource: "a",
        action: .updated, changes: [1], sequence: 1, body: String(repeating: "0", count: 64),
        bytes: 1, mode: "live", hasCredentials: true, place: place, places: 3,
        dueAtMs: noon.milliseconds)
      _ = try await log.append(
        Append([Draft("delivery/\(name)", .deliveryRequested(request))], at: noon))
    }
    let tasks = try await LogReader(folder.journal).read { reading throws(LogError) in
      try reading.due([.deliver], at: noon, limit: 2)
    }
    #expect(tasks.map(\.subject) == ["delivery/9", "delivery/5"])
  }

  @Test func `many due polls of one instance hide none of another`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for feed in 1...40 as ClosedRange<Int64> {
      let opened = FeedOpened(
        feed: feed, instance: feed == 40 ? 2 : 1, resource: "r\(feed)", url: "/a",
        collectionKind: "calendar-events", collection: "c\(feed)", isSupported: true,
        intervalMs: 60_000, nextAtMs: noon.milliseconds)
      _ = try await log.append(
        Append([Draft("feed/\(feed)", .feedOpened(opened))], at: noon))
    }
    let tasks = try await LogReader(folder.journal).read { reading throws(LogError) in
      var instances: Set<Int64> = []
      return try reading.due([.poll], at: noon, limit: 3, passing: 100) {
        instances.insert($0.instance).inserted ? .take : .later
      }
    }
    #expect(tasks.map(\.subject) == ["feed/1", "feed/40"])
  }
}
