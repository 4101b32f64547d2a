import Glibc

/// Bytes from standard input, or the news that something else happened meanwhile.
struct TerminalInput {
  enum Event: Equatable {
    case byte(UInt8)
    /// Somebody woke the thread; `windowChanged` where it was the terminal's new size.
    case woken(windowChanged: Bool)
    case ended
  }

  private let wakeReader: Int32
  private var bytes: [UInt8] = []
  private var taken = 0

  init(wakeReader: Int32) {
    self.wakeReader = wakeReader
  }

  /// Blocks until there is an event. What was typed ahead comes before anything else.
  mutating func next() -> Event {
    while true {
      if taken < bytes.count {
        defer { taken += 1 }
        return .byte(bytes[taken])
      }
      var entries = [
        pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0),
        pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&entries, 2, -1) > 0 else { continue }
      if entries[0].revents != 0 { return .woken(windowChanged: drain()) }
      if entries[1].revents != 0, !fill() { return .ended }
    }
  }

  /// Gives back a byte that belongs to the next character.
  mutating func putBack(_ byte: UInt8) {
    bytes.replaceSubrange(..<taken, with: CollectionOfOne(byte))
    taken = 0
  }

  /// Takes a sequence away if it is what comes next; waits a moment for the rest of it.
  mutating func take(_ sequence: [UInt8]) -> Bool {
    while true {
      let next = bytes[taken...].prefix(sequence.count)
      guard sequence.starts(with: next) else { return false }
      if next.count == sequence.count {
        taken += sequence.count
        return true
      }
      var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, TerminalLimits.escapeWaitMilliseconds) > 0, fill() else { return false }
    }
  }

  /// Blocks until somebody wakes the thread, leaving what is typed for the next prompt.
  func awaitWake() {
    var entry = pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)
    while poll(&entry, 1, -1) < 0 && errno == EINTR {}
    _ = drain()
  }

  private mutating func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 4_096)
    let count = piece.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
    if count < 0 && (errno == EINTR || errno == EAGAIN) { return true }
    bytes.removeFirst(taken)
    bytes.append(contentsOf: piece[..<max(0, count)])
    taken = 0
    return count > 0
  }

  private func drain() -> Bool {
    var piece = [UInt8](repeating: 0, count: 64)
    var windowChanged = false
    while true {
      let count = piece.withUnsafeMutableBytes { read(wakeReader, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return windowChanged }
      if piece[..<count].contains(UInt8(ascii: "w")) { windowChanged = true }
    }
  }
}
