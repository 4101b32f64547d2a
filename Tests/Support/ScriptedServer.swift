import Foundation
import Glibc
import Synchronization

/// A server on loopback that answers with the very bytes it is told to, and records what it got.
///
/// Every connection has a thread; counts and times are bounded, so that a test that goes wrong
/// ends.
package final class ScriptedServer: Sendable {
  /// One thing to do on a connection, in order.
  package enum Step: Sendable {
    case send(String)
    case sendBytes([UInt8])
    /// Byte by byte, each in a packet of its own as far as the system lets it.
    case drip(String)
    /// Says nothing until the client goes away.
    case silence
    /// Ends the connection in order.
    case close
    /// Ends it with a reset.
    case reset
    /// Waits for the beginning of the next request, and ends the connection with that unread.
    case closeUnread
  }

  /// One request as it came.
  package struct Received: Sendable {
    /// Which connection it came on, counted from 1.
    package let connection: Int
    /// Which request of that connection it is, counted from 1.
    package let number: Int
    package let bytes: [UInt8]

    /// The bytes as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  package typealias Script = @Sendable (Received) -> [Step]

  /// Why there is no server.
  package struct Failure: Error { let call: String, number: Int32 }

  package let port: UInt16
  private let listener: Int32
  private let record: Record

  /// Listens on a port of the system’s choice, or on the one given.
  ///
  /// - Parameters:
  ///   - connectionsMax: After which nobody is let in.
  ///   - keepsRequests: Whether `requests` and `arrivals` have what came; the script has it anyway.
  ///   - script: What to do with each request; called on the connection’s thread.
  package init(
    address: String = "127.0.0.1", port: UInt16 = 0, connectionsMax: Int = 512,
    keepsRequests: Bool = true, _ script: @escaping Script
  ) throws {
    let record = Record(keepsRequests: keepsRequests)
    let (listener, port) = try listen(address: address, port: port, backlog: 128)
    (self.record, self.listener, self.port) = (record, listener, port)
    Thread.detachNewThread { acceptAll(listener, connectionsMax, record, script) }
  }

  /// Gives every request the same steps.
  package convenience init(_ steps: Step...) throws {
    try self.init { _ in steps }
  }

  deinit {
    // Wakes the thread that accepts, which then closes it.
    shutdown(listener, Int32(SHUT_RDWR))
    record.finish()
  }

  /// Everything that came so far.
  package var requests: [Received] { record.state.withLock { $0.requests } }

  /// How many connections were opened so far, by whomever and for whatever.
  package var connectionCount: Int { record.state.withLock { $0.connectionCount } }

  /// How many connections are open: of others everything that came was read.
  package var openCount: Int { record.state.withLock { $0.openCount } }

  /// Each request as it comes; for one reader.
  package var arrivals: AsyncStream<Received> { record.arrivals }

  /// The URL of a path here.
  package func url(_ path: String = "/", host: String = "127.0.0.1") -> String {
    "http://\(host):\(port)\(path)"
  }
}

/// What the threads write and the test reads.
private final class Record: Sendable {
  struct State {
    var requests: [ScriptedServer.Received] = []
    var connectionCount = 0
    var openCount = 0
  }

  let state = Mutex(State())
  let arrivals: AsyncStream<ScriptedServer.Received>
  private let continuation: AsyncStream<ScriptedServer.Received>.Continuation
  private let keepsRequests: Bool

  init(keepsRequests: Bool) {
    self.keepsRequests = keepsRequests
    (arrivals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(4_096))
  }

  func add(_ request: ScriptedServer.Received) {
    guard keepsRequests else { return }
    state.withLock { $0.requests.append(request) }
    continuation.yield(request)
  }

  func addConnection() -> Int {
    state.withLock { state in
      state.connectionCount += 1
      state.openCount += 1
      return state.connectionCount
    }
  }

  func endConnection() { state.withLock { $0.openCount -= 1 } }

  func finish() {
    continuation.finish()
  }
}

private let requestBytesMax = 4 << 20
/// Seconds without a byte after which a connection is given up.
private let patience = 120

/// A socket that holds a port, and the port; it listens where a backlog is given.
func listen(
  address: String, port: UInt16, backlog: Int32?
) throws(ScriptedServer.Failure) -> (Int32, UInt16) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { throw ScriptedServer.Failure(call: "socket", number: errno) }
  var one: Int32 = 1
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
  var name = loopback(address, port)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let status = withSocketAddress(&name) { pointer in
    guard bind(descriptor, pointer, size) == 0 else { return errno }
    if let backlog, Glibc.listen(descriptor, backlog) != 0 { return errno }
    return getsockname(descriptor, pointer, &size) == 0 ? 0 : errno
  }
  guard status == 0 else {
    close(descriptor)
    throw ScriptedServer.Failure(call: "bind", number: status)
  }
  return (descriptor, UInt16(bigEndian: name.sin_port))
}

