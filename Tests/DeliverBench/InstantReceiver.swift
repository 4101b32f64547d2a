import Foundation
import Glibc
import Synchronization

/// A receiver on loopback that answers each request with 200 as soon as it has come whole; a thread
/// a connection.
final class InstantReceiver: Sendable {
  let url: String
  private let count: Count

  private final class Count: Sendable {
    let answered = Atomic<Int>(0)
    /// When the last answer went out, by the clock that never stands still.
    let last = Mutex(ContinuousClock.now)
  }

  /// When the last answer went out.
  var lastAnswer: ContinuousClock.Instant { count.last.withLock { $0 } }

  /// Requests answered so far.
  var answered: Int { count.answered.load(ordering: .relaxed) }

  /// - Parameter answers: Whether it answers at all.
  init(answers: Bool = true) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = withUnsafeMutablePointer(to: &address) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 256) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isOpen else { throw DeliverBenchFailure(text: "no port is free on loopback") }
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/hook"
    let count = Count()
    self.count = count
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        Thread.detachNewThread { InstantReceiver.serve(connection, answers ? count : nil) }
      }
    }
  }

  private static func serve(_ connection: Int32, _ count: Count?) {
    let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    var got: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    defer { close(connection) }
    while true {
      let read = recv(connection, &buffer, buffer.count, 0)
      guard read > 0 else { return }
      got += buffer.prefix(read)
      while let whole = wholeRequest(got) {
        got.removeFirst(whole)
        guard let count else { continue }
        // Before the answer, so that whoever has it finds it counted.
        count.answered.add(1, ordering: .relaxed)
        count.last.withLock { $0 = ContinuousClock.now }
        guard send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) > 0 else {
          return
        }
      }
    }
  }

  /// Bytes of the first request; nil while it has not come whole.
  private static func wholeRequest(_ bytes: [UInt8]) -> Int? {
    guard let blank = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: bytes[..<blank.lowerBound], as: UTF8.self).lowercased()
    let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
    let body = length.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
    let whole = blank.upperBound + body
    return bytes.count >= whole ? whole : nil
  }
}
