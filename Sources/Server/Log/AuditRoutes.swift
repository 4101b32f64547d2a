import Daybook
import Events
import HTTPTypes
import RawJSON

/// What became of all changes, of one object, and hour by hour.
enum AuditRoutes {
  static let all = [audit, history, activity]

  private static let types = ["application/json", "application/jsonl"]

  private static func forms(_ table: RowTable) -> Route.Content {
    Route.Content(forms: [
      ("application/json", .list(of: .row(table))), ("application/jsonl", .text),
    ])
  }

  private static let instance = Parameter.query(
    "instance", .words, "Of that instance: its id, or its name.")

  private static let audit = Route(
    .get, "/daybook/v1/audit", .client,
    "Every change, each URL that it was to go to, when that took it and as which bytes, or why not.",
    parameters: [
      .query("since", .text, "Recorded then or later."),
      .query("until", .text, "Recorded before then."), instance,
      .query("object", .text, "Of that objectId."), Filters.at,
    ], answer: forms(.audit)
  ) { call in
    var part = Selection()
    part.since = try call.moment("since")
    part.until = try call.moment("until")
    part.object = call.query["object"]
    part.instance = try await chosenInstance(call)
    let type = try call.form(of: types)
    let permit = try Permit(call, .looks)
    // With a connection of its own it keeps nobody waiting.
    let found = try await Filters.journal(call).apart().audit(part)
    return .rows(as: type) { take in
      try await found.rows(take)
      withExtendedLifetime(permit) {}
    }
  }

  private static let history = Route(
    .get, "/daybook/v1/history/{object}", .client,
    "Every version of one object: what is other in it, and who was told.",
    parameters: [
      .path("object", .words, "An objectId, or for who shows both secrets its beginning."),
      instance, Filters.at,
    ], answer: forms(.history)
  ) { call in
    let journal = try await Filters.journal(call)
    let own = try await chosenInstance(call)
    let object = try await object(call.path["object"] ?? "", of: own, call, journal)
    let type = try call.form(of: types)
    let permit = try Permit(call, .looks)
    return .rows(as: type) { take in
      try await journal.history(of: object, instance: own, take)
      withExtendedLifetime(permit) {}
    }
  }

  private static let activity = Route(
    .get, "/daybook/v1/stats", .owner, "Changes, deliveries and attempts hour by hour.",
    parameters: [
      .query("since", .text, "Recorded then or later; left out: a week before the last event."),
      .query("by", .word(Activity.Grouping.allCases.map(\.rawValue)), "Each by itself."),
      Filters.at,
    ],
    // The column of the grouping is there alone.
    answer: .init(forms: [("application/json", .list(of: .anything)), ("application/jsonl", .text)])
  ) { call in
    let journal = try await Filters.journal(call)
    var grouping: Activity.Grouping?
    if let text = call.query["by"] {
      grouping = Activity.Grouping(rawValue: text)
      guard grouping != nil else {
        throw Refusal(at: "by", "\(text) is none of instance, resource and callback")
      }
    }
    let start: Moment
    if let since = try call.moment("since") {
      start = since
    } else {
      let head = try await journal.position("head") ?? 0
      let last = try await journal.events.time(of: head) ?? Moment(milliseconds: 0)
      start = last - .seconds(7 * 86_400)
    }
    let type = try call.form(of: types)
    let permit = try Permit(call, .looks)
    let apart = journal.apart()
    return .rows(as: type) { [grouping] take in
      try await apart.activity(since: start, by: grouping) { hours in
        try await take(hours.map(\.row))
      }
      withExtendedLifetime(permit) {}
    }
  }

  /// The instance that the query names; a token’s own where only that is shown.
  private static func chosenInstance(_ call: Call) async throws -> Int64? {
    if let text = call.query["instance"] { return try await call.instance(named: text) }
    return call.caller.isOwner ? nil : call.caller.instance
  }

  /// The object of that id, of which changes were recorded; found now and not when half of the
  /// answer is written. Who may see one instance is told of no other’s.
  private static func object(
    _ text: String, of instance: Int64?, _ call: Call, _ journal: Journal
  ) async throws -> String {
    var part = Selection()
    part.instance = instance
    part.object = call.caller.isOwner ? try await journal.object(text) : text
    guard try await journal.changes.rows(part, limit: 1).isEmpty else { return part.object ?? text }
    throw Refusal(.notFound(.object), "no change of an object \(text) was recorded")
  }
}
