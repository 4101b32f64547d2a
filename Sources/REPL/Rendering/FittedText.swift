/// Text from outside fitted into a number of cells, made harmless as `visible` does.
///
///     shortened("calendars/primary/changed-events", cells: 20)    calendars/…ed-events
///     wrapped("the grant was revoked", cells: 10)                 the grant
///                                                                 was
///                                                                 revoked

/// The text, its middle in place of which stands `…` where it is wider.
///
/// Beginning and end stay, because by one of them it is told from others. It reads no more of the
/// text than it shows.
package func shortened(_ text: String, cells: Int) -> String {
  guard cells > 0 else { return "" }
  let whole = pieces(text, cells: cells)
  if whole.isAll { return whole.text.joined() }
  let room = cells - 1
  let head = pieces(text, cells: room - room / 2).text
  let tail = pieces(text.reversed(), cells: room / 2).text
  return head.joined() + "…" + tail.reversed().joined()
}

/// Characters, each visible, as many as fit.
private func pieces(
  _ characters: some Sequence<Character>, cells: Int
) -> (text: [String], isAll: Bool) {
  var (text, width): ([String], Int) = ([], 0)
  for character in characters {
    let piece = visiblePiece(character)
    width += displayWidth(piece)
    guard width <= cells else { return (text, false) }
    text.append(piece)
  }
  return (text, true)
}

/// The text in lines of at most so many cells, broken at blanks, else behind a mark such as `/`,
/// else anywhere.
///
/// - Parameter lines: Past so many the rest becomes `…`.
package func wrapped(
  _ text: String, cells: Int, lines most: Int = TerminalLimits.cellLinesMax
) -> [String] {
  var wrap = Wrap(cells: max(1, cells))
  for character in text {
    wrap.take(visiblePiece(character), isBlank: character == " ")
    guard wrap.lines.count < most else {
      wrap.lines[most - 1] = shortened(wrap.lines[most - 1] + "…", cells: max(1, cells))
      return wrap.lines
    }
  }
  return wrap.lines + (wrap.line.isEmpty && !wrap.lines.isEmpty ? [] : [wrap.line])
}

private struct Wrap {
  let cells: Int
  var lines: [String] = []
  var line = ""
  private var width = 0
  /// Bytes and cells of the line up to where it is best broken.
  private var (bytesKept, cellsKept) = (0, 0)

  init(cells: Int) { self.cells = cells }

  mutating func take(_ piece: String, isBlank: Bool) {
    let added = displayWidth(piece)
    while width + added > cells, !line.isEmpty {
      // A blank at the end of a line is seen by nobody.
      if isBlank { return end(at: line.utf8.count, width) }
      end(at: bytesKept > 0 ? bytesKept : line.utf8.count, bytesKept > 0 ? cellsKept : width)
    }
    if isBlank, line.isEmpty, !lines.isEmpty { return }
    line += piece
    width += added
    let isMark = piece.utf8.count == 1 && "/.,;:&?-_".contains(piece)
    // A short line for a word's sake is fine, for a mark's only where much of it is filled.
    if isBlank || isMark && width > cells / 2 { (bytesKept, cellsKept) = (line.utf8.count, width) }
  }

  private mutating func end(at bytes: Int, _ cellsUsed: Int) {
    let kept = String(decoding: line.utf8.prefix(bytes), as: UTF8.self)
    lines.append(kept.last == " " ? String(kept.dropLast()) : kept)
    line = String(decoding: line.utf8.dropFirst(bytes), as: UTF8.self)
    width -= cellsUsed
    (bytesKept, cellsKept) = (0, 0)
  }
}
