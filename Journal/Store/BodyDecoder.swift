import Events
import RawJSON

/// Reads a body back from its JSON: what `BodyEncoder` writes, and what Foundation’s `JSONEncoder`
/// wrote before it.
///
/// A test holds it to Foundation’s `JSONDecoder` over every type of event. The values of an object
/// are found once, by the bytes of their names, and nothing is copied but what the body keeps.
struct BodyDecoder: Decoder {
  let value: JSONWalk.Value

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The value that the text stands for.
  ///
  /// - Throws: `DecodingError` where it is no JSON, or of another shape.
  static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    var text = text
    return try text.withUTF8 { try decode(type, from: UnsafeRawBufferPointer($0)) }
  }

  /// The same for bytes that stay where they are until this returns.
  static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: UnsafeRawBufferPointer
  ) throws -> Value {
    guard !bytes.isEmpty else { throw BodyDecoder.fault("it is empty") }
    var walk = JSONWalk(bytes)
    guard let value = walk.whole() else { throw BodyDecoder.fault("it is no JSON") }
    return try BodyDecoder(value: value).decode(type)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try Fields<Key>(value))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try Elements(value) }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  static func fault(_ why: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: [], debugDescription: why))
  }

  /// The values of an object by the names of their fields.
  struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let fields: [(name: JSONWalk.Value, value: JSONWalk.Value)]

    var codingPath: [any CodingKey] { [] }

    init(_ object: JSONWalk.Value) throws {
      guard object.kind == .object else { throw BodyDecoder.fault("it is no object") }
      var fields: [(name: JSONWalk.Value, value: JSONWalk.Value)] = []
      fields.reserveCapacity(24)
      var walk = JSONWalk(object.bytes)
      guard walk.members({ fields.append(($0, $1)) }) else {
        throw BodyDecoder.fault("it is no object")
      }
      self.fields = fields
    }

    var allKeys: [Key] { fields.compactMap { $0.name.text.flatMap(Key.init(stringValue:)) } }

    private func find(_ key: Key) -> JSONWalk.Value? {
      var name = key.stringValue
      return name.withUTF8 { wanted in
        let wanted = UnsafeRawBufferPointer(wanted)
        for field in fields {
          if field.name.hasEscapes {
            if let name = field.name.unescaped(), name.elementsEqual(wanted) { return field.value }
          } else if same(field.name.bytes, wanted) {
            return field.value
          }
        }
        return nil
      }
    }

    private func decoder(_ key: Key) throws -> BodyDecoder {
      guard let value = find(key) else { throw BodyDecoder.fault("it has no \(key.stringValue)") }
      return BodyDecoder(value: value)
    }

    private func present(_ key: Key) -> BodyDecoder? {
      guard let value = find(key), value.kind != .null else { return nil }
      return BodyDecoder(value: value)
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoder(key).decode(type) }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
      try decoder(key).decode(type)
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try decoder(key).decode(type) }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
      try decoder(key).decode(type)
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      try decoder(key).decode(type)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
      try present(key)?.decode(type)
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
      try present(key)?.decode(type)
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
      try present(key)?.decode(type)
    }

    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
      try present(key)?.decode(type)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
      try present(key)?.decode(type)
    }

    func nestedContainer<Inner: CodingKey>(
      keyedBy type: Inner.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Inner> { try decoder(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { throw BodyDecoder.fault("no body inherits") }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
  }

  /// The elements of an array.
  struct Elements: UnkeyedDecodingContainer {
    private let elements: [JSONWalk.Value]
    private(set) var currentIndex = 0

    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    init(_ array: JSONWalk.Value) throws {
      guard array.kind == .array else { throw BodyDecoder.fault("it is no array") }
      var elements: [JSONWalk.Value] = []
      var walk = JSONWalk(array.bytes)
      guard walk.elements({ elements.append($0) }) else {
        throw BodyDecoder.fault("it is no array")
      }
      self.elements = elements
    }

    private func next() throws -> BodyDecoder {
      guard !isAtEnd else { throw BodyDecoder.fault("there are no more elements") }
      return BodyDecoder(value: elements[currentIndex])
    }

    mutating func decodeNil() throws -> Bool {
      guard try next().decodeNil() else { return false }
      currentIndex += 1
      return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      let value = try next().decode(type)
      currentIndex += 1
      return value
    }

    mutating func nestedContainer<Inner: CodingKey>(
      keyedBy type: Inner.Type
    ) throws -> KeyedDecodingContainer<Inner> {
      let container = try next().container(keyedBy: type)
      currentIndex += 1
      return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      let container = try next().unkeyedContainer()
      currentIndex += 1
      return container
    }

    mutating func superDecoder() throws -> any Decoder {
      throw BodyDecoder.fault("no body inherits")
    }
  }
}

extension BodyDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value.kind == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    switch value.kind {
    case .yes: return true
    case .no: return false
    default: throw BodyDecoder.fault("it is no Boolean")
    }
  }

  func decode(_ type: String.Type) throws -> String {
    guard let text = value.text else { throw BodyDecoder.fault("it is no text") }
    return text
  }

  func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
    try whole(type)
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

  func decode(_ type: Double.Type) throws -> Double {
    guard let number = value.decimal, number.isFinite else {
      throw BodyDecoder.fault("it is no number")
    }
    return number
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    // What the compiler writes for arrays and options asks for these by their general name.
    if type == String.self, let text = try decode(String.self) as? Value { return text }
    if type == Int64.self, let number = try decode(Int64.self) as? Value { return number }
    return try Value(from: self)
  }

  /// `1e3` is a whole number as well.
  private func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let isWritten = value.bytes.contains {
      $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e")
    }
    let number: Number? =
      switch value.kind {
      case .integer: Number(exactly: value.number)
      // Digits alone that are too many stay too many, rounded or not.
      case .decimal where isWritten: value.decimal.flatMap { Number(exactly: $0) }
      default: nil
      }
    guard let number else { throw BodyDecoder.fault("it is no whole number that fits") }
    return number
  }
}
