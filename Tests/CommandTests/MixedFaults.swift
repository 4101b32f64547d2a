import RawJSON

/// Faults and other troubles of Google and of the receiver, drawn from a seed.
struct MixedFaults {
  var chance: SeededChance

  private static let paths = ["/", "/calendar/v3/", "/v1/", "/gmail/", "/token"]

  /// What hides something without a word. Only a full listing may do so, and only of what is known:
  /// of anything else nobody could tell.
  static func hiding(_ chance: inout SeededChance, id: String?) -> JSON {
    var fault = Members()
    switch chance.number(0...2) {
    case 0: fault["kind"] = "end"
    case 1:
      fault["kind"] = "skip"
      fault["items"] = .number(Int64(chance.number(1...3)))
    default:
      fault["kind"] = "omit"
      fault["id"] = .string(id ?? "nothing")
    }
    fault["permille"] = .number(Int64(chance.number(100...500)))
    return .object(fault)
  }

  /// A fault with its path and how often it strikes.
  mutating func any() -> JSON {
    var fault = chance.happens(permille: 400) ? refusal() : distortion()
    if fault["path"] == nil {
      fault["path"] = .string(chance.pick(MixedFaults.paths) ?? "/")
    }
    if chance.happens(permille: 500) {
      fault["permille"] = .number(Int64(chance.number(50...400)))
    } else {
      fault["times"] = .number(Int64(chance.number(1...3)))
    }
    // What takes long or is large strikes once.
    if MixedFaults.rare.contains(fault["kind"]?.text ?? "") {
      fault["permille"] = nil
      fault["times"] = 1
    }
    return .object(fault)
  }

  private static let rare: Set<String> = ["endless", "huge", "drip", "delay"]

  private mutating func distortion() -> Members {
    let kind =
      chance.happens(permille: 60)
      ? chance.pick(["endless", "huge"]) ?? ""
      : chance.pick([
        "html", "empty", "cut", "truncated", "wrongGzip", "resetBefore", "resetAfter", "drip",
        "delay", "short", "again", "vanish",
      ]) ?? ""
    var fault = Members([("kind", .string(kind))])
    switch kind {
    case "html", "empty":
      fault["status"] = .number(Int64(chance.pick([200, 404, 410, 500, 502, 503]) ?? 200))
    case "drip":
      fault["bytes"] = 512
      fault["delayMs"] = 10
    case "delay": fault["delayMs"] = .number(Int64(chance.number(50...400)))
    case "short": fault["items"] = .number(Int64(chance.number(0...2)))
    case "again": fault["items"] = .number(Int64(chance.number(1...3)))
    default: break
    }
    return fault
  }

  /// Google's own "no", each where Google says it.
  private mutating func refusal() -> Members {
    let (status, reason, path, parameter): (Int, String?, String?, String?) =
      chance.pick([
        (429, "rateLimitExceeded", nil, nil), (403, "userRateLimitExceeded", nil, nil),
        (403, "quotaExceeded", nil, nil), (403, "dailyLimitExceeded", nil, nil),
        (403, "forbidden", nil, nil), (500, "backendError", nil, nil), (503, nil, nil, nil),
        (401, "authError", nil, nil), (400, "invalid_grant", "/token", nil),
        (400, "invalid_client", "/token", nil), (500, "internal_failure", "/token", nil),
        (404, "notFound", "/calendar/v3/", "maxResults"),
        (410, "fullSyncRequired", "/calendar/v3/", "syncToken"),
        (410, "updatedMinTooLongAgo", "/calendar/v3/calendars/", "updatedMin"),
        (400, "invalid", "/calendar/v3/", "pageToken"),
        (400, "EXPIRED_SYNC_TOKEN", "/v1/", "syncToken"),
        (400, "badRequest", "/v1/", "pageToken"), (404, "notFound", "/gmail/", "startHistoryId"),
        (400, "invalidArgument", "/gmail/", "pageToken"),
      ]) ?? (503, nil, nil, nil)
    var fault = Members([("kind", "status"), ("status", .number(Int64(status)))])
    if let reason { fault["reason"] = .string(reason) }
    if let path { fault["path"] = .string(path) }
    if let parameter { fault["parameter"] = .string(parameter) }
    switch chance.number(0...3) {
    case 0: fault["retryAfter"] = "1"
    case 1: fault["retryAfterDate"] = 1
    case 2 where status == 429:
      fault["message"] = "User-rate limit exceeded.  Retry after 2026-01-01T00:00:00.000Z"
    default: break
    }
    return fault
  }

  /// A script for the receiver; it ends with what it always says.
  mutating func script() -> JSON {
    var answers: [JSON] = []
    for _ in 0..<chance.number(1...6) {
      switch chance.number(0...8) {
      case 0: answers.append(503)
      case 1: answers.append(["status": 429, "retryAfter": "1"])
      case 2: answers.append(["status": 200, "manner": "reset"])
      case 3: answers.append(["status": 200, "manner": "cut", "body": "thank you"])
      case 4: answers.append(["status": 204, "delayMs": 300])
      case 5: answers.append(["status": 200, "manner": "close"])
      case 6: answers.append(chance.happens(permille: 300) ? 410 : 404)
      case 7: answers.append(["status": 301, "location": "/receiver/other"])
      default: answers.append(204)
      }
    }
    return ["path": "/receiver/hook", "answers": .array(answers)]
  }

  mutating func switches() -> JSON {
    [
      "contactsExpiry": .string(
        chance.pick(["invalidArgument", "failedPrecondition", "gone"]) ?? ""),
      "timeDigits": .number(Int64(chance.pick([0, 3, 6, 9]) ?? 6)),
      "emptyHistoryPermille": .number(Int64(chance.pick([0, 300, 900]) ?? 0)),
      "mailLimitStatus": .number(Int64(chance.pick([429, 403]) ?? 429)),
      "showsSystemGroupsAlways": .bool(chance.happens(permille: 500)),
    ]
  }

  /// What dies; authorizations least often, for they need a person.
  mutating func expiry() -> String {
    chance.pick([
      "accessTokens", "accessTokens", "calendarTokens", "calendarTokens", "contactsTokens",
      "contactsTokens", "history", "history", "syncTokens", "refreshTokens",
    ]) ?? "accessTokens"
  }
}
