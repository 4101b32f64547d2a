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
    Route(
      .get, "/daybook/v1/\(table.name)", .client, summary,
      parameters: Filters.parameters(of: table) + [Filters.at],
      answer: .init(forms: [
        ("application/json", .list(of: .row(table))), ("application/jsonl", .text),
      ])
    ) { call in
      let part = try await Filters.part(of: table, call)
      let journal = try await Filters.journal(call)
      // A fault in the filters is answered, not found when half is written.
      var first = part
      first.limit = 0
      _ = try await source(journal).rows(first)
      let type = try call.form(of: ["application/json", "application/jsonl"])
      return RowList(source: source(journal), part: part).answer(as: type)
    }
  }
}

/// Rows on their way, a page at a time: as an array, or a line each.
struct RowList<Source: RowSource>: Sendable {
  let source: Source
  let part: Selection

  func answer(as type: String) -> Answer {
    let isLines = type == "application/jsonl"
    return Answer(
      type: type,
      .pieces { writer in
        let text = RowText(isLines: isLines)
        // Nothing is held open while a slow reader keeps a page waiting.
        try await source.pages(part) { rows in
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
  private var isFirst = true

  init(isLines: Bool) { self.isLines = isLines }

  func piece(_ rows: [Row]) -> [UInt8] {
    var text: [UInt8] = []
    for row in rows {
      if !isLines { text += (isFirst ? "[\n" : ",\n").utf8 }
      text += row.json
      if isLines { text.append(UInt8(ascii: "\n")) }
      isFirst = false
    }
    return text
  }

  func end() -> [UInt8] { isLines ? [] : Array((isFirst ? "[]\n" : "\n]\n").utf8) }
}
