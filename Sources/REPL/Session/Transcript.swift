import Daybook
import Glibc

/// A file with what was typed and shown during a sitting, as plain text.
///
/// Lines that seem to hold a secret are left out, and a line in their place says so. It is readable
/// by its owner alone, and appended to where it is there.
struct Transcript: Sendable {
  let path: String
  private let descriptor: Int32
  private var pending = ""
  private(set) var failure: Int32 = 0

  init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .failed("\(visible(path)): \(String(cString: strerror(errno)))")
    }
  }

  /// Takes text in pieces that end anywhere.
  mutating func add(_ text: String) {
    pending += text
    guard let end = pending.utf8.lastIndex(of: 10) else { return }
    let whole = pending[...end]
    pending = String(pending[pending.utf8.index(after: end)...])
    write(whole.split(separator: "\n", omittingEmptySubsequences: false).dropLast())
  }

  /// Ends the file.
  mutating func close() {
    if !pending.isEmpty { write([pending[...]]) }
    pending = ""
    _ = Glibc.close(descriptor)
  }

  private mutating func write(_ lines: some Sequence<Substring>) {
    let text = lines.map { Transcript.kept(String($0)) + "\n" }.joined()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        failure = errno
        return
      }
      rest = rest.dropFirst(count)
    }
  }

  /// A line without its colours, or what stands in its place.
  static func kept(_ line: String) -> String {
    let plain = line.replacing(/\u{1B}\[[0-9;?]*[A-Za-z]/, with: "")
    return Conversation.holdsSecret(plain) ? "(a line that may hold a secret is left out)" : plain
  }
}
