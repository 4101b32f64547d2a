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

private func appendQuoted(_ string: String, to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "\""))
  for byte in string.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case ..<0x20:
      bytes += "\\u00".utf8
      bytes += [hexDigit(byte >> 4), hexDigit(byte & 15)]
    default: bytes.append(byte)
    }
  }
  bytes.append(UInt8(ascii: "\""))
}

private func hexDigit(_ value: UInt8) -> UInt8 {
  value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
}
