import Glibc

/// Finds out whether a new file of the size of a fresh journal can be made, and leaves nothing
/// behind.
///
/// - Parameter path: Of the file to come; it is not touched.
/// - Throws: `cannotOpen` where its folder takes no file, `full` where there is no room for it.
package func checkRoom(for path: String) throws(LogError) {
  let trial = "\(path).\(getpid()).trial"
  let file = open(trial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  guard file >= 0 else { throw .cannotOpen(path: path, why: String(cString: strerror(errno))) }
  defer {
    close(file)
    unlink(trial)
  }
  var left = Bounds.freshJournalBytes
  let piece = [UInt8](repeating: 0, count: 1 << 16)
  while left > 0 {
    let count = write(file, piece, min(left, piece.count))
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      throw errno == ENOSPC || errno == EDQUOT || errno == EFBIG
        ? .full(path: path) : .cannotOpen(path: path, why: String(cString: strerror(errno)))
    }
    left -= count
  }
}
