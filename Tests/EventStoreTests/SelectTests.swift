import EventStore
import Events
import Synchronization
import Testing

@Suite struct SelectTests {
  @Test(arguments: [
    "SELECT count(*) FROM events", "EXPLAIN QUERY PLAN SELECT * FROM deliveries",
    "SELECT name FROM pragma_table_info('events')", "PRAGMA table_list",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT i FROM n; -- end",
    "SELECT body ->> 'journal' FROM events WHERE position = 1;",
  ])
  func `reading is let pass`(text: String) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    for mode in [JournalReader.Mode.shared, .readOnly] {
      let reader = try JournalReader(folder.journal, mode: mode)
      try await reader.sql(text) { names, rows in
        #expect(!names.isEmpty)
        #expect(!rows.isEmpty)
        return true
      }
    }
  }

  @Test(arguments: [
    "DELETE FROM events", "ATTACH ':memory:' AS other", "PRAGMA writable_schema = 1",
    "PRAGMA wal_checkpoint", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE events", "",
    "-- nothing", "CREATE TEMP TABLE t (a)", "BEGIN", "VACUUM INTO '/tmp/x'",
    "SELECT * FROM secrets", "SELECT load_extension('x')", "SELEC 1", "DETACH journal",
  ])
  func `everything else is refused`(text: String) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    for mode in [JournalReader.Mode.shared, .readOnly] {
      let reader = try JournalReader(folder.journal, mode: mode)
      await #expect(throws: JournalError.self) { try await reader.sql(text) { _, _ in true } }
      // The reader goes on as before.
      #expect(try await reader.rows(ReportQuery(.replays)).count == 1)
    }
  }

  @Test func `a query without end is stopped`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let asked = Atomic(0)
    let endless =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
    await #expect(throws: JournalError.stopped) {
      try await reader.sql(
        endless, stop: { asked.add(1, ordering: .relaxed).newValue > 100 }
      ) { _, _ in true }
    }
    let task = Task { try await reader.sql(endless) { _, _ in true } }
    task.cancel()
    await #expect(throws: JournalError.stopped) { try await task.value }
  }

  @Test func `batches end where nobody takes them`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let reader = try JournalReader(folder.journal)
    let kept = Kept()
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    try await reader.sql(endless) { _, rows in
      kept.add(rows)
      return kept.rows.count < 1_000
    }
    #expect(kept.rows.count == 1_000)
    #expect(kept.rows[999]["i"] == .integer(1_000))
  }
}
