import Daybook
import Glibc

/// Lines of earlier sessions: one command a line, UTF-8, oldest first, nothing else.
///
///     instance list
///     events --limit 10
///
/// The file is only appended to, a line in one write, so sessions side by side lose nothing. It is
/// readable by its owner alone.
package struct HistoryFile: Sendable {
  /// Where it is; folders that miss are made for the owner alone.
  package let path: String

  /// Touches nothing yet.
  package init(path: String) {
    self.path = path
  }

  /// `$XDG_STATE_HOME/daybook/history`, else `~/.local/state/daybook/history`; nil without a home.
  package static func standard(_ environment: [String: String]) -> HistoryFile? {
    // The XDG rules say to ignore a path that is not absolute.
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      return HistoryFile(path: "\(state)/daybook/history")
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return HistoryFile(path: "\(home)/.local/state/daybook/history")
  }

  /// The newest lines, oldest first; none where there is no file yet.
  ///
  /// Lines that are not text (invalid UTF-8, control bytes) are left out.
  package func load() throws(HistoryError) -> [String] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 && errno == ENOENT { return [] }
    guard descriptor >= 0 else { throw HistoryError(path: path, errno: errno) }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    let start = max(0, size - off_t(TerminalLimits.historyBytesMax))
    lseek(descriptor, start, SEEK_SET)
    let bytes = try readAll(descriptor)
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    // Read from the middle, the first line is a part of one.
    if start > 0, !lines.isEmpty { lines.removeFirst() }
    let texts = lines.suffix(TerminalLimits.historyLinesMax).compactMap { line in
      String(validating: line, as: UTF8.self)
    }
    return texts.filter { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }
  }

  /// Adds one line at the end.
  package func append(_ line: String) throws(HistoryError) {
    OwnFile.makeFolders(for: path)
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw HistoryError(path: path, errno: errno) }
    defer { close(descriptor) }
    // An older file may have been made with another mask.
    _ = fchmod(descriptor, 0o600)
    let bytes = Array("\(line)\n".utf8)
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count else {
      throw HistoryError(path: path, errno: written < 0 ? errno : ENOSPC)
    }
    let number = OwnFile.sync(descriptor, at: path)
    guard number == 0 else { throw HistoryError(path: path, errno: number) }
  }

  private func readAll(_ descriptor: Int32) throws(HistoryError) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= TerminalLimits.historyBytesMax {
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw HistoryError(path: path, errno: errno) }
      if count == 0 { break }
      bytes.append(contentsOf: piece[..<count])
    }
    return bytes
  }
}

/// The history cannot be kept or read; the session goes on without.
package struct HistoryError: Error, Equatable, CustomStringConvertible {
  /// The file in question.
  package var path: String
  /// The system's number of the error.
  package var errno: Int32

  /// The sentence for the user.
  package var description: String {
    "history is off: \(path): \(String(cString: strerror(errno)))"
  }
}
