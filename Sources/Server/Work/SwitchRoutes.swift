import Daybook
import Events
import HTTPTypes
import RawJSON

/// Cursors dropped, and callbacks tried, and switched on and off.
enum SwitchRoutes {
  static let all = [reset, switching(on: true), switching(on: false), probe, recover]

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

  private static let recover = Route(
    .post, "/daybook/v1/callbacks/recover", .owner,
    "All that a URL has not accepted since a time: says how much, and sends it with `execute`.",
    body: .form(
      [
        "url": .words, "since": .words, "until": .words, "execute": .flag, "reason": .words,
        "wait": .flag,
      ], required: ["url", "since"]), answer: .json(.row(.recoveryPlans))
  ) { call in
    let form = try Form(call, ["url", "since", "until", "execute", "reason", "wait"])
    let url = try form.text("url")
    guard let since = try form.moment("since", call.journal) else {
      throw Refusal(at: "since", "is missing")
    }
    let until = try form.moment("until", call.journal)
    let reason = try form.optionalText("reason")
    let (isExecuted, isAwaited) = (try form.flag("execute"), try form.flag("wait"))
    let callbacks = call.journal.callbacks
    let plan = try await callbacks.recovery(of: url, since: since, until: until)
    guard isExecuted else { return .json(plan.row.json) }
    if reason == nil, try !CallbackURL(url).isLoopback {
      throw Refusal(at: "reason", "is missing; what leaves this machine needs one")
    }
    let recovered = try await callbacks.recover(plan, reason: reason)
    if isAwaited { try await recovered.send() }
    return .json(plan.row.json)
  }
}
