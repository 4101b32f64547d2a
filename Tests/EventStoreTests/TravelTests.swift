import EventStore
import Events
import Foundation
import TestSupport
import Testing

@Suite struct TravelTests {
  /// What every list answers, as of each event of the log while it was being written.
  @Test func `as of an event lists answer what they answered then`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let rows = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    // A journal that ends at that event has the same answers as one that travels there; what
    // a clock step moves in place is the one thing that it takes along.
    for end in stride(from: 5, through: rows.count, by: 9) {
      let shorter = Folder()
      try await copy(Array(rows[..<end]), to: shorter)
      let then = try JournalReader(shorter.journal)
      try await reader.travel(to: Int64(end))
      for kind in ReportQuery.Kind.allCases {
        let travelled = try await reader.rows(ReportQuery(kind)).map(plain)
        let lived = try await then.rows(ReportQuery(kind)).map(plain)
        #expect(travelled == lived, "\(kind) as of \(end)")
      }
    }
    try await reader.travel(to: nil)
    #expect(try await reader.rows(ReportQuery(.events)).count == rows.count)
  }

  /// Events in a journal of their own; payloads are left out, and with them digests differ.
  private func copy(_ rows: [RecordedEvent], to folder: borrowing Folder) async throws {
    let log = try folder.open()
    for row in rows.dropFirst() {
      let cause: NewEvent.Cause = row.cause.map { .position($0) } ?? .none
      _ = try await log.append(
        AppendRequest([NewEvent(row.stream, try row.event(), cause: cause)], at: row.recordedAt))
    }
    try await log.catchUp()
  }

  private func plain(_ row: Row) -> [Field] {
    zip(row.names, row.values).filter { !$0.0.hasPrefix("next") }.map(\.1)
  }

  @Test func `sql answers as of the event travelled to`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    try await reader.travel(to: 10)
    let kept = Kept()
    try await reader.sql("SELECT count(*) AS n, max(position) AS last FROM events") { _, rows in
      kept.add(rows)
      return true
    }
    #expect(kept.rows[0]["n"] == .integer(10))
    #expect(await reader.asOf == 10)
  }

  @Test func `a rebuild under a traveller leaves it where it is`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    try await reader.travel(to: 20)
    let before = try await reader.rows(ReportQuery(.cursors))
    _ = try await log.rebuild()
    #expect(try await reader.rows(ReportQuery(.cursors)) == before)
  }

  @Test func `a difference names each field with before and after`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let head = try await log.currentHead().position
    let rows = try await reader.difference(from: 7, to: head)
    #expect(rows.first?.names == ["kind", "id", "field", "before", "after"])
    let name = try #require(rows.first { $0["field"] == .text("name") })
    #expect(name.values == ["instance", "1", "name", "Team 1", "Team one"].map(Field.text))
    let moved = try #require(
      rows.first { $0["kind"] == .text("cursor") && $0["field"] == .text("movedAt") })
    #expect(moved["before"] == .null)
    guard case .moment = moved["after"] else { Issue.record("no moment"); return }
    let back = try await reader.difference(from: head, to: 7)
    #expect(back.map { $0["after"] } == rows.map { $0["before"] })
    #expect(try await reader.difference(from: head, to: head).isEmpty)
  }
}

@Suite struct ReadOnlyTests {
  @Test func `a reader that may not write sees the head`() async throws {
    let folder = Folder()
    let log = try folder.open()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    try await log.catchUp(limit: 20)
    let reader = try JournalReader(folder.journal, mode: .readOnly)
    let copied = try await reader.rows(ReportQuery(.deliveries))
    let lag = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.lag()
    }
    #expect(lag > 0)
    try await log.catchUp()
    let shared = try JournalReader(folder.journal)
    #expect(try await shared.rows(ReportQuery(.deliveries)) == copied)
    // It goes on with the log, also where others rebuild, and in the past.
    try await plausible.add([plausible.requested("d9", poll: 1, changes: [])])
    _ = try await log.rebuild()
    #expect(try await reader.rows(ReportQuery(.deliveries)).count == copied.count + 1)
    try await plausible.add([plausible.requested("d10", poll: 1, changes: [])])
    #expect(try await reader.rows(ReportQuery(.deliveries)).count == copied.count + 2)
    try await reader.travel(to: 1)
    #expect(try await reader.rows(ReportQuery(.deliveries)).isEmpty)
    #expect(try await reader.verify().problems == [])
  }

  @Test func `where nothing can be written beside it a journal is read as it stands`() async throws
  {
    let folder = Folder()
    let log = try await plausible(folder)
    try await log.checkpoint()
    let copy = Folder()
    try FileManager.default.copyItem(atPath: folder.journal, toPath: copy.journal)
    // A link in the place of the shared memory keeps SQLite from making it, for every user.
    try FileManager.default.createSymbolicLink(
      atPath: copy.journal + "-shm", withDestinationPath: "/nowhere")
    let reader = try JournalReader(copy.journal, mode: .readOnly)
    #expect(try await reader.rows(ReportQuery(.deliveries)).count == 7)
    #expect(try await reader.checkRebuild() == [])
    #expect(!FileManager.default.fileExists(atPath: copy.journal + ".lock"))
    _ = FileManager.default.createFile(
      atPath: copy.journal + "-wal", contents: Data(repeating: 1, count: 5_000))
    #expect {
      _ = try JournalReader(copy.journal, mode: .readOnly)
    } throws: { error in
      "\(error)".contains("-wal still waits")
    }
  }
}
