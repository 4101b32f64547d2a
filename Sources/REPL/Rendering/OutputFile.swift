import Glibc

/// Why output could not be written.
package enum OutputError: Error, Equatable {
  /// The reader went away (`| head`, a pager that was left): stop, there is nothing to report.
  case closed
  /// The system's error number; a full disk, for one.
  case failed(errno: Int32)
}

extension OutputError: CustomStringConvertible {
  /// One sentence for a person, with the system’s own reason.
  package var description: String {
    switch self {
    case .closed: "nobody reads the output any more"
    // What is closed when a program is started is made such that writing to it fails so.
    case .failed(EBADF): "standard output is closed, so that nothing could be printed"
    case .failed(let number):
      "the output could not be written: \(String(cString: strerror(number)))"
    }
  }
}

/// A descriptor to which text is written in large pieces.
///
/// Writes block. A program that prints calls `ignoreBrokenPipes()` once, or a reader that goes away
/// ends it by a signal instead of `OutputError.closed`.
package final class OutputFile {
  private let descriptor: Int32
  private var gathered: [UInt8] = []

  /// Writes to a descriptor that stays open; the caller owns it.
  package init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Turns SIGPIPE into an error of the write, for the whole process.
  package static func ignoreBrokenPipes() {
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Gathers text; what was gathered goes out when it is much, and at `flush()`.
  package func write(_ text: String) throws(OutputError) {
    try write(text.utf8)
  }

  /// The same with bytes as they are.
  package func write(_ bytes: some Sequence<UInt8>) throws(OutputError) {
    gathered.append(contentsOf: bytes)
    if gathered.count >= TerminalLimits.outputBytesGathered { try flush() }
  }

  /// The same for bytes.
  package func write(_ bytes: [UInt8]) throws(OutputError) {
    gathered += bytes
    if gathered.count >= TerminalLimits.outputBytesGathered { try flush() }
  }

  /// Writes all that was gathered.
  package func flush() throws(OutputError) {
    if descriptor == 1, !gathered.isEmpty { Console.speak() }
    var rest = gathered[...]
    gathered = []
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: awaitRoom()
      case EPIPE: throw .closed
      case let number: throw .failed(errno: number)
      }
    }
  }

  private func awaitRoom() {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&entry, 1, -1)
  }
}
