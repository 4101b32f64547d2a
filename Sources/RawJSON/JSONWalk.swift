/// Walks through the JSON of a body, checks all of it, and copies nothing.
///
/// Strict RFC 8259, like `JSONScanner`, by the same cursor. Where that one says what is wrong in
/// what others sent, refuses two members of one name and keeps the ranges of values, this one works
/// on bytes where they are kept, turns whole numbers into numbers on the way, and a body that is no
/// JSON is all that it has to say.
package struct JSONWalk {
  private var cursor: JSONCursor

  /// Arrays and objects that may be open at once.
  private static let depthMax = 256

  /// - Parameter bytes: They stay where they are as long as values of the walk are read.
  package init(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { preconditionFailure("bytes that stand nowhere") }
    let at = start.assumingMemoryBound(to: UInt8.self)
    cursor = JSONCursor(at: at, end: at + bytes.count)
  }

  /// A value where it stands.
  package struct Value {
    /// The kinds of values, whole numbers apart from others; `missing` where there is none.
    package enum Kind: UInt8 { case missing, null, no, yes, integer, decimal, text, array, object }

    package var kind = Kind.missing
    /// Of a text: whether something in it is escaped.
    package var hasEscapes = false
    /// Of an integer.
    package var number: Int64 = 0
    /// Of a text what is between its quotes, of others all.
    package var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    /// No value.
    package init() {}
  }

  /// Reads one value that fills all the bytes; nil where they are no JSON.
  package mutating func whole() -> Value? {
    guard let value = value() else { return nil }
    return isAtEnd() ? value : nil
  }

  /// Reads an object, and shows each name with its value; false where there is none.
  package mutating func members(_ show: (Value, Value) -> Void) -> Bool {
    members(depth: 0, show)
  }

  /// Reads an array, and shows each element; false where there is none.
  package mutating func elements(_ show: (Value) -> Void) -> Bool {
    elements(depth: 0, show)
  }

  /// Whether nothing but space is left.
  package mutating func isAtEnd() -> Bool {
    cursor.skipSpace()
    return cursor.at == cursor.end
  }

  private mutating func value(depth: Int = 0) -> Value? {
    cursor.skipSpace()
    guard cursor.at < cursor.end, depth < Self.depthMax else { return nil }
    let start = cursor.at
    var value = Value()
    switch start.pointee {
    case UInt8(ascii: "\""): return text()
    case UInt8(ascii: "{"):
      value.kind = .object
      guard members(depth: depth + 1, { _, _ in }) else { return nil }
    case UInt8(ascii: "["):
      value.kind = .array
      guard elements(depth: depth + 1, { _ in }) else { return nil }
    case UInt8(ascii: "t"):
      value.kind = .yes
      guard cursor.pass("true") == nil else { return nil }
    case UInt8(ascii: "f"):
      value.kind = .no
      guard cursor.pass("false") == nil else { return nil }
    case UInt8(ascii: "n"):
      value.kind = .null
      guard cursor.pass("null") == nil else { return nil }
    default:
      var whole: Int64?
      guard cursor.passNumber(&whole) == nil else { return nil }
      value.kind = whole == nil ? .decimal : .integer
      value.number = whole ?? 0
    }
    value.bytes = UnsafeRawBufferPointer(start: start, count: cursor.at - start)
    return value
  }

  @inline(__always)
  private mutating func members(depth: Int, _ show: (Value, Value) -> Void) -> Bool {
    cursor.skipSpace()
    guard cursor.take(UInt8(ascii: "{")) else { return false }
    cursor.skipSpace()
    if cursor.take(UInt8(ascii: "}")) { return true }
    repeat {
      cursor.skipSpace()
      guard cursor.at < cursor.end, cursor.at.pointee == UInt8(ascii: "\""), let name = text()
      else { return false }
      cursor.skipSpace()
      guard cursor.take(UInt8(ascii: ":")), let value = value(depth: depth) else { return false }
      show(name, value)
      cursor.skipSpace()
    } while cursor.take(UInt8(ascii: ","))
    return cursor.take(UInt8(ascii: "}"))
  }

  @inline(__always)
  private mutating func elements(depth: Int, _ show: (Value) -> Void) -> Bool {
    cursor.skipSpace()
    guard cursor.take(UInt8(ascii: "[")) else { return false }
    cursor.skipSpace()
    if cursor.take(UInt8(ascii: "]")) { return true }
    repeat {
      guard let value = value(depth: depth) else { return false }
      show(value)
      cursor.skipSpace()
    } while cursor.take(UInt8(ascii: ","))
    return cursor.take(UInt8(ascii: "]"))
  }

  private mutating func text() -> Value? {
    let start = cursor.at + 1
    var value = Value()
    value.kind = .text
    guard cursor.passString(&value.hasEscapes) == nil else { return nil }
    value.bytes = UnsafeRawBufferPointer(start: start, count: cursor.at - start - 1)
    return value
  }
}

extension JSONWalk.Value {
  /// The bytes that a text stands for; nil where one half of a surrogate pair stands alone.
  package func unescaped() -> [UInt8]? {
    let (plain, loneSurrogate) = RawJSON.unescaped(bytes)
    return loneSurrogate == nil ? plain : nil
  }

  /// A text, or nil where it is none.
  package var text: String? {
    guard kind == .text else { return nil }
    guard hasEscapes else { return String(decoding: bytes, as: UTF8.self) }
    return unescaped().map { String(decoding: $0, as: UTF8.self) }
  }

  /// A number of any kind, or nil where it is none.
  package var decimal: Double? {
    switch kind {
    case .integer: Double(number)
    case .decimal: Double(String(decoding: bytes, as: UTF8.self))
    default: nil
    }
  }
}
