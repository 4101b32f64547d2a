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
    var hasEscapes = false
    try pass { $0.passString(&hasEscapes) }
    return StringToken(start: start, end: position - 1, hasEscapes: hasEscapes)
  }

  mutating func passNumber() throws(JSONFault) {
    var whole: Int64?
    try pass { $0.passNumber(&whole) }
  }

  mutating func passWord(_ word: StaticString) throws(JSONFault) {
    try pass { $0.pass(word) }
  }

  /// Moves on by what the cursor passes, or says what is wrong with it.
  @inline(__always)
  private mutating func pass(
    _ token: (inout JSONCursor) -> JSONCursor.Fault?
  ) throws(JSONFault) {
    let (start, limit) = (position, limit)
    let (end, fault) = bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return (start, JSONCursor.Fault?.some(.word)) }
      var cursor = JSONCursor(at: base + start, end: base + limit)
      let fault = token(&cursor)
      return (cursor.at - base, fault)
    }
    if let fault { throw self.fault(fault, at: end, from: start) }
    position = end
  }

  private func fault(_ fault: JSONCursor.Fault, at end: Int, from start: Int) -> JSONFault {
    switch fault {
    // Where all is passed, it is the opening quote that has none.
    case .unclosed:
      self.fault("this string has no closing quote", at: end == limit ? start : end)
    case .control: self.fault("a control character in a string has to be escaped", at: end)
    case .escape: self.fault("no such escape", at: end)
    case .hexadecimal: self.fault("expected four hexadecimal digits", at: end)
    case .encoding: self.fault("not UTF-8", at: end)
    case .zero: self.fault("a number may not begin with a zero and a digit", at: end)
    case .digit: self.fault("expected a digit", at: end)
    case .word: self.fault("expected a value", at: start)
    }
  }

  /// Length, first, middle and last byte: enough to tell nearly all names of one object apart.
  func stamp(_ range: Range<Int>) -> UInt32 {
    guard let last = range.last else { return 0 }
    let middle = range.lowerBound + range.count / 2
    return UInt32(truncatingIfNeeded: range.count) << 24
      | UInt32(bytes[range.lowerBound]) << 16 | UInt32(bytes[middle]) << 8 | UInt32(bytes[last])
  }

  func string(_ token: StringToken) throws(JSONFault) -> String {
    guard token.hasEscapes else { return String(decoding: bytes[token.range], as: UTF8.self) }
    let (plain, loneSurrogate) = unescaped(token)
    if let loneSurrogate {
      throw fault("half of a surrogate pair is no character", at: loneSurrogate)
    }
    return String(decoding: plain, as: UTF8.self)
  }

  /// The bytes that a string stands for.
  func plainBytes(_ token: StringToken) -> [UInt8] {
    token.hasEscapes ? unescaped(token).plain : Array(bytes[token.range])
  }

  private func unescaped(_ token: StringToken) -> (plain: [UInt8], loneSurrogate: Int?) {
    let (plain, loneSurrogate) = bytes.withUnsafeBytes { bytes in
      RawJSON.unescaped(UnsafeRawBufferPointer(rebasing: bytes[token.range]))
    }
    return (plain, loneSurrogate.map { token.start + $0 })
  }
}
