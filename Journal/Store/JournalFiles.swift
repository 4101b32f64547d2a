import CSQLite

/// The files that a connection has open, to be told from others at the same paths.
///
/// While a connection is open nobody who goes by SQLite’s rules replaces one of them. Whoever does
/// splits those who work on the journal into two that do not see each other.
struct JournalFiles: Sendable {
  private let path: String
  private let opened: [(suffix: String, identity: FileIdentity?)]

  /// - Throws: `moved` where the file that was opened is not at its path any more.
  init(_ connection: Connection) throws(JournalError) {
    path = connection.path
    // The write-ahead log and its index are there once something was read.
    opened = ["", "-wal", "-shm"].map { [path] suffix in (suffix, FileIdentity(path + suffix)) }
    guard csqlite_has_moved(connection.handle, connection.schema) == 0 else {
      throw .moved(path: path, why: FileIdentity.told(path))
    }
  }

  /// - Throws: `moved` where another file, or none, is at one of the paths.
  func check() throws(JournalError) {
    for (suffix, identity) in opened where FileIdentity(path + suffix) != identity {
      throw .moved(path: path, why: FileIdentity.told(path + suffix))
    }
  }

  /// True where another file, or none, is at one of the paths.
  var areMoved: Bool {
    opened.contains { suffix, identity in FileIdentity(path + suffix) != identity }
  }
}
