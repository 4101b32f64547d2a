import Foundation
import Glibc

/// What a server answered, byte for byte and in parts.
package struct RawReply: Sendable {
  package let status: Int
  /// Names in lower case.
  package let headers: [String: String]
  package let body: [UInt8]

  package var text: String { String(decoding: body, as: UTF8.self) }

  /// - Parameter bytes: All that came until the connection was closed.
  package init?(_ bytes: [UInt8]) {
    let end = Array("\r\n\r\n".utf8)
    guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else {
      return nil
    }
    let lines = String(decoding: bytes[..<place], as: UTF8.self).split(separator: "\r\n")
    guard let code = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    status = code
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].drop { $0 == " " } + "" : ""
    }
    self.headers = headers
    let rest = Array(bytes[(place + 4)...])
    body = headers["transfer-encoding"] == "chunked" ? RawReply.unchunked(rest) : rest
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var body: [UInt8] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 13),
      let count = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), count > 0
    {
      let start = end + 2
      guard start + count <= rest.endIndex else { break }
      body += rest[start..<(start + count)]
      rest = rest[(start + count + 2)...]
    }
    return body
  }
}

/// A connection of a client that writes what it likes.
package final class RawClient: Sendable {
  private let descriptor: Int32

  /// - Parameter seconds: After which waiting for an answer ends.
  package init(port: Int, seconds: Int = 60) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var patience = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let connected = withUnsafePointer(to: &address) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw RawClientError(number: errno) }
  }

  deinit { close(descriptor) }

  package func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  /// What has come next; empty once the other side has closed, or nothing came in time.
  package func piece() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : []
  }

  /// All that comes until the other side closes.
  package func rest() -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let more = piece()
      if more.isEmpty { return bytes }
      bytes += more
    }
  }

  /// The same without keeping a thread from a server of the same process.
  package func nextPiece() async -> [UInt8] { await waiting { $0.piece() } }

  /// The same without keeping a thread from a server of the same process.
  package func whole() async -> [UInt8] { await waiting { $0.rest() } }

  private func waiting(
    _ work: @escaping @Sendable (RawClient) -> [UInt8]
  ) async -> [UInt8] {
    await withCheckedContinuation { answer in
      Thread.detachNewThread { answer.resume(returning: work(self)) }
    }
  }

  /// Says that nothing more comes.
  package func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Goes away as a process does that was killed: with a reset, whatever is under way.
  package func reset() {
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}

package struct RawClientError: Error {
  /// Of the system’s; 0 where no answer came.
  package let number: Int32
}

/// One request over a connection of its own.
///
/// - Parameter headers: `Host` is the server’s own where none is given.
package func request(
  _ port: Int, _ method: String, _ path: String, headers: [(String, String)] = [],
  body: String? = nil
) async throws -> RawReply {
  var lines = ["\(method) \(path) HTTP/1.1", "Connection: close"]
  if !headers.contains(where: { $0.0.lowercased() == "host" }) {
    lines.append("Host: 127.0.0.1:\(port)")
  }
  lines += headers.map { "\($0.0): \($0.1)" }
  if let body { lines.append("Content-Length: \(body.utf8.count)") }
  let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
  // On a thread of its own: it waits.
  return try await withCheckedThrowingContinuation { answer in
    Thread.detachNewThread {
      answer.resume(
        with: Result {
          let wire = try RawClient(port: port, seconds: 120)
          wire.send(text)
          guard let reply = RawReply(wire.rest()) else { throw RawClientError(number: 0) }
          return reply
        })
    }
  }
}
