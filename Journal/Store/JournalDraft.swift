import Glibc

/// A journal that stands beside its path until it is whole: `<path>.import`, `<path>.restore`.
package struct JournalDraft {
  /// The path of the draft.
  package let draft: String
  private let path: String

  /// Takes away what one left that was killed; who calls it keeps others from making one there.
  ///
  /// - Parameters:
  ///   - source: The file that is read; it is not taken away.
  ///   - ending: What its name has behind that of the journal.
  /// - Throws: `foreign` where that is what would be taken away; `cannotOpen` where something under
  ///   its name is no draft of a journal.
  package init(
    for path: String, from source: String, ending: String = ".import"
  ) throws(JournalError) {
    self.path = path
    draft = path + ending
    if let given = FileIdentity(source), given == FileIdentity(draft) {
      throw .foreign(
        path: source, why: "the journal is made under this name first; name the file otherwise")
    }
    try FileDraft.checkLeftover(draft)
    remove()
  }

  /// Takes the draft away, with what SQLite and locks keep beside it.
  package func remove() {
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(draft + suffix) }
  }

  /// Puts it at its path, in the place of nothing. Its write-ahead log has been copied into it.
  package func place() throws(JournalError) {
    var log = stat()
    guard stat(draft + "-wal", &log) != 0 || log.st_size == 0 else {
      throw .disk(path: draft, what: "its write-ahead log could not be copied into it", errno: 0)
    }
    let number = link(draft, path) == 0 ? 0 : errno
    remove()
    guard number == 0 else {
      throw .cannotOpen(path: path, why: String(cString: strerror(number)))
    }
    let unsynced = Folder.sync(holding: path)
    guard unsynced == 0 else {
      throw .disk(path: path, what: "its folder could not be synced", errno: unsynced)
    }
  }
}
