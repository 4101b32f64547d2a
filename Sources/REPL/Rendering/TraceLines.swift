import Events

/// The lines of a trace for a terminal.
///
///     2026-11-24
///       14  08:47:01.798    poll.completed  changes: 3 items, 3 changes
///       15  08:47:01.798    ├─ change.observed  Planning · CREATED 5sudd… in calendars/primary/…
///       18  08:47:01.799  ▶ │  └─ delivery.requested  Planning +2 · 3 CREATED, notification 3993…
///                           │     also of 16, 17
///       25  08:47:02.310  ✗ │     ├─ delivery.failed  503; next attempt 08:47:07Z
///       30  08:47:07.312  ↻ │     ├─ delivery.attempted  attempt 2 to http://127.0.0.1:18095/…
///       31  08:47:07.313  ✓ │     └─ delivery.succeeded  204 in 0 ms
///
/// Marks: ▶ the event traced, ✓ delivered, ✗ failed or given up, ↻ tried again, ‖ held, ? unknown.
/// What is longer than the window goes on under its own beginning; nothing is cut.
package struct TraceLines {
  private let palette: Palette
  private let moments: MomentStyle
  private let columns: Int?
  private let digits: Int
  private var day = ""

  /// - Parameters:
  ///   - last: The highest position, which says how wide positions are.
  ///   - columns: The width of the window; nil where nothing bounds it.
  package init(_ palette: Palette, _ moments: MomentStyle, last: Int64, columns: Int?) {
    self.palette = palette
    self.moments = moments
    self.columns = columns
    digits = max(6, String(last).utf8.count)
  }

  /// The lines of one event, a line for its day before them where that is another.
  package mutating func lines(_ node: TraceTree.Node) -> [String] {
    let event = node.event
    let instant = moments.text(event.recordedAt)
    var lines: [String] = []
    if day != instant.prefix(10) {
      day = String(instant.prefix(10))
      lines.append(palette.styled(day, .heading))
    }
    let mark = TraceMark(event)
    let position = String(event.position)
    let left =
      String(repeating: " ", count: digits - position.utf8.count) + position + "  "
      + palette.styled(String(instant.dropFirst(11).prefix(12)), .faint) + "  "
      + (mark.map { palette.styled($0.sign, $0.style) } ?? " ") + " "
    let type = palette.styled(event.type, event.depth == 0 ? .heading : mark?.style ?? .faint)
    let told = text(node)
    let width = displayWidth(branch(node.isLast, isFirst: false)) + 3
    let room = columns.map { max(20, $0 - digits - 18 - width) } ?? .max
    let all = told.isEmpty ? event.type : "\(event.type)  \(told)"
    for (place, line) in wrapped(all, cells: room, lines: .max).enumerated() {
      if place > 0 {
        lines.append(blank + below(node) + line)
      } else {
        let isWhole = line.hasPrefix(event.type)
        let rest = isWhole ? type + line.dropFirst(event.type.count) : line
        lines.append(left + branch(node.isLast, isFirst: true) + rest)
      }
    }
    if !node.alsoOf.isEmpty { lines += alsoOf(node, room: room) }
    return lines.map(Self.withoutEnd)
  }

  private var blank: String { String(repeating: " ", count: digits + 18) }

  /// Everything that is said of an event behind its type.
  private func text(_ node: TraceTree.Node) -> String {
    let title = node.tellsTitle ? node.event.title : nil
    return [title, node.event.summary].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: " · ")
  }

  private func alsoOf(_ node: TraceTree.Node, room: Int) -> [String] {
    let list = node.alsoOf.map(String.init).joined(separator: ", ")
    return wrapped("also of \(list)", cells: room, lines: .max).map {
      blank + below(node) + palette.styled($0, .faint)
    }
  }

  /// The lines of the tree beside an event: none at the top.
  private func branch(_ isLast: [Bool], isFirst: Bool) -> String {
    guard isLast.count > 1 else { return "" }
    let above = isLast.dropFirst().dropLast().map { $0 ? "   " : "│  " }.joined()
    let own = isLast[isLast.count - 1]
    return above + (isFirst ? (own ? "└─ " : "├─ ") : (own ? "   " : "│  "))
  }

  /// Beside what goes on under an event: its own line, and that of what stands under it.
  private func below(_ node: TraceTree.Node) -> String {
    branch(node.isLast, isFirst: false) + (node.hasChildren ? "│  " : "   ")
  }

  private static func withoutEnd(_ line: String) -> String {
    guard let end = line.lastIndex(where: { $0 != " " }) else { return "" }
    return String(line[...end])
  }
}

/// A sign that tells at a glance how an event of a trace stands.
package struct TraceMark {
  package let sign: String
  /// A word for who does not see the sign.
  package let word: String
  let style: Palette.Style

  /// nil where there is nothing to be said.
  package init?(_ event: TracedEvent) {
    switch event.type {
    case _ where event.depth == 0: (sign, word, style) = ("▶", "traced", .place)
    case "delivery.succeeded": (sign, word, style) = ("✓", "delivered", .good)
    case "delivery.failed", "delivery.exhausted", "delivery.skipped", "poll.failed":
      (sign, word, style) = ("✗", "failed", .bad)
    case "delivery.unknown": (sign, word, style) = ("?", "unknown", .warning)
    case "delivery.held": (sign, word, style) = ("‖", "held", .warning)
    case "delivery.released": (sign, word, style) = ("↻", "released", .warning)
    case "delivery.attempted" where !event.summary.hasPrefix("attempt 1 "):
      (sign, word, style) = ("↻", "tried again", .warning)
    default: return nil
    }
  }
}
