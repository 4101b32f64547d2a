import Daybook
import Glibc

/// A file that a person asked for: of mode 0600, and whole or not there.
enum OwnPage {
  /// Writes a file; beside it first, so that a fault leaves what was there.
  ///
  /// - Parameter isForced: Writes over a file of that name.
  /// - Throws: `Failure` where it cannot be written, or is there already.
  static func write(_ bytes: [UInt8], to path: String, over isForced: Bool) throws(Failure) {
    let draft = try Draft(path, over: isForced)
    do {
      try draft.file.write(bytes)
      try draft.file.flush()
    } catch {
      throw draft.given(up: .failed("\(path): it could not be written to its end"))
    }
    try draft.keep()
  }

  /// The same piece by piece, as `produce` gives them.
  @MainActor static func write(
    to path: String, over isForced: Bool,
    _ produce: @MainActor (_ write: @MainActor (String) throws -> Void) async throws -> Void
  ) async throws {
    let draft = try Draft(path, over: isForced)
    do {
      try await produce { try draft.file.write($0) }
      try draft.file.flush()
    } catch is OutputError {
      throw draft.given(up: .failed("\(path): it could not be written to its end"))
    } catch {
      throw draft.given(up: Failure(error))
    }
    try draft.keep()
  }

  /// A file that is being written.
  private struct Draft {
    let file: OutputFile
    private let descriptor: Int32
    private let path: String
    /// Where it is written until it is whole.
    private let target: String

    init(_ path: String, over isForced: Bool) throws(Failure) {
      if isForced { try Draft.check(path) }
      target = isForced ? "\(path).\(getpid()).new" : path
      self.path = path
      descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      file = OutputFile(descriptor: descriptor)
      guard descriptor >= 0 else {
        if errno == EEXIST, !isForced {
          throw .failed("\(path) is there already; --force writes over it")
        }
        throw .failed("\(path): \(String(cString: strerror(errno)))")
      }
    }

    /// Refuses to put a page in the place of what is no file, such as a device.
    private static func check(_ path: String) throws(Failure) {
      var facts = stat()
      guard lstat(path, &facts) == 0 else { return }
      switch facts.st_mode & S_IFMT {
      case S_IFREG: return
      case S_IFDIR: throw .failed("\(path) is a folder; name a file in it")
      case S_IFLNK: throw .failed("\(path) is a symbolic link; name the file itself")
      default: throw .failed("\(path) is no ordinary file; name another one")
      }
    }

    /// Removes it, and passes on why.
    func given(up failure: Failure) -> Failure {
      close(descriptor)
      unlink(target)
      return failure
    }

    /// Puts it in its place.
    func keep() throws(Failure) {
      close(descriptor)
      guard target == path || rename(target, path) == 0 else {
        let why = String(cString: strerror(errno))
        unlink(target)
        throw .failed("\(path): \(why)")
      }
    }
  }
}
