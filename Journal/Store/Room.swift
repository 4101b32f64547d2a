import Glibc

/// Finds out whether a new file of the size of a fresh journal can be made, and leaves nothing
/// behind.
///
/// - Parameter path: Of the file to come; it is not touched.
/// - Throws: `cannotOpen` where its folder takes no file, `full` where there is no room for it.
package func checkRoom(for path: String) throws(JournalError) {
  let file = trial(beside: path)
  guard file >= 0 else { throw .cannotOpen(path: path, why: String(cString: strerror(errno))) }
  defer { close(file) }
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

/// A new file in the folder of another, without a name: a process that is killed leaves nothing.
private func trial(beside path: String) -> Int32 {
  let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
  // O_TMPFILE, which Swift does not see. Source: Linux, asm-generic/fcntl.h.
  let nameless: Int32 = 0o20_000_000 | O_DIRECTORY
  let file = open(String(folder), nameless | O_WRONLY | O_CLOEXEC, 0o600)
  guard file < 0, [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(errno) else { return file }
  // Not every kind of folder can do that.
  let trial = "\(path).\(getpid()).trial"
  let named = open(trial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  if named >= 0 { unlink(trial) }
  return named
}
