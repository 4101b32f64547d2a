import Daybook
import Events
import RawJSON

/// One event of the console, and the trace of one.
enum ConsoleEvent {
  static func content(_ position: Int64, _ call: Call) async throws -> HTML {
    let row = try await call.journal.events.row(position)
    let facts = ["position", "type", "stream", "version", "recordedAt", "cause", "digest"]
    var content = ConsoleTable.table(facts, [row])
    content += """

      <p>\(row["summary"]?.string ?? "")</p>
      <p><a href="/console/trace/\(position)">why, and what came of it</a></p>
      <h2>body</h2>
      \(block(json: row["body"]?.string))
      """
    if let note = row["note"]?.string { content += "\n<p class=\"faint\">\(note)</p>" }
    for name in ["differences", "object"] {
      guard let text = row[name]?.string else { continue }
      content += "\n<h2>\(name)</h2>\n\(block(json: text))"
    }
    if let exchange = try await call.journal.events.exchange(position) {
      return content + ConsoleEvent.exchange(exchange)
    }
    for payload in try await call.journal.events.payloads(position).prefix(payloadsMax) {
      content += """

        <h2>\(payload.field)</h2>
        <p class="faint">\(payload.digest)</p>
        \(block(payload.bytes))
        """
    }
    return content
  }

  private static let payloadsMax = 20

  private static func exchange(_ exchange: RecordedExchange) -> HTML {
    var content: HTML = """

      <h2>sent, attempt \(exchange.attempt)</h2>
      <pre>\(exchange.method) \(exchange.url)
      \(fields(exchange.headers))</pre>
      \(block(exchange.body))
      """
    guard let outcome = exchange.outcome else {
      return content + "\n<p class=\"warning\">nothing is known of it yet</p>"
    }
    if let answer = outcome.answer {
      content += """

        <h2>answered</h2>
        <pre>\(answer.status)
        \(fields(answer.headers))</pre>
        \(block(answer.body))
        """
    }
    let facts = [
      outcome.address.map { "to \($0)" }, outcome.durationMilliseconds.map { "in \($0) ms" },
      outcome.text, outcome.nextAt.map { "next attempt \($0.rfc3339)" },
    ].compactMap { $0 }
    return content + "\n<p>\(outcome.word) \(facts.joined(separator: ", "))</p>"
  }

  private static func fields(_ fields: [RecordedExchange.Field]?) -> HTML {
    guard let fields else { return "(the header fields are no longer kept)" }
    return fields.map { field -> HTML in "\(field.name): \(field.value)\n" }.joined()
  }

  /// Bytes as text, indented where they are JSON; of long ones the beginning.
  private static func block(_ bytes: [UInt8]?) -> HTML {
    guard let bytes else { return "<p class=\"faint\">no longer kept</p>" }
    guard !bytes.isEmpty else { return "<p class=\"faint\">nothing</p>" }
    let shown = Array(bytes.prefix(ServerLimits.consoleBytesShown))
    let left = bytes.count - shown.count
    let more: HTML = left > 0 ? "\n<p class=\"faint\">and \(left) bytes more</p>" : ""
    if left == 0, let json = try? JSON.parse(bytes) {
      return "<pre>\(HTML.lines(json.lines.joined(separator: "\n")))</pre>"
    }
    return "<pre>\(HTML.lines(String(decoding: shown, as: UTF8.self)))</pre>\(more)"
  }

  private static func block(json text: String?) -> HTML { block(text.map { Array($0.utf8) }) }

  // MARK: Traces

  static func trace(_ position: Int64, _ call: Call) async throws -> HTML {
    _ = try await call.journal.events.glance(position)
    let list = TracedRows()
    try await call.lookLong { journal in
      try await journal.trace(position) { rows in
        await list.add(rows)
        return await list.rows.count < ServerLimits.consoleTraceRows
      }
    }
    let rows = await list.rows
    let names = ["position", "recordedAt", "type", "title", "summary", "cause"]
    let isCut = rows.count >= ServerLimits.consoleTraceRows
    let more: HTML =
      isCut ? "\n<p class=\"faint\">and more, which GET /daybook/v1/trace has</p>" : ""
    return """
      <p><a href="/console/show/\(position)">event \(position)</a>, \
      what it came of, and what came of it</p>
      \(ConsoleTable.table(names, rows))\(more)
      """
  }
}

/// Rows of a trace as they come.
private actor TracedRows {
  var rows: [Row] = []

  func add(_ more: [Row]) { rows += more }
}
