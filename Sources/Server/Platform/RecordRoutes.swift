import Daybook
import Events
import HTTPTypes

/// Event records: what callbacks were told, and counts of it.
enum RecordRoutes {
  static let all: [Route] = [list, record, dispositions] + ofInstance + analytics

  private static let base = "\(Platform.base)/instances/events"
  private static let eventID = Parameter.path(
    "eventId", .text, "The `message.eventId` that the callback received.")

  private static let list: Route = Route(
    .get, base, .client, "Event records, the newest first; of the token’s own instance, or all.",
    parameters: Platform.pages, answer: .json(.list(of: .record))
  ) { call in try await page(call, of: call.caller.instance) }

  private static let record: Route = Route(
    .get, "\(base)/{eventId}", .client, "One event record.", parameters: [eventID],
    answer: .json(.record)
  ) { call in try await record(call, of: call.caller.instance) }

  private static let ofInstance: [Route] = [
    Route(
      .get, "\(Platform.base)/instances/{id}/events", .client,
      "Event records of an instance, the newest first.",
      parameters: [.path("id", .whole, "An instance’s id.")] + Platform.pages,
      answer: .json(.list(of: .record))
    ) { call in
      let id = try call.instance()
      _ = try await call.journal.instances.object(id)
      return try await page(call, of: id)
    },
    Route(
      .get, "\(Platform.base)/instances/{id}/events/{eventId}", .client, "One event record.",
      parameters: [.path("id", .whole, "An instance’s id."), eventID], answer: .json(.record)
    ) { call in try await record(call, of: call.instance()) },
  ]

  private static func page(_ call: Call, of instance: Int64?) async throws -> Answer {
    .page(
      try await call.journal.records.page(
        of: instance, next: call.query["nextPage"], size: call.pageSize))
  }

  private static func record(_ call: Call, of instance: Int64?) async throws -> Answer {
    .json(text: try await call.journal.records.record(call.path["eventId"] ?? "", of: instance))
  }

  private static let dispositions: Route = Route(
    .get, "\(base)/dispositions", .client, "What became of notifications, the newest first.",
    parameters: Platform.pages, answer: .json(.list(of: .disposition))
  ) { call in
    .page(
      try await call.journal.records.dispositions(
        of: call.caller.instance, next: call.query["nextPage"], size: call.pageSize))
  }

  private static let analytics: [Route] = [
    counts("", .none, "Event records counted by steps of time."),
    counts("/instances", .instances, "The same by instance."),
    counts("/accounts", .accounts, "The same by account, of which there is one."),
  ]

  private static func counts(
    _ path: String, _ grouping: Journal.Records.Grouping, _ summary: String
  ) -> Route {
    Route(
      .get, "\(base)/analytics\(path)", .client, summary,
      parameters: [
        .query("from", .time, "The first moment; a day before `to` by itself."),
        .query("to", .time, "The last moment; now by itself."),
        .query(
          "interval", .word(["second", "minute", "hour", "day", "week"]),
          "How long a step is; `hour` by itself."),
        .query("accountIds[]", .text, "`1` is the account there is.", isRepeated: true),
      ], answer: .json(.list(of: .object(["timestamp": .text])))
    ) { call in try await count(call, grouping) }
  }

  private static func count(
    _ call: Call, _ grouping: Journal.Records.Grouping
  ) async throws -> Answer {
    guard call.query.all("accountIds[]").allSatisfy({ $0 == "1" }) else {
      throw Trouble(.forbidden, "forbidden", "accountIds: there is no account but 1")
    }
    let to = try call.moment("to") ?? call.site.world.now()
    let from = try call.moment("from") ?? to - .seconds(86_400)
    let span = RecordSpan(from: from, to: to, interval: call.query["interval"] ?? "hour")
    let instance = call.caller.instance
    let text = try await call.lookLong { journal in
      try await journal.records.analytics(span, by: grouping, of: instance)
    }
    return .counted(text, try span.stepCount())
  }
}
