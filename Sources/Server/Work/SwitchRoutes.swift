import Daybook
import Events
import HTTPTypes
import RawJSON

/// Cursors dropped, and callbacks tried, and switched on and off.
enum SwitchRoutes {
  static let all = [reset, switching(on: true), switching(on: false), probe]

  private static let probe = Route(
    .post, "/daybook/v1/callbacks/probe", .owner,
    "Sends one request to a URL, to see what it answers; it is recorded and counts for nothing.",
    body: .form(["url": .words, "instance": .id, "reason": .words], required: ["url"]),
    answer: .json(.row(.probes))
  ) { call in
    let form = try Form(call, ["url", "instance", "reason"])
    let row = try await call.journal.callbacks.probe(
      try form.text("url"), as: try form.optionalInstance(call),
      reason: try form.optionalText("reason"), askedBy: "HTTP")
    return .json(row.json)
  }

  private static let reset = Route(
    .post, "/daybook/v1/cursors/reset", .client,
    "Drops a cursor: the next poll compares everything, or with `baseline` learns it anew.",
    body: .form(
      ["instance": .id, "resource": .words, "reason": .words, "baseline": .flag],
      required: ["resource", "reason"]), answer: .json(.row(.cursors))
  ) { call in
    let form = try Form(call, ["instance", "resource", "reason", "baseline"])
    let instance = try form.instance(call)
    let resource = try form.text("resource")
    try await call.journal.cursors.reset(
      of: instance, resource, toBaseline: try form.flag("baseline"),
      reason: try form.text("reason"))
    return .json(try await call.journal.cursors.row(of: instance, resource).json)
  }

  private static let switched = Schema.object([
    "url": .text, "state": .word(["enabled", "disabled"]), "reason": .text.orNull,
  ])

  private static func switching(on isOn: Bool) -> Route {
    Route(
      .post, "/daybook/v1/callbacks/\(isOn ? "enable" : "disable")", .owner,
      isOn
        ? "Lets a URL take deliveries again; what is held for it is due."
        : "Holds what would go to a URL, until it is enabled again.",
      body: .form(["url": .words, "reason": .words], required: ["url"]), answer: .json(switched)
    ) { call in
      let form = try Form(call, ["url", "reason"])
      let url = try form.text("url")
      let reason = try form.optionalText("reason")
      let callbacks = call.journal.callbacks
      if isOn {
        try await callbacks.enable(url, reason: reason)
      } else {
        try await callbacks.disable(url, reason: reason)
      }
      return .json([
        "url": .string(url), "state": isOn ? "enabled" : "disabled",
        "reason": reason.map { .string($0) } ?? .null,
      ])
    }
  }
}
