/// Text from outside, made harmless for a terminal.
///
/// Shown as an escape is what a terminal would obey or what would hide or turn the text around it:
///
///     C0 and C1 controls, DEL                           \n  \t  \r  else \u{1B}
///     bidirectional marks, embeddings, isolates         \u{202E}
///     zero-width space, joiners of words, BOM           \u{200B}
///     line and paragraph separators                     \u{2028}
///     interlinear marks, tag characters                 \u{E0041}
///
/// The joiners U+200C and U+200D stay: scripts and emoji need them, and they only touch neighbours.
package func visible(_ text: String) -> String {
  guard mayHide(text) else { return text }
  var result = ""
  result.append(text) { $0.isHidden ? escape($0) : nil }
  return result
}

/// The same, cut to a number of cells; what is cut ends in `…`.
///
/// Reads no further than it must, so that a text of any length costs what is shown of it.
package func visible(_ text: String, cells: Int) -> String {
  var result = ""
  var width = 0
  // The bytes that stay if an ellipsis has to follow.
  var bytesKept = 0
  for character in text {
    let piece = visiblePiece(character)
    let added = displayWidth(piece)
    if width + added > cells {
      return cells < 1 ? "" : String(decoding: result.utf8.prefix(bytesKept), as: UTF8.self) + "…"
    }
    result += piece
    width += added
    if width < cells { bytesKept = result.utf8.count }
  }
  return result
}

/// The cells that a text takes on a terminal, none for what the terminal does not show.
///
/// A character of several scalars joined as an emoji (ZWJ sequence, variation selector 16, flag,
/// skin tone) takes two, as Unicode TR 51 recommends; of others the widths add up.
package func displayWidth(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
  return text.reduce(0) { $0 + displayWidth($1) }
}

private func displayWidth(_ character: Character) -> Int {
  let scalars = character.unicodeScalars
  guard let first = scalars.first else { return 0 }
  if scalars.count > 1, first.properties.isEmoji || first.isRegionalIndicator,
    scalars.dropFirst().contains(where: \.makesEmoji)
  {
    return 2
  }
  return scalars.reduce(0) { $0 + $1.cells }
}

/// One character, visible and of bounded length.
func visiblePiece(_ character: Character) -> String { visible(boundedCluster(character)) }

private func boundedCluster(_ character: Character) -> String {
  let scalars = character.unicodeScalars
  let bound = TerminalLimits.clusterScalarsMax
  guard let end = scalars.index(scalars.startIndex, offsetBy: bound, limitedBy: scalars.endIndex)
  else { return String(character) }
  return String(String.UnicodeScalarView(scalars[..<end]))
}

/// A quick no for nearly all text: hidden scalars begin with few bytes.
private func mayHide(_ text: String) -> Bool {
  var text = text
  return text.withUTF8 { bytes in
    bytes.contains { byte in
      switch byte {
      case 0..<0x20, 0x7F, 0xC2, 0xD8, 0xE1, 0xE2, 0xEF, 0xF3: true
      default: false
      }
    }
  }
}

private func escape(_ scalar: Unicode.Scalar) -> String {
  switch scalar {
  case "\n": "\\n"
  case "\t": "\\t"
  case "\r": "\\r"
  default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }
}

extension String {
  /// Appends a text in which some scalars get another form; nil keeps the scalar.
  ///
  /// What is kept is copied in runs: appending to a view of scalars copies the whole each time.
  mutating func append(_ text: String, replacing form: (Unicode.Scalar) -> String?) {
    let scalars = text.unicodeScalars
    var kept = scalars.startIndex
    var index = kept
    while index < scalars.endIndex {
      let next = scalars.index(after: index)
      if let form = form(scalars[index]) {
        self += text[kept..<index]
        self += form
        kept = next
      }
      index = next
    }
    self += text[kept...]
  }
}

extension Unicode.Scalar {
  /// True where it must not reach a terminal raw.
  var isHidden: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028...0x202E,
      0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
      true
    default: false
    }
  }

  /// The cells of this scalar on its own.
  var cells: Int {
    if value < 0x300 { return value >= 0x20 && !(0x7F..<0xA0).contains(value) ? 1 : 0 }
    switch value {
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0  // Hangul that is drawn into the syllable
    case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: return 0
    default: break
    }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return isWide ? 2 : 1
    }
  }

  fileprivate var isWide: Bool {
    guard value >= 0x1100 else { return false }
    var low = 0
    var high = wideRanges.count
    while low < high {
      let middle = (low + high) / 2
      if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(value)
  }

  fileprivate var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }

  /// True where, after another scalar, it makes the character an emoji picture.
  fileprivate var makesEmoji: Bool {
    value == 0xFE0F || value == 0x200D || isRegionalIndicator
      || (0x1F3FB...0x1F3FF).contains(value)
  }
}
