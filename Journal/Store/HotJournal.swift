import CSQLite
import Glibc

/// A rollback journal that a killed program left beside a database: what it had overwritten.
///
///     byte  0  8 bytes  d9 d5 05 f9 20 a1 63 d7
///     byte 16  4 bytes  pages of the database before, the most significant byte first
///
/// Source: sqlite.org, “Database File Format”, section 3. A journal at work has a write-ahead log
/// and none of these; one is there while a journal is made, or where another program has taken the
/// write-ahead log from it.
struct HotJournal {
  private let path: String
  private let header: [UInt8]

  init(of path: String) {
    self.path = path
    var header = [UInt8](repeating: 0, count: 20)
    // SQLite holds no lock on this file that closing it would drop.
    let descriptor = open(path + "-journal", O_RDONLY | O_CLOEXEC)
    let count = descriptor < 0 ? 0 : read(descriptor, &header, header.count)
    if descriptor >= 0 { close(descriptor) }
    self.header = count == header.count ? header : []
  }

  /// True where rolling back leaves nothing: the database had no page before.
  var isOfNothing: Bool {
    header.starts(with: [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7])
      && header[16...].allSatisfy { $0 == 0 }
  }

  /// Lets SQLite put back what was there before.
  ///
  /// - Throws: `notAJournal` for another program's database, which is left as it is.
  func rollBack() throws(JournalError) {
    let lock = try LockFile(path: path + ".lock")
    try lock.wait()
    defer { lock.release() }
    // Opening alone touches nothing; the first question rolls back.
    let connection = try Connection(path: path, access: .readWrite)
    let name = try connection.applicationIDAsItStands()
    guard name == JournalFile.applicationID || name == 0 && isOfNothing else {
      throw .notAJournal(path: path, why: "another program was ended while it wrote to it")
    }
    _ = try connection.integer("PRAGMA user_version")
  }
}

extension Connection {
  /// The application id in the header of the file, read without a lock and whatever is to be rolled
  /// back; 0 where the file is too short for one.
  fileprivate func applicationIDAsItStands() throws(JournalError) -> Int64 {
    var bytes: [UInt8] = [0, 0, 0, 0]
    let code = csqlite_peek(handle, &bytes, 4, 68)
    guard code == SQLITE_OK || code == csqlite_ioerr_short_read else {
      throw failure(code, "the header")
    }
    return bytes.reduce(0) { $0 << 8 | Int64($1) }
  }
}
