import Daybook
import Synchronization

/// Ways to go on in a statement of SQL.
///
///     SELECT … FROM |          tables and views
///     SELECT d.|               columns of the table that d stands for
///     SELECT body ->> '|'      keys of bodies
///     SELECT co|               columns of the tables named, tables, functions, words of SQL
extension Completer {
  private static let keywords = [
    "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "COLLATE", "CROSS", "DESC", "DISTINCT", "ELSE",
    "END", "EXCEPT", "EXISTS", "FROM", "GROUP", "HAVING", "IN", "INNER", "INTERSECT", "IS", "JOIN",
    "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OVER", "PARTITION",
    "RECURSIVE", "SELECT", "THEN", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH",
  ]

  func statementWords(_ open: OpenWord, in line: String) -> [Completion] {
    let known = words.withLock { $0 }
    let before = open.before.first ?? ""
    if open.quote == "'" { return Completer.keys(known.bodyKeys, open, before) }
    let typed = open.value.lowercased()
    let found: [Completion]
    if let qualifier = before.firstMatch(of: /(\w+)\.$/)?.1 {
      let name = Completer.table(String(qualifier), in: line)
      found = known.tables.filter { $0.name == name }.flatMap(Completer.columns)
    } else if before.contains(/(?i)\b(from|join)\s+(\w+\s*,\s*)*["`\[]?$/) {
      found = Completer.names(of: known.tables)
    } else {
      let named = Set(line.matches(of: /(?i)\b(?:from|join)\s+(\w+)/).map { $0.1.lowercased() })
      found =
        known.tables.filter { named.contains($0.name) }.flatMap(Completer.columns)
        + Completer.names(of: known.tables)
        + (typed.isEmpty ? [] : Completer.language(known.functions, like: open.value))
    }
    var seen: Set<String> = []
    return found.filter { $0.text.lowercased().hasPrefix(typed) && seen.insert($0.text).inserted }
  }

  private static func names(of tables: [JournalTable]) -> [Completion] {
    tables.map { Completion($0.name, note: $0.comment ?? "") }
  }

  private static func columns(of table: JournalTable) -> [Completion] {
    table.columns.map { column in
      let about = column.comment.map { ": \($0)" } ?? ""
      return Completion(column.name, note: "\(table.name) \(column.type)\(about)")
    }
  }

  private static func language(_ functions: [String], like typed: String) -> [Completion] {
    let isUpper = typed.first?.isUppercase == true
    return functions.map { Completion("\($0)(", note: "a function", isPartial: true) }
      + keywords.map { Completion(isUpper ? $0 : $0.lowercased()) }
  }

  private static func keys(
    _ keys: [String], _ open: OpenWord, _ before: String
  ) -> [Completion] {
    let path = open.value.hasPrefix("$") || before.hasSuffix("'$.") ? "$." : ""
    guard before.contains(/(?i)(->>?\s*|json_extract\s*\([^,]*,\s*)'(\$\.)?$/) else { return [] }
    let isBehindPath = before.hasSuffix("'$.")
    return keys.map { Completion((isBehindPath ? "" : path) + $0, note: "a key of body") }
      .filter { $0.text.hasPrefix(open.value) }
  }

  /// The table that a name stands for: itself, or the one that it is another name of.
  private static func table(_ name: String, in line: String) -> String {
    for match in line.matches(of: /(?i)\b(?:from|join|,)\s+(\w+)\s+(?:as\s+)?(\w+)/)
    where match.2.lowercased() == name.lowercased() { return match.1.lowercased() }
    return name.lowercased()
  }
}
