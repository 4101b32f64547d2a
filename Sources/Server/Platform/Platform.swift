import Daybook
import Events
import HTTPTypes
import RawJSON

/// The addresses, pages and shapes that the routes of the platform’s API share.
///
/// Source: SAP Open Connectors, its API’s reference and its own tests; what those leave open is in
/// docs/http.md.
enum Platform {
  static let base = "/elements/api-v2"
  /// Objects a page that does not say.
  static let pageSize = 200

  static let pages: [Parameter] = [
    Parameter.query(
      "pageSize", .whole(1...Journal.Instances.pageSizeMax), "Objects a page; 200 by itself."),
    Parameter.query(
      "nextPage", .text, "Where to go on: `Elements-Next-Page-Token` of the page before."),
  ]

  static let all: [Route] =
    InstanceRoutes.all + ConfigurationRoutes.all + RecordRoutes.all + NotificationRoutes.all
    + OAuthRoutes.all + HubRoutes.all

  /// The same route without an id, for an Element token that says which instance is meant, and with
  /// one.
  ///
  /// - Parameter path: Behind `/instances` or `/instances/{id}`.
  static func ofInstance(
    _ method: HTTPRequest.Method, _ path: String, _ summary: String,
    parameters: [Parameter] = [], body: Schema? = nil, answer: Schema,
    handle: @escaping @Sendable (Call, Int64) async throws -> Answer
  ) -> [Route] {
    func route(_ start: String, _ own: [Parameter], _ more: String) -> Route {
      Route(
        method, base + start + path, .client, summary + more, parameters: own + parameters,
        body: body, answer: .json(answer)
      ) { call in try await handle(call, call.instance()) }
    }
    let id = Parameter.path("id", .whole, "An instance’s id.")
    return [
      route("/instances/{id}", [id], ""), route("/instances", [], " The token’s own instance."),
    ]
  }
}

extension Call {
  var pageSize: Int {
    get throws(Refusal) {
      try checkPage()
      return try whole("pageSize", 1...Journal.Instances.pageSizeMax) ?? Platform.pageSize
    }
  }

  /// Pages follow each other by their tokens: by a number, what is made or deleted meanwhile would
  /// be missed or come twice.
  private func checkPage() throws(Refusal) {
    guard let page = query["page"], page != "1" else { return }
    throw Refusal(at: "page", "is not known here; go on with nextPage")
  }
}

extension Answer {
  /// A JSON text as it is.
  static func json(text: String) -> Answer { .json(Array(text.utf8)) }

  /// A page with what the platform says of it in headers.
  static func page(_ page: ObjectPage) -> Answer {
    var answer = Answer.json(text: page.json)
    answer.headers[.returnedCount] = "\(page.objects.count)"
    if let total = page.total { answer.headers[.totalCount] = "\(total)" }
    if let next = page.next { answer.headers[.nextPageToken] = next }
    return answer
  }

  /// A list that comes whole, of JSON texts.
  static func list(_ objects: [String]) -> Answer {
    counted("[\(objects.joined(separator: ","))]", objects.count)
  }

  static func counted(_ list: String, _ count: Int) -> Answer {
    var answer = Answer.json(text: list)
    answer.headers[.returnedCount] = "\(count)"
    answer.headers[.totalCount] = "\(count)"
    return answer
  }

  /// For what was done and has nothing to show.
  static let done = Answer.json(.object(Members()))
}

extension HTTPField.Name {
  /// The instance through which a resource was read.
  static let instanceID: HTTPField.Name = {
    guard let name = HTTPField.Name("Elements-Element-Instance-Id") else {
      preconditionFailure("Elements-Element-Instance-Id is a name")
    }
    return name
  }()
  /// Names a request that may be repeated. Source: the IETF’s draft “The Idempotency-Key HTTP
  /// Header Field”.
  static let idempotencyKey: HTTPField.Name = {
    guard let name = HTTPField.Name("Idempotency-Key") else {
      preconditionFailure("Idempotency-Key is a name")
    }
    return name
  }()
}

extension Schema {
  /// Nothing to show.
  static let done = Schema.object([:])

  static let user = Schema.object([
    "id": .whole, "emailAddress": .text, "firstName": .text, "lastName": .text,
  ])

  static let element = Schema.object(["id": .whole, "key": .text, "name": .text, "hub": .text])

  /// An instance, its secrets as eight asterisks.
  static let instance = Schema.object(
    [
      "id": .whole, "name": .text, "createdDate": .text, "token": .text, "element": .element,
      "elementId": .whole, "tags": .list(of: .text), "valid": .flag, "disabled": .flag,
      "configuration": .anything, "eventsEnabled": .flag,
      "eventsNotificationCallbackUrl": .text, "subscriptionId": .whole,
      "externalAuthentication": .word(["none", "initial"]), "user": .user,
    ],
    required: [
      "id", "name", "createdDate", "token", "element", "elementId", "tags", "valid", "disabled",
      "eventsEnabled", "externalAuthentication", "user",
    ])

  /// A setting of an instance.
  static let setting = Schema.object([
    "id": .whole, "key": .text, "name": .text, "description": .text, "defaultValue": .text.orNull,
    "propertyValue": .text.orNull, "type": .text, "required": .flag, "active": .flag,
    "internal": .flag,
  ])

  /// An event record.
  static let record = Schema.object([
    "id": .text, "eventDate": .text,
    "status": .word(["NEW", "RECEIVED", "DISPATCHED", "CONSUMED", "NOTIFIED"]),
    "elementInstanceId": .whole, "providerData": .text.orNull, "notifiedData": .anything,
  ])

  static let disposition = Schema.object([
    "eventId": .text, "elementInstanceId": .whole,
    "notificationData": .list(of: .object(["message": .text])),
  ])

  static let subscription = Schema.object([
    "id": .whole, "channel": .word(["webhook"]), "topics": .list(of: .text),
    "config": .object(["url": .text]), "active": .flag,
  ])

  static let delivery = Schema.object(
    [
      "notificationId": .text, "subscriptionId": .whole,
      "status": .word(["created", "notified", "retry", "queued", "delivered", "skipped"]),
      "createdDate": .text, "updatedDate": .text, "notification": .anything,
      "subscription": .anything,
    ],
    required: ["notificationId", "subscriptionId", "status", "createdDate", "updatedDate"])

  static let notification = Schema.object([
    "id": .text, "from": .text, "topic": .text, "severity": .text, "message": .anything,
    "createdDate": .text, "active": .flag, "acknowledged": .flag,
  ])

  static let pollerRecord = Schema.object([
    "id": .whole, "elementInstanceId": .whole, "objectName": .text,
    "status": .word(["open", "disabled", "unsupported"]), "cursor": .text.orNull,
    "lastPollDate": .text.orNull, "nextPollDate": .text.orNull, "failures": .whole,
    "reason": .text.orNull,
  ])
}
