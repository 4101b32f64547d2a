import Glibc

/// Ends the waiting for input that nobody may ever write, once the program is asked to stop: a read
/// that blocks holds up the very actor that a signal is handled on.
package enum InputBell {
  private static let ends = makePipe(isBlocking: false)

  /// Ends what waits now, and all that waits later; from any thread.
  package static func ring() {
    if let ends { _ = write(ends.writer, "!", 1) }
  }

  /// Lets it be waited for again: at the prompt a signal ends one command and not the program.
  static func quiet() {
    guard let ends else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(ends.reader, &bytes, bytes.count) > 0 {}
  }

  /// Waits until a descriptor can be read.
  ///
  /// - Returns: False where the program is to stop. An ordinary file is never waited for.
  static func waits(for descriptor: Int32) -> Bool {
    var status = stat()
    guard let ends, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFREG else {
      return true
    }
    var entries = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: ends.reader, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&entries, 2, -1) < 0, errno == EINTR {}
    return entries[1].revents == 0
  }

  /// Opens a file to be read; a pipe that nobody has opened for writing is waited for in `waits`.
  ///
  /// - Returns: Less than 0 where it cannot be opened.
  static func open(_ path: String) -> Int32 { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
}
