import Daybook
import Events
import HTTPTypes
import RawJSON

/// Instances in the platform’s form.
enum InstanceRoutes {
  static let all: [Route] =
    [create, list, count, pollingDisabled] + whole + changes + enabled + pollerRecords + documents
    + aliases

  private static let reason = "asked over HTTP"
  private static let form = Schema.object(
    [
      "element": .object(["key": .text, "id": .whole], required: []),
      "providerData": .anything, "configuration": .anything, "tags": .list(of: .text),
      "name": .text,
    ], required: [])

  private static let requestKey = Parameter.header(
    "Idempotency-Key", .words, "Names the request: with the same body it answers the same again.")

  // MARK: All of them

  private static let create: Route = Route(
    .post, "\(Platform.base)/instances", .owner,
    "Creates an instance; with `Idempotency-Key` it can be asked for again.",
    parameters: [requestKey], body: form, answer: .json(.instance)
  ) { call in try await create(call, call.body) }

  private static func create(_ call: Call, _ body: [UInt8]) async throws -> Answer {
    let created = try await call.journal.instances.create(
      body, key: call.request.headerFields[.idempotencyKey])
    return .json(text: created.object)
  }

  private static let filters: [Parameter] = [
    Parameter.query("tags[]", .text, "A tag that an instance has to bear.", isRepeated: true),
    Parameter.query("searchText", .text, "A part of its name, in either case."),
    Parameter.query("hydrate", .flag, "`false` leaves configurations out."),
  ]

  /// A search that finds nothing is a 404. Source: the platform’s own tests.
  private static let list: Route = Route(
    .get, "\(Platform.base)/instances", .client,
    "Instances; with an Element token the token’s own, by itself.",
    parameters: filters + Platform.pages, answer: .json(.anything)
  ) { call in
    if let own = call.caller.instance { return try await object(call, own) }
    return try await list(call)
  }

  private static func list(_ call: Call) async throws -> Answer {
    guard call.caller.isOwner else { throw Trouble.unauthorized }
    var filter = InstanceFilter()
    filter.tags = call.query.all("tags[]") + call.query.all("tags")
    filter.searchText = call.query["searchText"]
    let page = try await call.journal.instances.page(
      filter, isHydrated: call.query["hydrate"] != "false", next: call.query["nextPage"],
      size: call.pageSize)
    guard !page.objects.isEmpty || filter == InstanceFilter() else {
      throw Trouble(.notFound, "notFound", "no instance is like that")
    }
    return .page(page)
  }

  private static let count: Route = Route(
    .get, "\(Platform.base)/instances/count", .owner, "How many instances there are.",
    answer: .json(.object(["totalInstances": .whole, "elementInstances": .whole]))
  ) { call in .json(text: try await call.journal.instances.count()) }

  private static let pollingDisabled: Route = Route(
    .get, "\(Platform.base)/instances/polling-disabled", .owner,
    "Instances of which a resource is polled no longer, after too many failures.",
    parameters: Platform.pages, answer: .json(.list(of: .instance))
  ) { call in
    var filter = InstanceFilter()
    filter.isPollingDisabled = true
    return .page(
      try await call.journal.instances.page(
        filter, next: call.query["nextPage"], size: call.pageSize))
  }

  // MARK: One

  private static func object(_ call: Call, _ id: Int64) async throws -> Answer {
    .json(text: try await call.journal.instances.present(id))
  }

  private static let whole: [Route] = [
    Route(
      .get, "\(Platform.base)/instances/{id}", .client, "An instance, its secrets masked.",
      parameters: [.path("id", .whole, "Its id.")], answer: .json(.instance)
    ) { call in try await object(call, call.instance()) }
  ]

  /// Both say what is to be other; what they leave out stays. Source: the platform’s own tests,
  /// whose PUT sends a name or tags alone.
  private static let changes: [Route] =
    change(.put) + change(.patch)
    + Platform.ofInstance(
      .delete, "", "Ends an instance; its history stays.", answer: .done
    ) { call, id in
      _ = try await call.journal.instances.delete(id, reason: reason)
      return .done
    }

  private static func change(_ method: HTTPRequest.Method) -> [Route] {
    Platform.ofInstance(
      method, "", "Changes an instance in place; a new code authorizes it again.", body: form,
      answer: .instance
    ) { call, id in
      try await call.journal.instances.update(id, call.body)
      return try await object(call, id)
    }
  }

  private static let enabled: [Route] =
    Platform.ofInstance(.put, "/enabled", "Lets its polls go on.", answer: .done) { call, id in
      try await call.journal.instances.enable(id, reason: reason)
      return .done
    }
    + Platform.ofInstance(
      .delete, "/enabled", "Stops its polls; deliveries go on.", answer: .done
    ) { call, id in
      try await call.journal.instances.disable(id, reason: reason)
      return .done
    }

  private static let pollerRecords: [Route] = Platform.ofInstance(
    .get, "/event-poller-records", "One record a polled object.",
    answer: .list(of: .pollerRecord)
  ) { call, id in
    .list(try await call.journal.polls.records(of: id))
  }

  private static let documents: [Route] = Platform.ofInstance(
    .get, "/docs", "What can be read through it, as an OpenAPI 3.1 document.",
    answer: .object(["openapi": .text])
  ) { call, id in
    _ = try await call.journal.instances.present(id)
    return .json(OpenAPI.document(HubRoutes.all, version: call.site.settings.version))
  }

  // MARK: Below the element

  private static let element = Parameter.path("keyOrId", .text, "`googlesuite`, or its id.")

  private static let aliases: [Route] = [
    Route(
      .post, "\(Platform.base)/elements/{keyOrId}/instances", .owner,
      "Creates an instance of the element.", parameters: [element, requestKey], body: form,
      answer: .json(.instance)
    ) { call in
      try call.checkElement()
      guard case .object(var members) = try call.json() else {
        throw Refusal(.invalid, "the body has to be a JSON object")
      }
      members["element"] = ["key": .string(Journal.Instances.element)]
      return try await create(call, JSON.object(members).bytes())
    },
    Route(
      .get, "\(Platform.base)/elements/{keyOrId}/instances", .owner, "Instances of the element.",
      parameters: [element] + filters + Platform.pages, answer: .json(.list(of: .instance))
    ) { call in
      try call.checkElement()
      return try await list(call)
    },
    Route(
      .get, "\(Platform.base)/elements/{keyOrId}/instances/{id}", .client,
      "An instance of the element.", parameters: [element, .path("id", .whole, "Its id.")],
      answer: .json(.instance)
    ) { call in
      try call.checkElement()
      return try await object(call, call.instance())
    },
  ]
}

extension Call {
  /// - Throws: `Refusal` where the path names another element than the one there is.
  func checkElement() throws(Refusal) {
    let named = path["keyOrId"] ?? ""
    guard [Journal.Instances.element, "\(Journal.Instances.elementID)"].contains(named) else {
      throw Refusal(.notFound(.element), "there is no element \(named)")
    }
  }
}
