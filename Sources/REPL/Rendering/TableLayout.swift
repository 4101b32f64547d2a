import Events

/// `table`: columns as wide as the first rows need, fitted into the window.
///
///     position  recordedAt    type              summary
///     --------  ------------  ----------------  ----------------------------
///     2026-11-23 UTC
///           41  09:05:00.000  delivery.failed   503, next a…t 09:05:05.210Z
///
/// The first rows, up to `TerminalLimits.tableRowsMeasured`, are held back and measured; later ones
/// go on with these widths. Rows that come after a `settle` are measured anew: columns that they
/// need wider grow. `TableFit` says what becomes of columns too wide for the window. Where that
/// does not suffice, `auto` prints lines instead. On a terminal the day stands on a line of its own
/// where rows have times in their order, or all times are of one day; no rows are `(0 rows)`.
struct TableLayout: RecordLayout {
  private let presentation: Presentation
  private let mayBecomeLines: Bool
  private var columns: [OutputColumn] = []
  private var held: [Record] = []
  private var bytesHeld = 0
  private var phase = Phase.measuring
  /// As wide as the rows so far need them.
  private var natural: [TableColumn] = []
  private var hasHeading = false
  /// The day of the row before, in columns of times that show none.
  private var day: String?
  /// The day of all times that were measured, where no column has them in order.
  private var sharedDay: String?

  private enum Phase {
    case measuring
    case printing([TableColumn])
    case lines(LineLayout)
  }

  init(_ presentation: Presentation, mayBecomeLines: Bool) {
    self.presentation = presentation
    self.mayBecomeLines = mayBecomeLines
  }

  private var isTerminal: Bool { presentation.destination.isTerminal }

  mutating func begin(columns: [OutputColumn], into text: inout String) {
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
      lines.write(needed(record), into: &text)
      phase = .lines(lines)
    }
  }

  mutating func settle(into text: inout String) {
    if case .measuring = phase, !held.isEmpty { start(into: &text) }
    if case .printing = phase { phase = .measuring }
  }

  mutating func end(into text: inout String) {
    guard case .measuring = phase else { return }
    if held.isEmpty, isTerminal {
      if !hasHeading { text += "(0 rows)\n" }
    } else {
      start(into: &text)
    }
  }

  /// Decides on widths, or on lines, and lets go of what was held back.
  private mutating func start(into text: inout String) {
    let records = held
    (held, bytesHeld) = ([], 0)
    guard !columns.isEmpty else { return }
    if !hasHeading { sharedDay = commonDay(of: records) }
    natural = measured(records)
    guard let table = fitted() else {
      phase = .lines(LineLayout(presentation))
      for record in records { write(record, into: &text) }
      return
    }
    phase = .printing(table)
    if !hasHeading { appendHeading(table.filter { !$0.isLeftOut }, to: &text) }
    hasHeading = true
    for record in records { appendRow(record, table, to: &text) }
  }

  private func measured(_ records: [Record]) -> [TableColumn] {
    let bound = presentation.destination.columns
    var table = natural.isEmpty ? columns.map { TableColumn($0, window: bound) } : natural
    var last = day
    let names = columns.map(\.name)
    for record in records {
      let values = record.values(in: names)
      let today = self.day(of: values) ?? last
      last = today
      for (place, cell) in values.enumerated() {
        table[place].take(cell, text: measuredText(of: cell, on: today))
      }
    }
    return table
  }

  /// The columns as they fit; nil where lines are the better choice.
  private mutating func fitted() -> [TableColumn]? {
    var fit = TableFit(natural, window: presentation.destination.columns)
    if !hasHeading, mayBecomeLines {
      fit.leaveOutUnneeded()
      fit.leaveOutEmpty()
      fit.leaveOutDispensable()
      for place in natural.indices { natural[place].isLeftOut = fit.columns[place].isLeftOut }
    }
    let fits = fit.shrink()
    return fits || !mayBecomeLines || hasHeading ? fit.columns : nil
  }

  private func appendHeading(_ table: [TableColumn], to text: inout String) {
    var heading: [String] = []
    for column in table {
      let name = visible(column.column.name, cells: column.width)
      heading.append(
        padded(presentation.palette.styled(name, .heading), cells: displayWidth(name), column))
    }
    appendCells(heading, to: &text)
    appendCells(table.map { String(repeating: "-", count: $0.width) }, to: &text)
  }

  private mutating func appendRow(
    _ record: Record, _ table: [TableColumn], to text: inout String
  ) {
    let values = record.values(in: columns.map(\.name))
    let today = day(of: values) ?? day
    if let today, today != day {
      text += presentation.palette.styled(today, .faint) + "\n"
      day = today
    }
    let shown = table.indices.filter { !table[$0].isLeftOut }
    let tellsFailure = zip(columns, values).contains { Emphasis.isOfFailure($1, in: $0.name) }
    let cells = shown.map { place in
      let isWhole = tellsFailure && columns[place].name == "summary"
      return lines(of: values[place], in: table[place], on: today, isWhole: isWhole)
    }
    for line in 0..<max(1, cells.map(\.count).max() ?? 1) {
      let parts = zip(shown, cells).map { place, lines in
        let part = line < lines.count ? lines[line] : ""
        let style = Emphasis.style(of: values[place], in: columns[place].name)
        let styled = style.map { presentation.palette.styled(part, $0) } ?? part
        return padded(styled, cells: displayWidth(part), table[place])
      }
      appendCells(parts, to: &text)
    }
    for place in table.indices
    where table[place].isLeftOut && columns[place].dispensable == nil && values[place] != .null {
      appendLeftOut(columns[place].name, self.text(of: values[place], on: today), to: &text)
    }
  }

  /// A value of a column that the first rows had no need of, below its row.
  private func appendLeftOut(_ name: String, _ value: String, to text: inout String) {
    let room = (presentation.destination.columns ?? TerminalLimits.tableCellsMax) - 4
    for line in wrapped("\(visible(name)): \(value)", cells: room) { text += "    \(line)\n" }
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
}

