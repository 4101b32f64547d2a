/// A JSON string with its quotes: escaped where RFC 8259 demands it, and nowhere else.
///
///     quoted("a/b \"é\"\n")    // "a/b \"é\"\u000a"
package func quoted(_ string: String) -> String {
  var bytes: [UInt8] = []
  appendQuoted(string, to: &bytes)
  return String(decoding: bytes, as: UTF8.self)
}

extension JSON {
  /// This value without any space: slashes and non-ASCII raw, controls as `\u00XX`.
  ///
  /// - Parameter sorted: Members by the bytes of their names: equal values have equal bytes;
  ///   otherwise in their own order.
  package func bytes(sorted: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes, sorted: sorted)
    return bytes
  }

  private func append(to bytes: inout [UInt8], sorted: Bool) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let digits): bytes += digits.utf8
    case .string(let text): appendQuoted(text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.append(to: &bytes, sorted: sorted)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in (sorted ? members.sorted : members).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        appendQuoted(member.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.append(to: &bytes, sorted: sorted)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}

/// How control characters are escaped; RFC 8259 allows both.
package enum ControlEscapes: Sendable {
  /// `\u000a`, each in the same way.
  case numbered
  /// `\n` where there is such a letter, as Foundation’s encoder has it.
  case lettered
}

/// Appends a JSON string with its quotes: escaped where RFC 8259 demands it, and nowhere else.
package func appendQuoted(
  _ string: String, to bytes: inout [UInt8], controls: ControlEscapes = .numbered
) {
  bytes.append(UInt8(ascii: "\""))
  var string = string
  string.withUTF8 { text in
    var start = 0
    while let place = firstEscaped(text, from: start) {
      bytes += text[start..<place]
      appendEscape(of: text[place], to: &bytes, controls)
      start = place + 1
    }
    bytes += text[start...]
  }
  bytes.append(UInt8(ascii: "\""))
}

/// The next byte that cannot stand in a JSON string as it is: eight at a time.
private func firstEscaped(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
  let raw = UnsafeRawBufferPointer(text)
  var place = start
  while place + 8 <= text.count {
    let eight = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
    if EightBytes.mayBeEscaped(eight) { break }
    place += 8
  }
  return text[place...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
}

private func appendEscape(of byte: UInt8, to bytes: inout [UInt8], _ controls: ControlEscapes) {
  let letter: Unicode.Scalar? =
    switch byte {
    case 0x08: "b"
    case 0x09: "t"
    case 0x0A: "n"
    case 0x0C: "f"
    case 0x0D: "r"
    default: nil
    }
  bytes.append(UInt8(ascii: "\\"))
  if byte >= 0x20 {
    bytes.append(byte)
  } else if let letter, controls == .lettered {
    bytes.append(UInt8(ascii: letter))
  } else {
    bytes += "u00".utf8
    bytes += [hexDigit(byte >> 4), hexDigit(byte & 15)]
  }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
  value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
}
