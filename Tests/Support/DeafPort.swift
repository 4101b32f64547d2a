import Glibc

/// A port on loopback where nobody answers, held so that nobody else can take it.
package final class DeafPort: Sendable {
  /// How it does not answer.
  package enum Manner: Sendable {
    /// Nobody listens: connections are refused.
    case closed
    /// The queue of those who wait is full: connections neither come about nor fail.
    case full
  }

  package let port: UInt16
  private let descriptors: [Int32]

  package init(_ manner: Manner) throws {
    let backlog: Int32? = manner == .full ? 0 : nil
    let (holder, port) = try listen(address: "127.0.0.1", port: 0, backlog: backlog)
    self.port = port
    // The shortest queue that the system allows, filled with connections of our own.
    descriptors = [holder] + (manner == .full ? (0..<4).map { _ in beginConnecting(port) } : [])
  }

  deinit {
    descriptors.forEach { _ = close($0) }
  }

  /// The URL of a path here.
  package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }
}

/// In progress, or queued for good: either way it takes a place.
private func beginConnecting(_ port: UInt16) -> Int32 {
  let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
  let descriptor = socket(AF_INET, kind, 0)
  var name = loopback("127.0.0.1", port)
  _ = withSocketAddress(&name) {
    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
  }
  return descriptor
}
