import Events
import TestSupport
import Testing

@testable import EventStore

/// Every row of every report table, in the order of the first columns.
private func rows(_ connection: Connection) throws -> [String] {
  var rows: [String] = []
  for table in Projector.reportTables + Projector.decisionTables {
    let columns = try connection.columns(of: "\(table)_1")
    let query = try connection.statement(
      "SELECT json_array(\(columns.all)) FROM \(table)_1 ORDER BY \(columns.key)")
    while try query.step() { rows.append("\(table) \(query.text(0))") }
  }
  return rows
}

@Suite struct FoldTests {
  @Test func `tables are the same however the events are cut into transactions`() async throws {
    let folder = Folder()
    let log = try folder.open()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    var found: [[String]] = []
    for events in [1, 2, 7, 1_000] {
      for (forgets, skipsUndone) in [(false, false), (true, false), (false, true)] {
        let scratch = try Connection(scratchBeside: folder.journal, isImmutable: false)
        try Projector(connection: scratch, generation: 1).makeTables()
        var position: Int64 = 0
        while true {
          if forgets { scratch.forgetFold() }
          let folded = try scratch.fold(1).fold(
            Fold.Portion(
              after: position, events: events, isDeciding: true, skipsUndone: skipsUndone))
          if folded.events == 0 { break }
          position = folded.reached
        }
        found.append(try rows(scratch))
      }
    }
    #expect(found[0].count > 100)
    for other in found.dropFirst() { #expect(other == found[0]) }
  }

  /// A poll of feed 1 that began and ended so many seconds after noon.
  private func polled(_ seconds: Int, next: Int? = 60) -> NewEvent {
    let at = (noon + .seconds(seconds)).milliseconds
    return NewEvent(
      "feed/1",
      .pollCompleted(
        PollCompleted(
          feed: 1, instance: 1, mode: .known(.changes), cursorAfter: "c\(seconds)", pages: 1,
          items: 0,
          changes: 0, manifests: [], evidence: [], startedAtMs: at, polledAtMs: at,
          nextAtMs: next.map { at + Int64($0) * 1_000 })))
  }

  @Test func `polls that later ones write over leave the same feed and agenda`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let opened = FeedOpened(
      feed: 1, instance: 1, resource: "r", url: "/r", collectionKind: "k", collection: "c",
      isSupported: true, intervalMs: 60_000, nextAtMs: noon.milliseconds)
    func requested(_ seconds: Int) -> NewEvent {
      let at = (noon + .seconds(seconds)).milliseconds
      return NewEvent(
        "feed/1", .pollRequested(PollRequested(feed: 1, instance: 1, atMs: at)))
    }
    let disabled = InstanceDisabled(instance: 1, reason: "a")
    let enabled = InstanceEnabled(instance: 1, reason: "b")
    _ = try await log.append(
      AppendRequest(
        [
          NewEvent("feed/1", .feedOpened(opened)), polled(1), polled(2), polled(3), requested(20),
          // One that began before somebody asked does not answer the request, and a clock may
          // have stepped back.
          polled(10), polled(11), polled(30), polled(12), polled(31), polled(32, next: nil),
          polled(33), polled(34), requested(40), polled(50), polled(51, next: nil), polled(52),
          polled(53), NewEvent("instance/1", .instanceDisabled(disabled)), polled(54), polled(55),
          NewEvent("instance/1", .instanceEnabled(enabled)), polled(56), polled(57), polled(58),
        ], at: noon))
    let head = try await log.currentHead().position
    // Up to each event, in portions of several lengths.
    for last in 2...head {
      var found: [[String]] = []
      for (events, skipsUndone) in [(100, false), (100, true), (3, true), (1, true)] {
        let scratch = try Connection(scratchBeside: folder.journal, isImmutable: false)
        try Projector(connection: scratch, generation: 1).makeTables()
        var position: Int64 = 0
        while position < last {
          let portion = Fold.Portion(
            after: position, events: min(events, Int(last - position)), isDeciding: true,
            skipsUndone: skipsUndone)
          position = try scratch.fold(1).fold(portion).reached
        }
        found.append(try rows(scratch))
      }
      for other in found.dropFirst() { #expect(other == found[0], "up to event \(last)") }
    }
  }

  @Test func `a portion ends after the rows that it may change`() async throws {
    let folder = Folder()
    let log = try folder.open()
    _ = try await log.append(AppendRequest(many(50), at: noon))
    let scratch = try Connection(scratchBeside: folder.journal, isImmutable: false)
    try Projector(connection: scratch, generation: 1).makeTables()
    let folded = try scratch.fold(1).fold(Fold.Portion(after: 0, events: 1_000, rows: 20))
    #expect((2..<20).contains(folded.events))
  }

  @Test func `fields of a body take the place of paths into it`() {
    let (text, fields) = FoldStep.parametrized(
      "SELECT :body ->> 'feed', (:body -> 'rules'), :body ->> '$.a.b', json_each(:body, '$.c')")
    #expect(text == "SELECT @feed, (@rules), :body ->> '$.a.b', json_each(:body, '$.c')")
    #expect(fields == ["feed", "rules"])
  }

  @Test func `a field is bound as SQLite reads it`() throws {
    let body = #"""
      {"array":[1,"a"],"decimal":1.5,"escaped":"a\"\u00e9\n","flag":true,"huge":9223372036854775808,
      "no":false,"nothing":null,"number":-7,"object":{"a":[]},"text":"é","empty":""}
      """#
    let connection = try Connection(path: ":memory:", access: .create)
    let names = [
      "array", "decimal", "escaped", "flag", "huge", "no", "nothing", "number", "object", "text",
      "empty", "missing",
    ]
    for name in names {
      let text = "SELECT json_array(typeof(:body ->> '\(name)'), :body ->> '\(name)')"
      let byPath = try connection.statement(text)
      try byPath.bind("body", .text(body))
      #expect(try byPath.step())
      let fields = BodyFields([name])
      let byField = try connection.statement(FoldStep.parametrized(text).text)
      let bytes = Array(body.utf8)
      try bytes.withUnsafeBytes { bytes in
        #expect(fields.read(bytes))
        fields.bind(try #require(fields.place(of: name)), to: byField, at: 1)
        #expect(try byField.step())
        #expect(byField.text(0) == byPath.text(0), "\(name)")
      }
    }
  }
}
