import Glibc

/// Walks through the JSON of a body, checks all of it, and copies nothing.
///
/// Strict RFC 8259, like `JSONScanner` of the module RawJSON, which reads what others sent and says
/// where it is wrong. This one reads bodies, which one encoder wrote, a hundred thousand a second:
/// it works on bytes where SQLite keeps them, turns whole numbers into numbers on the way, and a
/// body that is no JSON is all that it has to say.
struct JSONWalk {
  /// The next byte to be read.
  private(set) var at: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  /// Arrays and objects that may be open at once.
  private static let depthMax = 256

  init(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { preconditionFailure("bytes that stand nowhere") }
    at = start.assumingMemoryBound(to: UInt8.self)
    end = at + bytes.count
  }

  /// A value where it stands.
  struct Value {
    enum Kind: UInt8 { case missing, null, no, yes, integer, decimal, text, array, object }

    var kind = Kind.missing
    /// Of a text: whether something in it is escaped.
    var hasEscapes = false
    /// Of an integer.
    var number: Int64 = 0
    /// Of a text what is between its quotes, of others all.
    var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// Reads one value that fills all the bytes; nil where they are no JSON.
  mutating func whole() -> Value? {
    guard let value = value() else { return nil }
    skipSpace()
    return at == end ? value : nil
  }

  /// Reads an object, and shows each name with its value; false where there is none.
  mutating func members(_ show: (Value, Value) -> Void) -> Bool {
    members(depth: 0, show)
  }

  /// Reads an array, and shows each element; false where there is none.
  mutating func elements(_ show: (Value) -> Void) -> Bool {
    elements(depth: 0, show)
  }

  /// Whether nothing but space is left.
  mutating func isAtEnd() -> Bool {
    skipSpace()
    return at == end
  }

  private mutating func value(depth: Int = 0) -> Value? {
    skipSpace()
    guard at < end, depth < Self.depthMax else { return nil }
    let start = at
    var value = Value()
    switch at.pointee {
    case UInt8(ascii: "\""): return text()
    case UInt8(ascii: "{"):
      value.kind = .object
      guard members(depth: depth + 1, { _, _ in }) else { return nil }
    case UInt8(ascii: "["):
      value.kind = .array
      guard elements(depth: depth + 1, { _ in }) else { return nil }
    case UInt8(ascii: "t"):
      value.kind = .yes
      guard take("true") else { return nil }
    case UInt8(ascii: "f"):
      value.kind = .no
      guard take("false") else { return nil }
    case UInt8(ascii: "n"):
      value.kind = .null
      guard take("null") else { return nil }
    default:
      guard number(&value) else { return nil }
    }
    value.bytes = UnsafeRawBufferPointer(start: start, count: at - start)
    return value
  }

  @inline(__always)
  private mutating func members(depth: Int, _ show: (Value, Value) -> Void) -> Bool {
    skipSpace()
    guard take(UInt8(ascii: "{")) else { return false }
    skipSpace()
    if take(UInt8(ascii: "}")) { return true }
    repeat {
      skipSpace()
      guard at < end, at.pointee == UInt8(ascii: "\""), let name = text() else { return false }
      skipSpace()
      guard take(UInt8(ascii: ":")), let value = value(depth: depth) else { return false }
      show(name, value)
      skipSpace()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}"))
  }

  @inline(__always)
  private mutating func elements(depth: Int, _ show: (Value) -> Void) -> Bool {
    skipSpace()
    guard take(UInt8(ascii: "[")) else { return false }
    skipSpace()
    if take(UInt8(ascii: "]")) { return true }
    repeat {
      guard let value = value(depth: depth) else { return false }
      show(value)
      skipSpace()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]"))
  }
}

extension JSONWalk {
  @inline(__always)
  private mutating func skipSpace() {
    while at < end {
      switch at.pointee {
      case 0x20, 0x0A, 0x0D, 0x09: at += 1
      default: return
      }
    }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < end, at.pointee == byte else { return false }
    at += 1
    return true
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - at >= count, memcmp(at, word.utf8Start, count) == 0 else { return false }
    at += count
    return true
  }

