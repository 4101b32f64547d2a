import Events
import TestSupport
import Testing

@testable import EventStore

@Suite struct AgendaTests {
  @Test func `of what is due at once the older goes first, whatever its id`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for name in ["9", "5", "7"] as [DeliveryID] {
      _ = try await log.append(AppendRequest([requested(name, of: 1)], at: noon))
    }
    let tasks = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.due([.deliver], at: noon, limit: 2)
    }
    #expect(tasks.map(\.subject.text) == ["delivery/9", "delivery/5"])
  }

  @Test func `lanes take turns, and a full one is left at its first delivery`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for place in 0..<100 {
      _ = try await log.append(AppendRequest([requested("1\(place)", of: 1)], at: noon))
    }
    for name in ["20", "21"] as [DeliveryID] {
      _ = try await log.append(AppendRequest([requested(name, of: 2)], at: noon))
    }
    _ = try await log.append(AppendRequest([requested("30/replay/9", of: 1, replay: 9)], at: noon))
    let (tasks, asked) = try await JournalReader(folder.journal).read {
      snapshot throws(JournalError) in
      var asked = 0
      let tasks = try snapshot.due([.deliver], at: noon, limit: 5) { task in
        asked += 1
        return task.lane == 1 ? .laneIsFull : .take
      }
      return (tasks, asked)
    }
    #expect(tasks.map(\.subject.text) == ["delivery/20", "delivery/21", "delivery/30/replay/9"])
    #expect(tasks.map(\.lane) == [2, 2, -9])
    #expect(asked == 4)
  }

  @Test func `more of one lane than are read at once come in their order`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let names = (0..<30).map { "delivery/\(100 - $0)" }
    for name in names {
      _ = try await log.append(
        AppendRequest([requested(DeliveryID(stored: String(name.dropFirst(9))), of: 1)], at: noon))
    }
    let tasks = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.due([.deliver], at: noon, limit: 100)
    }
    #expect(tasks.map(\.subject.text) == names)
  }

  @Test func `what is held, or deleted with its instance, moves its lane`()
    async throws
  {
    let folder = Folder()
    let log = try folder.open()
    let later = noon + .seconds(60)
    func dueNow() async throws -> [String] {
      try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
        try snapshot.due([.deliver], at: noon, limit: 10)
      }.map(\.subject.text)
    }
    _ = try await log.append(
      AppendRequest([requested("1", of: 1), requested("2", of: 1, dueAt: later)], at: noon))
    #expect(try await dueNow() == ["delivery/1"])
    let held = DeliveryHeld(
      delivery: "1", instance: 1, kind: .known(.callbackDisabled), url: "https://a.example/",
      reason: "410")
    _ = try await log.append(AppendRequest([NewEvent("delivery/1", .deliveryHeld(held))], at: noon))
    #expect(try await dueNow() == [])
    let deleted = InstanceDeleted(instance: 1, reason: "over")
    _ = try await log.append(
      AppendRequest([NewEvent("instance/1", .instanceDeleted(deleted))], at: noon))
    #expect(Set(try await dueNow()) == ["delivery/1", "delivery/2"])
  }

  private func requested(
    _ name: DeliveryID, of instance: InstanceID, replay: ReplayID? = nil, dueAt: Moment = noon
  ) -> NewEvent {
    NewEvent(
      .delivery(name),
      .deliveryRequested(
        DeliveryRequested(
          delivery: name, notification: NotificationID(stored: name.text), eventId: name.text,
          instance: instance, feed: 1,
          resource: "a", action: .updated, changes: [1], sequence: 1,
          body: String(repeating: "0", count: 64), bytes: 1, mode: .known(.live), replay: replay,
          hasCredentials: true, place: 0, places: 3, dueAtMs: dueAt.milliseconds)))
  }

  @Test func `many due polls of one instance hide none of another`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for feed in (1...40).map({ FeedID($0) }) {
      let opened = FeedOpened(
        feed: feed, instance: feed == 40 ? 2 : 1, resource: "r\(feed)", url: "/a",
        collectionKind: "calendar-events", collection: "c\(feed)", isSupported: true,
        intervalMs: 60_000, nextAtMs: noon.milliseconds)
      _ = try await log.append(
        AppendRequest([NewEvent("feed/\(feed)", .feedOpened(opened))], at: noon))
    }
    let tasks = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      var instances: Set<InstanceID> = []
      return try snapshot.due([.poll], at: noon, limit: 3, passing: 100) {
        instances.insert($0.instance).inserted ? .take : .later
      }
    }
    #expect(tasks.map(\.subject.text) == ["feed/1", "feed/40"])
  }

  @Test func `a subject that names no feed is told, and not passed over`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let opened = FeedOpened(
      feed: 1, instance: 1, resource: "r", url: "/a", collectionKind: "calendar-events",
      collection: "c", isSupported: true, intervalMs: 60_000, nextAtMs: noon.milliseconds)
    _ = try await log.append(AppendRequest([NewEvent("feed/1", .feedOpened(opened))], at: noon))
    _ = try run("sqlite3", folder.journal, "UPDATE agenda_1 SET subject = 'feed/first'")
    await #expect {
      _ = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
        try snapshot.due([.poll], at: noon, limit: 1)
      }
    } throws: { error in
      guard case JournalError.misfolded(_, let why) = error else { return false }
      return why.contains("feed/first")
    }
  }
}
