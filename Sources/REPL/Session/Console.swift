import Glibc

/// The two streams of the process, written whole and at once.
package enum Console {
  /// A result, on standard output.
  package static func say(_ text: String) { put(text + "\n", 1) }

  /// A message, on standard error.
  package static func complain(_ text: String) { put(text + "\n", 2) }

  /// A question, on standard output, without the end of its line.
  package static func ask(_ text: String) { put(text, 1) }

  private static func put(_ text: String, _ descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      // Nobody is left to be told that nobody listens.
      guard count > 0 || errno == EINTR else { return }
      rest = rest.dropFirst(max(0, count))
    }
  }
}
