import Daybook
import Glibc

/// Commands of earlier sessions: one a line, UTF-8, oldest first, nothing else. A line that begins
/// with a tab goes on with the command before it.
///
///     instance list
///     SELECT type, count(*) FROM events
///     <tab>GROUP BY type;
///
/// The file is only appended to, a command in one write under a lock, so sessions side by side lose
/// nothing. Where the last line has no end, because its writer was ended or the disk was full, the
/// next command begins a line of its own. It is readable by its owner alone.
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
    return Array(HistoryFile.commands(in: lines).suffix(TerminalLimits.historyLinesMax))
  }

  private static func commands(in lines: [ArraySlice<UInt8>]) -> [String] {
    var commands: [String] = []
    for line in lines {
      guard let text = String(validating: line, as: UTF8.self),
        text.unicodeScalars.allSatisfy({ $0 == "\t" || $0.value >= 0x20 && $0.value != 0x7F })
      else { continue }
      guard text.hasPrefix("\t") else {
        commands.append(text)
        continue
      }
      if !commands.isEmpty { commands[commands.count - 1] += "\n" + text.dropFirst() }
    }
    return commands
  }

  /// Adds one command at the end.
  package func append(_ command: String) throws(HistoryError) {
    OwnFile.makeFolders(for: path)
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw HistoryError(path: path, errno: errno) }
    defer { close(descriptor) }
    // An older file may have been made with another mask.
    _ = fchmod(descriptor, 0o600)
    // Where a file system has no locks, one write is as much as can be done.
    _ = flock(descriptor, LOCK_EX)
    let start = isTorn(descriptor) ? "\n" : ""
    let lines = command.split(separator: "\n", omittingEmptySubsequences: false)
    let bytes = Array("\(start)\(lines.joined(separator: "\n\t"))\n".utf8)
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count else {
      throw HistoryError(path: path, errno: written < 0 ? errno : ENOSPC)
    }
    let number = OwnFile.sync(descriptor, at: path)
    guard number == 0 else { throw HistoryError(path: path, errno: number) }
  }

  /// Looks whether the last line has no end.
  private func isTorn(_ descriptor: Int32) -> Bool {
    let size = lseek(descriptor, 0, SEEK_END)
    var last: UInt8 = 10
    guard size > 0, pread(descriptor, &last, 1, size - 1) == 1 else { return false }
    return last != 10
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
