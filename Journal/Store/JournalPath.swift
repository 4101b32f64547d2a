import Glibc

/// Where a journal lies.
package enum JournalPath {
  /// Bytes of a whole path at most: SQLite takes 512 with `-journal` behind it. Source: SQLite,
  /// os_unix.c, `MAX_PATHNAME`.
  private static let bytesMax = 504

  /// Looks whether anything is at a path; a link that leads nowhere is nothing.
  ///
  /// - Throws: `cannotOpen` where that cannot be told, such as in a folder that may not be entered,
  ///   and for what is no name of a file.
  package static func isThere(_ path: String) throws(JournalError) -> Bool {
    try check(path)
    guard access(path, F_OK) != 0 else { return true }
    guard errno == ENOENT else {
      throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
    }
    return false
  }

  /// Refuses a place where a journal is to be made and something stands, also an empty file.
  ///
  /// - Throws: `cannotOpen`.
  package static func checkIsFree(_ path: String) throws(JournalError) {
    guard try isThere(path) else { return }
    throw .cannotOpen(path: path, why: "a file is there that is no journal; move it away")
  }

  /// Refuses what would open something else than it names.
  ///
  /// - Throws: `cannotOpen`, which says how to name a file.
  package static func check(_ path: String) throws(JournalError) {
    guard let why = fault(in: path) else { return }
    throw .cannotOpen(path: path.isEmpty ? "the journal" : path, why: why)
  }

  private static func fault(in path: String) -> String? {
    if path.isEmpty { return "its name is empty; name a file" }
    if path == ":memory:" {
      return "a journal in memory would keep nothing; name a file, ./:memory: where it is called so"
    }
    if path.hasPrefix("file:") {
      return "a journal is named by its path, not by a URI; ./\(path) is a file of that name"
    }
    if path.utf8.contains(0) { return "its name holds a zero byte" }
    // What a name or a link holds that is not UTF-8 has become this sign, and another name with it.
    if path.unicodeScalars.contains("\u{FFFD}") { return "its name is not UTF-8; rename it" }
    if path.utf8.last == UInt8(ascii: "/") { return "it is named as a folder" }
    var bytes = path.utf8.count
    if !path.hasPrefix("/"), let folder = getcwd(nil, 0) {
      bytes += strlen(folder) + 1
      free(folder)
    }
    guard bytes <= bytesMax else {
      return "its whole path has \(bytes) bytes; SQLite takes \(bytesMax) at most"
    }
    return nil
  }

  /// The path that symbolic links lead to: the lock and key files lie beside the journal itself, so
  /// that all who open it by any name hold the same locks.
  ///
  /// Only the last piece is followed: a folder’s other name leads to the same files.
  package static func followed(_ path: String) -> String {
    var path = path
    // As many as Linux follows. Source: path_resolution(7).
    for _ in 0..<40 {
      var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      let length = readlink(path, &target, Int(PATH_MAX))
      guard length > 0 else { return path }
      let text = String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
      path = text.hasPrefix("/") ? text : folder + text
    }
    return path
  }
}
