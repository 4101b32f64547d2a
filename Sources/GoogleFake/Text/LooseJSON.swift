import FoundationEssentials

/// A JSON value of a request's body; the order of keys is not kept.
package enum LooseJSON: Sendable, Hashable, Decodable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case array([LooseJSON])
  case object([String: LooseJSON])

  /// The value of a whole body, or nil where it is no JSON; an empty body is an empty object.
  package init?(body: [UInt8]) {
    guard !body.isEmpty else {
      self = .object([:])
      return
    }
    guard let value = try? JSONDecoder().decode(LooseJSON.self, from: Data(body)) else {
      return nil
    }
    self = value
  }

  package init(from decoder: any Decoder) throws {
    if let members = try? decoder.container(keyedBy: AnyKey.self) {
      var object: [String: LooseJSON] = [:]
      for key in members.allKeys {
        object[key.stringValue] = try members.decode(LooseJSON.self, forKey: key)
      }
      self = .object(object)
    } else if var items = try? decoder.unkeyedContainer() {
      var array: [LooseJSON] = []
      while !items.isAtEnd { array.append(try items.decode(LooseJSON.self)) }
      self = .array(array)
    } else {
      self = try LooseJSON(scalar: decoder.singleValueContainer())
    }
  }

  private init(scalar: any SingleValueDecodingContainer) throws {
    if scalar.decodeNil() {
      self = .null
    } else if let value = try? scalar.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? scalar.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? scalar.decode(Double.self) {
      self = .number(value)
    } else {
      self = .text(try scalar.decode(String.self))
    }
  }

  package subscript(key: String) -> LooseJSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package var members: [String: LooseJSON]? {
    if case .object(let members) = self { members } else { nil }
  }

  package var items: [LooseJSON]? {
    if case .array(let items) = self { items } else { nil }
  }

  package var string: String? {
    if case .text(let value) = self { value } else { nil }
  }

  package var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  package var boolean: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
