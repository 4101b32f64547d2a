import RawJSON

/// One record in lines: a name and its value, and under a name what stands in its object or list.
///
///              id = 1
///            tags = ["Docs"]
///     configuration
///       event.poller.refresh_interval = 15
///       event.poller.configuration
///         calendars/primary/changed-events
///           idField = id
struct Outline {
  let palette: Palette
  let moments: MomentStyle
  let width: Int

  /// The lines, without anything that a terminal would obey.
  func lines(_ record: Record) -> [String] {
    let nested = record.fields.map { self.nested($0.value) }
    let names = zip(record.fields, nested).filter { $1 == nil }.map { visible($0.0.name) }
    let indent = names.map(displayWidth).max() ?? 0
    return zip(record.fields, nested).flatMap { field, json -> [String] in
      let name = visible(field.name)
      if let json { return block(name, json, depth: 0) }
      let blanks = String(repeating: " ", count: max(0, indent - displayWidth(name)))
      let style = Emphasis.style(of: field.value, in: field.name)
      return self.field(blanks, name, field.value.text(moments), style)
    }
  }

  /// JSON that takes lines of its own: objects, and lists that are long or hold any.
  private func nested(_ cell: Cell) -> JSON? {
    guard case .json(let text) = cell, let json = try? JSON.parse(Array(text.utf8)) else {
      return nil
    }
    return isShort(json) ? nil : json
  }

  private func isShort(_ json: JSON) -> Bool {
    if let members = json.members { return members.isEmpty }
    guard let elements = json.elements else { return true }
    return elements.allSatisfy { $0.members == nil && $0.elements == nil }
      && json.bytes().count <= width / 2
  }

  private func block(_ name: String, _ json: JSON, depth: Int) -> [String] {
    let blanks = String(repeating: "  ", count: depth)
    return [blanks + palette.styled(name, .heading)] + inside(json, depth: depth + 1)
  }

  private func inside(_ json: JSON, depth: Int) -> [String] {
    let blanks = String(repeating: "  ", count: depth)
    if let members = json.members {
      return members.flatMap { member in line(visible(member.name), member.value, depth) }
    }
    return (json.elements ?? []).flatMap { element -> [String] in
      if !isShort(element) { return [blanks + "-"] + inside(element, depth: depth + 1) }
      return wrapped(text(element), cells: width - 2 * depth - 2).enumerated().map { place, line in
        blanks + (place == 0 ? "- " : "  ") + line
      }
    }
  }

  private func line(_ name: String, _ value: JSON, _ depth: Int) -> [String] {
    // A setting that is an object is kept as its JSON.
    var value = value
    if let text = value.text, text.hasPrefix("{") || text.hasPrefix("["),
      let inner = try? JSON.parse(Array(text.utf8))
    {
      value = inner
    }
    if !isShort(value) { return block(name, value, depth: depth) }
    return field(String(repeating: "  ", count: depth), name, text(value), nil)
  }

  private func text(_ value: JSON) -> String {
    if case .null = value { return "" }
    return value.text ?? String(decoding: value.bytes(), as: UTF8.self)
  }

  /// A value that is long goes on under its beginning.
  private func field(
    _ blanks: String, _ name: String, _ value: String, _ style: Palette.Style?
  ) -> [String] {
    let head = displayWidth(blanks) + displayWidth(name) + 3
    // One word is copied whole, however the terminal breaks it.
    let lines =
      value.contains(" ")
      ? wrapped(value, cells: max(20, width - head), lines: .max) : [visible(value)]
    return lines.enumerated().map { place, line in
      let styled = style.map { palette.styled(line, $0) } ?? line
      if place > 0 { return String(repeating: " ", count: head) + styled }
      let begin = blanks + palette.styled(name, .heading) + " ="
      return styled.isEmpty ? begin : begin + " " + styled
    }
  }
}

/// `auto` on a terminal of one record: an outline of it.
struct OutlineLayout: RecordLayout {
  private let outline: Outline

  init(_ presentation: Presentation) {
    outline = Outline(
      palette: presentation.palette, moments: presentation.moments,
      width: presentation.destination.columns ?? 80)
  }

  mutating func begin(columns: [OutputColumn], into text: inout String) {}

  mutating func write(_ record: Record, into text: inout String) {
    for line in outline.lines(record) { text += line + "\n" }
  }

  mutating func end(into text: inout String) {}
}
