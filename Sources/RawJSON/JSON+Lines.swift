extension JSON {
  /// In lines, two blanks deeper for each array and object.
  package var lines: [String] {
    switch self {
    case .array(let elements) where !elements.isEmpty:
      JSON.block("[", elements.map { ("", $0) }, "]")
    case .object(let members) where !members.isEmpty:
      JSON.block("{", members.map { (quoted($0.name) + ": ", $0.value) }, "}")
    default: [String(decoding: bytes(), as: UTF8.self)]
    }
  }

  private static func block(
    _ open: String, _ parts: [(name: String, value: JSON)], _ close: String
  ) -> [String] {
    var lines = [open]
    for (place, part) in parts.enumerated() {
      var inner = part.value.lines
      inner[0] = part.name + inner[0]
      if place < parts.count - 1 { inner[inner.count - 1] += "," }
      lines += inner.map { "  " + $0 }
    }
    return lines + [close]
  }
}
