/// `csv`: RFC 4180 with a heading, lines ending in LF; exact into a file, escaped on a terminal.
///
/// An empty text is `""` and null is nothing, as in PostgreSQL's COPY: they can be told apart.
struct CSVLayout: RecordLayout {
  private let presentation: Presentation
  private var columns: [String] = []

  init(_ presentation: Presentation) {
    self.presentation = presentation
  }

  mutating func begin(columns: [OutputColumn], into text: inout String) {
    self.columns = columns.map(\.name)
    appendRow(columns.map { .text($0.name) }, to: &text)
  }

  mutating func write(_ record: Record, into text: inout String) {
    appendRow(record.values(in: columns), to: &text)
  }

  mutating func end(into text: inout String) {}

  private func appendRow(_ cells: [Cell], to text: inout String) {
    for (place, cell) in cells.enumerated() {
      if place > 0 { text += "," }
      // A line without anything would be no row at all to most readers.
      if cell == .null, cells.count > 1 { continue }
      let exact = cell.text(presentation.moments)
      appendField(presentation.destination.isTerminal ? visible(exact) : exact, to: &text)
    }
    text += "\n"
  }

  private func appendField(_ field: String, to text: inout String) {
    let needsQuotes = field.utf8.contains { byte in
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 10 || byte == 13
    }
    guard needsQuotes || field.isEmpty else {
      text += field
      return
    }
    text += "\""
    text.append(field) { $0 == "\"" ? "\"\"" : nil }
    text += "\""
  }
}

/// `line`: one field a line, names flush right, a blank line between records.
///
///     position = 41
///         type = instance.created
struct LineLayout: RecordLayout {
  private let presentation: Presentation
  private let isOne: Bool
  private var count = 0

  /// - Parameter isOne: The result is one record and no list, which may be empty.
  init(_ presentation: Presentation, isOne: Bool = false) {
    self.presentation = presentation
    self.isOne = isOne
  }

  mutating func begin(columns: [OutputColumn], into text: inout String) {}

  mutating func write(_ record: Record, into text: inout String) {
    if count > 0 { text += "\n" }
    count += 1
    let names = record.fields.map { visible($0.name) }
    let width = names.map(displayWidth).max() ?? 0
    for (name, field) in zip(names, record.fields) {
      text += String(repeating: " ", count: width - displayWidth(name))
      text += presentation.palette.styled(name, .heading) + " ="
      let value = visible(field.value.text(presentation.moments))
      if !value.isEmpty { text += " " + styled(value, field) }
      text += "\n"
    }
  }

  mutating func end(into text: inout String) {
    if count == 0, !isOne, presentation.destination.isTerminal { text += "(0 rows)\n" }
  }

  private func styled(_ value: String, _ field: Record.Field) -> String {
    guard let style = Emphasis.style(of: field.value, in: field.name) else { return value }
    return presentation.palette.styled(value, style)
  }
}

/// `markdown`: a table as GitHub reads it; what Markdown or HTML would obey is escaped.
///
///     | position | type |
///     |---:|---|
///     | 41 | instance.created |
///
/// Columns of numbers are set flush right; where nothing is known of them, as the first record has
/// it.
struct MarkdownLayout: RecordLayout {
  private let presentation: Presentation
  private var columns: [String] = []
  /// True for columns of numbers; nil where nothing is known of the column.
  private var numbers: [Bool?] = []
  private var hasHeading = false

  init(_ presentation: Presentation) {
    self.presentation = presentation
  }

  mutating func begin(columns: [OutputColumn], into text: inout String) {
    self.columns = columns.map(\.name)
    numbers = columns.map(\.isNumber)
  }

  mutating func write(_ record: Record, into text: inout String) {
    let cells = record.values(in: columns)
    appendHeading(isNumber: zip(numbers, cells).map { $0 ?? $1.isNumber }, to: &text)
    appendRow(cells.map { $0.text(presentation.moments) }, to: &text)
  }

  mutating func end(into text: inout String) {
    appendHeading(isNumber: numbers.map { _ in false }, to: &text)
  }

  private mutating func appendHeading(isNumber: [Bool], to text: inout String) {
    guard !hasHeading, !columns.isEmpty else { return }
    hasHeading = true
    appendRow(columns, to: &text)
    text += "|" + isNumber.map { $0 ? "---:|" : "---|" }.joined() + "\n"
  }

  private func appendRow(_ values: [String], to text: inout String) {
    text += "|"
    for value in values {
      text += value.isEmpty ? " |" : " \(escapedForMarkdown(value)) |"
    }
    text += "\n"
  }

  private func escapedForMarkdown(_ value: String) -> String {
    var result = ""
    result.append(visible(value)) { scalar in
      switch scalar {
      case "\\", "|", "`", "*", "[", "]", "<", ">", "~": "\\\(scalar)"
      case "&": "&amp;"
      default: nil
      }
    }
    return result
  }
}
