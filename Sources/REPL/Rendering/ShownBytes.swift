import RawJSON

/// Bytes of a body or payload in lines for a person: JSON indented, other text as it is, anything
/// else in hexadecimal digits; control characters as escapes.
struct ShownBytes {
  let lines: [String]
  /// Bytes at the end that are not in the lines.
  let left: Int

  /// - Parameter most: Bytes that are shown.
  init(_ bytes: [UInt8], most: Int = TerminalLimits.bodyBytesShown) {
    var end = min(most, bytes.count)
    // No character is cut in two.
    while end < bytes.count, end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    left = bytes.count - end
    if isJSON(bytes) {
      lines = jsonLines(bytes, most: end)
    } else if let text = String(validating: bytes[..<end], as: UTF8.self) {
      lines = ShownBytes.textLines(text)
    } else {
      lines = ShownBytes.dump(bytes[..<end])
    }
  }

  private static func textLines(_ text: String) -> [String] {
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { visible(String($0)) }
  }

  /// Sixteen bytes a line, and the letters among them.
  ///
  ///     0010  de ad be ef 48 49                                …HI
  private static func dump(_ bytes: ArraySlice<UInt8>) -> [String] {
    stride(from: 0, to: bytes.count, by: 16).map { start in
      let part = bytes.dropFirst(start).prefix(16)
      let digits = part.map { hexadecimalPair($0) }.joined(separator: " ")
      let letters = part.map { (0x20..<0x7F).contains($0) ? String(UnicodeScalar($0)) : "." }
      let place = String(start, radix: 16)
      return String(repeating: "0", count: max(0, 4 - place.count)) + place + "  " + digits
        + String(repeating: " ", count: 49 - digits.count) + letters.joined()
    }
  }

  private static func hexadecimalPair(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

/// True where the bytes are one JSON value; half of a surrogate pair in it does not matter.
func isJSON(_ bytes: [UInt8]) -> Bool {
  var scanner = JSONScanner(bytes)
  return (try? scanner.value()) != nil && (try? scanner.end()) != nil
}
