import Glibc

/// A file that stands under another name until it is whole: `<path>.part`, mode 0600.
///
/// One process at a time makes it, which holds `<path>.part.lock`. What one left that was killed is
/// taken away by the next; a file of that name that is no draft of a journal stays.
package final class FileDraft {
  /// The path of the draft.
  package let draft: String
  private let path: String
  private let replaces: Bool
  private let lock: LockFile
  /// True while what is under its name was made here.
  private var isOurs = false

  /// - Parameters:
  ///   - path: Where it is to stand.
  ///   - replaces: True where a backup that stands there is to be replaced.
  ///   - journal: The journal, whose own files it may not be named as.
  /// - Throws: `cannotOpen` where something else stands there; `busy`.
  package init(
    for path: String, replaces: Bool, besides journal: String
  ) throws(JournalError) {
    (self.path, self.replaces) = (path, replaces)
    draft = path + ".part"
    try FileDraft.check(path, isApartFrom: journal)
    try FileDraft.check(path, replaces: replaces)
    lock = try LockFile(path: draft + ".lock")
    guard try lock.seize() else { throw .busy(path: draft) }
    do {
      try removeLeftover()
    } catch {
      unlink(draft + ".lock")
      throw error
    }
    isOurs = true
  }

  deinit {
    guard isOurs else { return }
    remove()
    unlink(draft + ".lock")
  }

  private static func check(
    _ path: String, isApartFrom journal: String
  ) throws(JournalError) {
    guard !JournalPath.isOwn(path, of: journal) else {
      throw .cannotOpen(path: path, why: "it is the journal's own; name another file")
    }
  }

  /// Bytes of it.
  package var bytes: Int64 {
    var status = stat()
    return stat(draft, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// Refuses a place that a backup may not be made in.
  private static func check(_ path: String, replaces: Bool) throws(JournalError) {
    try JournalPath.check(path)
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else {
        throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
      }
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw .cannotOpen(path: path, why: "it is a folder; name a file in it")
    case S_IFLNK:
      throw .cannotOpen(path: path, why: "it is a symbolic link; name the file itself")
    case S_IFREG: break
    default: throw .cannotOpen(path: path, why: "it is no ordinary file")
    }
    guard replaces else { throw .cannotOpen(path: path, why: "there is a file already") }
    guard (try? BackupFile.time(path)) != nil else {
      throw .cannotOpen(
        path: path, why: "what is there is no backup that Daybook made, and is not replaced")
    }
  }

  /// Takes away what was left by a process that was killed.
  private func removeLeftover() throws(JournalError) {
    try FileDraft.checkLeftover(draft)
    remove()
  }

  /// Refuses a draft's name under which something stands that no draft left.
  static func checkLeftover(_ draft: String) throws(JournalError) {
    var status = stat()
    guard lstat(draft, &status) == 0 else { return }
    let isOurs = status.st_size == 0 || isJournal(draft)
    guard status.st_mode & S_IFMT == S_IFREG, isOurs else {
      throw .cannotOpen(
        path: draft, why: "the file is made under this name first, and somebody's is there")
    }
  }

  /// A database whose application id is a journal’s or an archive’s, whole or not; its first page
  /// may be the last that was written, and one without a table says nothing yet of what it becomes.
  /// Source: sqlite.org, “Database File Format”, 1.3 and 1.6.
  private static func isJournal(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var header = [UInt8](repeating: 1, count: 105)
    guard pread(descriptor, &header, header.count, 0) == header.count else { return false }
    if header[..<72].allSatisfy({ $0 == 0 }) { return true }
    let application = header[68..<72].reduce(0) { $0 << 8 | Int64($1) }
    let isWithoutTables =
      header.starts(with: Array("SQLite format 3\0".utf8)) && application == 0
      && header[28..<32].elementsEqual([0, 0, 0, 1]) && header[103..<105].elementsEqual([0, 0])
    return isWithoutTables
      || [JournalFile.applicationID, ArchiveFile.applicationID].contains(application)
  }

  private func remove() {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(draft + suffix) }
  }

  /// Brings it to the disk and puts it at its path; nobody has it open any more.
  package func place() throws(JournalError) {
    let descriptor = open(draft, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: draft, why: String(cString: strerror(errno)))
    }
    let unsynced = fsync(descriptor) == 0 ? 0 : errno
    close(descriptor)
    guard unsynced == 0 else {
      throw .disk(path: draft, what: "it could not be synced", errno: unsynced)
    }
    // It may have changed meanwhile.
    try FileDraft.check(path, replaces: replaces)
    // A link fails where somebody made a file meanwhile; a name is given only once.
    let number = (replaces ? rename(draft, path) : link(draft, path)) == 0 ? 0 : errno
    guard number == 0 else {
      throw .cannotOpen(path: path, why: String(cString: strerror(number)))
    }
    if !replaces { unlink(draft) }
    let folder = Folder.sync(holding: path)
    guard folder == 0 else {
      throw .disk(path: path, what: "its folder could not be synced", errno: folder)
    }
  }
}
