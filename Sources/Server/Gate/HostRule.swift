import Events

/// The names by which this server may be called: a page of somebody else’s that a browser was led
/// to by another name gets nothing.
struct HostRule: Sendable {
  /// In lower case, without a port; the server’s own port belongs to each.
  private let names: Set<String>
  private let outside: Set<String>

  /// - Parameters:
  ///   - host: The address that is listened on.
  ///   - outside: Names by which a proxy passes requests on, with or without a port.
  init(host: String, outside: [String]) {
    var names: Set<String> = ["127.0.0.1", "localhost", "[::1]"]
    names.insert(host.contains(":") ? "[\(host.lowercased())]" : host.lowercased())
    self.names = names
    self.outside = Set(outside.map { $0.lowercased() })
  }

  /// - Parameter port: The port that the request came in by.
  func allows(_ authority: String?, port own: Int) -> Bool {
    guard let authority = authority?.lowercased() else { return false }
    let isOutside = outside.contains(authority) || outside.contains(Self.split(authority).name)
    return isOutside || isOwn(authority, port: own)
  }

  /// True for a name of the server’s own, by which no proxy passes anything on.
  func isOwn(_ authority: String?, port own: Int) -> Bool {
    guard let authority = authority?.lowercased(), !outside.contains(authority) else {
      return false
    }
    let (name, port) = Self.split(authority)
    return names.contains(name) && !outside.contains(name)
      && (port.map { Int($0) == own } ?? (own == 80))
  }

  private static func split(_ authority: String) -> (name: String, port: Substring?) {
    guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
      return (authority, nil)
    }
    return (String(authority[..<colon]), authority[authority.index(after: colon)...])
  }

  /// True for an address of this machine’s own, by which nobody else reaches it.
  static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }
}
