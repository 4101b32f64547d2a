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
  /// A value of several words, which reads as well in several lines.
  private var hasSentences = false
  /// The longest part of a value that is best kept in one line, such as an id in a stream's name.
  private var partWidth = 0
  private var hasNumbers = false
  private var hasOthers = false
  private var isLong = false
  /// Shortened, its values would look the same.
  fileprivate(set) var isAlike = false
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
  var isWrapped: Bool { column.fit == .wrapped || isAlike || column.fit == .byLength && !isLong }

  mutating func take(_ cell: Cell, text: String) {
    guard cell != .null else { return }
    hasValues = true
    if cell.isNumber { hasNumbers = true } else { hasOthers = true }
    guard mayBreak(cell) else {
      wholeWidth = max(wholeWidth, displayWidth(text))
      width = max(width, wholeWidth)
      return
    }
    hasText = true
    if !hasSentences, text.contains(" ") { hasSentences = true }
    if isWrapped { takeParts(of: text) }
    let cells = displayWidth(visible(text, cells: TerminalLimits.cellsMeasured))
    if cells > TerminalLimits.wholeCellsMax { isLong = true }
    width = max(width, isWrapped ? cells : min(cells, bound))
    if case .text = cell, column.fit != .wrapped, column.isName, cells <= bound,
      values.count < TerminalLimits.valuesHeldApart
    {
      values.insert(text)
    }
  }

  /// Words and parts of names; what is longer than any id breaks somewhere in any case.
  private mutating func takeParts(of text: String) {
    for part in text.prefix(TerminalLimits.wholeCellsMax).split(whereSeparator: {
      " /".contains($0)
    }) {
      let cells = displayWidth(String(part))
      if cells <= TerminalLimits.partCellsMax { partWidth = max(partWidth, cells) }
    }
  }

  /// True where a value may go on in the next line or lose its middle: of times that holds only
  /// among texts.
  func mayBreak(_ cell: Cell) -> Bool {
    if case .moment = cell { return column.isText }
    return cell.canBeCut
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

  /// The same without a break in what is best kept in one line.
  func least(partsTo cells: Int) -> Int { least(wrappedTo: max(cells, partWidth)) }

  /// The cells with which it reads well.
  ///
  /// - Parameter apart: The fewest at which its values stay apart.
  func comfort(_ apart: Int) -> Int {
    isWrapped ? least(sentenceTo: 20) : least(shortenedTo: max(apart, column.comfort))
  }

  func least(sentenceTo cells: Int) -> Int {
    hasSentences ? least(wrappedTo: cells) : least(wrappedTo: max(cells, 32))
  }
}

/// Columns made to fit into a window.
///
/// In this order, until they do: columns without any value go; what may be shortened is, down to
/// where its values are told apart; texts are wrapped, and what would not be told apart any more as
/// well; what may be shortened is so further. Numbers and times keep their width, because half of
/// them says something else.
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
    for place in columns.indices.reversed()
    where excess > 0 && !columns[place].hasValues && !columns[place].column.stays {
      columns[place].isLeftOut = true
    }
  }

  /// Leaves out what can be done without, as far as the others would have little room.
  mutating func leaveOutDispensable() {
    let places = columns.indices.filter { columns[$0].column.dispensable != nil }
      .sorted { columns[$0].column.dispensable ?? 0 < columns[$1].column.dispensable ?? 0 }
    guard let window, !places.isEmpty, excess > 0 else { return }
    let apart = columns.map(\.apart)
    for place in places where needed(apart) > window { columns[place].isLeftOut = true }
  }

  /// The cells that the columns take with what each is worth keeping.
  private func needed(_ apart: [Int]) -> Int {
    let shown = columns.indices.filter { !columns[$0].isLeftOut }
    return shown.reduce(2 * (shown.count - 1)) { $0 + columns[$1].comfort(apart[$1]) }
  }

  /// - Returns: True where they fit.
  mutating func shrink() -> Bool {
    guard excess > 0 else { return true }
    let apart = columns.map(\.apart)
    shrink { $1.isWrapped ? $1.width : $1.comfort(apart[$0]) }
    // Sentences are read in any width, an id is best in one piece.
    for cells in [32, 26, 20] { shrink { $1.least(sentenceTo: cells) } }
    shrink { place, _ in apart[place] }
    if excess > 0 {
      for place in columns.indices where apart[place] > columns[place].least(shortenedTo: 12) {
        columns[place].isAlike = true
      }
      shrink { $1.isAlike ? $1.least(wrappedTo: 18) : $1.width }
    }
    for cells in [12, 8] { shrink { $1.least(shortenedTo: cells) } }
    for cells in [24, 18, 12] { shrink { $1.least(partsTo: cells) } }
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
