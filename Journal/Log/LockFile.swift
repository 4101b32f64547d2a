import Glibc

/// A lock between processes: `flock` on a file beside the journal, never on the database itself,
/// whose own locks would be lost by opening and closing it by hand.
///
/// The lock goes with the process, also with a killed one. What stands in the file names the
/// holder.
package final class LockFile {
  private let descriptor: Int32
  private let path: String
  private var isHeld = false

  package init(path: String) throws(LogError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  /// Takes the lock if nobody holds it.
  package func take() -> Bool {
    if isHeld { return true }
    isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    return isHeld
  }

  /// Takes the lock, waiting at most ten seconds. Others hold it for one commit at a time.
  func wait() throws(LogError) {
    var pause: UInt32 = 20
    var waited: UInt64 = 0
    while !take() {
      guard waited < 10_000_000 else { throw .busy(path: path) }
      usleep(pause)
      waited += UInt64(pause)
      pause = min(pause * 2, 2_000)
    }
  }

  /// Lets the next one have it; where nobody here holds it, nothing happens.
  package func release() {
    guard isHeld else { return }
    flock(descriptor, LOCK_UN)
    isHeld = false
  }

  /// Writes who holds it, for people and for the message of whoever is refused.
  package func sign(_ text: String) {
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  /// What the holder wrote; empty where nobody did.
  package var signature: String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }
}
