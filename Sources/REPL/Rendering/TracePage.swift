import Events

/// A trace as one page for a browser.
///
/// Nested lists, which open and close by themselves; under each event its fields and its body.
package struct TracePage {
  private let moments: MomentStyle
  private let journal: String

  /// - Parameter journal: The name of the file, for the heading.
  package init(journal: String, _ moments: MomentStyle) {
    self.journal = journal
    self.moments = moments
  }

  /// The page up to the first event.
  package func beginning(_ traced: TracedEvent) -> String {
    let title = "Event \(traced.position) of \(journal)"
    return HTMLPage.beginning(title, style: Self.style) + """
      <p>Why it happened, and everything that came of it: each event under the first that it came
      of.</p>

      """
  }

  /// The page behind the last event.
  package let end = HTMLPage.end

  /// One event with its fields; what stands under it follows, and is closed by the event after.
  ///
  /// - Parameters:
  ///   - before: The event before it; nil for the first.
  ///   - body: Its body as JSON, line by line.
  package func event(
    _ node: TraceTree.Node, after before: TraceTree.Node?, body: [String]
  ) -> String {
    opening(node, after: before) + heading(node) + fields(node, body)
  }

  /// Closes everything that the last event left open.
  package func closing(_ last: TraceTree.Node?) -> String {
    String(repeating: "</li>\n</ul>\n", count: last?.isLast.count ?? 0)
  }

  private func opening(_ node: TraceTree.Node, after before: TraceTree.Node?) -> String {
    let (depth, depthBefore) = (node.isLast.count, before?.isLast.count ?? 0)
    if depth > depthBefore { return "<ul>\n<li>" }
    return String(repeating: "</li>\n</ul>\n", count: depthBefore - depth) + "</li>\n<li>"
  }

  private func heading(_ node: TraceTree.Node) -> String {
    let event = node.event
    let mark = TraceMark(event)
    let kind = mark.map { " class=\"\(Self.kind($0))\"" } ?? ""
    let sign = mark.map { "<b title=\"\(HTMLPage.escaped($0.word))\">\($0.sign)</b> " } ?? ""
    let title =
      node.tellsTitle ? event.title.map { "<strong>\(HTMLPage.escaped($0))</strong> " } ?? "" : ""
    return "<details\(event.depth == 0 ? " open" : "")><summary\(kind)>"
      + "<span class=\"n\">\(event.position)</span> "
      + "<time>\(HTMLPage.escaped(moments.text(event.recordedAt)))</time> \(sign)"
      + "<code>\(HTMLPage.escaped(event.type))</code> \(title)\(HTMLPage.escaped(event.summary))"
      + "</summary>\n"
  }

  private func fields(_ node: TraceTree.Node, _ body: [String]) -> String {
    let event = node.event
    let causes = event.causes.map(String.init).joined(separator: ", ")
    var list = "<dl><dt>stream</dt><dd>\(HTMLPage.escaped(event.stream))</dd>"
    if !causes.isEmpty { list += "<dt>came of</dt><dd>\(causes)</dd>" }
    list += "</dl>\n"
    let lines = body.map { HTMLPage.escaped($0) }.joined(separator: "\n")
    return list + "<pre>\(lines)</pre></details>\n"
  }

  private static func kind(_ mark: TraceMark) -> String {
    switch mark.style {
    case .bad: "bad"
    case .good: "good"
    case .warning: "warning"
    default: "place"
    }
  }

  private static let style = """
    :root { color-scheme: light dark; --line: #8888; }
    :root { --bad: #c62828; --good: #2e7d32; --warning: #b26a00; --place: #0277bd; }
    body { font: 15px/1.5 system-ui, sans-serif; }
    body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
    h1 { font-size: 1.3rem; }
    ul { list-style: none; margin: 0; padding: 0 0 0 1.2rem; border-left: 1px solid var(--line); }
    body > ul { border: 0; padding: 0; }
    summary { padding: .1rem .3rem; cursor: pointer; overflow-wrap: anywhere; }
    .n, time { font-variant-numeric: tabular-nums; }
    .n { display: inline-block; min-width: 4rem; text-align: right; }
    time { opacity: .7; }
    code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
    pre { overflow-x: auto; border: 1px solid var(--line); padding: .5rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: .3rem 0; }
    dt { opacity: .7; }
    dd { margin: 0; overflow-wrap: anywhere; }
    .bad b, .bad code { color: var(--bad); }
    .good b, .good code { color: var(--good); }
    .warning b, .warning code { color: var(--warning); }
    .place b, .place code { color: var(--place); }
    .place { outline: 1px solid var(--place); }
    @media print { details > * { display: block; } }
    """
}
