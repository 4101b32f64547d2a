import Domain

/// Google's "no" to a request, in the words of Calendar; `answer(of:)` writes it as each API does.
///
/// Source: Calendar API guide, “Handle API errors”; texts not given there as others recorded them.
package struct GoogleError: Error, Sendable, Equatable {
  package var status: Int
  package var domain = "global"
  package var reason: String
  package var message: String
  /// Where the fault lies, such as `parameter` and `syncToken`.
  package var locationType: String?
  package var location: String?
  /// The canonical code, such as `FAILED_PRECONDITION`, where the status alone does not tell it.
  package var code: String?

  package init(
    _ status: Int, _ reason: String, _ message: String, domain: String = "global",
    parameter: String? = nil, code: String? = nil
  ) {
    self.status = status
    self.domain = domain
    self.reason = reason
    self.message = message
    self.code = code
    location = parameter
    locationType = parameter == nil ? nil : "parameter"
  }

  static let notFound = GoogleError(404, "notFound", "Not Found")
  static let deleted = GoogleError(410, "deleted", "Resource has been deleted")
  static let preconditionFailed = GoogleError(412, "conditionNotMet", "Precondition Failed")
  static let duplicate = GoogleError(409, "duplicate", "The requested identifier already exists.")
  static let parseError = GoogleError(400, "parseError", "Parse Error")
  static let readOnly = GoogleError(
    403, "requiredAccessLevel", "You need to have writer access to this calendar.",
    domain: "calendar")
  static let full = GoogleError(
    403, "quotaExceeded", "Calendar usage limits exceeded.", domain: "usageLimits")
  static let fullSyncRequired = GoogleError(
    410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.",
    domain: "calendar", parameter: "syncToken")
  static let updatedMinTooLongAgo = GoogleError(
    410, "updatedMinTooLongAgo",
    "The requested minimum modification time lies too far in the past.",
    domain: "calendar", parameter: "updatedMin")
  static let syncWithRestrictions = GoogleError(
    400, "badRequest", "Sync token cannot be used with other request restrictions.")
  static let syncWithOrdering = GoogleError(
    400, "badRequest", "Sync token cannot be used with non-default ordering.")
  static let orderNeedsSingleEvents = GoogleError(
    400, "badRequest", "The requested ordering is not available for the particular query.")
  static let timeRangeEmpty = GoogleError(
    400, "timeRangeEmpty", "The specified time range is empty.", domain: "calendar",
    parameter: "timeMax")
  static let insufficientPermissions = GoogleError(
    403, "insufficientPermissions",
    "Insufficient Permission: Request had insufficient authentication scopes.")

  /// A parameter or field that cannot be read.
  static func invalid(_ name: String, _ message: String) -> GoogleError {
    GoogleError(400, "invalid", message, parameter: name)
  }

  /// No token, or one that is not, or no longer, accepted.
  static func unauthorized(hasToken: Bool) -> GoogleError {
    var error =
      hasToken
      ? GoogleError(401, "authError", "Invalid Credentials")
      : GoogleError(401, "required", "Login Required")
    error.locationType = "header"
    error.location = "Authorization"
    return error
  }

  /// The error that Google gives for a status and reason, for faults made to order.
  ///
  /// - Parameter reason: nil for the usual one of the status.
  package static func usual(status: Int, reason: String?) -> GoogleError {
    let known: [GoogleError] = [
      expiredContactsToken(.invalidArgument), expiredContactsToken(.gone), fullSyncRequired,
      updatedMinTooLongAgo, notFound, deleted, preconditionFailed, duplicate,
      insufficientPermissions, timeRangeEmpty, unauthorized(hasToken: true),
      GoogleError(403, "rateLimitExceeded", "Rate Limit Exceeded", domain: "usageLimits"),
      GoogleError(403, "userRateLimitExceeded", "User Rate Limit Exceeded", domain: "usageLimits"),
      full,
      GoogleError(403, "dailyLimitExceeded", "Daily Limit Exceeded", domain: "usageLimits"),
      GoogleError(403, "forbidden", "Forbidden"),
      GoogleError(403, "accessNotConfigured", "Access Not Configured.", domain: "usageLimits"),
      GoogleError(429, "rateLimitExceeded", "Rate Limit Exceeded", domain: "usageLimits"),
      GoogleError(400, "badRequest", "Bad Request"),
      GoogleError(500, "backendError", "Backend Error"),
      GoogleError(503, "backendError", "Service Unavailable"),
    ]
    let fits = { (error: GoogleError) in
      error.status == status && (reason.map { $0 == error.reason } ?? !error.isOfContacts)
    }
    if let match = known.first(where: fits) {
      return match
    }
    return GoogleError(status, reason ?? "backendError", "Error \(status)")
  }
}
