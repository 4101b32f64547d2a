/// A text as one segment of a path, or one name or value of a query or form: every byte but the
/// unreserved ones is written `%XX`.
///
///     en.german#holiday@group.v.calendar.google.com
///     en.german%23holiday%40group.v.calendar.google.com
///
/// Source: RFC 3986, §2.3.
func percentEncoded(_ text: String) -> String {
  var encoded = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let hex = String(byte, radix: 16, uppercase: true)
      encoded += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
    }
  }
  return encoded
}

/// Names and values with `=` and `&` between them, in this order.
func queryText(_ pairs: [(name: String, value: String)]) -> String {
  pairs.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }.joined(separator: "&")
}

/// A text with its `%XX` undone; the text itself where they are not that, so that a raw `%` may
/// stand.
package func percentDecoded(_ text: String) -> String {
  var plain: [UInt8] = []
  var rest = Substring(text).utf8
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "%") else {
      plain.append(byte)
      continue
    }
    guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
      digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16)
    else { return text }
    plain.append(value)
    rest = rest.dropFirst(2)
  }
  return String(validating: plain, as: UTF8.self) ?? text
}
