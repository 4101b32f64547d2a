import Foundation
import Glibc
import Testing

/// A pseudo-terminal, seen from the person's side.
final class Terminal {
  let path: String
  private let own: Int32
  private let other: Int32
  private var bytes: [UInt8] = []

  init(columns: UInt16 = 200) throws {
    var (own, other): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    var window = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&own, &other, &name, nil, &window) == 0)
    for descriptor in [own, other] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(own, F_SETFL, O_NONBLOCK)
    (self.own, self.other) = (own, other)
    path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    close(own)
    close(other)
  }

  func type(_ text: String) {
    _ = write(own, text, text.utf8.count)
  }

  /// All that was shown up to now.
  func shown() -> String {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while case let count = read(own, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
  }

  /// The lines that are left on the screen: a count of work under way is erased at its end.
  func leftOnScreen() -> String {
    shown().split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.components(separatedBy: "\r\u{1B}[K").last ?? "" }.joined(separator: "\n")
  }
}
