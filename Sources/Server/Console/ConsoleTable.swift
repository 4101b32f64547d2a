import Daybook
import Events

/// Rows as a table of a page: the columns that a list shows first, positions as links.
enum ConsoleTable {
  /// Columns that no list of the console shows: what they say stands in another.
  static func names(of table: RowTable, _ rows: [Row]) -> [String] {
    let needed = table.asNeeded.filter { name in
      rows.contains { $0[name].map { $0 != .null } ?? false }
    }
    return table.main + needed
  }

  static func table(_ names: [String], _ rows: [Row]) -> HTML {
    guard !rows.isEmpty else { return "<p class=\"faint\">nothing</p>" }
    let heads = names.map { name -> HTML in "<th>\(name)</th>" }.joined()
    let lines = rows.map { row -> HTML in
      let cells = names.map { cell(row[$0] ?? .null, in: $0) }.joined()
      return "<tr>\(cells)</tr>\n"
    }.joined()
    return "<table>\n<tr>\(heads)</tr>\n\(lines)</table>"
  }

  private static func cell(_ field: Field, in name: String) -> HTML {
    switch field {
    case .null: "<td></td>"
    case .integer(let number): numbered(number, in: name)
    case .decimal(let number): "<td class=\"n\">\(number.description)</td>"
    case .flag(let flag): "<td>\(flag ? "true" : "false")</td>"
    case .moment(let moment): "<td class=\"c\">\(moment.rfc3339)</td>"
    case .text(let text): "<td\(style(of: text, in: name))>\(text)</td>"
    case .json(let text), .hex(let text): "<td>\(text)</td>"
    }
  }

  /// Numbers that name something lead there.
  private static func numbered(_ number: Int64, in name: String) -> HTML {
    switch name {
    case "position", "cause", "replay":
      "<td class=\"n\"><a href=\"/console/show/\(number)\">\(number)</a></td>"
    case "instance", "id":
      "<td class=\"n\"><a href=\"/console/events?instance=\(number)\">\(number)</a></td>"
    default: "<td class=\"n\">\(number)</td>"
    }
  }

  private static let styles = [
    "failed": "bad", "exhausted": "bad", "unknown": "bad", "DELETED": "bad", "held": "warning",
    "pending": "warning", "disabled": "warning", "stopped": "warning", "skipped": "warning",
    "succeeded": "good",
  ]

  private static func style(of text: String, in name: String) -> HTML {
    guard ["status", "state", "eventType"].contains(name), let style = styles[text] else {
      return name == "error" ? " class=\"bad\"" : ""
    }
    return " class=\"\(style)\""
  }
}
