/// Walks through JSON from left to right, checks all of it, and copies nothing that is not asked
/// for.
///
/// Every value begins and ends at a byte, so a caller can keep the range of an object and send the
/// very bytes on. A visitor reads the value it is shown, or leaves it: then it is checked and
/// passed over.
///
///     var scanner = JSONScanner(page)
///     try scanner.members { scanner, key in
///       guard key == "items" else { return }
///       try scanner.elements { scanner in ranges.append(try scanner.value()) }
///     }
///     try scanner.end()
///
/// Strict RFC 8259: UTF-8 without a byte order mark, no trailing commas, no comments, no two
/// members of one name. Numbers are never converted, so `1e400` and two thousand digits are
/// harmless. A lone surrogate (`\ud800`) is legal in what is passed over, and refused in what is
/// read as a string.
///
/// Extra memory: a few words for each member of the objects that are open, at most `membersMax`
/// each. After a fault a scanner is of no further use.
package struct JSONScanner {
  /// Arrays and objects that may be open at once.
  package static let depthMax = 64
  /// Members of one object; a bound on what the comparison of names has to remember.
  package static let membersMax = 65_536

  /// What kind of value begins with the next byte.
  package enum Kind: Sendable { case object, array, string, number, bool, null }

  let bytes: [UInt8]
  let limit: Int
  /// Where the next byte to be read stands; inside a visitor, where the shown value begins.
  package internal(set) var position: Int
  private var depth = 0
  private var names: [StringToken] = []

  /// A scanner over all bytes, before the first.
  package init(_ bytes: [UInt8]) {
    self.init(bytes, in: 0..<bytes.count)
  }

  /// A scanner over a part of the bytes; offsets go on counting from the beginning of all of them.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "\(range) is not within \(bytes.count) bytes")
    self.bytes = bytes
    limit = range.upperBound
    position = range.lowerBound
  }

  /// Reads an object, member by member, in the order of the bytes.
  ///
  /// Two members of one name are refused at the end of the object, after both were shown: what a
  /// visitor collects counts only if no fault follows.
  package mutating func members(
    _ visit: (inout JSONScanner, String) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try object { (scanner, name) throws(JSONFault) in
      try visit(&scanner, try scanner.string(name))
    }
  }

  /// Reads an array, element by element.
  package mutating func elements(
    _ visit: (inout JSONScanner) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try open(UInt8(ascii: "["), orSay: "expected an opening bracket")
    defer { depth -= 1 }
    if take(UInt8(ascii: "]")) { return }
    repeat {
      skipSpace()
      let start = position
      try visit(&self)
      if position == start { try pass() }
      skipSpace()
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"), orSay: "expected a comma or a closing bracket")
  }

  /// Checks one value of any kind; its range is exact, without the space around it.
  @discardableResult
  package mutating func value() throws(JSONFault) -> Range<Int> {
    skipSpace()
    let start = position
    try pass()
    return start..<position
  }

  /// Passes over an object or array by its brackets and strings alone, whatever else is in it: what
  /// cannot be read is left behind, and what follows it still can be.
  ///
  /// - Returns: Its range.
  package mutating func skip() throws(JSONFault) -> Range<Int> {
    skipSpace()
    let start = position
    guard start < limit, isBracket(bytes[start], closing: false) else { return try value() }
    var open = 0
    var isText = false
    while position < limit {
      let byte = bytes[position]
      position += 1
      if isText {
        if byte == UInt8(ascii: "\\") { position += 1 }
        if byte == UInt8(ascii: "\"") { isText = false }
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if isBracket(byte, closing: false) {
        open += 1
      } else if isBracket(byte, closing: true) {
        open -= 1
        if open == 0 { return start..<position }
      }
    }
    throw fault("this value has no end", at: start)
  }

  private func isBracket(_ byte: UInt8, closing: Bool) -> Bool {
    closing
      ? byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
      : byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
  }

  /// Refuses anything but space after the last value.
  package mutating func end() throws(JSONFault) {
    skipSpace()
    if position < limit { throw fault("expected the end after the value") }
  }

  /// The kind of the next value, by its first byte alone; nothing is read but the space before it.
  package mutating func kind() throws(JSONFault) -> Kind {
    skipSpace()
    guard position < limit else { throw fault("expected a value, but the text ends here") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case 0xEF where bytes[position..<limit].starts(with: [0xEF, 0xBB, 0xBF]):
      throw fault("a byte order mark is not JSON")
    default: throw fault("expected a value")
    }
  }
}

extension JSONScanner {
  func fault(_ message: String, at offset: Int? = nil) -> JSONFault {
    JSONFault(message, at: offset ?? position, in: bytes)
  }

  mutating func skipSpace() {
    while position < limit, JSONCursor.isSpace(bytes[position]) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < limit, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8, orSay message: String) throws(JSONFault) {
    if !take(byte) {
      throw fault(position < limit ? message : "\(message), but the text ends here")
    }
  }

  /// The opening byte of an array or object, and the space after it.
  private mutating func open(_ byte: UInt8, orSay message: String) throws(JSONFault) {
    skipSpace()
    try expect(byte, orSay: message)
    depth += 1
    if depth > Self.depthMax {
      throw fault(
        "more than \(Self.depthMax) arrays and objects inside each other", at: position - 1)
    }
    skipSpace()
  }

  /// Reads past one value, whose first byte is the next.
  private mutating func pass() throws(JSONFault) {
    switch try kind() {
    case .object: try object { (_, _) throws(JSONFault) in }
    case .array: try elements { (_) throws(JSONFault) in }
    case .string: _ = try stringToken()
    case .number: try passNumber()
    case .bool: try passWord(bytes[position] == UInt8(ascii: "t") ? "true" : "false")
    case .null: try passWord("null")
    }
  }

  private mutating func object(
    _ visit: (inout JSONScanner, StringToken) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try open(UInt8(ascii: "{"), orSay: "expected an opening brace")
    defer { depth -= 1 }
    if take(UInt8(ascii: "}")) { return }
    let first = names.count
    repeat {
      skipSpace()
      guard position < limit, bytes[position] == UInt8(ascii: "\"") else {
        throw fault("expected a name in double quotes")
      }
      var name = try stringToken()
      name.stamp = stamp(name.range)
      if names.count - first == Self.membersMax {
        throw fault("more than \(Self.membersMax) members in one object", at: name.start - 1)
      }
      names.append(name)
      skipSpace()
      try expect(UInt8(ascii: ":"), orSay: "expected a colon")
      skipSpace()
      let start = position
      try visit(&self, name)
      if position == start { try pass() }
      skipSpace()
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"), orSay: "expected a comma or a closing brace")
    if let twice = repeated(in: names[first...]) {
      throw fault("this name stands twice in its object", at: twice.start - 1)
    }
    names.removeLast(names.count - first)
  }

  /// The first name that has stood before, compared by what it means, not by how it is written.
  ///
  /// Few plain names are compared pair by pair, which needs no memory; others through a set, which
  /// cannot be made slow from outside, because its hashes are seeded.
  private func repeated(in names: ArraySlice<StringToken>) -> StringToken? {
    guard names.count <= 48, names.allSatisfy({ !$0.hasEscapes }) else {
      var seen = Set<[UInt8]>(minimumCapacity: names.count)
      return names.first { !seen.insert(plainBytes($0)).inserted }
    }
    for index in names.indices.dropFirst() {
      let name = names[index]
      for earlier in names[names.startIndex..<index]
      where earlier.stamp == name.stamp
        && bytes[earlier.range].elementsEqual(bytes[name.range])
      {
        return name
      }
    }
    return nil
  }
}
