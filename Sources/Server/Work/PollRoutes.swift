import Daybook
import Events
import HTTPTypes
import RawJSON

/// Polls that are asked for: at once, or carried forward by hand.
enum PollRoutes {
  static let all = [run, begin, next, accept, discard]

  private static let run = Route(
    .post, "/daybook/v1/polls", .client,
    "Polls once and answers when done: what is due, `all`, an instance, or one resource of it.",
    body: .form(["instance": .id, "resource": .words, "all": .flag, "force": .flag]),
    answer: .json(.list(of: .row(.polls)))
  ) { call in
    let form = try Form(call, ["instance", "resource", "all", "force"])
    let instance = try form.optionalInstance(call)
    let resource = try form.optionalText("resource")
    if instance == nil, resource != nil { throw form.missing("instance") }
    let isAll = try form.flag("all")
    let target: Journal.Polls.Target =
      if let instance { .instance(instance, resource: resource) } else { isAll ? .all : .due }
    let isForced = try form.flag("force")
    let permit = try Permit(call, .reads)
    defer { withExtendedLifetime(permit) {} }
    let reports = try await call.journal.polls.run(target, isForced: isForced)
    let rows = Rows()
    await rows.add(reports.map { Row($0) })
    return .json(await rows.json)
  }

  // MARK: By hand

  private static let step = Parameter.path("step", .text, "The id that the step was begun with.")

  private static let begin = Route(
    .post, "/daybook/v1/polls/steps", .client,
    "Begins a poll by hand and shows the request that comes next; nothing is sent yet.",
    body: .form(
      ["instance": .id, "resource": .words], required: ["resource"]),
    answer: .json(StepAnswer.schema)
  ) { call in
    let form = try Form(call, ["instance", "resource"])
    let (id, step) = try await call.site.steps.begin(
      try form.instance(call), try form.text("resource"), call.caller)
    return .json(await StepAnswer(id, step.poll).json)
  }

  private static let next = Route(
    .post, "/daybook/v1/polls/steps/{step}/next", .client,
    "Fetches the next page and shows every item with its verdict.",
    parameters: [step], body: .form([:]), answer: .json(StepAnswer.schema)
  ) { call in
    _ = try Form(call, [])
    let id = call.path["step"] ?? ""
    let permit = try Permit(call, .reads)
    defer { withExtendedLifetime(permit) {} }
    let answer = try await call.site.steps.with(id, call.caller) { poll in
      try await fetch(id, &poll)
    }
    return .json(answer)
  }

  private static func fetch(
    _ id: String, _ poll: inout PollByHand
  ) async throws -> (answer: JSON, isOver: Bool) {
    guard !poll.isAtEnd else {
      throw Refusal(.conflict, "the last page was read; accept or discard the step")
    }
    var fetched = try await poll.fetch()
    var items: [PollByHand.Item] = []
    if case .page(let found) = fetched {
      items = found
      if poll.isAtEnd {
        fetched = try await poll.reconcile()
        if case .page(let found) = fetched { items += found }
      }
    }
    var answer = await StepAnswer(id, poll)
    switch fetched {
    case .page:
      answer.show(items, page: poll.pages)
      return (answer.json, false)
    case .ended(let reason, let text): answer.error = "\(reason): \(text)"
    case .cancelled: answer.error = "interrupted"
    }
    // As at the prompt: what came to nothing is over.
    answer.position = try await poll.discard(reason: answer.error ?? "")
    answer.state = .discarded
    return (answer.json, true)
  }

  private static let accept = Route(
    .post, "/daybook/v1/polls/steps/{step}/accept", .client,
    "Records the poll, its changes and the cursor, once the last page was read.",
    parameters: [step], body: .form([:]), answer: .json(StepAnswer.schema)
  ) { call in
    _ = try Form(call, [])
    let id = call.path["step"] ?? ""
    let answer = try await call.site.steps.with(id, call.caller) { poll in
      guard poll.isAtEnd else {
        throw Refusal(.conflict, "pages are left to be read; ask for the next one")
      }
      var answer = await StepAnswer(id, poll)
      if let report = try await poll.accept() {
        answer.state = .accepted
        answer.report = report
        answer.position = report.position
        return (Result<JSON, Refusal>.success(answer.json), isOver: true)
      }
      let position = try await poll.discard(reason: "the feed had moved")
      let refusal = Refusal(
        .conflict,
        "the feed has moved meanwhile, so this poll cannot be accepted; what it saw is kept at"
          + " \(position); begin it anew")
      return (.failure(refusal), isOver: true)
    }
    return .json(try answer.get())
  }

  private static let discard = Route(
    .post, "/daybook/v1/polls/steps/{step}/discard", .client,
    "Records what was seen, and leaves the cursor alone.",
    parameters: [step], body: .form(["reason": .words]), answer: .json(StepAnswer.schema)
  ) { call in
    let reason = try Form(call, ["reason"]).optionalText("reason") ?? "discarded by hand"
    let id = call.path["step"] ?? ""
    let answer = try await call.site.steps.with(id, call.caller) { poll in
      var answer = await StepAnswer(id, poll)
      answer.position = try await poll.discard(reason: reason)
      answer.state = .discarded
      return (answer.json, isOver: true)
    }
    return .json(answer)
  }
}

/// How a poll by hand stands.
private struct StepAnswer: Sendable {
  enum State: String, CaseIterable { case open, accepted, discarded }

  let id: String
  /// The request that comes next; nil after the last page.
  let request: PollByHand.Request?
  let pages: Int
  var state = State.open
  var items: [JSON] = []
  var error: String?
  /// Of what was recorded.
  var position: Int64?
  var report: PollReport?

  init(_ id: String, _ poll: PollByHand) async {
    self.id = id
    request = await poll.nextRequest()
    pages = poll.pages
  }

  mutating func show(_ found: [PollByHand.Item], page: Int) {
    items = found.map { item in
      [
        "page": .number(page), "verdict": .string(item.verdict), "reason": .string(item.reason),
        "objectId": .string(item.objectID), "revision": .string(item.revision),
        "title": item.title.map { .string($0) } ?? .null,
        "object": (try? JSON.parse(item.bytes)) ?? .null,
      ]
    }
  }

  var json: JSON {
    var next = JSON.null
    if state == .open, let request {
      next = [
        "method": .string(request.method), "url": .string(request.url),
        "mode": .string(request.mode),
      ]
    }
    return [
      "step": .string(id), "state": .string(state.rawValue), "pages": .number(pages),
      "request": next, "changes": .array(items), "error": error.map { .string($0) } ?? .null,
      "position": position.map { .number($0) } ?? .null,
      "recorded": report.map { .number($0.changes) } ?? .null,
      "nextAt": report?.nextAt.map { .string($0.rfc3339) } ?? .null,
    ]
  }

  static let schema = Schema.object([
    "step": .text, "state": .word(State.allCases.map(\.rawValue)), "pages": .whole,
    "request": .object(["method": .text, "url": .text, "mode": .text]).orNull,
    "changes": .list(
      of: .object([
        "page": .whole, "verdict": .text, "reason": .text, "objectId": .text, "revision": .text,
        "title": Schema.text.orNull, "object": .anything,
      ])),
    "error": Schema.text.orNull, "position": Schema.whole.orNull, "recorded": Schema.whole.orNull,
    "nextAt": Schema.time.orNull,
  ])
}
