package import Daybook
package import Events

/// An audit as one page for a browser: the head that it speaks of, the totals, and a row a change
/// and URL. Rows are written as they come, so that the page may be of any length.
package struct AuditPage {
  private let file: String
  private let moments: MomentStyle

  /// - Parameter file: The name of the journal’s file, for the heading.
  package init(file: String, _ moments: MomentStyle) {
    self.file = file
    self.moments = moments
  }

  /// The page up to the first row.
  package func beginning(_ audit: Audit, _ part: Selection, _ totals: Audit.Totals) -> String {
    var facts = [
      ("journal", code(audit.name)),
      ("up to event", "\(audit.head), recorded \(time(audit.recordedAt))"),
      ("its digest", code(audit.digest)),
    ]
    let chosen = words(part)
    if !chosen.isEmpty { facts.append(("changes", HTMLPage.escaped(chosen))) }
    facts.append(("in all", HTMLPage.escaped(totals.words)))
    let list = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined(separator: "\n")
    return HTMLPage.beginning("Audit of \(file)", style: Self.style) + """
      <p>Every change that was recorded, each URL that it was to go to, and when that took it, as
      which bytes. The digest is that of the chain: <code>daybook verify --head \
      \(audit.head):\(HTMLPage.escaped(audit.digest))</code> finds it again in the journal.</p>
      <dl>
      \(list)
      </dl>
      <table>
      <thead><tr><th>change</th><th>object</th><th>URL and delivery</th><th>accepted</th>\
      <th>as which bytes</th></tr></thead>
      <tbody>

      """
  }

  /// The page behind the last row.
  package var end: String { "</tbody>\n</table>\n" + HTMLPage.end }

  /// One change at one URL, by the columns of `RowTable.audit`.
  package func row(_ row: Row) -> String {
    let status = row["status"]?.string ?? ""
    let cells = [change(row), object(row), target(row), outcome(row, status), bytes(row)]
    return "<tr class=\"\(HTMLPage.escaped(status))\">"
      + cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
  }

  private func change(_ row: Row) -> String {
    "<span class=\"n\">\(number(row, "position"))</span> \(row["recordedAt"]?.moment.map(time) ?? "")"
  }

  private func object(_ row: Row) -> String {
    let title = row["title"]?.string.map { "<strong>\(HTMLPage.escaped($0))</strong> " } ?? ""
    return title + text(row, "eventType") + "<br>" + code(row["objectId"]?.string ?? "")
      + "<br><small>instance \(number(row, "instance")), \(text(row, "resource"))</small>"
  }

  private func target(_ row: Row) -> String {
    let url = row["url"]?.string.map(code) ?? "no URL"
    guard row["delivery"] != .null else { return url }
    let replay = row["replay"] == .null ? "" : ", of replay \(number(row, "replay"))"
    return url
      + "<br><small>delivery \(number(row, "delivery")), id \(text(row, "id"))\(replay)</small>"
  }

  private func outcome(_ row: Row, _ status: String) -> String {
    if let at = row["acceptedAt"]?.moment {
      return "\(time(at))<br><small>\(number(row, "lastStatus")) to attempt"
        + " \(number(row, "attempt"))</small>"
    }
    let next = row["nextAt"]?.moment.map { ", due \(time($0))" } ?? ""
    return "<b>\(HTMLPage.escaped(Self.word(status)))</b>: \(text(row, "reason"))\(next)"
  }

  private func bytes(_ row: Row) -> String {
    guard row["bytes"] != .null else { return "" }
    return "\(number(row, "bytes")) bytes<br><small>\(code(row["body"]?.string ?? ""))</small>"
  }

  private static func word(_ status: String) -> String {
    switch status {
    case "exhausted": "given up"
    case "skipped": "not to be sent"
    default: status
    }
  }

  private func words(_ part: Selection) -> String {
    var words: [String] = []
    if let since = part.since { words.append("since \(moments.text(since))") }
    if let until = part.until { words.append("until \(moments.text(until))") }
    if let instance = part.instance { words.append("of instance \(instance)") }
    if let object = part.object { words.append("of object \(object)") }
    return words.joined(separator: ", ")
  }

  private func time(_ moment: Moment) -> String {
    "<time>\(HTMLPage.escaped(moments.text(moment)))</time>"
  }

  private func number(_ row: Row, _ name: String) -> String {
    row[name]?.integer.map(String.init) ?? ""
  }

  private func text(_ row: Row, _ name: String) -> String {
    HTMLPage.escaped(row[name]?.string ?? "")
  }

  private func code(_ text: String) -> String { "<code>\(HTMLPage.escaped(text))</code>" }

  private static let style = """
    :root { color-scheme: light dark; --line: #8888; }
    :root { --bad: #c62828; --good: #2e7d32; --warning: #b26a00; }
    body { font: 15px/1.5 system-ui, sans-serif; }
    body { margin: 2rem auto; max-width: 96rem; padding: 0 1rem; }
    h1 { font-size: 1.3rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
    dt, small { opacity: .7; }
    dd { margin: 0; overflow-wrap: anywhere; }
    table { border-collapse: collapse; width: 100%; font-size: .9em; }
    th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; }
    th, td { text-align: left; vertical-align: top; overflow-wrap: anywhere; }
    .n, time { font-variant-numeric: tabular-nums; }
    code { font-family: ui-monospace, monospace; font-size: .9em; }
    tr > td:first-child { border-left: 3px solid var(--line); }
    tr.accepted > td:first-child { border-left-color: var(--good); }
    tr.open > td:first-child { border-left-color: var(--warning); }
    tr.exhausted > td:first-child, tr.lost > td:first-child { border-left-color: var(--bad); }
    .exhausted b, .lost b { color: var(--bad); }
    .open b { color: var(--warning); }
    """
}
