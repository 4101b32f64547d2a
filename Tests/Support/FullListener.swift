import Glibc

/// A port on loopback that neither accepts nor refuses: its queue is full.
package final class FullListener: Sendable {
  package let port: UInt16
  private let descriptors: [Int32]

  /// Fills the shortest queue that the system allows with connections of our own.
  package init() throws {
    let (listener, port) = try listen(address: "127.0.0.1", port: 0, backlog: 0)
    var descriptors = [listener]
    for _ in 0..<4 {
      let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
      let descriptor = socket(AF_INET, kind, 0)
      var name = loopback("127.0.0.1", port)
      // In progress, or queued for good: either way it takes a place.
      _ = withSocketAddress(&name) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
      descriptors.append(descriptor)
    }
    self.port = port
    self.descriptors = descriptors
  }

  deinit {
    descriptors.forEach { _ = close($0) }
  }
}
