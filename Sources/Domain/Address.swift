/// A numeric IP address, without port or zone.
package enum Address: Sendable, Hashable {
  /// The four bytes as one number: 127.0.0.1 is `0x7f00_0001`.
  case v4(UInt32)
  /// The sixteen bytes as one number: ::1 is 1.
  case v6(UInt128)

  /// Reads the usual text forms only: four decimal numbers without leading zeros, or RFC 4291.
  package init?(_ text: some StringProtocol) {
    let text = Substring(text)
    if let number = dottedQuad(text) {
      self = .v4(number)
    } else if let number = colonForm(text) {
      self = .v6(number)
    } else {
      return nil
    }
  }

  /// Reads the 4 or 16 bytes of an address as they stand in a packet.
  package init?(bytes: [UInt8]) {
    switch bytes.count {
    case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
    case 16: self = .v6(bytes.reduce(0) { $0 << 8 | UInt128($1) })
    default: return nil
    }
  }

  /// The address that the host of a URL denotes by itself, without a look-up.
  ///
  /// URL parsers and `inet_aton` take more than the usual form, so that all of these are 127.0.0.1:
  ///
  ///     127.0.0.1   127.1   2130706433   0x7f000001   0177.0.0.1   0x7f.0.1   127.0.0.1.
  ///
  /// A zone, as in `[fe80::1%25eth0]`, is dropped: it does not change what kind of address it is.
  package init?(host: some StringProtocol) {
    let host = Substring(host)
    if host.hasPrefix("["), host.hasSuffix("]") {
      let inner = host.dropFirst().dropLast()
      guard let number = colonForm(inner.prefix { $0 != "%" }) else { return nil }
      self = .v6(number)
    } else if let number = looseForm(host) {
      self = .v4(number)
    } else {
      return nil
    }
  }

  /// 32 or 128.
  package var bitCount: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// Packets to it stay on this machine: 127.0.0.0/8 and ::1, in their plain forms.
  package var isLoopback: Bool {
    switch self {
    case .v4(let number): number >> 24 == 127
    case .v6(let number): number == 1
    }
  }
}

extension Address: CustomStringConvertible {
  /// The canonical text: RFC 5952, with the last 32 bits dotted in an IPv4-mapped address.
  package var description: String {
    switch self {
    case .v4(let number):
      return [24, 16, 8, 0].map { String(number >> $0 & 0xff) }.joined(separator: ".")
    case .v6(let number) where number >> 32 == 0xffff:
      return "::ffff:\(Address.v4(UInt32(truncatingIfNeeded: number)))"
    case .v6(let number):
      return groupText((0..<8).map { UInt16(truncatingIfNeeded: number >> (112 - 16 * $0)) })
    }
  }
}

/// Eight groups in hexadecimal, the first longest run of two or more zeros as `::`.
private func groupText(_ groups: [UInt16]) -> String {
  var longest = 0..<0
  var start = 0
  while start < groups.count {
    let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
    if end - start > max(longest.count, 1) { longest = start..<end }
    start = max(end, start + 1)
  }
  func text(_ part: ArraySlice<UInt16>) -> String {
    part.map { String($0, radix: 16) }.joined(separator: ":")
  }
  guard !longest.isEmpty else { return text(groups[...]) }
  return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
}

private func dottedQuad(_ text: Substring) -> UInt32? {
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  guard parts.count == 4 else { return nil }
  var number: UInt32 = 0
  for part in parts {
    guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(isDecimalDigit),
      part == "0" || !part.hasPrefix("0"), let byte = UInt8(part)
    else { return nil }
    number = number << 8 | UInt32(byte)
  }
  return number
}

private func colonForm(_ text: Substring) -> UInt128? {
  let halves = text.split(separator: "::", omittingEmptySubsequences: false)
  guard let last = halves.last, halves.count <= 2 else { return nil }
  guard let tail = groups(of: last, mayEndDotted: true) else { return nil }
  var words = tail
  if halves.count == 2 {
    guard let head = groups(of: halves[0], mayEndDotted: false), head.count + tail.count <= 7
    else { return nil }
    words = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
  }
  guard words.count == 8 else { return nil }
  return words.reduce(0) { $0 << 16 | UInt128($1) }
}

/// The 16-bit groups on one side of a `::`; none where there is no text.
private func groups(of text: Substring, mayEndDotted: Bool) -> [UInt16]? {
  guard !text.isEmpty else { return [] }
  var parts = text.split(separator: ":", omittingEmptySubsequences: false)
  var dotted: [UInt16] = []
  if mayEndDotted, let last = parts.last, let number = dottedQuad(last) {
    parts.removeLast()
    dotted = [UInt16(number >> 16), UInt16(number & 0xffff)]
  }
  var words: [UInt16] = []
  for part in parts {
    guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
      let word = UInt16(part, radix: 16)
    else { return nil }
    words.append(word)
  }
  return words + dotted
}

/// Reads the forms that `inet_aton` and the URL standard's IPv4 parser take: one to four decimal,
/// octal or hexadecimal numbers, the last of which fills the bytes that are left.
///
/// Source: WHATWG, “URL”, IPv4 parser.
private func looseForm(_ host: Substring) -> UInt32? {
  var parts = host.split(separator: ".", omittingEmptySubsequences: false)
  if parts.count > 1, parts.last == "" { parts.removeLast() }
  guard (1...4).contains(parts.count) else { return nil }
  let numbers = parts.compactMap(looseNumber)
  guard numbers.count == parts.count, let last = numbers.last else { return nil }
  let head = numbers.dropLast()
  let bitsLeft = 32 - 8 * head.count
  guard head.allSatisfy({ $0 <= 0xff }), last >> UInt64(bitsLeft) == 0 else { return nil }
  return UInt32(head.reduce(0) { $0 << 8 | $1 } << UInt64(bitsLeft) | last)
}

private func looseNumber(_ part: Substring) -> UInt64? {
  guard let first = part.utf8.first, isDecimalDigit(first), part.utf8.count <= 64 else {
    return nil
  }
  if part.hasPrefix("0x") || part.hasPrefix("0X") {
    let digits = part.dropFirst(2)
    guard digits.utf8.allSatisfy(isHexDigit) else { return nil }
    return digits.isEmpty ? 0 : UInt64(digits, radix: 16)
  }
  guard part.utf8.allSatisfy(isDecimalDigit) else { return nil }
  return UInt64(part, radix: first == UInt8(ascii: "0") ? 8 : 10)
}

private func isDecimalDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  isDecimalDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
