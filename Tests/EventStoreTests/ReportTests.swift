import EventStore
import Events
import Synchronization
import TestSupport
import Testing

/// A journal with the plausible log, caught up.
func plausible(_ folder: borrowing Folder) async throws -> JournalWriter {
  let log = try folder.open()
  var plausible = PlausibleLog(log)
  try await plausible.write()
  try await log.catchUp()
  return log
}

/// Its events, of every type there is.
func plausibleRows(_ folder: borrowing Folder) async throws -> [RecordedEvent] {
  _ = try await plausible(folder)
  return try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
    try snapshot.events(after: 0, limit: 1_000)
  }
}

@Suite struct ReportTests {
  @Test(arguments: [
    (
      ReportQuery.Kind.events,
      "position,stream,version,type,recordedAt,cause,body,digest,revision,key"
    ),
    (
      .changes,
      "position,instance,resource,eventType,objectId,objectType,date,pollDate,cause,object,item,bytes"
    ),
    (
      .deliveries,
      "position,id,instance,url,status,attempts,lastStatus,nextAt,changes,mode,replay,resource,bytes,error,requestedAt,lastAttemptAt,finishedAt,durationMs,waitsFor"
    ),
    (
      .instances,
      "id,name,element,state,reason,callback,resources,lastPollAt,nextPollAt,authorization,createdAt"
    ),
    (
      .cursors,
      "instance,resource,cursor,movedAt,failures,nextAt,state,mode,collection,reason,feed"
    ),
    (.callbacks, "url,state,reason,since,pending,held,breaker,nextAt"),
    (.notices, "position,kind,subject,text,openedAt,closedAt,instance"),
    (.replays, "replay,url,mode,state,total,sent,succeeded,failed,requestedAt,reason"),
  ])
  func `a list has the fields of the contract`(kind: ReportQuery.Kind, names: String) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let rows = try await JournalReader(folder.journal).rows(ReportQuery(kind))
    #expect(rows.first?.names.joined(separator: ",") == names)
  }

  @Test func `values come with their kinds`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let first = try await reader.rows(ReportQuery(.events))[0]
    #expect(first["recordedAt"] == .moment(noon))
    #expect(first["cause"] == .null)
    #expect(first["body"] == .json(#"{"format":0,"journal":"000102030405060708090a0b0c0d0e0f"}"#))
    #expect(first["digest"]?.string?.utf8.count == 64)
    let instance = try await reader.rows(ReportQuery(.instances))
    #expect(instance.count == 1)
    #expect(instance[0]["name"] == .text("Team one"))
    #expect(
      instance[0]["resources"]
        == .json(#"["calendars/primary/changed-events","calendars/holidays/changed-events"]"#))
  }

  @Test func `filters narrow a list down`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    func count(_ kind: ReportQuery.Kind, _ change: (inout ReportQuery) -> Void) async throws -> Int
    {
      var query = ReportQuery(kind)
      change(&query)
      return try await reader.rows(query).count
    }
    #expect(try await count(.events) { $0.types = ["change.observed"] } == 6)
    #expect(try await count(.events) { $0.types = ["change.observed", "run.started"] } == 7)
    #expect(try await count(.events) { $0.instance = 2 } == 7)
    #expect(try await count(.events) { $0.object = "x" } == 1)
    #expect(
      try await count(.events) {
        $0.instance = 1
        $0.resource = "calendars/holidays/changed-events"
      } == 12)
    #expect(try await count(.changes) { $0.types = ["DELETED"] } == 3)
    #expect(try await count(.changes) { $0.types = ["DELETED", "UPDATED"] } == 4)
    #expect(try await count(.changes) { $0.object = "a" } == 1)
    #expect(try await count(.deliveries) { $0.statuses = ["succeeded"] } == 3)
    #expect(try await count(.deliveries) { $0.statuses = ["exhausted", "skipped"] } == 2)
    #expect(try await count(.deliveries) { $0.statuses = ["exhausted", "succeeded"] } == 4)
    #expect(try await count(.deliveries) { $0.object = "b" } == 1)
    #expect(try await count(.deliveries) { $0.resource = "none" } == 0)
    #expect(try await count(.notices) { _ in } == 2)
    #expect(try await count(.notices) { $0.isOpen = true } == 1)
    #expect(try await count(.cursors) { $0.instance = 1 } == 2)
    #expect(try await count(.instances) { $0.resource = "none" } == 0)
  }

  @Test func `a delivery says when it was asked for, tried and ended`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let events = try await reader.rows(ReportQuery(.events))
    func time(of type: String, _ delivery: String) -> Field? {
      events.last { $0["type"] == .text(type) && $0["stream"] == .text("delivery/\(delivery)") }?[
        "recordedAt"]
    }
    let rows = try await reader.rows(ReportQuery(.deliveries))
    for (row, name) in zip(rows, ["d1", "d2", "d3", "d4", "d5"]) {
      #expect(row["requestedAt"] == time(of: "delivery.requested", name))
      #expect(row["lastAttemptAt"] == time(of: "delivery.attempted", name) ?? .null)
    }
    let ends = [
      time(of: "delivery.succeeded", "d1"), time(of: "delivery.exhausted", "d2"), .null, .null,
      time(of: "delivery.skipped", "d5"),
    ]
    #expect(rows.prefix(5).map { $0["finishedAt"] } == ends)
    let durations: [Field?] = [.integer(31), .integer(5), .null, .null, .null]
    #expect(rows.prefix(5).map { $0["durationMs"] } == durations)
  }

  @Test func `times bound a list as positions do`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    #expect(try await reader.position(at: noon - .milliseconds(1)) == 0)
    #expect(try await reader.position(at: noon) == 1)
    #expect(try await reader.position(at: noon + .seconds(1)) == 2)
    #expect(try await reader.position(at: noon + .seconds(2)) == 6)
    let head = try await reader.read { snapshot throws(JournalError) in try snapshot.head() }
    #expect(try await reader.position(at: noon + .seconds(9_999)) == head.position)
    var query = ReportQuery(.events)
    query.since = noon + .seconds(1)
    query.until = noon + .seconds(2)
    #expect(try await reader.rows(query).map { $0["position"] } == [.integer(2)])
  }

  @Test func `pages leave nothing out in either direction`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    for kind in ReportQuery.Kind.allCases {
      for isReversed in [false, true] {
        var query = ReportQuery(kind)
        query.isReversed = isReversed
        let whole = try await reader.rows(query)
        let paged = Kept()
        try await reader.rows(query, page: 2) { page in
          paged.add(page)
          return true
        }
        #expect(paged.rows == whole, "\(kind)")
        query.limit = 3
        #expect(try await reader.rows(query) == Array(whole.prefix(3)), "\(kind)")
      }
    }
  }

  @Test(arguments: [1, 3, 7, 500])
  func `a limit leaves the rows of the end where it counts, in the order asked for`(
    limit: Int
  ) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    for kind in ReportQuery.Kind.allCases where kind != .callbacks {
      var query = ReportQuery(kind)
      let whole = try await reader.rows(query)
      query.limit = limit
      for end in [ReportQuery.End.oldest, .newest] {
        query.end = end
        let left = Array(end == .oldest ? whole.prefix(limit) : whole.suffix(limit))
        for isReversed in [false, true] {
          query.isReversed = isReversed
          let expected = isReversed ? left.reversed() : left
          #expect(try await reader.rows(query) == expected, "\(kind) \(end)")
          // Fewer at once than the limit leaves.
          let paged = Kept()
          try await reader.rows(query, page: 2) { page in
            paged.add(page)
            return true
          }
          #expect(paged.rows == expected, "\(kind) \(end)")
        }
        #expect(try await reader.count(query) == left.count)
      }
    }
  }

  @Test func `rows are counted as they are listed`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    for kind in ReportQuery.Kind.allCases {
      let query = ReportQuery(kind)
      #expect(try await reader.count(query) == reader.rows(query).count, "\(kind)")
    }
    var query = ReportQuery(.events)
    query.types = ["change.observed"]
    query.after = 10
    #expect(try await reader.count(query) == reader.rows(query).count)
  }

  @Test func `objects are found by how they begin`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    func found(_ start: String, ofEvents: Bool = false, limit: Int = 9) async throws -> [String] {
      try await reader.read { snapshot throws(JournalError) in
        try snapshot.objects(beginning: start, ofEvents: ofEvents, limit: limit) { _ in true }
      }
    }
    let all = Set(
      try await reader.rows(ReportQuery(.changes)).compactMap { $0["objectId"]?.string })
    #expect(try await found("") == all.sorted())
    #expect(try await found("", limit: 2) == Array(all.sorted().prefix(2)))
    #expect(try await found("a") == all.filter { $0.hasPrefix("a") }.sorted())
    #expect(try await found("none") == [])
    #expect(try await found("", ofEvents: true).count > all.count)
  }

  @Test func `callbacks are counted with what waits for them`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let now = try await reader.rows(ReportQuery(.callbacks))
    #expect(now.count == 1)
    #expect(now[0]["state"] == .text("enabled"))
    #expect(now[0]["pending"] == .integer(2))
    #expect(now[0]["held"] == .integer(0))
    var disabled = ReportQuery(.events)
    disabled.types = ["callback.disabled"]
    let position = try #require(try await reader.rows(disabled)[0]["position"]?.integer)
    try await reader.travel(to: position)
    let then = try await reader.rows(ReportQuery(.callbacks))
    #expect(then[0]["state"] == .text("disabled"))
    #expect(then[0]["held"] == .integer(1))
    _ = log
  }

  @Test func `a trace leads from a delivery to its poll and to its outcome`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    var query = ReportQuery(.events)
    query.types = ["delivery.requested"]
    let position = try #require(try await reader.rows(query)[0]["position"]?.integer)
    let rows = try await reader.rows(of: reader.trace(position))
    #expect(
      rows.map { $0["type"]?.string } == [
        "poll.completed", "change.observed", "delivery.requested",
      ])
    #expect(rows.map { $0["depth"]?.integer } == [-1, -1, 0])
    #expect(
      rows[1].names == ["position", "type", "stream", "cause", "depth", "recordedAt", "body"])
    let down = try await reader.trace(try #require(rows[0]["position"]?.integer))
    #expect(down.count == 12)
    #expect(try await reader.trace(9_999).isEmpty)
    #expect(try await reader.requests(since: down[0].position).contains(position))
    #expect(try await reader.requests(since: position) == [position])
  }

  @Test func `steps go from event to event and over other types`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let head = try await log.currentHead().position
    #expect(try await reader.step(from: 1) == 2)
    #expect(try await reader.step(from: head) == nil)
    #expect(try await reader.step(from: 1, isBack: true) == nil)
    #expect(try await reader.step(from: head, isBack: true, types: ["run.started"]) == 2)
    #expect(try await reader.step(from: 1, types: ["run.stopped", "run.started"]) == 2)
    #expect(try await reader.glance(at: 2)?["type"] == .text("run.started"))
  }
}

/// Rows as they came.
final class Kept: Sendable {
  private let kept = Mutex<[Row]>([])
  var rows: [Row] { kept.withLock { $0 } }
  func add(_ rows: [Row]) { kept.withLock { $0 += rows } }
}
