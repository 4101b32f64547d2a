/// A string as it stands in the bytes: what is between its quotes, still escaped.
struct StringToken {
  var start: Int
  var end: Int
  var hasEscapes: Bool
  /// Of a name: equal where the bytes are equal, and seldom where they are not.
  var stamp: UInt32 = 0

  var range: Range<Int> { start..<end }
}

extension JSONScanner {
  /// Reads a string, unescaped; any other kind of value is a fault.
  package mutating func string() throws(JSONFault) -> String {
    guard try kind() == .string else { throw fault("expected a string") }
    return try string(try stringToken())
  }

  /// Reads a string, or the digits of a number as they stand; passes over anything else and gives
  /// nil.
  package mutating func text() throws(JSONFault) -> String? {
    switch try kind() {
    case .string: return try string()
    case .number: return String(decoding: bytes[try value()], as: UTF8.self)
    case .object, .array, .bool, .null:
      try value()
      return nil
    }
  }

  mutating func stringToken() throws(JSONFault) -> StringToken {
    let start = position + 1
    var at = start
    var hasEscapes = false
    while at < limit {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        position = at + 1
        return StringToken(start: start, end: at, hasEscapes: hasEscapes)
      }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        at = try escapeEnd(at)
      } else if byte < 0x20 {
        throw fault("a control character in a string has to be escaped", at: at)
      } else if byte < 0x80 {
        at += 1
      } else {
        at = try characterEnd(at)
      }
    }
    throw fault("this string has no closing quote", at: start - 1)
  }

  mutating func passNumber() throws(JSONFault) {
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    if position < limit, bytes[position] == UInt8(ascii: "0") {
      position += 1
      if isDigit(at: position) { throw fault("a number may not begin with a zero and a digit") }
    } else {
      try passDigits()
    }
    if position < limit, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try passDigits()
    }
    if position < limit, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < limit,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      try passDigits()
    }
  }

  mutating func passWord(_ word: StaticString) throws(JSONFault) {
    let end = position + word.utf8CodeUnitCount
    guard end <= limit,
      word.withUTF8Buffer({ bytes[position..<end].elementsEqual($0) })
    else { throw fault("expected a value") }
    position = end
  }

  private mutating func passDigits() throws(JSONFault) {
    guard isDigit(at: position) else { throw fault("expected a digit") }
    while isDigit(at: position) { position += 1 }
  }

  private func isDigit(at index: Int) -> Bool {
    index < limit && bytes[index] &- UInt8(ascii: "0") < 10
  }

  /// Length, first, middle and last byte: enough to tell nearly all names of one object apart.
  func stamp(_ range: Range<Int>) -> UInt32 {
    guard let last = range.last else { return 0 }
    let middle = range.lowerBound + range.count / 2
    return UInt32(truncatingIfNeeded: range.count) << 24
      | UInt32(bytes[range.lowerBound]) << 16 | UInt32(bytes[middle]) << 8 | UInt32(bytes[last])
  }
}

extension JSONScanner {
  func string(_ token: StringToken) throws(JSONFault) -> String {
    guard token.hasEscapes else { return String(decoding: bytes[token.range], as: UTF8.self) }
    let (plain, loneSurrogate) = unescaped(token)
    if let loneSurrogate {
      throw fault("half of a surrogate pair is no character", at: loneSurrogate)
    }
    return String(decoding: plain, as: UTF8.self)
  }

  /// The bytes that a string stands for. A lone surrogate becomes the three bytes that it would
  /// have, so that names which hold one can still be compared.
  func plainBytes(_ token: StringToken) -> [UInt8] {
    token.hasEscapes ? unescaped(token).plain : Array(bytes[token.range])
  }

  /// Undoes the escapes of a checked string.
  private func unescaped(_ token: StringToken) -> (plain: [UInt8], loneSurrogate: Int?) {
    var plain: [UInt8] = []
    plain.reserveCapacity(token.range.count)
    var loneSurrogate: Int?
    var at = token.start
    while at < token.end {
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
      if first & 0xFC00 == 0xD800, at + 12 <= token.end, bytes[at + 6] == UInt8(ascii: "\\"),
        bytes[at + 7] == UInt8(ascii: "u"), codeUnit(at + 8) & 0xFC00 == 0xDC00
      {
        let pair = 0x10000 + ((first & 0x3FF) << 10 | codeUnit(at + 8) & 0x3FF)
        append(pair, to: &plain)
        at += 12
      } else {
        if first & 0xF800 == 0xD800, loneSurrogate == nil { loneSurrogate = at }
        append(first, to: &plain)
        at += 6
      }
    }
    return (plain, loneSurrogate)
  }

  /// Where the escape ends that begins here; the digits of `\u` are checked, pairs are not.
  private func escapeEnd(_ start: Int) throws(JSONFault) -> Int {
    guard start + 1 < limit else { throw fault("this string has no closing quote", at: start) }
    switch bytes[start + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return start + 2
    case UInt8(ascii: "u"):
      for index in start + 2..<start + 6 where index >= limit || hexValue(bytes[index]) == nil {
        throw fault("expected four hexadecimal digits", at: index)
      }
      return start + 6
    default: throw fault("no such escape", at: start)
    }
  }

  /// Where the character ends that begins here with a byte above 0x7F.
  ///
  /// Source: Unicode Standard, table 3-7, “Well-Formed UTF-8 Byte Sequences”.
  private func characterEnd(_ start: Int) throws(JSONFault) -> Int {
    let count: Int
    let second: ClosedRange<UInt8>
    switch bytes[start] {
    case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    default: throw fault("not UTF-8", at: start)
    }
    guard start + count <= limit, second.contains(bytes[start + 1]) else {
      throw fault("not UTF-8", at: start)
    }
    for index in start + 2..<start + count where bytes[index] & 0xC0 != 0x80 {
      throw fault("not UTF-8", at: start)
    }
    return start + count
  }

  private func codeUnit(_ start: Int) -> UInt32 {
    bytes[start..<start + 4].reduce(0) { $0 << 4 | (hexValue($1) ?? 0) }
  }
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