/// The socket address of a dotted quad.
func loopback(_ address: String, _ port: UInt16) -> sockaddr_in {
  var name = sockaddr_in()
  name.sin_family = sa_family_t(AF_INET)
  name.sin_port = port.bigEndian
  inet_pton(AF_INET, address, &name.sin_addr)
  return name
}

/// The same bytes as the general type that the socket calls take.
func withSocketAddress<Result>(
  _ name: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
  withUnsafeMutablePointer(to: &name) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
  }
}

private func acceptAll(
  _ listener: Int32, _ connectionsMax: Int, _ record: Record,
  _ script: @escaping ScriptedServer.Script
) {
  for _ in 0..<connectionsMax {
    let descriptor = accept(listener, nil, nil)
    if descriptor < 0 { break }
    // Else a process that another test starts keeps the connection open when it is closed here.
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let connection = record.addConnection()
    Thread.detachNewThread { serve(descriptor, connection, record, script) }
  }
  close(listener)
}

private func serve(
  _ descriptor: Int32, _ connection: Int, _ record: Record, _ script: ScriptedServer.Script
) {
  defer {
    close(descriptor)
    record.endConnection()
  }
  var one: Int32 = 1
  setsockopt(
    descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  var time = timeval(tv_sec: patience, tv_usec: 0)
  let size = socklen_t(MemoryLayout<timeval>.size)
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
  var buffer: [UInt8] = []
  var number = 0
  while let bytes = readRequest(descriptor, &buffer) {
    number += 1
    let request = ScriptedServer.Received(connection: connection, number: number, bytes: bytes)
    record.add(request)
    for step in script(request) where !perform(step, descriptor) { return }
  }
}

/// Does one step; false where the connection is to end.
private func perform(_ step: ScriptedServer.Step, _ descriptor: Int32) -> Bool {
  switch step {
  case .send(let text): return sendAll(Array(text.utf8), descriptor)
  case .sendBytes(let bytes): return sendAll(bytes, descriptor)
  case .drip(let text): return text.utf8.allSatisfy { sendAll([$0], descriptor) }
  case .silence:
    var buffer = [UInt8](repeating: 0, count: 1_024)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
    return false
  case .close:
    shutdown(descriptor, Int32(SHUT_RDWR))
    return false
  case .closeUnread:
    var byte: UInt8 = 0
    _ = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
    return false
  case .reset:
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    return false
  }
}

private func sendAll(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if count <= 0 { return false }
    rest = rest.dropFirst(count)
  }
  return true
}

/// The next whole request, its length told by `Content-Length`; nil where the client went away.
private func readRequest(_ descriptor: Int32, _ buffer: inout [UInt8]) -> [UInt8]? {
  var chunk = [UInt8](repeating: 0, count: 16_384)
  while buffer.count < requestBytesMax {
    if let count = requestLength(buffer), buffer.count >= count {
      defer { buffer.removeFirst(count) }
      return Array(buffer.prefix(count))
    }
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count <= 0 { return nil }
    buffer += chunk.prefix(count)
  }
  return nil
}

/// Bytes of head and body; nil before the head is whole.
private func requestLength(_ bytes: [UInt8]) -> Int? {
  guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
  let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
  let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
    .flatMap { Int($0.drop { $0 != ":" }.dropFirst().filter { $0 != " " }) }
  return end.upperBound + (length ?? 0)
}
