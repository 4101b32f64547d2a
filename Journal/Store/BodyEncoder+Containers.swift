extension BodyEncoder {
  /// The fields of an object.
  struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: BodyEncoder

    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) {
      encoder.begin(key)
      encoder.writeNull()
    }

    func encode(_ value: Bool, forKey key: Key) {
      encoder.begin(key)
      encoder.write(value)
    }

    func encode(_ value: String, forKey key: Key) {
      encoder.begin(key)
      encoder.write(value)
    }

    func encode(_ value: some FixedWidthInteger & Encodable, forKey key: Key) {
      encoder.begin(key)
      encoder.write(value)
    }

    func encode<Number: BinaryFloatingPoint & CustomStringConvertible & Encodable>(
      _ value: Number, forKey key: Key
    ) throws {
      encoder.begin(key)
      try encoder.write(value)
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
      encoder.begin(key)
      try encoder.write(nested: value)
    }

    func nestedContainer<Inner: CodingKey>(
      keyedBy type: Inner.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Inner> {
      preconditionFailure("no body opens a container inside another, as \(key.stringValue) does")
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      preconditionFailure("no body opens a container inside another, as \(key.stringValue) does")
    }

    func superEncoder() -> any Encoder { preconditionFailure("no body inherits") }

    func superEncoder(forKey key: Key) -> any Encoder { preconditionFailure("no body inherits") }
  }

  /// The elements of an array.
  struct Elements: UnkeyedEncodingContainer {
    let encoder: BodyEncoder
    var count = 0

    init(encoder: BodyEncoder) { self.encoder = encoder }

    var codingPath: [any CodingKey] { [] }

    private mutating func begin() {
      encoder.beginElement(count)
      count += 1
    }

    mutating func encodeNil() {
      begin()
      encoder.writeNull()
    }

    mutating func encode(_ value: String) {
      begin()
      encoder.write(value)
    }

    mutating func encode(_ value: Bool) {
      begin()
      encoder.write(value)
    }

    mutating func encode(_ value: some FixedWidthInteger & Encodable) {
      begin()
      encoder.write(value)
    }

    mutating func encode<Number: BinaryFloatingPoint & CustomStringConvertible & Encodable>(
      _ value: Number
    ) throws {
      begin()
      try encoder.write(value)
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
      begin()
      try encoder.write(nested: value)
    }

    mutating func nestedContainer<Inner: CodingKey>(
      keyedBy type: Inner.Type
    ) -> KeyedEncodingContainer<Inner> {
      preconditionFailure("no body opens a container inside another")
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      preconditionFailure("no body opens a container inside another")
    }

    mutating func superEncoder() -> any Encoder { preconditionFailure("no body inherits") }
  }

  /// A value without fields of its own.
  struct Single: SingleValueEncodingContainer {
    let encoder: BodyEncoder

    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.writeNull() }

    func encode(_ value: Bool) { encoder.write(value) }

    func encode(_ value: String) { encoder.write(value) }

    func encode(_ value: some FixedWidthInteger & Encodable) { encoder.write(value) }

    func encode<Number: BinaryFloatingPoint & CustomStringConvertible & Encodable>(
      _ value: Number
    ) throws { try encoder.write(value) }

    func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: encoder) }
  }
}
