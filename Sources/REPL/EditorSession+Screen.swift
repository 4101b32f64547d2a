import CEdit
import Glibc

/// Where the edited line stands on the screen. libedit knows, but tells nobody, so it is reckoned.
extension EditorSession {
  /// The width of the window now.
  var columns: Int {
    var window = winsize()
    let isKnown = ioctl(terminal, UInt(TIOCGWINSZ), &window) == 0
    return isKnown && window.ws_col > 0 ? Int(window.ws_col) : 80
  }

  /// The line and the cursor's offset in it in UTF-8 bytes.
  func typed() -> (line: String, cursor: Int)? {
    guard let line = el_line(handle)?.pointee, let start = line.buffer else { return nil }
    let whole = UnsafeRawBufferPointer(start: start, count: start.distance(to: line.lastchar))
    return (String(decoding: whole, as: UTF8.self), start.distance(to: line.cursor))
  }

  /// Prints whole lines, and the prompt with the half-typed line again below them.
  func printAbove(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.map { visible(String($0)) + "\n" }.joined()
    guard let current else {
      writeTerminal(shown)
      return
    }
    if current.kind == .secret {
      writeTerminal((canMove ? "\r\u{1B}[J" : "\n") + shown + current.prompt)
      return
    }
    writeTerminal(canMove ? clearing() + shown : "\n" + shown)
    _ = cedit_refresh(handle)
  }

  /// Draws the line anew after the window has got another width.
  func redrawForWindow() {
    guard let current, current.kind != .secret else { return }
    if canMove { writeTerminal(clearing()) }
    el_resize(handle)
    _ = cedit_refresh(handle)
  }

  /// Leaves the line as it is, with a mark at its end, for a fresh row.
  func moveBelowLine(mark: String) {
    guard canMove, let (line, cursor) = typed() else {
      writeTerminal(mark + "\n")
      return
    }
    let before = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
    let here = place(after: before)
    let end = place(after: line)
    let down = end.row - here.row
    let movement = (down > 0 ? "\u{1B}[\(down)B" : "") + "\u{1B}[\(end.column + 1)G"
    writeTerminal(movement + mark + "\n")
  }

  /// Moves to where the prompt begins and clears from there.
  private func clearing() -> String {
    guard let (line, cursor) = typed() else { return "\r\u{1B}[J" }
    let row = place(after: String(decoding: line.utf8.prefix(cursor), as: UTF8.self)).row
    return (row > 0 ? "\u{1B}[\(row)A" : "") + "\r\u{1B}[J"
  }

  /// The row below the prompt's first, and the column, after the prompt and a text.
  private func place(after text: String) -> (row: Int, column: Int) {
    let prompt = promptText.map { String(cString: $0) } ?? ""
    return screenPlace(after: withoutMarked(prompt) + text, columns: columns)
  }

  func writeTerminal(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      // A terminal that hung up: the next read ends the session.
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}

/// Where the cursor stands after a text that wraps as libedit wraps it, from row and column 0.
///
/// A wide character that does not fit goes to the next row, as does the cursor after the last
/// column.
func screenPlace(after text: String, columns: Int) -> (row: Int, column: Int) {
  var row = 0
  var column = 0
  for scalar in text.unicodeScalars {
    if scalar == "\n" {
      row += 1
      column = 0
      continue
    }
    if scalar == "\t" {
      // To the next of the stops, which are eight cells apart.
      column = min(columns, column + 8 - column % 8)
      if column >= columns {
        row += 1
        column = 0
      }
      continue
    }
    let cells = scalar.value < 0x20 ? 2 : scalar.cells
    if column + cells > columns {
      row += 1
      column = 0
    }
    column += cells
    if column >= columns {
      row += 1
      column = 0
    }
  }
  return (row, column)
}

/// A prompt without what its marks enclose.
func withoutMarked(_ prompt: String) -> String {
  prompt.split(separator: LineEditor.promptMark, omittingEmptySubsequences: false)
    .enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined()
}
