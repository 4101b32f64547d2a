/// Scheme, host and port of a URL: where it leads, and the most of it that a message may show.
///
/// Reads strictly, so that no other reader of the same URL can be led elsewhere.
///
/// A host can be spelled in many ways. The one here is what is checked, what is looked up and what
/// is connected to; `url` has it in place of the one that was given:
///
///     given         HTTP://LOCALHOST.:80/a   http://0x7f.1/a     http://[FE80:0::1%25eth0]/a
///     host          localhost                127.0.0.1           fe80::1
///     url           http://localhost/a       http://127.0.0.1/a  http://[fe80::1%25eth0]/a
package struct Origin: Sendable {
  /// The schemes that Daybook ever uses.
  package enum Scheme: String, Sendable { case http, https }

  /// Decides the usual port, and whether the way is encrypted.
  package let scheme: Scheme
  /// A name in lower case without a final dot, or an address in its canonical form, without
  /// brackets.
  package let host: String
  /// The address that the host is, where it is not a name.
  package let address: Address?
  /// As written, else 80 or 443.
  package let port: UInt16
  /// The network interface that a link-local IPv6 address belongs to, where it was given.
  package let zone: String?
  /// The URL as it is sent: what was given, with this spelling of the scheme, host and port.
  package let url: String
  /// The host as it was given, with brackets where it has them.
  private let given: String

  /// Bytes of the longest URL that a person may give; longer ones fail in many servers on the way.
  package static let givenBytesMax = 2_000
  /// Bytes of the longest URL that is sent: a provider’s, with its tokens in the query. More is
  /// beyond what common servers read of a request line.
  package static let sentBytesMax = 8_192

  /// Reads an absolute URL.
  ///
  /// - Parameter bytesMax: Bytes of the longest that is read.
  /// - Throws: The first thing that is wrong with it; a person has to correct it.
  package init(of url: String, bytesMax: Int = givenBytesMax) throws(URLFault) {
    if url.utf8.count > bytesMax { throw .tooLong(bytesMax: bytesMax) }
    try checkCharacters(url)
    let (scheme, rest) = try splitScheme(url)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    if authority.contains("@") { throw .userInformation }
    let (host, port) = try splitPort(authority)
    if host.isEmpty { throw .noHost }
    given = String(host)
    self.scheme = scheme
    self.port = port ?? (scheme == .https ? 443 : 80)
    address = Address(host: host)
    zone = try Origin.zone(of: host)
    if let address {
      self.host = "\(address)"
    } else {
      guard let name = hostName(host) else { throw .badHost }
      self.host = name
    }
    let interface = zone.map { "%25\($0)" } ?? ""
    let shown = if case .v6? = address { "[\(self.host)\(interface)]" } else { self.host }
    let isUsual = self.port == (scheme == .https ? 443 : 80)
    let path = rest.dropFirst(authority.count)
    self.url = "\(scheme.rawValue)://\(shown)\(isUsual ? "" : ":\(self.port)")\(path)"
  }

  /// The zone behind the `%25` in an address in brackets. Source: RFC 6874, §2.
  private static func zone(of host: Substring) throws(URLFault) -> String? {
    guard host.hasPrefix("["), let percent = host.firstIndex(of: "%") else { return nil }
    let zone = host[percent...].dropLast()
    let isZoneByte: (UInt8) -> Bool = { byte in
      isNameByte(byte | 0x20) || isNameByte(byte) || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "~")
    }
    guard zone.hasPrefix("%25"), (4...zoneBytesMax).contains(zone.utf8.count),
      zone.dropFirst(3).utf8.allSatisfy(isZoneByte)
    else { throw .badHost }
    return String(zone.dropFirst(3))
  }

  /// Bytes of a zone with its `%25`; Linux has names of interfaces of at most 15.
  private static let zoneBytesMax = 35
}

/// Two origins are one where they lead to the same place, however each was written.
extension Origin: Hashable {
  package static func == (left: Origin, right: Origin) -> Bool {
    left.scheme == right.scheme && left.host == right.host && left.zone == right.zone
      && left.port == right.port
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(scheme)
    hasher.combine(host)
    hasher.combine(zone)
    hasher.combine(port)
  }
}

extension Origin {
  /// The host as it was given, where that is another spelling; for messages.
  ///
  ///     localhost (given as LOCALHOST.)
  package var hostAsGiven: String { host + remark }

  /// The same after a sentence about the host; empty where there is nothing to say.
  package var remark: String {
    if case .v6? = address, given == "[\(host)]" { return "" }
    return given == host ? "" : " (given as \(given))"
  }
}

