import Daybook
import Events

/// Lists of the console: newest first, a page at a time.
enum ConsoleLists {
  static func content(_ table: RowTable, _ call: Call) async throws -> HTML {
    var part = try await part(of: table, call)
    part.isReversed = true
    part.limit = ServerLimits.consoleRows + 1
    try await call.journal.check(part)
    var rows = try await rows(table, part, call.journal)
    let isMore = rows.count > ServerLimits.consoleRows
    if isMore { rows.removeLast() }
    var content = filters(table, call)
    content += ConsoleTable.table(ConsoleTable.names(of: table, rows), rows)
    if isMore, let last = key(of: table).flatMap({ rows.last?[$0]?.integer }) {
      content += "\n<p>\(link("older", table, call, before: last)) \(newest(table, call))</p>"
    } else if isMore {
      content += "\n<p class=\"faint\">and more, which GET /daybook/v1/\(table.name) has</p>"
    } else if call.query["before"] != nil {
      content += "\n<p>\(newest(table, call))</p>"
    }
    return content
  }

  /// The column that a page ends with; URLs are in the order of texts, all on one page.
  private static func key(of table: RowTable) -> String? {
    switch table {
    case .callbacks: nil
    case .instances: "id"
    case .cursors: "feed"
    case .replays: "replay"
    default: "position"
    }
  }

  private static func part(of table: RowTable, _ call: Call) async throws -> Selection {
    let known = Set(Filters.parameters(of: table).map(\.name))
    func value(_ name: String) -> String? {
      known.contains(name) ? call.query[name].flatMap { $0.isEmpty ? nil : $0 } : nil
    }
    var part = Selection()
    if let text = value("instance") { part.instance = try await call.journal.instances.id(text) }
    if let text = value("type") { part.types = [table == .changes ? text.uppercased() : text] }
    if let text = value("status") { part.statuses = [text] }
    if let text = value("object") { part.object = try await call.journal.object(text, in: table) }
    part.resource = value("resource")
    part.isOpen = known.contains("open") && call.query["open"] == "true"
    if let text = value("before") { part.before = try await call.position(text, at: "before") }
    return part
  }

  private static func rows(
    _ table: RowTable, _ part: Selection, _ journal: Journal
  ) async throws -> [Row] {
    switch table {
    case .events: try await journal.events.rows(part)
    case .changes: try await journal.changes.rows(part)
    case .deliveries: try await journal.deliveries.rows(part)
    case .instances: try await journal.instances.rows(part)
    case .cursors: try await journal.cursors.rows(part)
    case .callbacks: try await journal.callbacks.rows(part)
    case .notices: try await journal.notices.rows(part)
    default: try await journal.replays.rows(part)
    }
  }

  private static let shown = ["instance", "type", "status", "object", "resource"]

  /// A form of what the list can be filtered by; what is empty filters nothing.
  private static func filters(_ table: RowTable, _ call: Call) -> HTML {
    let known = Filters.parameters(of: table).map(\.name).filter { shown.contains($0) }
    guard !known.isEmpty else { return "" }
    let fields = known.map { name -> HTML in
      "<label>\(name) <input name=\"\(name)\" value=\"\(call.query[name] ?? "")\"></label>\n"
    }.joined()
    return """
      <details\(call.query.items.isEmpty ? "" as HTML : " open")><summary>filter</summary>
      <form method="get" action="/console/\(table.name)">
      \(fields)<button>show</button>
      </form>
      </details>

      """
  }

  private static func newest(_ table: RowTable, _ call: Call) -> HTML {
    link("newest", table, call, before: nil)
  }

  /// The same list with the same filters, another page of it.
  private static func link(
    _ text: String, _ table: RowTable, _ call: Call, before: Int64?
  ) -> HTML {
    var items = call.query.items.filter { $0.name != "before" && !$0.value.isEmpty }
    if let before { items.append(("before", "\(before)")) }
    let query = items.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    return "<a href=\"/console/\(table.name)\(query.isEmpty ? "" : "?" + query)\">\(text)</a>"
  }

  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~".utf8.contains(byte)
      return isPlain
        ? String(UnicodeScalar(byte))
        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
