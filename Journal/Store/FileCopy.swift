import CSQLite
package import Events

/// A copy of a journal, taken while others write it: SQLite’s online backup, over one view of the
/// file, so that appends meanwhile neither wait nor make it begin anew.
///
/// The write-ahead log of the original grows as long as it takes, for it cannot be copied back past
/// the view. The copy is one file, without anything of SQLite’s beside it.
///
/// Not `Sendable`: it belongs to who makes it.
package final class FileCopy {
  private let source: Connection
  private let target: Connection
  private var backup: OpaquePointer?
  /// Pages of the original, and those that are copied.
  package private(set) var pages: (done: Int, total: Int) = (0, 0)
  /// The last event in it.
  package let head: JournalWriter.Head

  /// Begins one.
  ///
  /// - Parameters:
  ///   - path: The journal, which is only read.
  ///   - draft: The file to make; nothing is there.
  package init(of path: String, to draft: String) throws(JournalError) {
    source = try FileCopy.opened(path)
    try JournalFile.touch(draft)
    target = try Connection(path: draft, access: .readWrite)
    // Made anew from the beginning where it is cut short, and synced when it is whole.
    try target.execute("PRAGMA journal_mode = OFF")
    try target.execute("PRAGMA synchronous = OFF")
    try target.keepPages(kilobytes: Bounds.cacheKilobytes)
    try source.statement("BEGIN").run()
    (head, _) = try JournalFile.head(source)
    backup = sqlite3_backup_init(target.handle, "main", source.handle, "main")
    guard backup != nil else {
      throw target.failure(sqlite3_extended_errcode(target.handle), "a copy")
    }
  }

  deinit { sqlite3_backup_finish(backup) }

  /// Opens the original; one in a folder that cannot be written is a file that nobody changes.
  private static func opened(_ path: String) throws(JournalError) -> Connection {
    let isImmutable = try JournalReader.probe(path, mode: .readOnly)
    let connection = try Connection(path: path, access: isImmutable ? .immutable : .readOnly)
    try JournalFile.check(connection)
    return connection
  }

  /// Copies some megabytes more.
  ///
  /// - Returns: False once all of it is copied.
  package func step() throws(JournalError) -> Bool {
    let code = sqlite3_backup_step(backup, Self.pagesPerStep)
    let total = Int(sqlite3_backup_pagecount(backup))
    pages = (total - Int(sqlite3_backup_remaining(backup)), total)
    switch code {
    case SQLITE_DONE: return false
    // Busy: somebody recovers the original after a crash, for a moment.
    case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return true
    default: throw target.failure(code, "a copy")
    }
  }

  private static let pagesPerStep: Int32 = 1_024

  /// Ends it: one file, with all of it on the disk.
  ///
  /// - Parameter takenAt: The time to mark it as a backup with; nil: it gets no mark.
  package func finish(takenAt: Moment?) throws(JournalError) {
    let code = sqlite3_backup_finish(backup)
    backup = nil
    guard code == SQLITE_OK else { throw target.failure(code, "a copy") }
    // The original’s own way of writing came with its first page.
    try target.execute("PRAGMA journal_mode = DELETE")
    guard let takenAt else { return }
    try target.transaction { () throws(JournalError) in
      try target.execute(SQL.dropBackup)
      try target.execute(SQL.backupTable)
      try target.statement(SQL.markBackup).run(["taken_at_ms": .integer(takenAt.milliseconds)])
    }
  }
}

extension Connection {
  /// When a backup was taken; nil for a journal that is none.
  func backupTime() throws(JournalError) -> Moment? {
    guard try integer(SQL.hasBackup) == 1 else { return nil }
    return try integer(SQL.loadBackup).map { Moment(milliseconds: $0) } ?? Moment(milliseconds: 0)
  }
}

/// A backup as a file.
package enum BackupFile {
  /// When it was taken; nil for a journal that is no backup of ours.
  ///
  /// - Throws: `notAJournal`, `noJournal`, `cannotOpen`.
  package static func time(_ path: String) throws(JournalError) -> Moment? {
    let isImmutable = try JournalReader.probe(path, mode: .readOnly)
    return try Connection(path: path, access: isImmutable ? .immutable : .readOnly).backupTime()
  }

  /// Takes the mark away from a copy that becomes a journal at work.
  package static func unmark(_ path: String) throws(JournalError) {
    let connection = try Connection(path: path, access: .readWrite)
    try connection.execute("PRAGMA synchronous = FULL")
    try connection.execute(SQL.dropBackup)
  }
}
