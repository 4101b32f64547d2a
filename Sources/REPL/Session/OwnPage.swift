import Daybook
import Glibc

/// A file that a person asked for: of mode 0600, and whole or not there.
enum OwnPage {
  /// Writes a file; beside it first, so that a fault leaves what was there.
  ///
  /// - Parameter isForced: Writes over a file of that name.
  /// - Throws: `Failure` where it cannot be written, or is there already.
  static func write(_ bytes: [UInt8], to path: String, over isForced: Bool) throws(Failure) {
    let target = isForced ? "\(path).\(getpid()).new" : path
    let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST, !isForced {
        throw .failed("\(path) is there already; --force writes over it")
      }
      throw .failed("\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let file = OutputFile(descriptor: descriptor)
    do {
      try file.write(String(decoding: bytes, as: UTF8.self))
      try file.flush()
    } catch {
      unlink(target)
      throw .failed("\(path): it could not be written to its end")
    }
    guard !isForced || rename(target, path) == 0 else {
      let why = String(cString: strerror(errno))
      unlink(target)
      throw .failed("\(path): \(why)")
    }
  }
}
