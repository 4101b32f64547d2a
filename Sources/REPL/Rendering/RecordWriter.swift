/// Prints records in one of the formats as they come; holds no more of them the more there are.
///
///     var writer = RecordWriter(presentation) { text throws(OutputError) in try file.write(text) }
///     try writer.begin(columns: ["position", "type"])
///     try writer.write(["position": .integer(41), "type": .text("instance.created")])
///     try writer.end()
///
/// Control bytes of the values never reach a terminal raw in any format. `json`, `jsonl` and `csv`
/// into a file or pipe are exact; the others escape them there as well.
package struct RecordWriter {
  /// Where the text goes, in pieces that end anywhere.
  package typealias Output = (String) throws(OutputError) -> Void

  private var layout: any RecordLayout
  private let output: Output
  private var pending = ""

  /// A writer that has written nothing yet.
  ///
  /// - Parameter single: The result is one record and not a list, which `json` prints as an object.
  package init(_ presentation: Presentation, single: Bool = false, output: @escaping Output) {
    layout = makeLayout(presentation, single: single)
    self.output = output
  }

  /// Starts the output; an empty result shows its columns too where the format has a heading,
  /// unless a person sees it.
  ///
  /// - Parameter columns: Every name that a record may have. Records print nulls for those missing
  ///   in `table`, `csv` and `markdown`; a field that is not among them stops the program there.
  package mutating func begin(columns: [String]) throws(OutputError) {
    try begin(columns: columns.map { OutputColumn($0) })
  }

  /// The same for columns of which more is known than their names.
  package mutating func begin(columns: [OutputColumn]) throws(OutputError) {
    layout.begin(columns: columns, into: &pending)
    try pass()
  }

  /// Prints one record, or holds it back while a table is measured.
  package mutating func write(_ record: Record) throws(OutputError) {
    layout.write(record, into: &pending)
    try pass()
  }

  /// Prints what was held back to be measured, for who waits for more.
  package mutating func settle() throws(OutputError) {
    layout.settle(into: &pending)
    try pass()
  }

  /// Ends the output: what was held back, closing brackets.
  package mutating func end() throws(OutputError) {
    layout.end(into: &pending)
    try pass()
  }

  private mutating func pass() throws(OutputError) {
    guard !pending.isEmpty else { return }
    let text = pending
    pending = ""
    try output(text)
  }
}

/// One format: appends text for what happens.
protocol RecordLayout {
  mutating func begin(columns: [OutputColumn], into text: inout String)
  mutating func write(_ record: Record, into text: inout String)
  mutating func end(into text: inout String)
  /// Lets go of what is held back to be measured.
  mutating func settle(into text: inout String)
}

extension RecordLayout {
  mutating func settle(into text: inout String) {}
}

private func makeLayout(_ presentation: Presentation, single: Bool) -> any RecordLayout {
  switch presentation.format {
  case .auto:
    if single { return OutlineLayout(presentation) }
    return TableLayout(presentation, mayBecomeLines: true)
  case .table: return TableLayout(presentation, mayBecomeLines: false)
  case .line: return LineLayout(presentation, isOne: single)
  case .markdown: return MarkdownLayout(presentation)
  case .csv: return CSVLayout(presentation)
  case .jsonl: return JSONLayout(presentation, shape: .lines)
  case .json: return JSONLayout(presentation, shape: single ? .object : .array)
  }
}
