package import Domain
import RawJSON

/// Why extra headers are not accepted; names are told, values never, as they may be secret.
package struct HeaderFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence for a person.
  package var description: String
}

extension Headers {
  /// Headers that an operator may add.
  package static let extraMax = 32
  /// Bytes of all names and values together.
  package static let extraBytesMax = 8_192

  /// Reads the setting `event.notification.callback.headers` in either of its forms.
  ///
  ///     {"X-Team": "Blue", "Authorization": "Bearer …"}
  ///
  ///     X-Team: Blue
  ///     Authorization: Bearer …
  ///
  /// Refused are control characters (CR, LF and NUL among them), names that are no tokens, that
  /// stand twice, or that Daybook or the transport writes itself. Source: RFC 9110, §5.5 and
  /// §5.6.2.
  package static func extra(_ text: String) throws(HeaderFault) -> [Header] {
    let bytes = Array(text.utf8)
    let headers =
      bytes.first { !isBlank($0) } == UInt8(ascii: "{")
      ? try fromObject(bytes) : try fromLines(bytes)
    var names = Set<String>()
    for header in headers {
      try check(header)
      guard names.insert(header.name.lowercased()).inserted else {
        throw HeaderFault(description: "the header \(header.name) stands twice")
      }
    }
    let size = headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    guard headers.count <= extraMax, size <= extraBytesMax else {
      throw HeaderFault(
        description: "more than \(extraMax) extra headers, or \(extraBytesMax) bytes of them")
    }
    return headers
  }

  private static func fromObject(_ bytes: [UInt8]) throws(HeaderFault) -> [Header] {
    let json: JSON
    do {
      json = try JSON.parse(bytes)
    } catch {
      throw HeaderFault(description: "extra headers: \(error)")
    }
    var headers: [Header] = []
    for member in json.members ?? Members() {
      switch member.value {
      case .string(let value), .number(let value): headers.append(Header(member.name, value))
      default: throw HeaderFault(description: "extra headers: every value has to be a string")
      }
    }
    return headers
  }

  private static func fromLines(_ bytes: [UInt8]) throws(HeaderFault) -> [Header] {
    var headers: [Header] = []
    for var line in bytes.split(separator: UInt8(ascii: "\n")) {
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if line.allSatisfy(isBlank) { continue }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
        throw HeaderFault(description: "extra headers: expected lines of the form Name: value")
      }
      var value = line[(colon + 1)...]
      while let first = value.first, isBlank(first) { value.removeFirst() }
      while let last = value.last, isBlank(last) { value.removeLast() }
      headers.append(
        Header(
          String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    return headers
  }

  private static func check(_ header: Header) throws(HeaderFault) {
    guard header.hasTokenName else {
      throw HeaderFault(description: "extra headers: a name is not a header's name")
    }
    let name = header.name.lowercased()
    if ownNames.contains(name) || ownPrefixes.contains(where: name.hasPrefix) {
      throw HeaderFault(description: "the header \(header.name) is not for you to set")
    }
    guard header.value.utf8.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else {
      throw HeaderFault(description: "the header \(header.name) holds a control character")
    }
  }

  /// The headers that we write ourselves, and those that belong to the connection.
  private static let ownNames: Set<String> = [
    "content-type", "content-length", "content-encoding", "transfer-encoding", "host", "user-agent",
    "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
  ]
  private static let ownPrefixes = ["elements-webhook-", "webhook-", "daybook-", "proxy-"]
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
}
