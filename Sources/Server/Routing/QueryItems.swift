/// The names and values after the question mark, in order.
///
/// Source: WHATWG URL, §5, `application/x-www-form-urlencoded`.
struct QueryItems: Sendable {
  let items: [(name: String, value: String)]

  /// - Returns: nil for what is no percent-encoded UTF-8.
  init?(_ text: some StringProtocol) {
    var items: [(name: String, value: String)] = []
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]),
        let value = Self.decoded(parts.count > 1 ? parts[1] : "")
      else { return nil }
      items.append((name, value))
    }
    self.items = items
  }

  /// The last value of that name, as a form gives it.
  subscript(name: String) -> String? { items.last { $0.name == name }?.value }

  /// All values of that name.
  func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

  static func decoded(_ text: some StringProtocol, plusIsBlank: Bool = true) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(nibble), let low = rest.next().flatMap(nibble)
        else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsBlank: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
