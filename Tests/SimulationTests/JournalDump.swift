import CSQLite

/// A journal read with SQLite alone, past our own code.
struct JournalDump {
  /// Rows as text by table, the generation cut off its name; ordered by all columns.
  private(set) var tables: [String: [String]] = [:]

  struct Failure: Error { let text: String }

  /// Reads every disposable table of the journal.
  init(_ path: String) throws(Failure) {
    var handle: OpaquePointer?
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      throw Failure(text: "cannot open \(path)")
    }
    defer { sqlite3_close_v2(handle) }
    let names = try JournalDump.rows(
      handle,
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB '*_[0-9]*' ORDER BY name")
    for name in names.map({ String($0.dropFirst(2)) }) {
      guard let cut = name.lastIndex(of: "_") else { continue }
      let columns = try JournalDump.rows(
        handle, "SELECT name FROM pragma_table_info('\(name)') ORDER BY cid"
      ).map { String($0.dropFirst(2)) }
      let order = columns.indices.map { String($0 + 1) }.joined(separator: ", ")
      tables[String(name[..<cut]), default: []] += try JournalDump.rows(
        handle, "SELECT \(columns.joined(separator: ", ")) FROM \(name) ORDER BY \(order)")
    }
  }

  /// Runs statements on the file, for what our own code never does.
  static func execute(_ sql: String, on path: String) throws(Failure) {
    var handle: OpaquePointer?
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
      throw Failure(text: "cannot open \(path)")
    }
    defer { sqlite3_close_v2(handle) }
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw Failure(text: String(cString: sqlite3_errmsg(handle)))
    }
  }

  /// The first line where another dump differs; nil where it does not.
  func difference(from other: JournalDump) -> String? {
    for name in Set(tables.keys).union(other.tables.keys).sorted() {
      let (mine, theirs) = (tables[name] ?? [], other.tables[name] ?? [])
      if mine == theirs { continue }
      let place = zip(mine, theirs).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let line = place ?? min(mine.count, theirs.count)
      let left = line < mine.count ? mine[line] : "nothing"
      let right = line < theirs.count ? theirs[line] : "nothing"
      return "\(name): \(left) against \(right)"
    }
    return nil
  }

  /// Rows as text, each column after its type: `1 7`, `3 feed/1`, `5` for null.
  private static func rows(_ handle: OpaquePointer?, _ sql: String) throws(Failure) -> [String] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
      throw Failure(text: String(cString: sqlite3_errmsg(handle)))
    }
    defer { sqlite3_finalize(statement) }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      let columns = (0..<sqlite3_column_count(statement)).map { column in
        // Reading as text may convert the value, so its type comes first.
        let kind = sqlite3_column_type(statement, column)
        let text = sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
        return "\(kind) \(text)"
      }
      rows.append(columns.joined(separator: " | "))
    }
    return rows
  }
}
