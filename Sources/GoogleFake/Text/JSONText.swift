/// Writes one JSON text in the order of the calls.
///
/// With `isPretty` it looks as Google's answers do: one blank more a level, one member a line.
///
///     {
///      "kind": "calendar#event",
///      "sequence": 0
///     }
package struct JSONText: Sendable {
  package private(set) var bytes: [UInt8] = []
  let isPretty: Bool
  private var depth = 0
  private var isFirst = true

  package init(isPretty: Bool = true) {
    self.isPretty = isPretty
  }

  /// A whole text that is one object.
  package static func object(isPretty: Bool = true, _ body: (inout JSONText) -> Void) -> JSONText {
    var text = JSONText(isPretty: isPretty)
    text.object(body)
    if isPretty { text.bytes.append(10) }
    return text
  }

  /// Writes an object where a value is due.
  package mutating func object(_ body: (inout JSONText) -> Void) {
    nest(open: 123, close: 125, body)
  }

  /// Writes an array where a value is due.
  package mutating func array(_ body: (inout JSONText) -> Void) {
    nest(open: 91, close: 93, body)
  }

  /// Begins a member of an object; a value has to follow.
  package mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(58)
    if isPretty { bytes.append(32) }
  }

  /// Begins an element of an array; a value has to follow.
  package mutating func element() {
    separate()
  }

  /// Writes a member whose value is a text.
  package mutating func field(_ name: String, _ value: String) {
    key(name)
    quote(value)
  }

  /// Writes a member whose value is a whole number.
  package mutating func field(_ name: String, _ value: some BinaryInteger) {
    key(name)
    bytes += String(value).utf8
  }

  /// Writes a member whose value is true or false.
  package mutating func field(_ name: String, _ value: Bool) {
    key(name)
    bytes += (value ? "true" : "false").utf8
  }

  /// Writes a member whose value is a JSON value.
  package mutating func field(_ name: String, _ value: LooseJSON) {
    key(name)
    self.value(value)
  }

  /// Writes a member whose value is an object.
  package mutating func objectField(_ name: String, _ body: (inout JSONText) -> Void) {
    key(name)
    object(body)
  }

  /// Writes a member whose value is an array.
  package mutating func arrayField(_ name: String, _ body: (inout JSONText) -> Void) {
    key(name)
    array(body)
  }

  /// A value where one is due; the members of objects come in the order of their names.
  package mutating func value(_ json: LooseJSON) {
    switch json {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .number(let value): bytes += "\(value)".utf8
    case .text(let value): quote(value)
    case .array(let items):
      array { text in
        for item in items {
          text.element()
          text.value(item)
        }
      }
    case .object(let members):
      object { text in
        for (name, value) in members.sorted(by: { $0.key < $1.key }) { text.field(name, value) }
      }
    }
  }

  private mutating func nest(open: UInt8, close: UInt8, _ body: (inout JSONText) -> Void) {
    bytes.append(open)
    depth += 1
    isFirst = true
    body(&self)
    depth -= 1
    if !isFirst { breakLine() }
    isFirst = false
    bytes.append(close)
  }

  private mutating func separate() {
    if !isFirst { bytes.append(44) }
    isFirst = false
    breakLine()
  }

  private mutating func breakLine() {
    guard isPretty else { return }
    bytes.append(10)
    for _ in 0..<depth { bytes.append(32) }
  }

  private mutating func quote(_ text: String) {
    bytes.append(34)
    for byte in text.utf8 {
      switch byte {
      case 34: bytes += [92, 34]
      case 92: bytes += [92, 92]
      case 10: bytes += [92, 110]
      case 0..<32, 127:
        let digits = Array("0123456789abcdef".utf8)
        bytes += [92, 117, 48, 48, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(34)
  }
}
