import CSQLite
package import Events

extension JournalReader {
  /// Runs one SELECT that a person wrote, over the journal, its projections, and the past where it
  /// was travelled to.
  ///
  /// What could change anything or reach another file is refused before it runs, and sealed secrets
  /// stay out of it. It runs over one view of the journal, as long as `take` needs.
  ///
  /// - Parameters:
  ///   - stop: Asked every few thousand steps of SQLite whether time is up; a cancelled task ends
  ///     it too.
  ///   - take: Gets the rows in batches, the first also where it is empty; answers whether to go
  ///     on. The next batch is read when it has answered.
  /// - Throws: `question` with SQLite's own words for a fault in the text; `stopped`; and whatever
  ///   `take` throws.
  package func sql(
    _ text: String, stop: @escaping @Sendable () -> Bool = { false },
    _ take: @Sendable (_ names: [String], _ rows: [Row]) async throws -> Bool
  ) async throws {
    // Whoever reads on this connection meanwhile has the same view of the journal.
    let isOutermost = sqlite3_get_autocommit(connection.handle) != 0
    if isOutermost { try connection.execute("BEGIN") }
    defer { if isOutermost { sqlite3_exec(connection.handle, "COMMIT", nil, nil, nil) } }
    try refresh()
    // One value of a question takes no more memory than this, whatever function makes it.
    let usual = sqlite3_limit(connection.handle, SQLITE_LIMIT_LENGTH, Self.valueBytesMax)
    defer { sqlite3_limit(connection.handle, SQLITE_LIMIT_LENGTH, usual) }
    let statement = try prepared(text)
    defer { statement.finalize() }
    let shape = RowShape(asked: statement)
    while true {
      let batch = try watched(stop) { () throws(JournalError) in
        do throws(JournalError) {
          return try statement.batch(shape)
        } catch {
          throw error.ofQuestion
        }
      }
      guard try await take(shape.names, batch), batch.count == Statement.batchRows else { return }
    }
  }

  /// Bytes of one value that a question may make or read; the longest payloads have some 16 MB.
  private static let valueBytesMax: Int32 = 64 << 20

  /// The names of the columns that a SELECT would answer with; it does not run.
  package func columns(of text: String) throws(JournalError) -> [String] {
    try view { _ throws(JournalError) in
      let statement = try prepared(text)
      defer { statement.finalize() }
      return RowShape(asked: statement).names
    }
  }

  /// The statement, found to be harmless.
  private func prepared(_ text: String) throws(JournalError) -> Statement {
    sqlite3_set_authorizer(connection.handle, authorize, nil)
    defer { sqlite3_set_authorizer(connection.handle, nil, nil) }
    return try connection.only(text)
  }

  /// Runs SQLite so that it can be stopped in the middle.
  private func watched<Answer>(
    _ stop: @escaping @Sendable () -> Bool, _ work: () throws(JournalError) -> Answer
  ) throws(JournalError) -> Answer {
    let watch = Watch(stop)
    let place = Unmanaged.passUnretained(watch).toOpaque()
    sqlite3_progress_handler(connection.handle, 5_000, isOver, place)
    defer { sqlite3_progress_handler(connection.handle, 0, nil, nil) }
    return try withExtendedLifetime(watch) { () throws(JournalError) in try work() }
  }
}

extension Statement {
  /// Rows of a batch, but for the last.
  fileprivate static let batchRows = 200

  fileprivate func batch(_ shape: RowShape) throws(JournalError) -> [Row] {
    var rows: [Row] = []
    while rows.count < Statement.batchRows, try step() { rows.append(shape.row(self)) }
    return rows
  }
}

/// Asks whether a statement may go on; lives as long as the statement.
private final class Watch {
  let stop: @Sendable () -> Bool

  init(_ stop: @escaping @Sendable () -> Bool) { self.stop = stop }
}

private func isOver(_ place: UnsafeMutableRawPointer?) -> Int32 {
  guard let place else { return 0 }
  let watch = Unmanaged<Watch>.fromOpaque(place).takeUnretainedValue()
  return Task.isCancelled || watch.stop() ? 1 : 0
}

/// Refuses what SQLite calls read-only and yet reaches further: other files, transactions, pragmas.
/// All else that changes anything is no read-only statement; `only` refuses it.
private func authorize(
  _: UnsafeMutableRawPointer?, action: Int32, first: UnsafePointer<CChar>?,
  second: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?
) -> Int32 {
  func name(_ text: UnsafePointer<CChar>?) -> String {
    text.map { String(cString: $0).lowercased() } ?? ""
  }
  let isRefused =
    switch action {
    case SQLITE_ATTACH, SQLITE_DETACH, SQLITE_TRANSACTION, SQLITE_SAVEPOINT: true
    case SQLITE_READ: name(first) == "secrets"
    case SQLITE_FUNCTION: name(second) == "load_extension"
    case SQLITE_PRAGMA: !tellingPragmas.contains(name(first))
    default: false
    }
  return isRefused ? SQLITE_DENY : SQLITE_OK
}

private let tellingPragmas: Set<String> = [
  "table_list", "table_info", "table_xinfo", "index_list", "index_info", "index_xinfo",
  "foreign_key_list", "database_list", "collation_list", "function_list", "compile_options",
]

extension Connection {
  /// The one statement of a text, not kept; it may only read.
  fileprivate func only(_ text: String) throws(JournalError) -> Statement {
    var pointer: OpaquePointer?
    var isAlone = true
    let code = text.withCString { start in
      var tail: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v3(handle, start, -1, 0, &pointer, &tail)
      // A second statement, or a fault in what follows; a comment or blanks are neither.
      if code == SQLITE_OK, let tail, tail.pointee != 0 {
        var next: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, tail, -1, 0, &next, nil)
        isAlone = code == SQLITE_OK && next == nil
        sqlite3_finalize(next)
      }
      return code
    }
    guard code == SQLITE_OK else { throw failure(code, text).ofQuestion }
    guard let pointer else { throw refused("there is no statement") }
    guard isAlone, sqlite3_stmt_readonly(pointer) != 0 else {
      sqlite3_finalize(pointer)
      throw refused(
        isAlone
          ? "the statement could change something; only those that read are carried out"
          : "more than one statement; give them one by one")
    }
    return Statement(pointer, of: self, sql: text)
  }

  private func refused(_ why: String) -> JournalError { .question(why) }
}

extension JournalError {
  /// The same of a statement that a person wrote: what SQLite finds wrong is wrong with that.
  fileprivate var ofQuestion: JournalError {
    guard case .sqlite(_, let message, _) = self else { return self }
    return .question(message)
  }
}
