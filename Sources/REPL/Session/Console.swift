import Glibc
import Synchronization

/// The two streams of the process, written whole and at once.
package enum Console {
  /// A result, on standard output.
  package static func say(_ text: String) { put(text + "\n", 1) }

  /// A message, on standard error.
  package static func complain(_ text: String) { put(text + "\n", 2) }

  /// A question, on standard output, without the end of its line.
  package static func ask(_ text: String) { put(text, 1) }

  /// Why something that was to be said on standard output was not, the first time.
  package static var failure: OutputError? {
    let number = firstError.withLock { $0 }
    return number == 0 || number == EPIPE ? nil : .failed(errno: number)
  }

  private static let firstError = Mutex<Int32>(0)

  private static func put(_ text: String, _ descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else {
        let number = errno
        if descriptor == 1 { firstError.withLock { $0 = $0 == 0 ? number : $0 } }
        return
      }
      rest = rest.dropFirst(max(0, count))
    }
  }
}
