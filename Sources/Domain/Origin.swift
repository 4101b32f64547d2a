/// Scheme, host and port of a URL: where it leads, and the most of it that a message may show.
///
/// Reads strictly, so that no other reader of the same URL can be led elsewhere.
package struct Origin: Sendable, Hashable {
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
    self.scheme = scheme
    self.port = port ?? (scheme == .https ? 443 : 80)
    address = Address(host: host)
    if let address {
      self.host = "\(address)"
    } else {
      guard let name = hostName(host) else { throw .badHost }
      self.host = name
    }
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

/// What is wrong with a URL.
package enum URLFault: Error, Sendable, Equatable {
  case tooLong(bytesMax: Int)
  case controlCharacter
  case unescaped
  case fragment
  case scheme
  case userInformation
  case noHost
  case badHost
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
    case 0x80..., UInt8(ascii: "\\"): throw .unescaped
    case UInt8(ascii: "#"): throw .fragment
    default: continue
    }
  }
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
