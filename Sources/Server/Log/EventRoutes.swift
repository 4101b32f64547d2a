import Daybook
import Events
import HTTPTypes
import RawJSON

/// One event: what is kept of it, why it happened, what came of it.
enum EventRoutes {
  static let all = [show, trace]

  private static let position = Parameter.path(
    "position", .text, "A position: a number, head, head-3, or a time.")

  private static let show = Route(
    .get, "/daybook/v1/events/{position}", .client,
    "One event with its payloads; of an attempt every byte sent and received, secrets masked.",
    parameters: [position],
    answer: .init(forms: [
      ("application/json", .row(.events)), (CloudEvents.one, CloudEvents.schema),
    ])
  ) { call in
    let type = try call.form(of: ["application/json", CloudEvents.one])
    let position = try await call.position()
    let row = try await call.journal.events.row(position)
    try await call.check(row)
    guard type == CloudEvents.one else { return .json(row.json) }
    return Answer(type: type, .bytes(try await CloudEvents(call.journal).json(row)))
  }

  private static let trace = Route(
    .get, "/daybook/v1/trace/{position}", .client,
    "Why an event happened, and everything that came of it.",
    parameters: [position, Filters.at], answer: .json(.list(of: .row(.trace)))
  ) { call in
    let position = try await call.position()
    try await call.check(try await call.journal.events.row(position))
    let list = Rows()
    try await call.lookLong { journal in
      try await Filters.journal(call, of: journal).trace(position) { rows in
        // Causes and effects may be the owner's, or another instance's.
        await list.add(try await call.visible(rows))
        return true
      }
    }
    return .json(await list.json)
  }
}

/// Rows of an answer that is short.
actor Rows {
  private var text: [UInt8] = []

  func add(_ rows: [Row]) {
    for row in rows {
      text += (text.isEmpty ? "[" : ",").utf8
      text += row.json
    }
  }

  var isEmpty: Bool { text.isEmpty }

  var json: [UInt8] { text.isEmpty ? Array("[]".utf8) : text + "]".utf8 }
}

extension Call {
  /// The rows whose events the caller may see.
  func visible(_ rows: [Row]) async throws -> [Row] {
    if caller.isOwner { return rows }
    var seen: [Row] = []
    for row in rows {
      do {
        try await check(row)
        seen.append(row)
      } catch is Refusal {}
    }
    return seen
  }

  /// - Throws: `Refusal` where an event is another instance’s: it is as if there were none.
  func check(_ event: Row) async throws {
    if caller.isOwner { return }
    var part = Selection()
    part.after = (event["position"]?.integer ?? 0) - 1
    part.before = (event["position"]?.integer ?? 0) + 1
    part.instance = caller.instance
    guard try await journal.events.rows(part, limit: 1).isEmpty else { return }
    throw Refusal(
      .notFound(.event), "there is no event \(event["position"]?.integer ?? 0)")
  }
}
