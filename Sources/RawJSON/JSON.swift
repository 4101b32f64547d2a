/// A whole JSON value in memory: order of members kept, numbers as they were written.
///
/// For settings, requests and answers; for pages of many items use `JSONScanner`. Equality is that
/// of JSON, not of Swift: members in any order, texts byte for byte (`é` in one code point is not
/// `é` in two), numbers by their digits (`1.0` is not `1`).
package enum JSON: Sendable {
  case null
  case bool(Bool)
  /// The number as it was written, never converted; the writer trusts it to be one.
  case number(String)
  case string(String)
  case array([JSON])
  case object(Members)

  /// Reads one value that fills all the bytes.
  package static func parse(_ bytes: [UInt8]) throws(JSONFault) -> JSON {
    var scanner = JSONScanner(bytes)
    let json = try scanner.json()
    try scanner.end()
    return json
  }

  /// A whole number.
  package static func number(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

  /// The member of that very name (dots are part of it); nil where there is none or this is no
  /// object.
  package subscript(name: String) -> JSON? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// The value at the end of a dotted path, such as `metadata.updateTime`; nil where it leads
  /// nowhere.
  package func at(path: String) -> JSON? {
    path.split(separator: ".", omittingEmptySubsequences: false)
      .reduce(self) { json, name in json?[String(name)] }
  }

  /// The content of a string; nil for anything else.
  package var text: String? { if case .string(let text) = self { text } else { nil } }

  /// A number without fraction and exponent that fits; nil for anything else, `1.0` and `1e3` too.
  package var integer: Int? { if case .number(let digits) = self { Int(digits) } else { nil } }

  /// True or false; nil for anything else.
  package var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

  /// The elements of an array; nil for anything else.
  package var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

  /// The members of an object; nil for anything else.
  package var members: Members? { if case .object(let members) = self { members } else { nil } }
}

extension JSON: Equatable {
  /// Same kind and same content; see the type for what that means.
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  package init(stringLiteral value: String) { self = .string(value) }

  /// A whole number.
  package init(integerLiteral value: Int) { self = .number(value) }

  /// True or false.
  package init(booleanLiteral value: Bool) { self = .bool(value) }

  /// An array, in this order.
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }

  /// An object, in this order; every name once.
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Members(elements)) }
}

extension JSONScanner {
  /// Reads the next value as a tree; unlike `value()` it also refuses lone surrogates, as all is
  /// read.
  package mutating func json() throws(JSONFault) -> JSON {
    switch try kind() {
    case .null:
      try value()
      return .null
    case .bool: return .bool(try value().count == 4)
    case .number: return .number(String(decoding: bytes[try value()], as: UTF8.self))
    case .string: return .string(try string())
    case .array:
      var elements: [JSON] = []
      try self.elements { (scanner) throws(JSONFault) in elements.append(try scanner.json()) }
      return .array(elements)
    case .object:
      var pairs: [(String, JSON)] = []
      try members { (scanner, name) throws(JSONFault) in pairs.append((name, try scanner.json())) }
      return .object(Members(unique: pairs))
    }
  }
}
