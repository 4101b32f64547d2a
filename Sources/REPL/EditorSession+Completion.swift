import CEdit

extension EditorSession {
  /// Inserts the only way to go on, or what all ways have in common, or else lists them.
  func completeWord() -> Int32 {
    guard current?.kind == .command, let (line, cursor) = typed() else { return CC_REFRESH_BEEP }
    let before = begun + String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
    guard let word = CommandAssembler.openWord(before) else { return CC_REFRESH_BEEP }
    let found = settings.complete(begun + line, begun.utf8.count + cursor)
    guard let first = found.first else { return CC_REFRESH_BEEP }
    if found.count == 1 {
      let isBeforeBlank = line.utf8.dropFirst(cursor).first == UInt8(ascii: " ")
      let end = first.isPartial || isBeforeBlank || word.quote != nil && word.role == .sql
      replace(word, with: word.typed(first.text, isWhole: !first.isPartial) + (end ? "" : " "))
      return CC_REFRESH
    }
    let common = commonStart(found.map(\.text))
    if common.utf8.count > word.value.utf8.count, common.hasPrefix(word.value) {
      replace(word, with: word.typed(common, isWhole: false))
      return CC_REFRESH
    }
    printAbove(completionList(found, columns: columns).joined(separator: "\n"))
    return CC_NORM
  }

  private func replace(_ word: OpenWord, with text: String) {
    el_deletestr(handle, Int32(word.raw.unicodeScalars.count))
    _ = el_insertstr(handle, text)
  }
}

extension OpenWord {
  /// A text as it has to be typed in the place of this word; names of SQL stand as they are.
  func typed(_ text: String, isWhole: Bool) -> String {
    if role == .sql { return text }
    return isWhole
      ? CommandLineTokenizer.quoted(text, in: quote) : CommandLineTokenizer.opened(text, in: quote)
  }
}

/// The longest text that all texts begin with.
func commonStart(_ texts: [String]) -> String {
  guard var common = texts.first?.unicodeScalars[...] else { return "" }
  for text in texts.dropFirst() {
    let same = zip(common, text.unicodeScalars).prefix { $0 == $1 }.count
    common = common.prefix(same)
  }
  return String(common)
}

/// Completions in rows: as many columns as fit, filled downward; one a row where they have notes.
func completionList(_ found: [Completion], columns: Int) -> [String] {
  let shown = found.prefix(TerminalLimits.completionsMax)
  let names = shown.map { visible($0.text, cells: max(1, columns - 1)) }
  let width = (names.map(displayWidth).max() ?? 0) + 2
  var rows: [String]
  if shown.contains(where: { !$0.note.isEmpty }) {
    rows = zip(names, shown).map { name, completion in
      let blanks = String(repeating: " ", count: width - displayWidth(name))
      let note = visible(completion.note, cells: max(0, columns - 1 - width))
      return note.isEmpty ? name : name + blanks + note
    }
  } else {
    let across = max(1, (columns + 1) / width)
    let down = (names.count + across - 1) / across
    rows = (0..<down).map { row in
      let places = stride(from: row, to: names.count, by: down)
      return places.map { place in
        let isLast = place + down >= names.count
        let blanks = isLast ? 0 : width - displayWidth(names[place])
        return names[place] + String(repeating: " ", count: blanks)
      }.joined()
    }
  }
  if found.count > shown.count { rows.append("… \(found.count - shown.count) more") }
  return rows
}