extension TableLayout {
  /// The day that a row is of, where a terminal shows it apart.
  private func day(of values: [Cell]) -> String? {
    guard isTerminal else { return nil }
    guard let place = columns.firstIndex(where: \.isClock) else { return sharedDay }
    guard case .moment(let moment) = values[place] else { return nil }
    return presentation.moments.parts(moment).day
  }

  /// The one day that all times are of; nil where there are several.
  private func commonDay(of records: [Record]) -> String? {
    let texts = Set(columns.filter(\.isText).map(\.name))
    var days: Set<String> = []
    for field in records.lazy.flatMap(\.fields) where !texts.contains(field.name) {
      guard case .moment(let moment) = field.value else { continue }
      days.insert(presentation.moments.parts(moment).day)
      if days.count > 1 { return nil }
    }
    return days.first
  }

  /// The value as text; times of the row's day without it.
  private func text(of cell: Cell, on day: String?) -> String {
    if let day, case .moment(let moment) = cell {
      let parts = presentation.moments.parts(moment)
      if parts.day == day { return parts.time }
    }
    return cell.text(presentation.moments)
  }

  /// The record without fields that are shown only where they have a value.
  private func needed(_ record: Record) -> Record {
    let asNeeded = columns.filter(\.isAsNeeded).map(\.name)
    return Record(record.fields.filter { $0.value != .null || !asNeeded.contains($0.name) })
  }

  /// As much of the value as tells how wide it is.
  private func measuredText(of cell: Cell, on day: String?) -> String {
    guard case .bytes(let bytes) = cell else { return text(of: cell, on: day) }
    return hexadecimal(bytes.prefix(TerminalLimits.tableCellsMax))
  }

  /// The lines of one cell, each as wide as its column at most, unless it is never cut.
  ///
  /// - Parameter isWhole: It is not shortened whatever its column may be.
  private func lines(
    of cell: Cell, in column: TableColumn, on day: String?, isWhole: Bool
  ) -> [String] {
    guard column.mayBreak(cell) else { return [text(of: cell, on: day)] }
    // Of bytes no more is turned into digits than can be shown.
    if case .bytes(let bytes) = cell, bytes.count > column.width {
      return [visible(hexadecimal(bytes.prefix(column.width)), cells: column.width)]
    }
    let text = self.text(of: cell, on: day)
    guard column.isWrapped || isWhole else { return [shortened(text, cells: column.width)] }
    if presentation.destination.columns == nil {
      return [visible(text, cells: max(column.width, TerminalLimits.cellsMeasured))]
    }
    return wrapped(text, cells: column.width)
  }
}
