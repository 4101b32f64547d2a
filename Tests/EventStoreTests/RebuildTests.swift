import EventStore
import Events
import Synchronization
import TestSupport
import Testing

@Suite struct RebuildTests {
  @Test func `the plausible log holds every type of event`() async throws {
    let folder = Folder()
    let rows = try await plausibleRows(folder)
    #expect(Set(rows.map(\.type)) == Set(Event.readers.keys))
  }

  @Test func `rebuilt equals incremental over every type of event`() async throws {
    let folder = Folder()
    let log = try folder.open()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    let reader = try JournalReader(folder.journal)
    #expect(try await reader.checkRebuild() == [])
    try await log.catchUp(limit: 30)
    #expect(try await reader.checkRebuild() == [])
    try await log.catchUp()
    #expect(try await reader.checkRebuild() == [])
    _ = try await log.rebuild()
    #expect(try await reader.checkRebuild() == [])
    #expect(try await reader.verify().problems == [])
  }

  @Test func `a disposable table that was changed by hand is found`() async throws {
    let folder = Folder()
    let log = try folder.open()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    try await log.catchUp()
    _ = try run(
      "sqlite3", folder.journal,
      "UPDATE deliveries_1 SET status = 'failed' WHERE delivery = 'd1' AND until IS NULL;"
        + " DELETE FROM feeds_1 WHERE feed = 4;")
    let found = try await JournalReader(folder.journal).checkRebuild()
    #expect(found.map(\.table) == ["feeds", "deliveries"])
    #expect(found.map(\.missing) == [1, 1])
    #expect(found.map(\.surplus) == [0, 1])
    #expect(found[1].example.contains("succeeded"))
  }

  @Test func `a rebuild that a crash cut short is gone on with`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for _ in 0..<30 { _ = try await log.append(AppendRequest(many(100), at: noon)) }
    let stopped = Task {
      try await log.rebuild { position, _ in
        if position >= 500 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: JournalError.stopped) { _ = try await stopped.value }
    let second = try folder.open()
    var firstSeen: Int64?
    let positions = Positions()
    _ = try await second.rebuild { position, _ in positions.note(position) }
    firstSeen = positions.all.first
    #expect(try #require(firstSeen) > 500)
    let reader = try JournalReader(folder.journal)
    #expect(try await reader.checkRebuild() == [])
    let tables = try run(
      "sqlite3", folder.journal,
      "SELECT group_concat(name) FROM sqlite_schema WHERE name GLOB 'feeds_[0-9]*'")
    #expect(String(decoding: tables, as: UTF8.self) == "feeds_2\n")
  }

  @Test func `a clock step moves what is due and what a provider forbade`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let opened = FeedOpened(
      feed: 1, instance: 1, resource: "r", url: "/r", collectionKind: "k", collection: "c",
      isSupported: true, intervalMs: 60_000, nextAtMs: noon.milliseconds)
    let failed = PollFailed(
      feed: 1, instance: 1, mode: .known(.baseline), reason: "quota", text: "Wait.", failures: 1,
      startedAtMs: noon.milliseconds, nextAtMs: noon.milliseconds + 60_000, retryAfterMs: 60_000,
      jitterMs: 0)
    let step = ClockStepped(
      fromMs: noon.milliseconds, toMs: noon.milliseconds - 5_000, byMs: -5_000)
    _ = try await log.append(
      AppendRequest(
        [
          NewEvent("feed/1", .feedOpened(opened)), NewEvent("feed/1", .pollFailed(failed)),
          NewEvent("journal", .clockStepped(step)),
        ], at: noon))
    let reader = try JournalReader(folder.journal)
    let (due, feed) = try await reader.read { snapshot throws(JournalError) in
      (try snapshot.nextDue(after: Moment(milliseconds: .min)), try snapshot.feed(1))
    }
    #expect(due == noon + .seconds(55))
    #expect(feed?.nextAt == noon + .seconds(55))
    #expect(feed?.notBefore == noon + .seconds(55))
  }
}

/// Positions as they were told.
private final class Positions: Sendable {
  private let kept = Mutex<[Int64]>([])
  var all: [Int64] { kept.withLock { $0 } }
  func note(_ position: Int64) { kept.withLock { $0.append(position) } }
}

/// That many notices, each its own stream.
func many(_ count: Int) -> [NewEvent] { (0..<count).map { refused("n\($0)") } }
