import Daybook
import Events
import RawJSON

extension Session {
  /// Rows shown on a terminal where no limit was given.
  private static let newestShown = 50
  /// Rows counted at most to say how many more there are.
  private static let countedMax = 10_000

  /// Prints a list: everything into a file or pipe, on a terminal the newest.
  func report(_ source: some RowSource, _ part: Selection = Selection()) async throws {
    try await source.journal.check(part)
    if isTerminal, part.limit == nil { return try await reportNewest(source, part) }
    let names = names(of: source.table)
    let count = ShownCount()
    try await show(names, of: source.table) { write in
      // A page is read when the one before is printed.
      try await source.pages(part) { @MainActor rows in
        for row in rows { try write(Record(row).only(names)) }
        count.rows += rows.count
        return !Task.isCancelled
      }
    }
    if count.rows > 0 { remarkOnNames(of: source.table) }
  }

  /// The fields that were chosen; nil where none were.
  ///
  /// - Throws: `Failure` for one that the command does not print, with those that it does.
  func chosen(of columns: [String]) throws(Failure) -> [String]? {
    guard let fields else { return nil }
    for field in fields where !columns.contains(field) {
      let hint =
        suggestion(for: field, among: columns).map { "; did you mean \($0)?" }
        ?? "; there are \(columns.joined(separator: ", "))"
      throw .usage("--fields: there is no field \(visible(field))\(hint)")
    }
    return fields
  }

  /// The fields to show: on a terminal those that a person looks for first, unless a format was
  /// named.
  func names(of table: RowTable) -> [String] {
    isTerminal && output == .auto && fields == nil ? table.main + table.asNeeded : table.names
  }

  private func remarkOnNames(of table: RowTable) {
    let all = table.columns.count
    guard isTerminal, output == .auto else { return }
    let shown = table.main.count
    if shown < all { remark("\(shown) of \(all) fields; --output line shows all") }
  }

  private func reportNewest(_ source: some RowSource, _ part: Selection) async throws {
    let rows = try await source.newest(Session.newestShown, of: part)
    let names = names(of: source.table)
    try await show(names, of: source.table, rows.map { Record($0).only(names) })
    if !rows.isEmpty { remarkOnNames(of: source.table) }
    // A screen that is not full has them all.
    guard rows.count == Session.newestShown else { return }
    let most = Session.countedMax + rows.count
    let more = try await source.count(part, upTo: most + 1) - rows.count
    guard more > 0 else { return }
    let count = more > Session.countedMax ? "more than \(Session.countedMax)" : "\(more)"
    remark("\(count) \(waysOn(source.table, rows, part)) \(more == 1 ? "it" : "them")")
  }

  /// How the rest is shown.
  private func waysOn(_ table: RowTable, _ rows: [Row], _ part: Selection) -> String {
    guard let key = table.columns.first?.name, key == "position" || key == "replay",
      let first = (part.isReversed ? rows.last : rows.first)?[key]?.integer
    else { return "\(table == .callbacks ? "more" : "earlier"); --limit N shows" }
    return "earlier; --limit N or --before \(first) shows"
  }
}

extension Record {
  /// The record with the fields that were chosen, in their order; as it is where none were.
  func choosing(_ names: [String]?) -> Record {
    guard let names else { return self }
    return Record(
      names.map { name in fields.first { $0.name == name } ?? Field(name, .null) })
  }

  /// The fields of those names.
  func only(_ names: [String]) -> Record { Record(fields.filter { names.contains($0.name) }) }

  /// A row of the journal’s answers in the renderer’s terms.
  init(_ row: Row) {
    self.init(
      zip(row.names, row.values).map { name, value in
        let cell: Cell =
          switch value {
          case .null: .null
          case .text(let text): .text(text)
          case .integer(let number): .integer(number)
          case .decimal(let number): .real(number)
          case .flag(let flag): .boolean(flag)
          case .moment(let moment): .moment(moment)
          case .json(let text): .json(text)
          case .hex(let digits): .text(digits)
          }
        return Field(name, cell)
      })
  }
}

extension Record {
  /// The members of a JSON object, those that are values by themselves as such.
  init(object: String) {
    let members = (try? JSON.parse(Array(object.utf8)))?.members ?? Members()
    self.init(
      members.map { member in
        let cell: Cell =
          switch member.value {
          case .null: .null
          case .bool(let flag): .boolean(flag)
          case .number(let digits):
            Int64(digits).map(Cell.integer) ?? .json(digits)
          case .string(let text): .text(text)
          case .array, .object: .json(String(decoding: member.value.bytes(), as: UTF8.self))
          }
        return Field(member.name, cell)
      })
  }
}

/// A string as JSON, for cells that hold JSON.
func quotedJSON(_ text: String) -> String { quoted(text) }

/// The number of rows that were shown.
@MainActor private final class ShownCount {
  var rows = 0
}
