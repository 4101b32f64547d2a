import Daybook
import Events
import HTTPTypes
import RawJSON

/// Past changes sent again.
enum ReplayRoutes {
  static let all = [send, show, stop, resume, redeliver]

  private static let members = [
    "selection", "to", "mode", "execute", "reason", "rate", "concurrency", "withCredentials",
    "wait", "missing",
  ]
  private static let filters = [
    "positions", "since", "until", "instance", "resource", "object", "status",
  ]

  private static let order = Schema.form(
    [
      "selection": .form([
        "positions": .words, "since": .words, "until": .words, "instance": .id, "resource": .words,
        "object": .words, "status": .list(of: .word(Journal.Deliveries.states)),
      ]),
      "to": .words, "mode": .word(ReplayMode.allCases.map(\.rawValue)), "execute": .flag,
      "reason": .words, "rate": .whole(1...1_000_000), "concurrency": .whole(1...1_000_000),
      "withCredentials": .flag, "wait": .flag, "missing": .flag,
    ], required: ["selection", "to"])

  private static let send = Route(
    .post, "/daybook/v1/replays", .owner,
    "Sends a selection again: says what would be sent, and sends it with `execute`.", body: order,
    answer: .json(.either([.row(.replayPlans), .row(.replays)]))
  ) { call in
    let form = try Form(call, members)
    let selection = try form.form("selection", filters)
    let (part, one) = try await chosen(selection, call)
    let url = try form.text("to")
    let mode = try mode(form)
    let options = try options(form, selection)
    let isExecuted = try form.flag("execute")
    let plan = try await call.journal.replays.plan(
      part, only: one, to: url, mode: mode, isMissing: try form.flag("missing"))
    guard isExecuted else { return .json(plan.row(ratePerSecond: options.ratePerSecond).json) }
    guard plan.notifications > 0 else { throw Refusal(at: "selection", "is empty") }
    if options.reason == nil, try !CallbackURL(url).isLoopback {
      throw Refusal(at: "reason", "is missing; what leaves this machine needs one")
    }
    let replay = try await call.journal.replays.request(plan, options)
    if try form.flag("wait") { try await call.journal.replays.finish(replay) }
    return .json(try await call.journal.replays.row(replay).json)
  }

  private static func mode(_ form: Form) throws(Refusal) -> ReplayMode {
    guard let text = try form.optionalText("mode") else { return .exact }
    guard let mode = ReplayMode(rawValue: text) else {
      throw Refusal(at: "mode", "\(text) is neither exact nor rebuilt")
    }
    return mode
  }

  private static func options(_ form: Form, _ selection: Form) throws(Refusal) -> ReplayOptions {
    var options = ReplayOptions()
    options.ratePerSecond = try form.whole("rate", 1...1_000_000)
    options.concurrency = try form.whole("concurrency", 1...1_000_000)
    options.hasCredentials = try form.flag("withCredentials")
    options.reason = try form.optionalText("reason")
    options.askedBy = "HTTP"
    options.text = selection.text
    return options
  }

  /// The part that a selection names, and the one position where it is one.
  private static func chosen(
    _ form: Form, _ call: Call
  ) async throws -> (part: Selection, only: Int64?) {
    var part = Selection()
    part.instance = try form.optionalInstance(call)
    part.resource = try form.optionalText("resource")
    part.object = try form.optionalText("object")
    part.since = try form.moment("since", call.journal)
    part.until = try form.moment("until", call.journal)
    part.statuses = try form.texts("status")
    for status in part.statuses where !Journal.Deliveries.states.contains(status) {
      throw Refusal(at: form.place("status"), "there is no state \(status)")
    }
    guard let text = try form.optionalText("positions") else {
      guard !part.isEverything || !part.statuses.isEmpty else {
        throw Refusal(at: "selection", "names nothing; give positions, N or N..M, or a filter")
      }
      return (part, nil)
    }
    let place = form.place("positions")
    guard let dots = text.firstRange(of: "..") else {
      return (part, try await call.position(text, at: place))
    }
    let first = try await call.position(String(text[..<dots.lowerBound]), at: place)
    let last = try await call.position(String(text[dots.upperBound...]), at: place)
    guard first <= last else {
      throw Refusal(at: place, "the first position, \(first), is after the last, \(last)")
    }
    part.after = max(first, 1) - 1
    part.before = min(last, .max - 1) + 1
    return (part, nil)
  }

  // MARK: One replay

  private static let replay = Parameter.path("replay", .whole, "The id that a replay was given.")

  private static func id(_ call: Call) throws(Refusal) -> Int64 {
    let text = call.path["replay"] ?? ""
    guard let id = Int64(text), id > 0 else {
      throw Refusal(.notFound(.replay), "there is no replay \(text)")
    }
    return id
  }

  private static let show = Route(
    .get, "/daybook/v1/replays/{replay}", .owner, "How far a replay is.",
    parameters: [replay, Filters.at], answer: .json(.row(.replays))
  ) { call in
    let journal = try await Filters.journal(call)
    return .json(try await journal.replays.row(try id(call)).json)
  }

  private static let stop = Route(
    .post, "/daybook/v1/replays/{replay}/stop", .owner,
    "Stops a replay; what was not sent is held when its turn comes.", parameters: [replay],
    body: .form(["reason": .words]), answer: .json(.row(.replays))
  ) { call in
    let reason = try Form(call, ["reason"]).optionalText("reason")
    let id = try id(call)
    _ = try await call.journal.replays.row(id)
    try await call.journal.replays.stop(id, reason: reason)
    return .json(try await call.journal.replays.row(id).json)
  }

  private static let resume = Route(
    .post, "/daybook/v1/replays/{replay}/resume", .owner,
    "Lets a replay go on; one that is completed stays so.", parameters: [replay],
    body: .form(["reason": .words, "wait": .flag]), answer: .json(.row(.replays))
  ) { call in
    let form = try Form(call, ["reason", "wait"])
    let reason = try form.optionalText("reason")
    let isAwaited = try form.flag("wait")
    let id = try id(call)
    _ = try await call.journal.replays.row(id)
    try await call.journal.replays.resume(id, reason: reason)
    if isAwaited { try await call.journal.replays.finish(id) }
    return .json(try await call.journal.replays.row(id).json)
  }

  // MARK: One delivery

  private static let redeliver = Route(
    .post, "/daybook/v1/deliveries/{position}/redeliver", .client,
    "One delivery again, under its own id: says which, and sends it with `execute`.",
    parameters: [
      .path("position", .text, "Of any event of the delivery: a number, head, head-3, or a time.")
    ], body: .form(["execute": .flag, "reason": .words, "wait": .flag]),
    answer: .json(.row(.deliveries))
  ) { call in
    let form = try Form(call, ["execute", "reason", "wait"])
    let reason = try form.optionalText("reason")
    let isExecuted = try form.flag("execute")
    let isAwaited = try form.flag("wait")
    let position = try await call.position()
    let row = try await call.journal.deliveries.row(position)
    // A replay's deliveries go where its owner sends them.
    let isOwn = row["instance"]?.integer == call.caller.instance && row["replay"] == .null
    if !call.caller.isOwner, !isOwn {
      throw Refusal(.notFound(.delivery), "event \(position) is no delivery")
    }
    guard isExecuted else { return .json(row.json) }
    let reopened = try await call.journal.deliveries.reopen(
      position, reason: reason, askedBy: "HTTP")
    if isAwaited { try await reopened.send() }
    return .json(try await call.journal.deliveries.row(position).json)
  }
}