  /// From the quote to behind the closing one. Eight bytes that are neither control, quote,
  /// backslash nor beyond ASCII are passed at once.
  private mutating func text() -> Value? {
    at += 1
    let start = at
    var value = Value(kind: .text)
    let ones: UInt64 = 0x0101_0101_0101_0101
    while true {
      while end - at >= 8 {
        let eight = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
        let quotes = eight ^ (ones &* 0x22)
        let backslashes = eight ^ (ones &* 0x5c)
        // A byte below n borrows from its highest bit. Source: Anderson, “Bit Twiddling Hacks”.
        let found =
          (eight &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones) | eight
        if found & (ones << 7) != 0 { break }
        at += 8
      }
      guard at < end else { return nil }
      switch at.pointee {
      case UInt8(ascii: "\""):
        value.bytes = UnsafeRawBufferPointer(start: start, count: at - start)
        at += 1
        return value
      case UInt8(ascii: "\\"):
        value.hasEscapes = true
        guard passEscape() else { return nil }
      case ..<0x20: return nil
      case ..<0x80: at += 1
      default: guard passCharacter() else { return nil }
      }
    }
  }

  private mutating func passEscape() -> Bool {
    guard end - at >= 2 else { return false }
    switch at[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      at += 2
      return true
    case UInt8(ascii: "u"):
      guard end - at >= 6 else { return false }
      for place in 2..<6 where hexDigit(at[place]) == nil { return false }
      at += 6
      return true
    default: return false
    }
  }

  /// Source: Unicode Standard, table 3-7, “Well-Formed UTF-8 Byte Sequences”.
  private mutating func passCharacter() -> Bool {
    let count: Int
    let second: ClosedRange<UInt8>
    switch at.pointee {
    case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    default: return false
    }
    guard end - at >= count, second.contains(at[1]) else { return false }
    for place in 2..<max(count, 2) where at[place] & 0xC0 != 0x80 { return false }
    at += count
    return true
  }

  private mutating func number(_ value: inout Value) -> Bool {
    let isNegative = take(UInt8(ascii: "-"))
    let first = at
    var number: Int64 = 0
    var fits = true
    while let digit = digit() {
      // Towards the negative, which has one number more.
      let (product, isTooMuch) = number.multipliedReportingOverflow(by: 10)
      let (sum, isTooMuchStill) = product.subtractingReportingOverflow(Int64(digit))
      fits = fits && !isTooMuch && !isTooMuchStill
      number = sum
      at += 1
    }
    guard at > first, at - first == 1 || first.pointee != UInt8(ascii: "0") else { return false }
    value.kind = fits && (isNegative || number != .min) ? .integer : .decimal
    if value.kind == .integer { value.number = isNegative ? number : -number }
    if take(UInt8(ascii: ".")) {
      value.kind = .decimal
      guard passDigits() else { return false }
    }
    if at < end, at.pointee | 0x20 == UInt8(ascii: "e") {
      value.kind = .decimal
      at += 1
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard passDigits() else { return false }
    }
    return true
  }

  @inline(__always)
  private func digit() -> UInt8? {
    guard at < end else { return nil }
    let digit = at.pointee &- UInt8(ascii: "0")
    return digit < 10 ? digit : nil
  }

  private mutating func passDigits() -> Bool {
    guard digit() != nil else { return false }
    while digit() != nil { at += 1 }
    return true
  }
}

extension JSONWalk.Value {
  /// The bytes that a text stands for; nil where one half of a surrogate pair stands alone.
  func unescaped() -> [UInt8]? {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      guard bytes[at] == UInt8(ascii: "\\") else {
        plain.append(bytes[at])
        at += 1
        continue
      }
      guard bytes[at + 1] == UInt8(ascii: "u") else {
        plain.append(control(named: bytes[at + 1]))
        at += 2
        continue
      }
      var code = codeUnit(at + 2)
      at += 6
      if code & 0xFC00 == 0xD800, at + 6 <= bytes.count, bytes[at] == UInt8(ascii: "\\"),
        bytes[at + 1] == UInt8(ascii: "u"), codeUnit(at + 2) & 0xFC00 == 0xDC00
      {
        code = 0x10000 + ((code & 0x3FF) << 10 | codeUnit(at + 2) & 0x3FF)
        at += 6
      }
      guard let scalar = Unicode.Scalar(code) else { return nil }
      plain.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return plain
  }

  private func codeUnit(_ start: Int) -> UInt32 {
    (start..<start + 4).reduce(0) { $0 << 4 | (hexDigit(bytes[$1]) ?? 0) }
  }

  private func control(named letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }

  /// A text, or nil where it is none.
  var text: String? {
    guard kind == .text else { return nil }
    guard hasEscapes else { return String(decoding: bytes, as: UTF8.self) }
    return unescaped().map { String(decoding: $0, as: UTF8.self) }
  }

  /// A number of any kind, or nil where it is none.
  var decimal: Double? {
    switch kind {
    case .integer: Double(number)
    case .decimal: Double(String(decoding: bytes, as: UTF8.self))
    default: nil
    }
  }
}

private func hexDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
