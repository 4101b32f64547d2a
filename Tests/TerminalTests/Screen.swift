import REPL

/// What a person would see: a small terminal that knows the sequences libedit and the editor send.
///
/// Source of their meaning: ECMA-48, and xterm's control sequences for the modes.
struct Screen {
  private(set) var rows: [[String]]
  private(set) var row = 0
  private(set) var column = 0
  private(set) var isPasteBracketed = false
  private let height: Int
  private var width: Int
  private var isInserting = false
  /// Whether the last column was just written; the cursor goes on only with the next character.
  private var isWrapPending = false
  private var sequence: [UInt8] = []
  private var character: [UInt8] = []

  init(columns: Int, rows height: Int) {
    width = columns
    self.height = height
    rows = Array(repeating: Array(repeating: " ", count: columns), count: height)
  }

  /// The rows without blanks at their ends, as far as there is something on them.
  var lines: [String] {
    var lines = rows.map { row in
      let line = row.joined()
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  /// The window's new width; rows are cut or filled, not wrapped anew.
  mutating func resize(columns: Int) {
    rows = rows.map { row in
      Array(row.prefix(columns)) + Array(repeating: " ", count: max(0, columns - row.count))
    }
    width = columns
    column = min(column, columns - 1)
    isWrapPending = false
  }

  mutating func take(_ byte: UInt8) {
    if !sequence.isEmpty {
      takeSequence(byte)
      return
    }
    switch byte {
    case 0x1B: sequence = [byte]
    case 13: move(row, 0)
    case 10: lineFeed()
    case 8: move(row, max(0, column - 1))
    case 0..<32: break
    default: takeText(byte)
    }
  }

  private mutating func takeText(_ byte: UInt8) {
    character.append(byte)
    guard let text = String(validating: character, as: UTF8.self) else { return }
    character = []
    let cells = displayWidth(text)
    if cells == 0 {
      rows[row][max(0, column - 1)] += text
      return
    }
    if isWrapPending || column + cells > width {
      lineFeed()
      column = 0
    }
    if isInserting {
      rows[row].insert(contentsOf: Array(repeating: " ", count: cells), at: column)
      rows[row].removeLast(cells)
    }
    rows[row][column] = text
    if cells == 2 { rows[row][column + 1] = "" }
    isWrapPending = column + cells >= width
    column = min(width - 1, column + cells)
  }

  private mutating func lineFeed() {
    isWrapPending = false
    if row < height - 1 {
      row += 1
    } else {
      rows.removeFirst()
      rows.append(Array(repeating: " ", count: width))
    }
  }

  private mutating func takeSequence(_ byte: UInt8) {
    sequence.append(byte)
    if sequence.count == 2 {
      if byte != UInt8(ascii: "["), byte != UInt8(ascii: "("), byte != UInt8(ascii: "]") {
        sequence = []
      }
      return
    }
    switch sequence[1] {
    case UInt8(ascii: "("): sequence = []
    case UInt8(ascii: "]"): if byte == 7 { sequence = [] }
    default:
      guard (0x40...0x7E).contains(byte) else { return }
      let text = String(decoding: sequence.dropFirst(2).dropLast(), as: UTF8.self)
      sequence = []
      control(Character(Unicode.Scalar(byte)), text)
    }
  }

  private mutating func control(_ final: Character, _ text: String) {
    let numbers = text.split(separator: ";").compactMap { Int($0) }
    let count = max(1, numbers.first ?? 1)
    switch final {
    case "A": move(max(0, row - count), column)
    case "B": move(min(height - 1, row + count), column)
    case "C": move(row, min(width - 1, column + count))
    case "D": move(row, max(0, column - count))
    case "G": move(row, min(width, count) - 1)
    case "H": move(min(height, count) - 1, min(width, numbers.count > 1 ? numbers[1] : 1) - 1)
    case "K": clear(row, from: column)
    case "J":
      clear(row, from: numbers.first == 2 ? 0 : column)
      for other in rows.indices where other > row || numbers.first == 2 { clear(other, from: 0) }
    case "P":
      rows[row].removeSubrange(column..<min(width, column + count))
      rows[row] += Array(repeating: " ", count: width - rows[row].count)
    case "@":
      rows[row].insert(contentsOf: Array(repeating: " ", count: count), at: column)
      rows[row].removeLast(count)
    case "h", "l":
      if text == "4" { isInserting = final == "h" }
      if text == "?2004" { isPasteBracketed = final == "h" }
    default: break  // Colours.
    }
  }

  private mutating func move(_ row: Int, _ column: Int) {
    self.row = row
    self.column = column
    isWrapPending = false
  }

  private mutating func clear(_ row: Int, from column: Int) {
    for place in column..<width { rows[row][place] = " " }
  }
}
