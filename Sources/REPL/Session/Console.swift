import Glibc
import Synchronization

/// The two streams of the process, written whole and at once.
package enum Console {
  /// A result, on standard output.
  package static func say(_ text: String) {
    speak()
    note(text + "\n")
    put(text + "\n", 1)
  }

  /// A message, on standard error; above the line where a person types at the prompt.
  package static func complain(_ text: String) {
    speak()
    note(text + "\n")
    if let announce = announcer.withLock({ $0 }) { announce(text) } else { put(text + "\n", 2) }
  }

  /// A question, on standard output, without the end of its line.
  package static func ask(_ text: String) {
    speak()
    put(text, 1)
  }

  /// Why something that was to be said on standard output was not, the first time.
  package static var failure: OutputError? {
    let number = firstError.withLock { $0 }
    return number == 0 || number == EPIPE ? nil : .failed(errno: number)
  }

  /// The error number of the first result that was not said since it was asked for last; 0: none.
  static func takeError() -> Int32 {
    firstError.withLock { number in
      defer { number = 0 }
      return number
    }
  }

  /// Puts back what was taken, unless something else came first.
  static func keepError(_ number: Int32) {
    firstError.withLock { $0 = $0 == 0 ? number : $0 }
  }

  /// Draws a line on standard error in place of the one drawn before; whatever is printed next
  /// erases it.
  static func draw(_ line: String) {
    screen.withLock { screen in
      screen.words += 1
      screen.draw(line)
    }
  }

  /// The same where nothing was said since the screen had that many words.
  ///
  /// - Returns: False where something was.
  static func draw(_ line: String, ifQuietSince words: Int) -> Bool {
    screen.withLock { screen in
      guard screen.words == words else { return false }
      screen.draw(line)
      return true
    }
  }

  /// Erases the line that was drawn last, where it is still there.
  static func erase() { screen.withLock { $0.erase() } }

  /// The same, as something else is about to be shown.
  static func speak() {
    screen.withLock { screen in
      screen.words += 1
      screen.erase()
    }
  }

  /// How often something was shown so far: a number that differs once there is more.
  static var words: Int { screen.withLock { $0.words } }

  private struct Screen {
    var isDrawn = false
    var words = 0

    mutating func draw(_ line: String) {
      put(Array(("\r\u{1B}[K" + line).utf8), 2)
      isDrawn = true
    }

    mutating func erase() {
      if isDrawn { put(Array("\r\u{1B}[K".utf8), 2) }
      isDrawn = false
    }
  }

  private static let screen = Mutex(Screen())

  private static let firstError = Mutex<Int32>(0)
  private static let announcer = Mutex<(@Sendable (String) -> Void)?>(nil)

  /// Hands messages to whoever draws the line that is typed, or to nobody any more.
  static func announce(by next: (@Sendable (String) -> Void)?) {
    announcer.withLock { $0 = next }
  }

  private static let transcript = Mutex<Transcript?>(nil)

  /// Begins or ends a record of what is shown.
  ///
  /// - Returns: The one before.
  @discardableResult
  static func record(_ next: Transcript?) -> Transcript? {
    transcript.withLock { current in
      defer { current = next }
      return current
    }
  }

  /// Keeps what is shown on the screen, where a record is kept.
  static func note(_ text: String) {
    transcript.withLock { $0?.add(text) }
  }

  /// Bytes of an answer, on standard output.
  static func show(_ bytes: [UInt8]) {
    speak()
    put(bytes, 1)
  }

  private static func put(_ text: String, _ descriptor: Int32) {
    put(Array(text.utf8), descriptor)
  }

  private static func put(_ bytes: [UInt8], _ descriptor: Int32) {
    var rest = bytes[...]
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
