import Glibc

/// A lock between processes: `flock` on a file beside the journal, never on the database itself,
/// whose own locks would be lost by opening and closing it by hand.
///
/// The lock goes with the process, also with a killed one. What stands in the file names the
/// holder. Nothing depends on the file or its name after a power cut, so that neither is synced.
package final class LockFile {
  private var descriptor: Int32
  private let path: String
  private var isHeld = false
  private var identity: FileIdentity?

  package init(path: String) throws(JournalError) {
    self.path = path
    descriptor = try LockFile.opened(path)
    identity = FileIdentity(descriptor)
  }

  private static func opened(_ path: String) throws(JournalError) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
    }
    return descriptor
  }

  deinit { close(descriptor) }

  /// Takes the lock if nobody holds it; where it cannot be taken at all, that is not told.
  package func take() -> Bool { (try? seize()) ?? false }

  /// Takes the lock if nobody holds it.
  ///
  /// - Throws: `cannotOpen` where the file is gone and cannot be made anew; `disk`.
  package func seize() throws(JournalError) -> Bool {
    if isHeld { return true }
    while true {
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        if errno == EINTR { continue }
        if errno == EWOULDBLOCK { return false }
        throw .disk(path: path, what: "it could not be locked", errno: errno)
      }
      // Who comes now locks the file that is at the path: that has to be this one.
      guard isMoved else { break }
      flock(descriptor, LOCK_UN)
      let fresh = try LockFile.opened(path)
      close(descriptor)
      descriptor = fresh
      identity = FileIdentity(fresh)
    }
    isHeld = true
    return true
  }

  private var isMoved: Bool { FileIdentity(path) != identity }

  /// Tells a lock that is held from one that only seems to be, from any thread.
  package struct Hold: Sendable {
    let path: String
    let identity: FileIdentity?

    /// - Throws: `moved` where another process would get the lock, because its file was taken away.
    package func check() throws(JournalError) {
      guard FileIdentity(path) != identity else { return }
      throw .moved(
        path: path,
        why: FileIdentity.told(path) + ", so that another process may run the journal as well")
    }
  }

  package var hold: Hold { Hold(path: path, identity: identity) }

  /// Takes the lock, waiting a while. Others hold it for one commit at a time.
  ///
  func wait(_ patience: Patience = .long) throws(JournalError) {
    var pause: UInt32 = 20
    var waited: UInt64 = 0
    while try !seize() {
      guard waited < patience.microseconds else { throw .busy(path: path) }
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

  /// The text that the holder wrote; empty where nobody did.
  package var signature: String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }
}

extension LockFile {
  /// The process that signed a lock and is still there; nil where nobody is.
  ///
  /// The lock itself is not tried, which could turn away who takes it just then, but for our own
  /// process: it may have released it long ago.
  package static func livingHolder(_ path: String) -> Int64? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
    guard let process = pid_t(String(decoding: digits, as: UTF8.self)), process > 0,
      kill(process, 0) == 0 || errno == EPERM
    else { return nil }
    if process == getpid() {
      guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
    }
    return Int64(process)
  }
}

/// How long to wait for who holds a lock.
package enum Patience: Sendable {
  /// Ten seconds, longer than any of our transactions.
  case long
  /// A quarter of a second: some commits. Reading has another way when it is over.
  case short

  var microseconds: UInt64 {
    switch self {
    case .long: 10_000_000
    case .short: 250_000
    }
  }
}
