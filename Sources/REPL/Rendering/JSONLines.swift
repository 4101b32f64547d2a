/// JSON in lines for a person: each member and element on its own, two blanks deeper than what
/// holds it; strings and numbers as they were written.
///
///     {
///       "kind": "calendar#event",
///       "attendees": []
///     }
///
/// - Parameters:
///   - bytes: Valid JSON; only brackets, strings and what is between them are looked at.
///   - most: Bytes that are looked at; a character may be cut there.
/// - Returns: Lines in which nothing is left that a terminal would obey.
func jsonLines(_ bytes: [UInt8], most: Int = .max) -> [String] {
  var layout = JSONLines()
  for (place, byte) in bytes.prefix(most).enumerated() {
    layout.take(byte, before: bytes[(place + 1)...])
  }
  layout.breakLine()
  return layout.lines
}

private struct JSONLines {
  private(set) var lines: [String] = []
  private var line: [UInt8] = []
  /// The depth at which the line began.
  private var lineDepth = 0
  private var depth = 0
  private var isText = false
  private var isEscaped = false
  /// The bracket that ends what is empty was printed with the one that began it.
  private var isClosed = false

  mutating func take(_ byte: UInt8, before rest: ArraySlice<UInt8>) {
    if isText {
      line.append(byte)
      if !isEscaped, byte == UInt8(ascii: "\"") { isText = false }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      return
    }
    switch byte {
    case UInt8(ascii: " "), 9, 10, 13: break
    case UInt8(ascii: "{"), UInt8(ascii: "["): open(byte, before: rest)
    case UInt8(ascii: "}"), UInt8(ascii: "]"): close(byte)
    case UInt8(ascii: ","):
      add(byte)
      breakLine()
    case UInt8(ascii: ":"):
      add(byte)
      add(UInt8(ascii: " "))
    default:
      add(byte)
      isText = byte == UInt8(ascii: "\"")
    }
  }

  /// An empty object or list stays on one line.
  private mutating func open(_ byte: UInt8, before rest: ArraySlice<UInt8>) {
    add(byte)
    let end = byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
    isClosed = rest.first { $0 > 0x20 } == end
    if isClosed { return add(end) }
    depth += 1
    breakLine()
  }

  private mutating func close(_ byte: UInt8) {
    defer { isClosed = false }
    guard !isClosed else { return }
    depth = max(0, depth - 1)
    breakLine()
    add(byte)
  }

  private mutating func add(_ byte: UInt8) {
    if line.isEmpty { lineDepth = depth }
    line.append(byte)
  }

  mutating func breakLine() {
    guard !line.isEmpty else { return }
    let text = visibleJSON(String(decoding: line, as: UTF8.self))
    lines.append(String(repeating: "  ", count: lineDepth) + text)
    line = []
  }
}
