import Glibc

extension JournalPath {
  /// Endings that a journal's name has in the names of the files beside it.
  private static let ownSuffixes = [
    "", "-wal", "-shm", "-journal", ".lock", ".engine", ".key", ".key.rotating", ".signing.key",
    ".signing.notes", ".backups",
  ]

  /// Tells files of a journal from those that results may be written to: by the name, also where
  /// nothing is there yet, and by what links lead to.
  ///
  /// - Parameter keyFile: The key file where it is not beside the journal.
  package static func isOwn(
    _ path: String, of journal: String, keyFile: String? = nil
  ) -> Bool {
    let journal = followed(journal)
    let named = resolved(followed(path))
    let identity = FileIdentity(path)
    let own = ownSuffixes.map { journal + $0 } + (keyFile.map { [$0] } ?? [])
    let isOwn = own.contains { file in
      named == resolved(followed(file)) || identity != nil && identity == FileIdentity(file)
    }
    // Keys from before a rotation, which backups of that time need, and archives.
    return isOwn
      || [".key.until-", ".archive-"].contains { ending in
        identity != nil && named.hasPrefix(resolved(journal) + ending)
      }
  }

  /// The path with its folder as the system knows it.
  private static func resolved(_ path: String) -> String {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    guard let real = realpath(folder, nil) else { return path }
    defer { free(real) }
    return String(cString: real) + "/" + name
  }
}
