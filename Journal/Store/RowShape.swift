import Events
import RawJSON

/// How the columns of a statement become fields.
///
///     polled_at_ms AS "pollDate@moment"     body AS "body@json"     digest AS "digest@hex"
///
/// A column named `#` is not shown: it holds the key after which the next page begins.
struct RowShape {
  private enum Kind: String { case plain, moment, json, hex, flag, hidden, asked }

  let names: [String]
  private let kinds: [Kind]
  private var isAsked = false
  /// The column with the key of the page.
  let keyColumn: Int32?

  init(_ statement: Statement) {
    var names: [String] = []
    var kinds: [Kind] = []
    var keyColumn: Int32?
    for column in 0..<statement.columnCount {
      let alias = statement.name(column)
      let parts = alias.split(separator: "@", omittingEmptySubsequences: false)
      if alias == "#" {
        keyColumn = column
        kinds.append(.hidden)
      } else if parts.count == 2, let kind = Kind(rawValue: String(parts[1])) {
        names.append(String(parts[0]))
        kinds.append(kind)
      } else {
        names.append(alias)
        kinds.append(.plain)
      }
    }
    self.names = names
    self.kinds = kinds
    self.keyColumn = keyColumn
  }

  /// The shape of a statement that a person wrote: names stand as they are, and text is JSON where
  /// it comes from a column that holds JSON, or was made by a function of JSON. A text that only
  /// looks like it stays a text.
  init(asked statement: Statement) {
    let columns = 0..<statement.columnCount
    names = columns.map { statement.name($0) }
    kinds = columns.map { column in
      let origin = statement.origin(column)
      return origin.map { RowShape.holdsJSON($0.table, $0.column) } ?? false ? .json : .asked
    }
    keyColumn = nil
    isAsked = true
  }

  private static func holdsJSON(_ table: String, _ column: String) -> Bool {
    let name = table.prefix { $0 != "_" }
    return ["events.body", "feeds.rules", "instances.settings"].contains("\(name).\(column)")
  }

  func row(_ statement: Statement) -> Row {
    var values: [Field] = []
    values.reserveCapacity(names.count)
    for (column, kind) in kinds.enumerated() where kind != .hidden {
      let isMade = kind == .asked && statement.isMadeOfJSON(Int32(column))
      values.append(field(statement, Int32(column), isMade ? .json : kind))
    }
    return Row(names: names, values: values)
  }

  private func field(_ statement: Statement, _ column: Int32, _ kind: Kind) -> Field {
    let value = statement.value(column)
    switch (kind, value) {
    case (_, .null): return .null
    case (.moment, .integer(let number)): return .moment(Moment(milliseconds: number))
    case (.flag, .integer(let number)): return .flag(number != 0)
    case (.json, .text(let text)): return isAsked && !isJSON(text) ? .text(text) : .json(text)
    case (.hex, .text(let text)): return .hex(text)
    case (_, .integer(let number)): return .integer(number)
    case (_, .decimal(let number)): return .decimal(number)
    case (_, .text(let text)): return .text(text)
    case (_, .bytes(let bytes)): return .hex(hexadecimal(bytes))
    }
  }
}

/// A foreign file may hold anything, and what is no JSON would spoil the output.
private func isJSON(_ text: String) -> Bool { (try? JSON.parse(Array(text.utf8))) != nil }

/// A value as SQLite holds it.
enum Stored: Equatable {
  case null
  case integer(Int64)
  case decimal(Double)
  case text(String)
  case bytes([UInt8])

  var binding: Binding {
    switch self {
    case .null, .decimal: .null
    case .integer(let number): .integer(number)
    case .text(let text): .text(text)
    case .bytes(let bytes): .bytes(bytes)
    }
  }
}
