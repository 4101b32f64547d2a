import Dispatch
import Foundation
import Glibc
import RawJSON

/// One HTTP request over a connection of its own, and the body of the answer.
///
/// - Throws: `Missing` where the answer is no 2xx.
func ask(
  _ port: UInt16, _ method: String, _ path: String, _ body: String? = nil
) async throws -> [UInt8] {
  let reply = try await onThread { try exchange(port, method, path, body ?? "") }
  guard let gap = reply.firstRange(of: Array("\r\n\r\n".utf8)) else {
    throw Missing("an answer to \(method) \(path)")
  }
  let head = String(decoding: reply[..<gap.lowerBound], as: UTF8.self)
  guard head.hasPrefix("HTTP/1.1 2") else { throw Missing("2xx for \(method) \(path): \(head)") }
  return Array(reply[gap.upperBound...])
}

/// Does what blocks on a thread that nothing else waits for.
func onThread<Result: Sendable>(
  _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
  }
}

/// One HTTP request over a connection of its own, and all of the answer.
func exchange(
  _ port: UInt16, _ method: String, _ path: String, _ body: String, host: String = "127.0.0.1"
) throws -> [UInt8] {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)  // SOCK_CLOEXEC
  defer { close(descriptor) }
  var limit = timeval(tv_sec: 120, tv_usec: 0)
  setsockopt(
    descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let connected = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard connected == 0 else { throw Missing("a listener on port \(port)") }
  let request =
    "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  var rest = Array(request.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard count > 0 else { throw Missing("a connection to port \(port)") }
    rest = rest.dropFirst(count)
  }
  var reply: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return reply }
    reply += buffer[..<count]
  }
}
