import Daybook
import Events
import HTTPTypes
import RawJSON

/// The lists of the journal: the rows that the commands of their names print.
enum ListRoutes {
  static let all = [
    list(.events, "Facts in the order in which they were written.") { $0.events },
    list(.changes, "Changes as polls observed them at the provider.") { $0.changes },
    list(.deliveries, "Notifications on their way, and what became of them.") { $0.deliveries },
    list(.instances, "Authorizations with their configuration.") { $0.instances },
    list(.cursors, "How far each feed has read.") { $0.cursors },
    list(.callbacks, "Which URLs take deliveries.") { $0.callbacks },
    list(.notices, "Conditions that wait for a person.") { $0.notices },
    list(.replays, "Replays, with the counts of their deliveries.") { $0.replays },
  ]

  private static func list(
    _ table: RowTable, _ summary: String,
    _ source: @escaping @Sendable (Journal) -> some RowSource
  ) -> Route {
    var forms: [(type: String, schema: Schema)] = [
      ("application/json", .list(of: .row(table))), ("application/jsonl", .text),
    ]
    if table == .events { forms.append((CloudEvents.batch, .list(of: CloudEvents.schema))) }
    return Route(
      .get, "/daybook/v1/\(table.name)", .client, summary,
      parameters: Filters.parameters(of: table) + [Filters.at], answer: .init(forms: forms)
    ) { [forms] call in
      let part = try await Filters.part(of: table, call)
      let journal = try await Filters.journal(call)
      // A fault in the filters is answered, not found when half is written.
      var first = part
      first.limit = 0
      _ = try await source(journal).rows(first)
      try await journal.check(part)
      let type = try call.form(of: forms.map(\.type))
      var list = RowList(source: source(journal), part: part)
      if journal.asOf != nil { list.permit = try Permit(call, .pasts) }
      if type == CloudEvents.batch {
        let events = try await CloudEvents(journal)
        list.write = { events.json($0) }
      }
      return list.answer(as: type)
    }
  }
}

/// Rows on their way, a page at a time: as an array, or a line each.
struct RowList<Source: RowSource>: Sendable {
  let source: Source
  let part: Selection
  /// Held as long as rows are read from a view of the past.
  var permit: Permit?
  /// Puts a row into JSON.
  var write: @Sendable (Row) -> [UInt8] = { $0.json }

  func answer(as type: String) -> Answer {
    // Nothing is held open while a slow reader keeps a page waiting.
    .rows(as: type, write) { take in try await source.pages(part, take) }
  }
}

extension Answer {
  /// Takes a page of rows; answers whether to go on.
  typealias RowTaker = @Sendable ([Row]) async throws -> Bool

  /// Rows as they come: an array, or with the type `application/jsonl` a line each.
  static func rows(
    as type: String, _ write: @escaping @Sendable (Row) -> [UInt8] = { $0.json },
    _ produce: @escaping @Sendable (_ take: RowTaker) async throws -> Void
  ) -> Answer {
    let isLines = type == "application/jsonl"
    return Answer(
      type: type,
      .pieces { writer in
        let text = RowText(isLines: isLines, write)
        try await produce { rows in
          try await writer.write(await text.piece(rows))
          return true
        }
        try await writer.write(await text.end())
      })
  }
}

/// The text of rows as they come.
private actor RowText {
  private let isLines: Bool
  private let write: @Sendable (Row) -> [UInt8]
  private var isFirst = true

  init(isLines: Bool, _ write: @escaping @Sendable (Row) -> [UInt8]) {
    self.isLines = isLines
    self.write = write
  }

  func piece(_ rows: [Row]) -> [UInt8] {
    var text: [UInt8] = []
    for row in rows {
      if !isLines { text += (isFirst ? "[\n" : ",\n").utf8 }
      text += write(row)
      if isLines { text.append(UInt8(ascii: "\n")) }
      isFirst = false
    }
    return text
  }

  func end() -> [UInt8] { isLines ? [] : Array((isFirst ? "[]\n" : "\n]\n").utf8) }
}
