import Daybook
import Events
import HTTPTypes
import RawJSON

/// Subscriptions, and the deliveries that they lead to.
enum NotificationRoutes {
  static let all: [Route] = [list, one, deliveries, release, notifications, acknowledge]

  private static let base = "\(Platform.base)/notifications/subscriptions"

  private static let list: Route = Route(
    .get, base, .client,
    "Subscriptions: an instance has one, with its own id, while events are on.",
    parameters: Platform.pages, answer: .json(.list(of: .subscription))
  ) { call in try await list(call) }

  private static func list(_ call: Call) async throws -> Answer {
    guard let own = call.caller.instance else {
      return .page(
        try await call.journal.subscriptions.page(
          next: call.query["nextPage"], size: call.pageSize))
    }
    return .page(try await call.journal.subscriptions.page(of: own))
  }

  private static let one: Route = Route(
    .get, "\(base)/{id}", .client, "One subscription.",
    parameters: [.path("id", .whole, "Its instance’s id.")], answer: .json(.subscription)
  ) { call in
    let id = call.path["id"] ?? ""
    guard let number = Int64(id), call.caller.maySee(number) else {
      throw Refusal(.notFound(.subscription), "there is no subscription \(id)")
    }
    return .json(text: try await call.journal.subscriptions.subscription(number))
  }

  private static let notifications: Route = Route(
    .get, "\(Platform.base)/notifications", .client,
    "Notifications of some topics, the newest first; what its callback took is acknowledged.",
    parameters: [
      .query(
        "topics[]", .text, "Such as `instance-7-googlesuite-events`.", isRepeated: true,
        isRequired: true)
    ] + Platform.pages, answer: .json(.list(of: .notification))
  ) { call in
    .page(
      try await call.journal.subscriptions.notifications(
        of: call.query.all("topics[]").flatMap { $0.split(separator: ",").map(String.init) },
        instance: call.caller.instance, next: call.query["nextPage"], size: call.pageSize))
  }

  private static let acknowledge = Route(
    .put, "\(Platform.base)/notifications/{id}/acknowledge", .client,
    "Records that a notification was dealt with; its delivery goes on.",
    parameters: [.path("id", .text, "As its callback receives it.")], answer: .json(.notification)
  ) { call in
    .json(
      text: try await call.journal.subscriptions.acknowledge(
        call.path["id"] ?? "", instance: call.caller.instance, askedBy: "HTTP"))
  }

  private static let conditions = Parameter.query(
    "where", .text,
    "`channel='webhook' and status='queued' and config.url='…' and subscriptionId='…'`, or some."
  )

  private static let deliveries: Route = Route(
    .get, "\(base)/deliveries", .client, "Deliveries, the newest first.",
    parameters: [conditions, .query("hydrate", .flag, "Adds notification and subscription.")]
      + Platform.pages, answer: .json(.list(of: .delivery))
  ) { call in
    .page(
      try await call.journal.subscriptions.deliveries(
        where: call.query["where"], of: call.caller.instance, isHydrated: call.flag("hydrate"),
        next: call.query["nextPage"],
        size: call.pageSize))
  }

  private static let release: Route = Route(
    .put, "\(base)/deliveries", .owner,
    "Lets what is queued go out: callbacks are enabled, what was given up is sent again.",
    parameters: [conditions], answer: .json(.object(["released": .whole]))
  ) { call in
    let count = try await call.journal.subscriptions.release(
      where: call.query["where"] ?? "", reason: "asked over HTTP")
    return .json(["released": .number(count)])
  }
}
