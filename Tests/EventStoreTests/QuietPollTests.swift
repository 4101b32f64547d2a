import EventStore
import Events
import TestSupport
import Testing

/// Polls of two feeds, most of which find nothing.
struct QuietLog {
  let log: JournalWriter
  /// The instance; its feeds are those of ten times its id.
  private let instance: InstanceID
  private var clock = noon + .seconds(3_600)

  init(_ log: JournalWriter, instance: InstanceID = 1) {
    (self.log, self.instance) = (log, instance)
  }

  private var feeds: [FeedID] { [1, 2].map { FeedID(instance.number * 10 + $0) } }

  mutating func write() async throws {
    let settings = InstanceSettings(
      name: "Team", element: "googlesuite", tags: [], callback: nil, isWatching: true,
      intervalMinutes: 15, configuration: [:], secrets: [])
    try await add([
      NewEvent(
        "instance/\(instance)",
        .instanceCreated(InstanceCreated(instance: instance, settings: settings)))
    ])
    for feed in feeds { try await open(feed) }
    try await polls()
    try await interruptions()
  }

  private mutating func polls() async throws {
    for feed in feeds { try await poll(feed, .baseline, "a", from: nil) }
    for _ in 0..<3 { for feed in feeds { try await poll(feed) } }
    try await poll(feeds[0], .changes, "b", from: "a")
    // As revision 1 has it: a cursor that stays is written all the same.
    for _ in 0..<2 { try await poll(feeds[0], .changes, "b", from: "b") }
    for _ in 0..<2 { try await poll(feeds[0]) }
  }

  private mutating func interruptions() async throws {
    try await add([
      NewEvent(
        "feed/\(feeds[0])",
        .pollFailed(
          PollFailed(
            feed: feeds[0], instance: instance, mode: .known(.changes), reason: "odd", text: "Odd.",
            failures: 1,
            startedAtMs: clock.milliseconds, nextAtMs: clock.milliseconds + 2_000, jitterMs: 0)))
    ])
    for _ in 0..<3 { try await poll(feeds[0]) }
    try await add([
      NewEvent(
        "feed/\(feeds[1])",
        .feedUpdated(
          FeedUpdated(
            feed: feeds[1], instance: instance, url: "/other", intervalMs: 60_000,
            nextAtMs: clock.milliseconds + 60_000)))
    ])
    try await poll(feeds[1])
    try await add([
      NewEvent(
        "feed/\(feeds[1])",
        .cursorReset(
          CursorReset(
            feed: feeds[1], instance: instance, mode: .known(.comparison), reason: "asked")))
    ])
    for mode in [FeedMode.comparison, .changes, .changes] { try await poll(feeds[1], mode) }
    try await add([
      NewEvent(
        "feed/\(feeds[1])",
        .feedClosed(FeedClosed(feed: feeds[1], instance: instance, reason: "asked")))
    ])
    try await poll(feeds[0])
  }

  private mutating func open(_ feed: FeedID) async throws {
    try await add([
      NewEvent(
        "feed/\(feed)",
        .feedOpened(
          FeedOpened(
            feed: feed, instance: instance, resource: "r\(feed)", url: "/r", collectionKind: "k",
            collection: "c", isSupported: true, intervalMs: 900_000,
            nextAtMs: clock.milliseconds)))
    ])
  }

  private mutating func poll(
    _ feed: FeedID, _ mode: FeedMode = .changes, _ after: String? = nil, from before: String? = nil
  ) async throws {
    try await add([
      NewEvent(
        "feed/\(feed)",
        .pollCompleted(
          PollCompleted(
            feed: feed, instance: instance, mode: .known(mode), cursorBefore: before,
            cursorAfter: after,
            pages: 1,
            items: 0, changes: 0, manifests: [], evidence: [], startedAtMs: clock.milliseconds,
            polledAtMs: clock.milliseconds + 1,
            nextAtMs: feed == feeds[1] && mode == .comparison ? nil : clock.milliseconds + 900_000)
        ))
    ])
  }

  /// Polls of a feed that find nothing, one a minute with what the network makes of it.
  mutating func poll(times: Int) async throws {
    var done = 0
    while done < times {
      var events: [NewEvent] = []
      for _ in 0..<min(500, times - done) {
        done += 1
        let start = clock.milliseconds + Int64(done) * 60_000 + Int64(done * 7_919 % 977)
        let end = start + 90 + Int64(done * 104_729 % 211)
        events.append(
          NewEvent(
            "feed/\(feeds[0])",
            .pollCompleted(
              PollCompleted(
                feed: feeds[0], instance: instance, mode: .known(.changes), cursorBefore: "b",
                cursorAfter: "b", pages: 1, items: 0, changes: 0, manifests: [], evidence: [],
                startedAtMs: start, polledAtMs: end,
                nextAtMs: end + 60_000 + Int64(done * 6_761 % 1_013)))))
      }
      try await add(events)
    }
  }

