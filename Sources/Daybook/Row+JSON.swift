public import Events
import RawJSON

extension Row {
  /// The object that `jsonl` prints of it, without the end of the line: its fields in order, JSON
  /// nested, times as RFC 3339 with milliseconds.
  public var json: [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for (place, name) in names.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      appendQuoted(name, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      values[place].append(to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}

extension Field {
  fileprivate func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .text(let text), .hex(let text): appendQuoted(text, to: &bytes)
    case .integer(let number): bytes += String(number).utf8
    case .decimal(let number): bytes += (number.isFinite ? number.description : "null").utf8
    case .flag(let flag): bytes += (flag ? "true" : "false").utf8
    case .moment(let moment): appendQuoted(moment.rfc3339, to: &bytes)
    // A line break can only stand between the tokens of JSON, where it means nothing.
    case .json(let text): bytes += text.utf8.filter { $0 >= 0x20 }
    }
  }
}
