import CSQLite
import Foundation
import RawJSON
import Testing

/// Changes a database as another program would.
private func edit(_ path: String, _ sql: String) throws {
  var handle: OpaquePointer?
  defer { sqlite3_close_v2(handle) }
  try #require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
  sqlite3_busy_timeout(handle, 10_000)
  let code = sqlite3_exec(handle, sql, nil, nil, nil)
  try #require(code == SQLITE_OK, "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
}

/// Projections that somebody has changed: nothing is sent by them, and the remedy is told.
@Suite(.serialized)
struct DamageTests {
  private static let kinds: [(sql: String, told: String)] = [
    ("UPDATE feeds_1 SET collection_kind = 'nonsense'", "feeds"),
    ("DELETE FROM agenda_1", "agenda"),
    ("DELETE FROM lanes_1", "lanes"),
    ("DROP INDEX agenda_by_lane_1", "agenda_by_lane_1"),
    ("DROP VIEW agenda; CREATE VIEW agenda AS SELECT * FROM agenda_1 WHERE false", "agenda"),
    ("UPDATE projections SET position = 9223372036854775807 WHERE name = 'reports'", "projections"),
    ("UPDATE projections SET generation = 9223372036854775807", "projections"),
    ("CREATE TRIGGER spy AFTER UPDATE ON agenda_1 BEGIN DELETE FROM lanes_1; END", "spy"),
    (
      "PRAGMA writable_schema = ON; CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema"
        + " WHERE name = 'agenda_by_lane_1'; DELETE FROM sqlite_schema"
        + " WHERE name = 'agenda_by_lane_1'; PRAGMA writable_schema = RESET;"
        + " UPDATE agenda_1 SET due_at_ms = due_at_ms + 1; PRAGMA writable_schema = ON;"
        + " INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM temp.kept",
      "agenda"
    ),
  ]

  @Test func `what was damaged sends nothing, is named, and is sent once when it is mended`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepare()
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Stage.resource)
      try await onThread { try settle(stage.journal) }
      let whole = try #require(FileManager.default.contents(atPath: stage.journal))
      for (number, kind) in Self.kinds.enumerated() {
        for name in ["-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: stage.journal + name)
        }
        try whole.write(to: URL(filePath: stage.journal))
        try await onThread { try edit(stage.journal, kind.sql) }
        for words in [
          ["deliver", "--until-idle", "--for", "30s"], ["run"], ["poll", "run"],
          ["poll", "step", "1", Stage.resource, "--until", "request", "--discard"],
        ] {
          let refused = try await stage.start(words).end()
          #expect(refused.status == 1, "\(kind.sql) \(words): \(refused.errors)")
          let complaint = refused.complaint ?? refused.errors
          #expect(complaint.contains("`daybook rebuild`"), "\(kind.sql) \(words): \(complaint)")
          #expect(!complaint.contains("backup"), "\(kind.sql): \(complaint)")
        }
        #expect(try await stage.received().count == number)
        let check = try await stage.daybook("--output", "jsonl", "rebuild", "--check")
        #expect(check.status == 1, "\(kind.sql): \(check.errors)")
        let row = try #require(try check.rows().first)
        let told = (row["differences"]?.elements ?? []).compactMap { $0["table"]?.text }
        #expect(row["ok"] == false && told.contains(kind.told), "\(kind.sql): \(told)")
        try await stage.done("rebuild")
        try await stage.done("rebuild", "--check")
        try await stage.done("verify")
        let sent = try await stage.rows("deliver", "--until-idle", "--for", "30s")
        #expect(sent.map { $0["outcome"]?.text } == ["succeeded"], "\(kind.sql)")
        #expect(try await stage.received().count == number + 1, "\(kind.sql)")
      }
    }
  }
}
