import CSQLite
import Events
import Testing

@testable import EventStore

/// How SQLite goes about a query.
private func plan(_ text: String, on path: String) throws -> [String] {
  let connection = try Connection(path: path, access: .readOnly)
  let query = try connection.statement(
    "EXPLAIN QUERY PLAN " + text.replacing("_$", with: "_1"))
  var steps: [String] = []
  while try query.step() { steps.append(query.text(3)) }
  return steps
}

extension Connection {
  /// Pages taken from the file since it was opened.
  fileprivate var pagesRead: Int {
    var now: Int32 = 0
    var highest: Int32 = 0
    sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_MISS, &now, &highest, 0)
    return Int(now)
  }
}

private func query(
  _ kind: ReportQuery.Kind, _ change: (inout ReportQuery) -> Void = { _ in }
) -> ReportQuery {
  var query = ReportQuery(kind)
  change(&query)
  return query
}

private func query(_ change: (inout NotificationQuery) -> Void) -> NotificationQuery {
  var query = NotificationQuery()
  change(&query)
  return query
}

@Suite struct PlanTests {
  @Test(arguments: [
    query(.events), query(.events) { $0.types = ["poll.completed"] },
    query(.events) { $0.types = ["poll.completed", "poll.failed"] },
    query(.events) { $0.instance = 1 }, query(.events) { $0.object = "a" },
    query(.changes), query(.changes) { $0.instance = 1 }, query(.changes) { $0.object = "a" },
    query(.deliveries), query(.deliveries) { $0.instance = 1 },
    query(.deliveries) { $0.statuses = ["failed"] },
    query(.deliveries) { $0.statuses = ["failed", "succeeded"] },
    query(.notices), query(.notices) { $0.isOpen = true }, query(.replays),
  ])
  func `lists of what grows are searched in their order`(query: ReportQuery) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    for isReversed in [false, true] {
      var query = query
      query.isReversed = isReversed
      let text = ComposedQuery(
        query, after: .integer(0), before: .integer(.max), limit: 10
      ).text
      let steps = try plan(text, on: folder.journal)
      let slow = steps.filter {
        ($0.hasPrefix("SCAN") && !$0.contains("json_each")) || $0.contains("FOR ORDER BY")
      }
      #expect(slow == [], "\(steps)")
      // Where a limit counts from the other end, and how many more there are.
      for purpose in [ComposedQuery.Purpose.lastKey, .count] {
        let text = ComposedQuery(
          query, after: .integer(0), before: .integer(.max), limit: 10, for: purpose
        ).text
        let steps = try plan(text, on: folder.journal)
        let slow = steps.filter {
          ($0.hasPrefix("SCAN") && !$0.contains("json_each") && !$0.contains("subquery"))
            || $0.contains("FOR ORDER BY")
        }
        #expect(slow == [], "\(steps)")
      }
    }
  }

  @Test(arguments: [
    SQL.loadFeed, .isPaused, .loadProgress, .loadMissed, .loadSecret, .loadVersion, .appendEvent,
    .completePoll, .planPoll, .planNotify, .upsertObject, .requestDelivery, .beginAttempt,
    .retryDelivery, .closeDelivery, .moveLane, .isDue, .dueInLane, .enterEvent, .addChange,
    .putDeliveryRow, .endDeliveryRow, .putCursorRow, .endCursorRow, .amendCursorRow,
  ])
  func `no statement of a poll or an attempt makes a table of its own`(query: SQL) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let connection = try Connection(path: folder.journal, access: .readOnly)
    let program = try connection.statement(
      "EXPLAIN " + query.text.replacing("_$", with: "_1"))
    var steps: [String] = []
    while try program.step() { steps.append(program.text(1)) }
    // SQLite makes one for `IN` with three words or more, and to sort.
    #expect(!steps.isEmpty && !steps.contains("OpenEphemeral") && !steps.contains("SorterOpen"))
  }

  @Test(arguments: [
    SQL.appendEvent, .loadStream, .loadAfter, .loadVersion, .findKey, .loadPayload, .dueTasks,
    .nextDue, .begunDeliveries, .heldDeliveries, .heldDeliveriesOfGroup, .nextHeldGroup, .countHeld,
    .countOlderHeld, .lastPlannedOfReplay, .loadFeed, .loadObject, .countObjects, .loadReplay,
    .replayRest, .dueLanes, .dueInLane, .isDue, .lastIds, .nextOfType, .lastOfType, .nextEvent,
    .lastEvent, .loadTime, .findSecretOwner, .loadSecrets, .loadSecret, .isPaused, .trace,
    .traceRequests, .deliveredChanges, .judgeNotifications, .traceRows, .glance, .toldItems,
    .nextEffect, .firstCause,
    .firstOfStream, .versionBefore, .toldOfChange, .toldOfChanges, .isToldLater, .enteredAt,
    .callbackAsOf, .openChanges,
    .countOpenDeliveries, .firstDuePoll, .hasResourceOfInstance, .listResourcesOfInstance,
    .nextChangedObject, .nextEnteredObject, .findNamedInstances,
  ])
  func `statements on a hot path search and do not scan`(query: SQL) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let small = [
      "json_each", "ids", "told", "before", "later", "met", "pair", "touched", "field", "CONSTANT",
      "feeds_1",
    ]
    let steps = try plan(query.text, on: folder.journal)
    let slow = steps.filter { step in
      step.hasPrefix("SCAN") && !small.contains { step.contains($0) }
    }
    #expect(slow == [])
    // Who counts all that waits has to go through it; nobody else may.
    let whole = steps.filter { $0.hasSuffix("deliveries_live_by_status_1 (status=?)") }
    #expect(whole == [] || query == .countOpenDeliveries)
  }

  @Test func `a comparison of two events is led by those between them`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    for text in JournalReader.differences {
      let steps = try plan(text, on: folder.journal)
      let slow = steps.filter {
        $0.hasPrefix("SCAN") && !["field", "pair", "touched"].contains(where: $0.contains)
      }
      #expect(slow == [], "\(steps)")
      #expect(steps.contains { $0.hasPrefix("SEARCH events USING INTEGER PRIMARY KEY") })
    }
  }

  @Test func `a page of instances is led by those that there are, in their order`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    var query = InstanceQuery()
    let plain = [SQL.listInstanceSettings, .countInstances]
    for select in plain {
      let steps = try plan(query.composed(select, limit: 10).text, on: folder.journal)
      #expect(steps.contains { $0.contains("instances_live_1") }, "\(steps)")
      #expect(!steps.contains { $0.contains("FOR ORDER BY") }, "\(steps)")
    }
    query.tags = ["a"]
    query.name = "a"
    query.isPollingDisabled = true
    let steps = try plan(
      query.composed(.listInstanceSettings, limit: 10).text, on: folder.journal)
    #expect(steps.contains { $0.contains("instances_live_1") }, "\(steps)")
    #expect(!steps.contains { $0.contains("SCAN cursors") || $0.contains("SCAN secrets") })
  }

  @Test(arguments: [
    NotificationQuery(), query { $0.instance = 1 }, query { $0.statuses = ["held", "exhausted"] },
    query { $0.statuses = ["succeeded"] }, query { $0.url = "http://a.example/" },
    query { $0.isAscending = true }, query { $0.withReplays = true },
  ])
  func `a page of notifications is searched in its order`(query: NotificationQuery) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let steps = try plan(query.composed(limit: 10).text, on: folder.journal)
    let isSorted = query.statuses.count > 1
    let slow = steps.filter {
      $0.hasPrefix("SCAN") && !$0.contains("json_each")
        || $0.contains("FOR ORDER BY") && !isSorted
    }
    #expect(slow == [], "\(steps)")
  }

  /// Statements that go through all of something: each with what that is.
  private static let throughAll: [SQL: Set<String>] = [
    // The newest row, by going backward.
    .loadHead: ["events"],
    // The whole log, which `verify` reads.
    .sumStreams: ["events"],
    // A clock that stepped moves all that is due, and all that is in force.
    .stepClock: ["agenda_1"], .stepClockOfCursors: ["cursors_1"],
    .stepClockOfDeliveries: ["deliveries_1"], .stepClockOfFeeds: ["feeds_1"],
    .stepClockOfLanes: ["lanes_1"], .stepClockOfMissed: ["missed_1"],
    .stepClockOfHealth: ["health_1"],
    // Whether any URL fails; those that rest.
    .noteSuccess: ["health_1"], .openBreakers: ["health_1"],
    // Polls under way, and what they keep.
    .loadProgress: ["progress"], .dropOldProgress: ["progress"], .dropLostStaged: ["staged"],
    .dropLostSeenObjects: ["sightings"],
    // As many as there are instances; whether there is one.
    .hasBackup: ["sqlite_schema"], .listSecretOwners: ["secrets"],
    .listSecrets: ["secrets"], .clearSecrets: ["secrets"], .hasSecrets: ["secrets"],
    .findCallback: ["instances_1"], .findInstanceOfCallback: ["instances_1"],
    .unacceptedDeliveries: ["instances_1"], .namesCallback: ["instances_1"],
    .countInstances: ["instances_1"], .listNames: ["instances_1"],
    // As many as there are feeds.
    .hasResource: ["cursors_1"], .listResources: ["cursors_1"], .knowsObject: ["feeds_1"],
    .loadProjections: ["projections"],
    // Figures of all feeds.
    .sumFeeds: ["feeds_1"],
  ]

  @Test func `every statement searches, but for those that are for all of something`()
    async throws
  {
    let folder = Folder()
    _ = try await plausible(folder)
    // Rows of the statement itself, or of a body.
    let own = [
      "CONSTANT", "json_each", "VIRTUAL TABLE", "subquery", "named", "seen", "ids", "told",
      "before", "later", "met", "pair", "field", "replay", "touched",
    ]
    // Of a table that only backups have, or a file of archived events.
    let elsewhere: Set<SQL> = [
      .markBackup, .loadBackup, .archiveRow, .putArchiveRow, .putBlock, .putPart, .blockAt,
      .blockOfStream,
    ]
    let sound = Set(ProjectionCheck.searches.map(\.sql)).union(elsewhere)
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"]
    var count = 0
    // A part is looked at where it is put into its statement.
    for query in SQL.allCases where !sound.contains(query) && query != .diffInstances {
      let text = query.text
      let bare = text.split(separator: "\n").filter { !$0.hasPrefix("--") }
      guard !text.contains("@"), bare.count > 0, verbs.contains(where: bare[0].hasPrefix) else {
        continue
      }
      count += 1
      let all = Self.throughAll[query] ?? []
      let slow = try plan(text, on: folder.journal).filter { step in
        // The deliveries of everybody.
        if step.contains("agenda_1 USING PRIMARY KEY (task=?)") { return true }
        guard step.hasPrefix("SCAN") else { return false }
        let words = step.split(separator: " ")
        return !own.contains { step.contains($0) } && !all.contains(String(words[1]))
      }
      #expect(slow == [], "\(query)")
    }
    #expect(count > 100)
  }

  @Test func `the look before work searches, however long the log and the agenda are`()
    async throws
  {
    let folder = Folder()
    _ = try await plausible(folder)
    // Of feeds, replays and lanes there are as many as a person has made; the newest rows are
    // counted; of what was found before the rest is looked up.
    let small = [
      "feeds_1", "replays_1", "lanes_1", "waiting", "known", "asked", "polls", "completed",
      "newest", "latest", "late", "CONSTANT",
    ]
    for (sql, _) in ProjectionCheck.searches {
      let steps = try plan(sql.text, on: folder.journal)
      let slow = steps.filter { step in
        step.hasPrefix("SCAN") && step != "SCAN main.events"
          && !small.contains { step.contains($0) }
      }
      #expect(slow == [], "\(sql) \(steps)")
      // From the newest on, as far as the bound.
      if steps.contains("SCAN main.events") {
        #expect(sql.text.contains("FROM main.events ORDER BY position DESC LIMIT"))
      }
    }
  }

  @Test func `the look before work reads as much of a long log as of one half as long`()
    async throws
  {
    var steps: [Int] = []
    for events in [20, 40] {
      let folder = Folder()
      let log = try await plausible(folder)
      for _ in 0..<events { _ = try await log.append(AppendRequest(many(200), at: noon)) }
      try await log.catchUp()
      let connection = try Connection(path: folder.journal, access: .readOnly)
      let head = try JournalFile.head(connection).0.position
      let before = connection.pagesRead
      #expect(
        try ProjectionCheck(connection: connection, generation: 1, head: head).finding() == nil)
      steps.append(connection.pagesRead - before)
    }
    #expect(steps[1] <= steps[0] + steps[0] / 4, "\(steps)")
  }

  @Test func `in the past lists are searched as well`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let past = SQL.pastViews.replacing("_$", with: "_1").replacing("@", with: "20")
    for kind in [ReportQuery.Kind.events, .changes, .deliveries, .cursors] {
      let connection = try Connection(path: folder.journal, access: .readOnly)
      try connection.execute(past)
      let composed = ComposedQuery(
        ReportQuery(kind), after: .integer(0), before: .integer(.max), limit: 10)
      let query = try connection.statement("EXPLAIN QUERY PLAN " + composed.text)
      while try query.step() {
        let step = query.text(3)
        #expect(
          !step.hasPrefix("SCAN") || step.contains("instances_1") || step.contains("known"),
          "\(kind): \(step)")
      }
    }
  }

  @Test(arguments: [nil, 20])
  func `no row of a list counts or searches for itself what grows`(asOf: Int?) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let connection = try Connection(path: folder.journal, access: .readOnly)
    if let asOf {
      try connection.execute(
        SQL.pastViews.replacing("_$", with: "_1").replacing("@", with: "\(asOf)"))
    }
    func steps(_ kind: ReportQuery.Kind) throws -> [String] {
      let composed = ComposedQuery(
        ReportQuery(kind), after: .integer(0), before: .integer(.max), limit: 10)
      let query = try connection.statement("EXPLAIN QUERY PLAN " + composed.text)
      var steps: [String] = []
      while try query.step() { steps.append(query.text(3)) }
      return steps
    }
    // What waits is counted once, and not for each callback.
    let callbacks = try steps(.callbacks)
    // Each looks up one event of its breaker.
    for (place, step) in callbacks.enumerated() where step.contains("CORRELATED") {
      let next = callbacks.dropFirst(place + 1).first ?? ""
      #expect(next.hasPrefix("SEARCH ") && next.hasSuffix("(stream=?)"), "\(callbacks)")
    }
    // A row in force is found without those before it.
    if asOf == nil {
      for (kind, index) in [
        (ReportQuery.Kind.instances, "instances_live_1"), (.cursors, "cursors_live_by_feed_1"),
      ] {
        #expect(try steps(kind).contains { $0.contains("INDEX \(index) ") }, "\(kind)")
      }
    }
    // Each instance finds its own feeds.
    let instances = try steps(.instances).filter { $0.contains("SCAN") }
    #expect(
      instances.allSatisfy { $0.contains("instances_1") || $0.contains("subquery") },
      "\(instances)")
  }
}
