/// The style that a value deserves by what it says, in the formats for people.
///
///     bad        failed, exhausted, unknown; answers of 400 and above; errors
///     warning    held, pending, stopped; what waits for a person
///     good       succeeded; answers of 200 to 299
///     faint      digests
enum Emphasis {
  private static let words: [String: Palette.Style] = [
    "failed": .bad, "exhausted": .bad, "unknown": .bad, "refused": .bad, "discarded": .warning,
    "held": .warning,
    "pending": .warning, "disabled": .warning, "stopped": .warning, "skipped": .warning,
    "raised": .warning, "missed": .warning, "attempting": .warning, "succeeded": .good,
    "completed": .good,
  ]

  /// The style for a value of a column; nil for one like any other.
  static func style(of cell: Cell, in column: String) -> Palette.Style? {
    switch column.filter({ $0 != "_" }).lowercased() {
    case "type": style(ofType: cell)
    case "status", "laststatus", "responsestatus", "state", "outcome": style(ofStatus: cell)
    case "error", "lasterror": .bad
    case "digest", "item", "bodydigest": .faint
    default: nil
    }
  }

  /// True for the type of an event that tells why something failed or does not go on.
  static func isOfFailure(_ cell: Cell, in column: String) -> Bool {
    column == "type" && [.bad, .warning].contains(style(ofType: cell))
  }

  /// Polls complete all the time: of those only what went wrong stands out.
  private static func style(ofType cell: Cell) -> Palette.Style? {
    guard case .text(let type) = cell, let last = type.split(separator: ".").last else {
      return nil
    }
    let style = words[String(last)]
    return style == .good && !type.hasPrefix("delivery.") ? nil : style
  }

  private static func style(ofStatus cell: Cell) -> Palette.Style? {
    switch cell {
    case .integer(200...299): .good
    case .integer(400...): .bad
    case .text(let word): words[word]
    default: nil
    }
  }
}
