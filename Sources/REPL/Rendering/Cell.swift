package import Events

/// One value of a result, before a format gives it a form.
///
///     cell                              table, line, markdown, csv        json, jsonl
///     .text("a\"b")                     a"b                               "a\"b"
///     .integer(41)                      41                                41
///     .real(0.5)                        0.5                               0.5; else null
///     .boolean(true)                    true                              true
///     .moment(m)                        2026-11-23T09:05:00.000Z          the same, quoted
///     .json("{\"id\":1}")               {"id":1}                          nested as it is
///     .bytes([0xDE, 0xAD])              dead                              "dead"
///     .null                             nothing                           null
package enum Cell: Equatable, Sendable {
  case text(String)
  case integer(Int64)
  case real(Double)
  case boolean(Bool)
  case moment(Moment)
  /// Text that is JSON already; what is not makes the output invalid.
  case json(String)
  case bytes([UInt8])
  case null

  /// True where a column of it is set flush right, and never cut, because a cut number lies.
  var isNumber: Bool {
    switch self {
    case .integer, .real: true
    default: false
    }
  }

  /// True where a table may cut it with an ellipsis.
  var canBeCut: Bool {
    switch self {
    case .text, .json, .bytes: true
    default: false
    }
  }

  /// About how much memory it holds.
  var bytesHeld: Int {
    switch self {
    case .text(let text), .json(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    default: 8
    }
  }

  /// The value as text, with whatever control bytes it holds; empty for null.
  func text(_ moments: MomentStyle) -> String {
    switch self {
    case .text(let text), .json(let text): text
    case .integer(let value): String(value)
    case .real(let value): value.description
    case .boolean(let value): value ? "true" : "false"
    case .moment(let moment): moments.text(moment)
    case .bytes(let bytes): hexadecimal(bytes)
    case .null: ""
    }
  }
}

/// One row of a result: named values in the order in which they are shown.
///
///     let row: Record = ["position": .integer(41), "type": .text("instance.created")]
package struct Record: Equatable, Sendable, ExpressibleByDictionaryLiteral {
  /// A name that is the same in every format, and its value.
  package struct Field: Equatable, Sendable {
    /// Names the JSON key and the column alike.
    package var name: String
    /// Formatted only when it is written.
    package var value: Cell

    /// A pair as given.
    package init(_ name: String, _ value: Cell) {
      self.name = name
      self.value = value
    }
  }

  /// The values; no two have the same name.
  package var fields: [Field]

  /// The fields as given.
  package init(_ fields: [Field]) {
    self.fields = fields
  }

  /// The pairs in the order in which they are written.
  package init(dictionaryLiteral elements: (String, Cell)...) {
    fields = elements.map { Field($0.0, $0.1) }
  }

  /// The names in order.
  package var names: [String] { fields.map(\.name) }

  /// The values in the order of some columns, null where the record has none of that name.
  ///
  /// A field without a column would be lost in silence, so it is a mistake of the caller.
  func values(in columns: [String]) -> [Cell] {
    if fields.count == columns.count, zip(fields, columns).allSatisfy({ $0.name == $1 }) {
      return fields.map(\.value)
    }
    for field in fields {
      precondition(columns.contains(field.name), "no column for the field \(field.name)")
    }
    return columns.map { column in fields.first { $0.name == column }?.value ?? .null }
  }
}
