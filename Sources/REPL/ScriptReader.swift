import Dispatch
import Glibc

/// One line of a script, as it stands there.
package struct ScriptLine: Equatable, Sendable {
  /// Counted from 1.
  package var number: Int
  /// Without its line break; blanks around it stay.
  package var text: String
}

/// Why a script cannot be read on; each names its line.
package enum ScriptError: Error, Equatable, CustomStringConvertible {
  case invalidUTF8(line: Int)
  case nulByte(line: Int)
  case tooLong(line: Int)
  case unreadable(line: Int, errno: Int32)

  /// The sentence for the user.
  package var description: String {
    switch self {
    case .invalidUTF8(let line): "line \(line) is not UTF-8"
    case .nulByte(let line): "line \(line) holds a NUL byte"
    case .tooLong(let line):
      "line \(line) is longer than \(TerminalLimits.scriptLineBytesMax) bytes"
    case .unreadable(let line, let number):
      "line \(line) cannot be read: \(String(cString: strerror(number)))"
    }
  }
}

/// Reads lines from a file or pipe, exactly; libedit would drop bytes that are not UTF-8.
///
/// A byte order mark at the beginning is passed over. The last line needs no line break, and a CR
/// before the break belongs to it. Reading blocks a queue of its own.
package actor ScriptReader {
  private let executor = QueueExecutor(label: "daybook.script")
  private let descriptor: Int32
  /// Written to by whoever ends the waiting; nil where the system gave none, and it is waited on.
  private let bell: (reader: Int32, writer: Int32)?
  private var bytes: [UInt8] = []
  private var taken = 0
  private var isAtEnd = false
  private var number = 0

  /// - Parameter descriptor: Stays open; the caller owns it.
  package init(descriptor: Int32) {
    self.descriptor = descriptor
    bell = makePipe(isBlocking: false)
  }

  deinit {
    guard let bell else { return }
    close(bell.reader)
    close(bell.writer)
  }

  /// The next line, nil at the end, and as soon as the task is cancelled: what is never written is
  /// not waited for.
  ///
  /// - Throws: `ScriptError`; the lines after it are not reached.
  package nonisolated func interruptibleNext() async throws -> ScriptLine? {
    try await withTaskCancellationHandler {
      try await next()
    } onCancel: {
      if let bell { _ = write(bell.writer, "!", 1) }
    }
  }

  /// Runs on a queue where blocking harms nobody.
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// The next line, nil at the end.
  ///
  /// - Throws: `ScriptError`; the lines after it are not reached.
  package func next() throws(ScriptError) -> ScriptLine? {
    guard var line = try nextLine() else { return nil }
    if number == 1, line.starts(with: byteOrderMark) { line.removeFirst(byteOrderMark.count) }
    guard !line.contains(0) else { throw .nulByte(line: number) }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw .invalidUTF8(line: number)
    }
    return ScriptLine(number: number, text: text)
  }

  private func nextLine() throws(ScriptError) -> ArraySlice<UInt8>? {
    number += 1
    var searched = taken
    while true {
      if let end = bytes[searched...].firstIndex(of: 10) {
        guard end - taken <= TerminalLimits.scriptLineBytesMax else {
          throw .tooLong(line: number)
        }
        defer { taken = end + 1 }
        return withoutReturn(bytes[taken..<end])
      }
      guard bytes.count - taken <= TerminalLimits.scriptLineBytesMax else {
        throw .tooLong(line: number)
      }
      if isAtEnd {
        defer { taken = bytes.count }
        return taken == bytes.count ? nil : withoutReturn(bytes[taken...])
      }
      bytes.removeFirst(taken)
      taken = 0
      searched = bytes.count
      try fill()
    }
  }

  private func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.last == 13 ? line.dropLast() : line
  }

  /// Waits until there is something to read, or nobody waits for it any more.
  ///
  /// - Returns: False where nobody does.
  private func isAwaited() -> Bool {
    guard let bell else { return true }
    var entries = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: bell.reader, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&entries, 2, -1) < 0 && errno == EINTR {}
    return entries[1].revents == 0
  }

  private func fill() throws(ScriptError) {
    guard isAwaited() else {
      isAtEnd = true
      return
    }
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(line: number, errno: errno) }
      bytes.append(contentsOf: piece[..<count])
      isAtEnd = count == 0
      return
    }
  }
}

/// Runs an actor on a queue of its own, so that its blocking calls hold no shared thread.
private final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { @Sendable in job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
