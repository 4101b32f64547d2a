import Glibc

/// Tells systemd, where it asks for that, how this service is: that it is ready, alive, about to
/// stop.
///
/// Source: sd_notify(3), “Standalone Implementations”.
struct SystemdNotice: Sendable {
  /// A path, or a name in the abstract space that begins with `@`; nil: nobody listens.
  private let socket: String?
  /// How often it wants to hear that the service is alive; nil: never.
  let watchdog: Duration?

  init(_ environment: [String: String]) {
    socket = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    let isOurs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    // Half of what it waits for, as its page asks.
    watchdog =
      isOurs
      ? environment["WATCHDOG_USEC"].flatMap(Int64.init).map { .microseconds($0) / 2 } : nil
  }

  /// How long is waited for room where many words wait to be read: a service must not hang because
  /// nobody listens.
  private static let roomMax = timeval(tv_sec: 1, tv_usec: 0)

  /// - Parameter state: Such as `READY=1`. What cannot be told is no reason to fail.
  func tell(_ state: String) {
    guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@") else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socket.utf8)
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let descriptor = Glibc.socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var most = Self.roomMax
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &most, socklen_t(MemoryLayout<timeval>.size))
    let bytes = Array(state.utf8)
    withUnsafePointer(to: &address) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }

  /// Says that the service is alive, as often as it is asked to, until the task is cancelled.
  ///
  /// - Parameter isAlive: Looks whether it does its work; where it does not, nothing is said, and
  ///   the service is started again.
  func watch(_ isAlive: @Sendable () async -> Bool) async {
    guard let watchdog else { return }
    while !Task.isCancelled {
      if await isAlive() { tell("WATCHDOG=1") }
      try? await Task.sleep(for: watchdog)
    }
  }
}
