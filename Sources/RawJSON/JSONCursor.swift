/// A place in JSON: passes space, words, strings and numbers, and checks them.
///
/// Both readers of this module stand on it. `JSONScanner` reads what others sent: it says where it
/// is wrong, compares names, and hands out exact ranges. `JSONWalk` reads bodies, which one encoder
/// wrote, a hundred thousand a second.
struct JSONCursor {
  /// The next byte to be read; after a fault the first one that does not fit.
  var at: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>

  /// Why bytes are none of what they began as.
  enum Fault {
    case unclosed, control, escape, hexadecimal, encoding, zero, digit, word
  }

  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  @inline(__always)
  mutating func skipSpace() {
    while at < end, Self.isSpace(at.pointee) { at += 1 }
  }

  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard at < end, at.pointee == byte else { return false }
    at += 1
    return true
  }

  mutating func pass(_ word: StaticString) -> Fault? {
    let count = word.utf8CodeUnitCount
    guard end - at >= count else { return .word }
    for place in 0..<count where at[place] != word.utf8Start[place] { return .word }
    at += count
    return nil
  }

  /// From the quote to behind the closing one. Eight bytes that are neither control, quote,
  /// backslash nor beyond ASCII are passed at once.
  mutating func passString(_ hasEscapes: inout Bool) -> Fault? {
    at += 1
    while true {
      while end - at >= 8 {
        let eight = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
        guard EightBytes.arePlain(eight) else { break }
        at += 8
      }
      guard at < end else { return .unclosed }
      switch at.pointee {
      case UInt8(ascii: "\""):
        at += 1
        return nil
      case UInt8(ascii: "\\"):
        hasEscapes = true
        if let fault = passEscape() { return fault }
      case ..<0x20: return .control
      case ..<0x80: at += 1
      default: if let fault = passCharacter() { return fault }
      }
    }
  }

  /// The digits of `\u` are checked, pairs of surrogates are not.
  private mutating func passEscape() -> Fault? {
    guard end - at >= 2 else { return .unclosed }
    switch at[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      at += 2
    case UInt8(ascii: "u"):
      for place in 2..<6 where end - at <= place || hexValue(at[place]) == nil {
        at += place
        return .hexadecimal
      }
      at += 6
    default: return .escape
    }
    return nil
  }

  /// Source: Unicode Standard, table 3-7, “Well-Formed UTF-8 Byte Sequences”.
  private mutating func passCharacter() -> Fault? {
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
    default: return .encoding
    }
    guard end - at >= count, second.contains(at[1]) else { return .encoding }
    for place in 2..<max(count, 2) where at[place] & 0xC0 != 0x80 { return .encoding }
    at += count
    return nil
  }

  /// Passes a number.
  ///
  /// - Parameter whole: What it comes to; nil where it has a fraction or an exponent, or does not
  ///   fit.
  mutating func passNumber(_ whole: inout Int64?) -> Fault? {
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
    guard at > first else { return .digit }
    if first.pointee == UInt8(ascii: "0"), at - first > 1 {
      at = first + 1
      return .zero
    }
    fits = fits && (isNegative || number != .min)
    if take(UInt8(ascii: ".")) {
      fits = false
      guard passDigits() else { return .digit }
    }
    if at < end, at.pointee | 0x20 == UInt8(ascii: "e") {
      fits = false
      at += 1
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard passDigits() else { return .digit }
    }
    whole = fits ? (isNegative ? number : -number) : nil
    return nil
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

/// Eight bytes of text in one word.
enum EightBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// True where all are ASCII, and none is a control character, a quote or a backslash.
  @inline(__always)
  static func arePlain(_ eight: UInt64) -> Bool {
    let quotes = eight ^ (ones &* 0x22)
    let backslashes = eight ^ (ones &* 0x5C)
    // A byte below n borrows from its highest bit. Source: Anderson, “Bit Twiddling Hacks”.
    return ((eight &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones) | eight) & highs == 0
  }

  /// False where none is a control character, a quote or a backslash, whatever else they are.
  @inline(__always)
  static func mayBeEscaped(_ eight: UInt64) -> Bool {
    let quotes = eight ^ (ones &* 0x22)
    let backslashes = eight ^ (ones &* 0x5C)
    // The same, where a byte beyond ASCII has the highest bit already.
    let found =
      ((eight &- ones &* 0x20) & ~eight)
      | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
    return found & highs != 0
  }
}

/// Undoes the escapes of a checked string.
///
/// - Returns: The bytes that it stands for, and where the first lone surrogate is. That becomes the
///   three bytes that it would have, so that names which hold one can still be compared.
func unescaped(_ bytes: UnsafeRawBufferPointer) -> (plain: [UInt8], loneSurrogate: Int?) {
  var plain: [UInt8] = []
  plain.reserveCapacity(bytes.count)
  var loneSurrogate: Int?
  func codeUnit(_ start: Int) -> UInt32 {
    (start..<start + 4).reduce(0) { $0 << 4 | (hexValue(bytes[$1]) ?? 0) }
  }
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
    let first = codeUnit(at + 2)
    if first & 0xFC00 == 0xD800, at + 12 <= bytes.count, bytes[at + 6] == UInt8(ascii: "\\"),
      bytes[at + 7] == UInt8(ascii: "u"), codeUnit(at + 8) & 0xFC00 == 0xDC00
    {
      append(0x10000 + ((first & 0x3FF) << 10 | codeUnit(at + 8) & 0x3FF), to: &plain)
      at += 12
    } else {
      if first & 0xF800 == 0xD800, loneSurrogate == nil { loneSurrogate = at }
      append(first, to: &plain)
      at += 6
    }
  }
  return (plain, loneSurrogate)
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

private func hexValue(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}

/// UTF-8 of a code point, also of one half of a surrogate pair.
private func append(_ code: UInt32, to plain: inout [UInt8]) {
  func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: code >> shift) & 0x3F }
  switch code {
  case ..<0x80: plain.append(UInt8(code))
  case ..<0x800: plain += [0xC0 | UInt8(code >> 6), tail(0)]
  case ..<0x10000: plain += [0xE0 | UInt8(code >> 12), tail(6), tail(0)]
  default: plain += [0xF0 | UInt8(code >> 18), tail(12), tail(6), tail(0)]
  }
}
