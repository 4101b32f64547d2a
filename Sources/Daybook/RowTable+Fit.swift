extension RowTable.Column {
  /// Text by which one value is told from another at its ends, or which is long by nature.
  private static let shortened: Set<String> = [
    "url", "callback", "resource", "cursor", "collection", "title", "summary", "object",
  ]

  /// Lets a narrow table leave out the middle of its values, as `calendars/pri…-events`.
  ///
  /// Digests and JSON are among them; numbers, times, ids, types, states, errors and what is to be
  /// done about them never are: those go on in the next line.
  public var mayBeShortened: Bool {
    switch kind {
    case .json, .hex: true
    case .integer, .flag, .moment: false
    case .text: RowTable.Column.shortened.contains(name)
    }
  }
}

extension RowTable {
  /// Columns beside the main ones that a person has to see wherever a row has a value there: why
  /// something failed, or does not go on.
  public var asNeeded: [String] {
    names.filter { ["error", "reason", "waitsFor"].contains($0) && !main.contains($0) }
  }

  /// Main columns that a narrow table does without, the first of them first: what they say follows
  /// from others, or is the same in most rows.
  public var dispensable: [String] {
    let names: [String] =
      switch self {
      case .events, .trace: ["cause", "stream"]
      case .changes: ["cause", "resource"]
      case .polls: ["pages", "position", "items"]
      default: []
      }
    return names.filter { main.contains($0) }
  }

  /// The columns of times in the order of the log, that of each row first; none where rows are in
  /// another order.
  public var clocks: [String] {
    // Deliveries are in the order in which they were asked for, and nearly so tried.
    let inOrder = ["recordedAt", "requestedAt", "pollDate", "date", "openedAt", "lastAttemptAt"]
    let isInOrder = names.contains("position") || names.contains("replay")
    return isInOrder ? inOrder.filter { names.contains($0) } : []
  }
}
