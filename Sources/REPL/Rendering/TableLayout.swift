import Events

/// `table`: columns as wide as the first rows need, fitted into the window.
///
///     position  type              title
///     --------  ----------------  -----------
///           41  change.observed   Team lunch…
///
/// The first rows, up to `TerminalLimits.tableRowsMeasured`, are held back and measured; later ones
/// go on with these widths. Rows that come after a `settle` are measured anew: columns that they
/// need wider grow. Too wide for the window, the widest columns of text are cut with `…`; numbers
/// and times are not, because half of them says something else. Where that does not suffice, `auto`
/// prints lines instead.
struct TableLayout: RecordLayout {
  private let presentation: Presentation
  private let mayBecomeLines: Bool
  private var columns: [String] = []
  private var held: [Record] = []
  private var bytesHeld = 0
  private var phase = Phase.measuring
  /// As wide as the rows so far need them.
  private var natural: [TableColumn] = []
  private var hasHeading = false

  private enum Phase {
    case measuring
    case printing([TableColumn])
    case lines(LineLayout)
  }

  init(_ presentation: Presentation, mayBecomeLines: Bool) {
    self.presentation = presentation
    self.mayBecomeLines = mayBecomeLines
  }

  mutating func begin(columns: [String], into text: inout String) {
    self.columns = columns
  }

  mutating func write(_ record: Record, into text: inout String) {
    switch phase {
    case .measuring:
      held.append(record)
      bytesHeld += record.fields.reduce(0) { $0 + $1.value.bytesHeld }
      let isFull =
        held.count >= TerminalLimits.tableRowsMeasured
        || bytesHeld >= TerminalLimits.tableBytesMeasured
      if isFull { start(into: &text) }
    case .printing(let table):
      appendRow(record, table, to: &text)
    case .lines(var lines):
      lines.write(record, into: &text)
      phase = .lines(lines)
    }
  }

  mutating func settle(into text: inout String) {
    if case .measuring = phase, !held.isEmpty { start(into: &text) }
    if case .printing = phase { phase = .measuring }
  }

  mutating func end(into text: inout String) {
    if case .measuring = phase { start(into: &text) }
  }

  /// Decides on widths, or on lines, and lets go of what was held back.
  private mutating func start(into text: inout String) {
    let records = held
    (held, bytesHeld) = ([], 0)
    guard !columns.isEmpty else { return }
    natural = measured(records)
    guard let table = fitted(natural, into: presentation.destination.columns) else {
      phase = .lines(LineLayout(presentation))
      for record in records { write(record, into: &text) }
      return
    }
    phase = .printing(table)
    if !hasHeading { appendHeading(table, to: &text) }
    hasHeading = true
    for record in records { appendRow(record, table, to: &text) }
  }

  private func measured(_ records: [Record]) -> [TableColumn] {
    let bound = presentation.destination.columns ?? TerminalLimits.tableCellsMax
    var table =
      natural.isEmpty ? columns.map { TableColumn(name: visible($0, cells: bound)) } : natural
    for record in records {
      for (place, cell) in record.values(in: columns).enumerated() {
        let width =
          cell.canBeCut
          ? displayWidth(shown(cell, cells: bound)) : displayWidth(cell.text(presentation.moments))
        table[place].take(cell, width: width)
      }
    }
    return table
  }

  /// The columns cut to fit; nil where lines are the better choice.
  private func fitted(_ natural: [TableColumn], into width: Int?) -> [TableColumn]? {
    guard let width else { return natural }
    var table = natural
    let gaps = 2 * (table.count - 1)
    var excess = table.reduce(gaps) { $0 + $1.width } - width
    while excess > 0 {
      let candidates = table.indices.filter { table[$0].width > table[$0].least }
      guard let widest = candidates.max(by: { table[$0].width < table[$1].width }) else { break }
      table[widest].width -= 1
      excess -= 1
    }
    return excess > 0 && mayBecomeLines && !hasHeading ? nil : table
  }

  private func appendHeading(_ table: [TableColumn], to text: inout String) {
    var heading: [String] = []
    for column in table {
      let name = visible(column.name, cells: column.width)
      heading.append(
        padded(presentation.palette.styled(name, .heading), cells: displayWidth(name), column))
    }
    appendCells(heading, to: &text)
    appendCells(table.map { String(repeating: "-", count: $0.width) }, to: &text)
  }

  private func appendRow(_ record: Record, _ table: [TableColumn], to text: inout String) {
    let cells = zip(table, record.values(in: columns)).map { column, cell in
      let value =
        cell.canBeCut ? shown(cell, cells: column.width) : cell.text(presentation.moments)
      return padded(value, cells: displayWidth(value), column)
    }
    appendCells(cells, to: &text)
  }

  private func appendCells(_ cells: [String], to text: inout String) {
    let line = cells.joined(separator: "  ")
    let end = line.unicodeScalars.lastIndex { $0 != " " }
    if let end { text += line[...end] }
    text += "\n"
  }

  private func padded(_ value: String, cells: Int, _ column: TableColumn) -> String {
    let blanks = String(repeating: " ", count: max(0, column.width - cells))
    return column.isNumber ? blanks + value : value + blanks
  }

  /// The value cut; of bytes no more is turned into digits than can be shown.
  private func shown(_ cell: Cell, cells: Int) -> String {
    if case .bytes(let bytes) = cell, bytes.count > cells {
      return visible(hexadecimal(bytes.prefix(cells)), cells: cells)
    }
    return visible(cell.text(presentation.moments), cells: cells)
  }
}

/// A column’s width and kind, found from the rows seen so far.
struct TableColumn {
  let name: String
  var width: Int
  private(set) var isNumber = false
  private var wholeWidth: Int
  private var hasText = false

  init(name: String) {
    self.name = name
    width = displayWidth(name)
    wholeWidth = width
  }

  /// The cells below which it is not cut: its name, and whatever must not be cut.
  var least: Int { min(width, max(wholeWidth, hasText ? 8 : 1)) }

  mutating func take(_ cell: Cell, width cells: Int) {
    width = max(width, cells)
    if cell.canBeCut { hasText = true } else { wholeWidth = max(wholeWidth, cells) }
    if cell.isNumber { isNumber = true }
  }
}