  private mutating func add(_ newEvents: [NewEvent]) async throws {
    clock = clock + .seconds(1)
    _ = try await log.append(AppendRequest(newEvents, at: clock))
  }
}

@Suite struct QuietPollTests {
  @Test func `a quiet poll leaves no row, and a stored body of what is not usual alone`()
    async throws
  {
    let folder = Folder()
    let log = try folder.open()
    var quiet = QuietLog(log)
    try await quiet.write()
    try await log.catchUp()
    let rows = try run(
      "sqlite3", folder.journal,
      "SELECT feed, count(*), sum(quiet IS NOT NULL) FROM cursors_1 GROUP BY feed")
    #expect(String(decoding: rows, as: UTF8.self) == "11|5|3\n12|6|3\n")
    let body = try run(
      "sqlite3", folder.journal, "SELECT body FROM events WHERE version = 3 AND stream = 'feed/11'")
    #expect(
      String(decoding: body, as: UTF8.self)
        == #"{"feed":11,"instance":1,"mode":"changes","next_at_ms":1795004505000,"#
        + #""polled_at_ms":1795003605001,"started_at_ms":1795003605000}"# + "\n")
    let reader = try JournalReader(folder.journal)
    #expect(try await reader.checkRebuild() == [])
    #expect(try await reader.verify().problems == [])
  }

  /// Cursors and instances as they were listed while the log ended there, by its length.
  private func lists(of rows: [RecordedEvent]) async throws -> [[[Row]]] {
    let folder = Folder()
    let log = try folder.open()
    let reader = try JournalReader(folder.journal)
    var lists: [[[Row]]] = []
    for row in rows.dropFirst() {
      _ = try await log.append(
        AppendRequest([NewEvent(row.stream, try row.event())], at: row.recordedAt))
      try await log.catchUp()
      lists.append(try await self.lists(reader))
    }
    return lists
  }

  private func lists(_ reader: JournalReader) async throws -> [[Row]] {
    [
      try await reader.rows(ReportQuery(.cursors)), try await reader.rows(ReportQuery(.instances)),
    ]
  }

  @Test func `as of every event cursors are what they were then, and so are differences`()
    async throws
  {
    let folder = Folder()
    let log = try folder.open()
    var quiet = QuietLog(log)
    try await quiet.write()
    try await log.catchUp()
    let reader = try JournalReader(folder.journal)
    let rows = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    let lived = try await lists(of: rows)
    for (place, then) in lived.enumerated() {
      try await reader.travel(to: Int64(place + 2))
      #expect(try await lists(reader) == then, "as of \(place + 2)")
    }
    try await reader.travel(to: nil)
    for low in lived.indices {
      for high in lived.indices where high > low {
        let found = try await reader.difference(from: Int64(low + 2), to: Int64(high + 2))
        let told = Set(found.filter { $0["kind"] == .text("cursor") }.map { "\($0.values)" })
        #expect(told == differences(lived[low][0], lived[high][0]), "\(low + 2) \(high + 2)")
      }
    }
  }

  @Test func `a clock that is set leaves what was due before the quiet polls as it was`()
    async throws
  {
    let folder = Folder()
    let log = try folder.open()
    var quiet = QuietLog(log)
    try await quiet.write()
    try await log.catchUp()
    // The last event is a quiet poll of the row that is in force.
    let last = try await log.currentHead().position
    let then = try await past(of: folder, before: last)
    let step = ClockStepped(fromMs: 0, toMs: 3_600_000, byMs: 3_600_000)
    let at = noon + .seconds(9_000)
    _ = try await log.append(AppendRequest([NewEvent("journal", .clockStepped(step))], at: at))
    try await log.catchUp()
    #expect(try await past(of: folder, before: last) == then)
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
  }

  /// Lists as of each event before one.
  private func past(of folder: borrowing Folder, before last: Int64) async throws -> [[[Row]]] {
    let reader = try JournalReader(folder.journal)
    var lists: [[[Row]]] = []
    for place in 2..<last {
      try await reader.travel(to: place)
      lists.append(try await self.lists(reader))
    }
    return lists
  }

  /// Rows `kind, id, field, before, after` of two lists of cursors.
  private func differences(_ before: [Row], _ after: [Row]) -> Set<String> {
    var all: Set<String> = []
    for row in after {
      let old = before.first { $0["feed"] == row["feed"] }
      let id = Field.text("1 \(row["resource"]?.string ?? "")")
      for name in ["state", "mode", "cursor", "movedAt", "failures", "reason", "nextAt"] {
        guard let now = row[name], now != old?[name] ?? .null else { continue }
        let values = [.text("cursor"), id, .text(name), old?[name] ?? .null, now]
        all.insert("\(values)")
      }
    }
    return all
  }
}
