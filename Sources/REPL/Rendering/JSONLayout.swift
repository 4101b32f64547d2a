/// `json` and `jsonl`; a record is one line in both.
///
///     jsonl                 json                    json of a single record
///     {"position":1}        [                       {"position":1}
///     {"position":2}        {"position":1},
///                           {"position":2}
///                           ]
struct JSONLayout: RecordLayout {
  enum Shape { case lines, array, object }

  private let shape: Shape
  private let moments: MomentStyle
  private let isTerminal: Bool
  private var count = 0

  init(_ presentation: Presentation, shape: Shape) {
    self.shape = shape
    moments = presentation.moments
    isTerminal = presentation.destination.isTerminal
  }

  mutating func begin(columns: [OutputColumn], into text: inout String) {
    if shape == .array { text += "[" }
  }

  mutating func write(_ record: Record, into text: inout String) {
    precondition(shape != .object || count == 0, "a single record was announced, more came")
    if shape == .array { text += count == 0 ? "\n" : ",\n" }
    text += "{"
    for (place, field) in record.fields.enumerated() {
      if place > 0 { text += "," }
      appendJSONString(field.name, escapingHidden: isTerminal, to: &text)
      text += ":"
      append(field.value, to: &text)
    }
    text += shape == .array ? "}" : "}\n"
    count += 1
  }

  mutating func end(into text: inout String) {
    switch shape {
    case .lines: break
    case .array: text += count == 0 ? "]\n" : "\n]\n"
    case .object: if count == 0 { text += "null\n" }
    }
  }

  private func append(_ cell: Cell, to text: inout String) {
    switch cell {
    case .text, .moment, .bytes:
      appendJSONString(cell.text(moments), escapingHidden: isTerminal, to: &text)
    case .integer, .boolean: text += cell.text(moments)
    case .real(let value): text += value.isFinite ? value.description : "null"
    case .json(let nested): appendNested(nested, to: &text)
    case .null: text += "null"
    }
  }

  /// Line breaks and tabs can only stand between the tokens of valid JSON, where they mean nothing;
  /// without them the record stays on one line.
  private func appendNested(_ nested: String, to text: inout String) {
    var nested = nested
    let isPlain = nested.withUTF8 { bytes in
      bytes.allSatisfy { $0 >= 0x20 && ($0 < 0x7F || !isTerminal) }
    }
    if isPlain {
      text += nested
      return
    }
    text.append(nested) { scalar in
      switch scalar {
      case "\n", "\r", "\t": ""
      case _ where scalar.isHidden && (isTerminal || scalar.value < 0x20): jsonEscape(scalar)
      default: nil
      }
    }
  }
}

/// A JSON string with its quotes.
///
/// - Parameter escapingHidden: Also escapes what is legal in JSON but obeyed by a terminal.
func appendJSONString(_ value: String, escapingHidden: Bool, to text: inout String) {
  var value = value
  let isPlain = value.withUTF8 { bytes in
    bytes.allSatisfy { byte in
      byte >= 0x20 && byte != 0x22 && byte != 0x5C && (byte < 0x7F || !escapingHidden)
    }
  }
  text += "\""
  if isPlain {
    text += value
  } else {
    text.append(value) { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\r": "\\r"
      case "\t": "\\t"
      case _ where scalar.value < 0x20 || (escapingHidden && scalar.isHidden): jsonEscape(scalar)
      default: nil
      }
    }
  }
  text += "\""
}

/// JSON in which what a terminal would obey is escaped, as JSON has it.
func visibleJSON(_ json: String) -> String {
  var text = ""
  text.append(json) { $0.isHidden ? jsonEscape($0) : nil }
  return text
}

private func jsonEscape(_ scalar: Unicode.Scalar) -> String {
  String(scalar).utf16.map { unit in
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }.joined()
}
