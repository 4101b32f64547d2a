/// A column’s width and kind, found from the rows seen so far.
struct TableColumn {
  let column: OutputColumn
  var width: Int
  /// It is in the table, and not shown.
  var isLeftOut = false
  private(set) var hasValues = false
  private let bound: Int
  private let nameWidth: Int
  /// Cells of what must be neither cut nor wrapped.
  private var wholeWidth: Int
  private var hasText = false
  private var hasNumbers = false
  private var hasOthers = false
  private var isLong = false
  private var values: Set<String> = []

  /// - Parameter window: The cells that there are; nil where nothing bounds them.
  init(_ column: OutputColumn, window: Int?) {
    self.column = column
    bound = window ?? TerminalLimits.tableCellsMax
    width = displayWidth(visible(column.name, cells: bound))
    nameWidth = width
    wholeWidth = width
  }

  /// Set flush right: by its kind, or where the values tell, of which all are numbers.
  var isNumber: Bool { column.isNumber ?? (hasNumbers && !hasOthers) }

  /// True where a value that is wider goes on in the next line.
  var isWrapped: Bool { column.fit == .wrapped || column.fit == .byLength && !isLong }

  mutating func take(_ cell: Cell, text: String) {
    guard cell != .null else { return }
    hasValues = true
    if cell.isNumber { hasNumbers = true } else { hasOthers = true }
    guard cell.canBeCut else {
      wholeWidth = max(wholeWidth, displayWidth(text))
      width = max(width, wholeWidth)
      return
    }
    hasText = true
    let cells = displayWidth(visible(text, cells: TerminalLimits.cellsMeasured))
    if cells > TerminalLimits.wholeCellsMax { isLong = true }
    width = max(width, isWrapped ? cells : min(cells, bound))
    if column.fit != .wrapped, values.count < TerminalLimits.valuesHeldApart, cells <= bound {
      values.insert(text)
    }
  }

  /// The fewest cells at which the values that are shortened stay apart.
  var apart: Int {
    let least = least(shortenedTo: 12)
    guard values.count > 1, width > least else { return least }
    return (least..<width).first { cells in
      Set(values.map { shortened($0, cells: cells) }).count == values.count
    } ?? width
  }

  /// The fewest cells with so many for text.
  private func least(cells: Int) -> Int {
    min(width, max(wholeWidth, hasText ? cells : 1))
  }

  func least(shortenedTo cells: Int) -> Int { isWrapped ? width : least(cells: cells) }

  func least(wrappedTo cells: Int) -> Int { isWrapped ? least(cells: cells) : width }
}

/// Columns made to fit into a window.
///
/// In this order, until they do: columns without any value go; what may be shortened is, down to
/// where its values are told apart; texts are wrapped, and ids and types last; what may be
/// shortened is so further. Numbers and times keep their width, because half of them says something
/// else.
struct TableFit {
  private(set) var columns: [TableColumn]
  private let window: Int?

  init(_ columns: [TableColumn], window: Int?) {
    self.columns = columns
    self.window = window
  }

  private var excess: Int {
    guard let window else { return 0 }
    let shown = columns.filter { !$0.isLeftOut }
    return shown.reduce(2 * (shown.count - 1)) { $0 + $1.width } - window
  }

  /// Leaves out columns that are shown only where a row needs them.
  mutating func leaveOutUnneeded() {
    for place in columns.indices where columns[place].column.isAsNeeded {
      if !columns[place].hasValues { columns[place].isLeftOut = true }
    }
  }

  /// Leaves out columns without any value, from the end, as far as space is short.
  mutating func leaveOutEmpty() {
    guard columns.contains(where: \.hasValues) else { return }
    for place in columns.indices.reversed() where excess > 0 && !columns[place].hasValues {
      columns[place].isLeftOut = true
    }
  }

  /// - Returns: True where they fit.
  mutating func shrink() -> Bool {
    guard excess > 0 else { return true }
    let apart = columns.map(\.apart)
    shrink { place, _ in apart[place] }
    // Sentences are read in any width, an id is best in one piece.
    for cells in [32, 24, 18] { shrink { $1.least(wrappedTo: cells) } }
    for cells in [12, 8] { shrink { $1.least(shortenedTo: cells) } }
    shrink { $1.least(wrappedTo: 12) }
    return excess <= 0
  }

  /// Takes cells from the widest columns first, down to what each has to keep.
  private mutating func shrink(to least: (Int, TableColumn) -> Int) {
    let bounds = columns.indices.map { least($0, columns[$0]) }
    var excess = excess
    while excess > 0 {
      let candidates = columns.indices.filter {
        !columns[$0].isLeftOut && columns[$0].width > bounds[$0]
      }
      guard let widest = candidates.max(by: { columns[$0].width < columns[$1].width }) else {
        return
      }
      columns[widest].width -= 1
      excess -= 1
    }
  }
}
