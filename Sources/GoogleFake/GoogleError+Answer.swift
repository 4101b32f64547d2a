import Domain

/// The three ways in which Google's APIs write an error.
enum GoogleAPI: Sendable {
  case calendar, contacts, mail

  /// The API that a path belongs to; nil where it belongs to none.
  ///
  ///     /calendar/v3/…    /batch/calendar/…    Calendar
  ///     /v1/…                                  People
  ///     /gmail/v1/…       /batch/gmail/…       Gmail; its batches also go to /batch alone
  init?(_ target: Target) {
    switch target.segments.first {
    case "calendar": self = .calendar
    case "v1": self = .contacts
    case "gmail": self = .mail
    case "batch":
      switch target.segments.dropFirst().first {
      case "calendar": self = .calendar
      case "gmail", nil: self = .mail
      default: return nil
      }
    default: return nil
    }
  }
}

// The body of an error:
//
//     Calendar  {"error": {"errors": [{domain, reason, message}], code, message}}
//     Gmail     {"error": {code, message, "errors": [{message, domain, reason}], status}}
//     People    {"error": {code, message, status, "details": [{@type, reason, domain, metadata}]}}
//
// Source: answers recorded by others.
extension GoogleError {
  /// The error as the API answers that a path belongs to; what belongs to none, such as the page of
  /// consent, speaks as Calendar does.
  func answer(to target: Target) -> FakeAnswer { answer(of: GoogleAPI(target) ?? .calendar) }

  /// The error as an answer of an API.
  func answer(of api: GoogleAPI) -> FakeAnswer {
    var headers: [Header] = []
    if status == 401 {
      let realm = "Bearer realm=\"https://accounts.google.com/\""
      let text = reason == "required" ? realm : "\(realm), error=\"invalid_token\""
      headers.append(Header("WWW-Authenticate", text))
    }
    let text = JSONText.object { text in
      text.objectField("error") { text in
        switch api {
        case .calendar: writeForCalendar(to: &text)
        case .mail: writeForMail(to: &text)
        case .contacts: writeForContacts(to: &text)
        }
      }
    }
    return .json(status, text, headers: headers)
  }

  private func writeForCalendar(to text: inout JSONText) {
    text.arrayField("errors") { text in
      text.element()
      text.object { text in
        text.field("domain", domain)
        text.field("reason", reason)
        text.field("message", message)
        if let locationType, let location {
          text.field("locationType", locationType)
          text.field("location", location)
        }
      }
    }
    text.field("code", status)
    text.field("message", message)
  }

  private func writeForMail(to text: inout JSONText) {
    let message = status == 404 && reason == "notFound" ? GoogleError.entityNotFound : message
    text.field("code", status)
    text.field("message", message)
    text.arrayField("errors") { text in
      text.element()
      text.object { text in
        text.field("message", message)
        text.field("domain", domain)
        text.field("reason", reason)
        if let locationType, let location {
          text.field("location", location)
          text.field("locationType", locationType)
        }
      }
    }
    text.field("status", canonicalCode)
  }

  private func writeForContacts(to text: inout JSONText) {
    let message = status == 404 && reason == "notFound" ? GoogleError.entityNotFound : message
    text.field("code", status)
    text.field("message", message)
    text.field("status", canonicalCode)
    if reason == GoogleError.unbound {
      writeDetail("google.rpc.BadRequest", to: &text) { text in
        text.arrayField("fieldViolations") { text in
          text.element()
          text.object { $0.field("description", message) }
        }
      }
    } else if let word = contactsReason {
      writeDetail("google.rpc.ErrorInfo", to: &text) { text in
        text.field("reason", word)
        text.field("domain", isOfContacts ? "people.googleapis.com" : "googleapis.com")
        text.objectField("metadata") { $0.field("service", "people.googleapis.com") }
      }
    }
  }

  private func writeDetail(
    _ type: String, to text: inout JSONText, _ body: (inout JSONText) -> Void
  ) {
    text.arrayField("details") { text in
      text.element()
      text.object { text in
        text.field("@type", "type.googleapis.com/\(type)")
        body(&text)
      }
    }
  }

  private static let entityNotFound = "Requested entity was not found."
  /// The reason of a parameter that no field takes.
  static let unbound = "unboundParameter"

  /// The reason is one of People's own, such as `EXPIRED_SYNC_TOKEN`.
  var isOfContacts: Bool {
    reason.utf8.allSatisfy { (65...90).contains($0) || $0 == 95 }
  }

  /// The reason as `ErrorInfo` says it; nil where People gives no details.
  private var contactsReason: String? {
    switch reason {
    case "authError": "ACCESS_TOKEN_EXPIRED"
    case "required" where status == 401: "CREDENTIALS_MISSING"
    case "insufficientPermissions": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    case "accessNotConfigured": "SERVICE_DISABLED"
    case "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded":
      "RATE_LIMIT_EXCEEDED"
    default: isOfContacts ? reason : nil
    }
  }

  /// The canonical code of the answer. Source: google.rpc.Code.
  private var canonicalCode: String {
    if let code { return code }
    switch status {
    case 400: return "INVALID_ARGUMENT"
    case 401: return "UNAUTHENTICATED"
    case 403: return domain == "usageLimits" ? "RESOURCE_EXHAUSTED" : "PERMISSION_DENIED"
    case 404: return "NOT_FOUND"
    case 409: return "ALREADY_EXISTS"
    case 410, 412: return "FAILED_PRECONDITION"
    case 429: return "RESOURCE_EXHAUSTED"
    case 503: return "UNAVAILABLE"
    case 504: return "DEADLINE_EXCEEDED"
    default: return status >= 500 ? "INTERNAL" : "UNKNOWN"
    }
  }
}

// What People says.
extension GoogleError {
  /// How a sync token that is too old is refused; all three were seen.
  package enum Expiry: String, Sendable, CaseIterable {
    case invalidArgument, failedPrecondition, gone
  }

  static func expiredContactsToken(_ expiry: Expiry) -> GoogleError {
    GoogleError(
      expiry == .gone ? 410 : 400, "EXPIRED_SYNC_TOKEN",
      "Sync token is expired. Clear local cache and retry call without the sync token.",
      code: expiry == .invalidArgument ? "INVALID_ARGUMENT" : "FAILED_PRECONDITION")
  }

  /// A value that People or Gmail does not take.
  static func argument(_ message: String) -> GoogleError {
    GoogleError(400, "invalidArgument", message)
  }

  static func precondition(_ message: String) -> GoogleError {
    GoogleError(400, "failedPrecondition", message, code: "FAILED_PRECONDITION")
  }

  static func unboundParameter(_ name: String) -> GoogleError {
    GoogleError(
      400, unbound,
      "Invalid JSON payload received. Unknown name \"\(name)\": Cannot bind query parameter. "
        + "Field '\(name)' could not be found in request message.")
  }
}
