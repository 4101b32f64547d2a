import Glibc
import Synchronization

/// A sign on this machine that one copy of a journal is at work, by which another copy of it finds
/// out: a name in the abstract namespace of Unix sockets, which goes with the process.
///
/// It is seen by all users of the machine, and not from within another container.
package final class CopyBeacon: Sendable {
  private let name: [UInt8]
  /// -1 while there is none.
  private let descriptor = Mutex<Int32>(-1)

  /// - Parameter lineage: What copies have in common, and restored ones do not.
  package init(lineage: String) { name = [0] + Array("daybook/\(lineage)".utf8) }

  deinit { end() }

  /// Puts the sign up.
  ///
  /// - Returns: The process whose sign is there already, 0 where that does not tell; nil where none
  ///   is, or none can be put up.
  package func begin() -> Int64? {
    let own = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard own >= 0 else { return nil }
    if withAddress({ bind(own, $0, $1) }) == 0, listen(own, 8) == 0 {
      descriptor.withLock { $0 = own }
      return nil
    }
    defer { close(own) }
    guard errno == EADDRINUSE else { return nil }
    guard withAddress({ connect(own, $0, $1) }) == 0 else { return 0 }
    // Process, user and group. Source: unix(7), SO_PEERCRED.
    var peer: (pid_t, uid_t, gid_t) = (0, 0, 0)
    var length = socklen_t(MemoryLayout.size(ofValue: peer))
    guard getsockopt(own, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 else { return 0 }
    return Int64(peer.0)
  }

  /// Takes it away.
  package func end() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }

  private func withAddress(
    _ work: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = MemoryLayout<sa_family_t>.size + name.count
    return withUnsafePointer(to: &address) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) { work($0, socklen_t(length)) }
    }
  }
}
