/// A request target taken apart: `/calendar/v3/calendars/a%40b/events?maxResults=5`.
package struct Target: Sendable {
  /// The path as sent, without the query.
  package var path: String
  /// The segments of the path, decoded: `["calendar", "v3", "calendars", "a@b", "events"]`.
  package var segments: [String]
  /// The parameters in their order, decoded.
  package var query: [Parameter]

  /// One `name=value` of the query.
  package struct Parameter: Sendable, Equatable {
    package var name: String
    package var value: String
  }

  package init(_ text: String) {
    let halves = text.utf8.split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    let path = halves.first.map { String($0) ?? "" } ?? ""
    self.path = path
    segments = path.utf8.split(separator: UInt8(ascii: "/")).map {
      Target.decoded($0, plusIsBlank: false)
    }
    query = halves.count > 1 ? Target.form(halves[1]) : []
  }

  /// The first value of a parameter.
  package subscript(name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// The pairs of a query or of an `application/x-www-form-urlencoded` body.
  static func form(_ bytes: some Collection<UInt8>) -> [Parameter] {
    bytes.split(separator: UInt8(ascii: "&")).map { pair in
      let halves = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return Parameter(
        name: decoded(halves[0], plusIsBlank: true),
        value: halves.count > 1 ? decoded(halves[1], plusIsBlank: true) : "")
    }
  }

  /// Text without its percent signs; a percent sign without two digits stays as it is.
  static func decoded(_ bytes: some Collection<UInt8>, plusIsBlank: Bool) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index != bytes.endIndex {
      let byte = bytes[index]
      bytes.formIndex(after: &index)
      if byte == UInt8(ascii: "%"), let (value, after) = hexadecimal(bytes, index) {
        result.append(value)
        index = after
      } else {
        result.append(byte == UInt8(ascii: "+") && plusIsBlank ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Text as it may stand in a path segment or a query value.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.append(byte)
      default: result += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

private func hexadecimal<Bytes: Collection<UInt8>>(
  _ bytes: Bytes, _ start: Bytes.Index
) -> (UInt8, Bytes.Index)? {
  var value: UInt8 = 0
  var index = start
  for _ in 0..<2 {
    guard index != bytes.endIndex else { return nil }
    let byte = bytes[index]
    switch byte {
    case 48...57: value = value << 4 | (byte - 48)
    case 65...70: value = value << 4 | (byte - 55)
    case 97...102: value = value << 4 | (byte - 87)
    default: return nil
    }
    bytes.formIndex(after: &index)
  }
  return (value, index)
}
