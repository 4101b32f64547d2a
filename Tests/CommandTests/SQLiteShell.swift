import CSQLite
import Testing

/// Asks a database one question with SQLite itself, as its shell would.
func ask(_ path: String, _ sql: String) throws -> [String] {
  var handle: OpaquePointer?
  defer { sqlite3_close_v2(handle) }
  try #require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
  sqlite3_busy_timeout(handle, 10_000)
  var statement: OpaquePointer?
  defer { sqlite3_finalize(statement) }
  try #require(sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, "\(sql)")
  var answers: [String] = []
  while sqlite3_step(statement) == SQLITE_ROW {
    answers.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
  }
  return answers
}

/// Copies the write-ahead log back into the file and leaves none.
func settle(_ path: String) throws {
  _ = try ask(path, "PRAGMA wal_checkpoint(TRUNCATE)")
}
