import CSQLite
import Glibc

extension Connection {
  /// The error for a result code of SQLite, in our words where we have any.
  func failure(_ code: Int32, _ sql: String) -> JournalError {
    if code & 0xff == SQLITE_ERROR, let failure = archives?.takeFailure() { return failure }
    let message = String(cString: sqlite3_errmsg(handle))
    let number = sqlite3_system_errno(handle)
    switch code & 0xff {
    case SQLITE_FULL: return .full(path: filling)
    case SQLITE_READONLY:
      return code == csqlite_readonly_rollback
        ? .unfinished(path: path) : Connection.refusal(toWrite: path)
    case SQLITE_INTERRUPT: return .stopped
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy(path: path)
    case SQLITE_CORRUPT: return .damaged(path: path, why: message)
    case SQLITE_NOTADB: return .notAJournal(path: path, why: "it is no SQLite database")
    case SQLITE_CANTOPEN:
      return .cannotOpen(path: path, why: Connection.obstacle(handle))
    case SQLITE_IOERR where Connection.isOfRoom(number): return .full(path: filling)
    case SQLITE_IOERR:
      return .disk(
        path: path, what: Connection.words[code] ?? "it could not be used", errno: number)
    default: return .sqlite(code: code, message: message, statement: first(sql))
    }
  }

  /// The file that has no more room: a connection that only reads has a scratch file of its own.
  private var filling: String {
    schema == "main" ? path : "a temporary file (SQLITE_TMPDIR or TMPDIR names another folder)"
  }

  private static func isOfRoom(_ number: Int32) -> Bool {
    [ENOSPC, EDQUOT, EFBIG].contains(number)
  }

  /// Why a file could not be opened.
  static func obstacle(_ handle: OpaquePointer?) -> String {
    guard let handle else { return "out of memory" }
    let number = sqlite3_system_errno(handle)
    guard number == 0 else { return String(cString: strerror(number)) }
    return isOutOfFiles ?? String(cString: sqlite3_errmsg(handle))
  }

  /// Why a file that was to be written was opened only to be read.
  ///
  /// - Returns: `readOnly` where it, its folder or SQLite’s own files beside it may not be written;
  ///   else `cannotOpen`, because then it was a passing trouble.
  static func refusal(toWrite path: String) -> JournalError {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
    for place in [path, folder, path + "-wal", path + "-shm"] where access(place, W_OK) != 0 {
      if errno != ENOENT { return .readOnly(path: path) }
    }
    return .cannotOpen(
      path: path,
      why: isOutOfFiles
        ?? "it could not be opened for writing, although it may be written; try again, and look"
        + " whether its disk works")
  }

  /// That no more files can be opened, where it is so.
  static var isOutOfFiles: String? {
    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard descriptor < 0 else {
      close(descriptor)
      return nil
    }
    return errno == EMFILE || errno == ENFILE ? String(cString: strerror(errno)) : nil
  }

  /// Ends of sentences by extended result code. Source: sqlite.org, “Result and Error Codes”.
  private static let words: [Int32: String] = [
    Int32(csqlite_ioerr_read): "it could not be read",
    Int32(csqlite_ioerr_short_read): "it ends before it should",
    Int32(csqlite_ioerr_write): "it could not be written",
    Int32(csqlite_ioerr_fsync): "what was written could not be brought to the disk",
    Int32(csqlite_ioerr_dir_fsync): "its folder could not be brought to the disk",
    Int32(csqlite_ioerr_truncate): "its length could not be changed",
    Int32(csqlite_ioerr_fstat): "it could not be looked at",
    Int32(csqlite_ioerr_unlock): "its lock could not be given back",
    Int32(csqlite_ioerr_rdlock): "it could not be locked for reading",
    Int32(csqlite_ioerr_delete): "a file beside it could not be deleted",
    Int32(csqlite_ioerr_access): "a file beside it could not be looked at",
    Int32(csqlite_ioerr_lock): "it could not be locked",
    Int32(csqlite_ioerr_shmopen): "the shared memory beside it could not be opened",
    Int32(csqlite_ioerr_shmsize): "the shared memory beside it could not be made larger",
    Int32(csqlite_ioerr_shmlock): "the shared memory beside it could not be locked",
    Int32(csqlite_ioerr_shmmap): "the shared memory beside it could not be mapped",
  ]

  private func first(_ sql: String) -> String {
    String((sql.split(separator: "\n").first { !$0.hasPrefix("--") } ?? "").prefix(60))
  }
}
