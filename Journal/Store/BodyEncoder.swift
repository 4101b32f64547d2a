import RawJSON

/// Writes a body as JSON in its final form: sorted keys, no spaces, plain slashes.
///
/// A test holds it, byte by byte, to Foundation’s `JSONEncoder`, which wrote the first journals and
/// takes an eighth of an append’s processor time (docs/decisions/0013-appends.md). A value is
/// written whole before the next begins, as the compiler’s own `encode(to:)` does it; bodies have
/// no containers that outlive this.
final class BodyEncoder: Encoder {
  private(set) var bytes: [UInt8] = []
  /// The value that is being written.
  private var level = Level()
  /// The values that it stands in, the outermost first.
  private var outer: [Level] = []
  /// The fields written so far of all of them; those of one stand together.
  private var fields: [Field] = []

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  private struct Level {
    enum Shape { case single, object, list }
    var shape = Shape.single
    /// Its first field.
    var first = 0
    var isSorted = true
  }

  /// Where a key and its value stand in the text, with the comma or brace before them.
  private struct Field {
    let key: String
    let start: Int
  }

  /// The text of a body.
  ///
  /// - Throws: `EncodingError` for a number that JSON does not have.
  static func text(of body: some Encodable) throws -> String {
    let encoder = BodyEncoder()
    encoder.bytes.reserveCapacity(1_024)
    encoder.fields.reserveCapacity(16)
    try body.encode(to: encoder)
    encoder.close()
    return String(decoding: encoder.bytes, as: UTF8.self)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    level.shape = .object
    return KeyedEncodingContainer(Fields<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if level.shape != .list {
      level.shape = .list
      bytes.append(UInt8(ascii: "["))
    }
    return Elements(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  func begin(_ key: some CodingKey) {
    let name = key.stringValue
    let start = bytes.count
    if fields.count > level.first {
      let before = fields[fields.count - 1].key
      if !before.utf8.lexicographicallyPrecedes(name.utf8) { level.isSorted = false }
      bytes.append(UInt8(ascii: ","))
    } else {
      bytes.append(UInt8(ascii: "{"))
    }
    fields.append(Field(key: name, start: start))
    write(name)
    bytes.append(UInt8(ascii: ":"))
  }

  func beginElement(_ place: Int) {
    if place > 0 { bytes.append(UInt8(ascii: ",")) }
  }

  func write(nested value: some Encodable) throws {
    outer.append(level)
    level = Level(first: fields.count)
    try value.encode(to: self)
    close()
    level = outer.removeLast()
  }

  /// Ends the innermost value.
  private func close() {
    switch level.shape {
    case .single: break
    case .list: bytes.append(UInt8(ascii: "]"))
    case .object:
      if fields.count == level.first { bytes.append(UInt8(ascii: "{")) }
      if !level.isSorted { sort(Array(fields[level.first...])) }
      bytes.append(UInt8(ascii: "}"))
    }
    fields.removeSubrange(level.first...)
  }

  /// Puts fields that came in another order into that of their keys' bytes.
  private func sort(_ fields: [Field]) {
    let start = fields[0].start
    let written = Array(bytes[start...])
    let ends = fields.dropFirst().map(\.start) + [bytes.count]
    let order = fields.indices.sorted { left, right in
      fields[left].key.utf8.lexicographicallyPrecedes(fields[right].key.utf8)
    }
    bytes.removeSubrange(start...)
    for (place, index) in order.enumerated() {
      bytes.append(place == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
      bytes += written[(fields[index].start - start + 1)..<(ends[index] - start)]
    }
  }
}

extension BodyEncoder {
  func writeNull() { bytes += "null".utf8 }

  func write(_ flag: Bool) { bytes += (flag ? "true" : "false").utf8 }

  func write(_ number: some FixedWidthInteger) { bytes += "\(number)".utf8 }

  /// Whole numbers without a point.
  func write<Number: BinaryFloatingPoint & CustomStringConvertible>(
    _ number: Number
  ) throws {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, .init(codingPath: [], debugDescription: "JSON has no \(number)"))
    }
    let text = number.description
    bytes += (text.hasSuffix(".0") ? text.dropLast(2) : Substring(text)).utf8
  }

  func write(_ text: String) { appendQuoted(text, to: &bytes, controls: .lettered) }
}