extension Origin: CustomStringConvertible {
  /// `https://example.com:8443`, the port only where it is not the scheme's own.
  package var description: String { "\(scheme.rawValue)://\(authority)" }

  /// The same without the scheme, as the header `Host` has it. Source: RFC 9110, §7.2.
  package var authority: String {
    let shown = if case .v6? = address { "[\(host)]" } else { host }
    let isUsual = port == (scheme == .https ? 443 : 80)
    return shown + (isUsual ? "" : ":\(port)")
  }
}

/// A fault in a URL.
package enum URLFault: Error, Sendable, Equatable {
  case tooLong(bytesMax: Int)
  case controlCharacter
  case unescaped
  case fragment
  case scheme
  case userInformation
  case noHost
  case badHost
  case internationalHost
  case badPort

  /// One sentence for a person; never holds any of the URL.
  package var text: String {
    switch self {
    case .tooLong(let bytesMax): "The URL is longer than \(bytesMax) bytes"
    case .controlCharacter: "The URL holds a space or a control character"
    case .unescaped: "The URL holds a character that must be percent-encoded"
    case .fragment: "The URL has a fragment, which is never sent"
    case .scheme: "The URL does not begin with http:// or https://"
    case .userInformation: "The URL holds user information"
    case .noHost: "The URL has no host"
    case .badHost: "The URL’s host is neither a name nor an address"
    case .internationalHost: "The URL’s host is not in ASCII; its form with xn-- is"
    case .badPort: "The URL’s port is not a number from 1 to 65535"
    }
  }
}

/// A host name in lower case without its final dot; nil where the text cannot be one.
///
/// A last label that is a number is refused: readers disagree whether that is an address.
func hostName(_ text: some StringProtocol) -> String? {
  let name = text.lowercased()
  let bare = name.hasSuffix(".") ? String(name.dropLast()) : name
  let labels = bare.split(separator: ".", omittingEmptySubsequences: false)
  let isWellFormed = labels.allSatisfy { label in
    (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(isNameByte)
  }
  guard (1...253).contains(bare.utf8.count), isWellFormed, let last = labels.last,
    !isNumber(last)
  else { return nil }
  return bare
}

private func isNumber(_ label: Substring) -> Bool {
  if label.hasPrefix("0x") {
    return label.dropFirst(2).allSatisfy { $0.isASCII && $0.isHexDigit }
  }
  return label.allSatisfy { ("0"..."9").contains($0) }
}

private func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
  case UInt8(ascii: "-"), UInt8(ascii: "_"): true
  default: false
  }
}

private func checkCharacters(_ url: String) throws(URLFault) {
  for byte in url.utf8 {
    switch byte {
    case 0...0x20, 0x7f: throw .controlCharacter
    case 0x80...: throw isInHost(url) ? .internationalHost : .unescaped
    case UInt8(ascii: "\\"): throw .unescaped
    case UInt8(ascii: "#"): throw .fragment
    default: continue
    }
  }
}

/// Tells if the first byte beyond ASCII stands before the path.
private func isInHost(_ url: String) -> Bool {
  let before = url.utf8.prefix { $0 < 0x80 }
  return !before.contains(UInt8(ascii: "?")) && before.count { $0 == UInt8(ascii: "/") } == 2
}

private func splitScheme(_ url: String) throws(URLFault) -> (Origin.Scheme, Substring) {
  guard let colon = url.firstIndex(of: ":"),
    let scheme = Origin.Scheme(rawValue: url[..<colon].lowercased()),
    url[colon...].hasPrefix("://")
  else { throw .scheme }
  return (scheme, url[colon...].dropFirst(3))
}

private func splitPort(_ authority: Substring) throws(URLFault) -> (Substring, UInt16?) {
  var host = authority
  var rest: Substring = ""
  if authority.hasPrefix("[") {
    guard let end = authority.firstIndex(of: "]") else { throw .badHost }
    host = authority[...end]
    rest = authority[end...].dropFirst()
  } else if let colon = authority.firstIndex(of: ":") {
    host = authority[..<colon]
    rest = authority[colon...]
  }
  guard !rest.isEmpty else { return (host, nil) }
  let digits = rest.dropFirst()
  guard rest.hasPrefix(":"), digits.allSatisfy({ ("0"..."9").contains($0) }),
    let port = UInt16(digits), port > 0
  else { throw .badPort }
  return (host, port)
}
