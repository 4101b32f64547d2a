import Domain
import Events
import RawJSON

/// An answer other than 200, judged by its reason where it has one and by status elsewhere.
///
///     Calendar   {"error": {"code", "message", "errors": [{"domain", "reason", "message"}]}}
///     others     {"error": {"code", "message", "status", "details": [{"@type", "reason"}]}}
///     tokens     {"error": "invalid_grant", "error_description": "…"}
///
///     400, 403, 404 and other 4xx           permanent, but for a failed precondition
///     any of them with a rate reason        not permanent; of a spent quota, not before a while
///     any of them whose reason did not come not permanent
///     408, 425, 429, 5xx, 3xx, odd 2xx      not permanent
///
/// Bodies may also be HTML, empty or cut. Source: Calendar API guide, “Handle API errors”.
struct GoogleError {
  let reply: Reply
  /// The machine-readable word: Google's, else ours for the status.
  let reason: String
  /// Google's own words, without what could be a secret.
  let message: String?
  /// Every machine-readable word in the body, the most telling first.
  let words: [String]
  /// The body is an error as Google's interfaces write it: not a proxy's page, nor empty.
  let isGoogles: Bool
  /// The parameters that it lays the fault on, as it writes them.
  private let places: [String]

  init(_ reply: Reply) {
    self.reply = reply
    let body = reply.body.count <= GoogleLimits.errorBytesMax ? try? JSON.parse(reply.body) : nil
    let error = body?["error"]
    words = Self.words(of: error)
    isGoogles = error?.members != nil || reply.bodyFailure != nil && beginsAsError(reply.body)
    places = Self.places(in: error)
    reason = words.first(where: rateReasons.contains) ?? words.first ?? fake(reply.status)
    message = error?["message"]?.text.map(withoutSecrets)
  }

  /// The reason of a 410 of Google’s own; nil of any other answer, which is not read for it.
  static func goneReason(_ reply: Reply) -> String? {
    guard reply.status == 410 else { return nil }
    let error = GoogleError(reply)
    return error.isGoogles ? error.reason : nil
  }

  var refusal: ProviderRefusal {
    let said = message.map { ": \($0)" } ?? ""
    var refusal = ProviderRefusal(
      status: reply.status, reason: reason,
      text: "Google answered \(reply.status) (\(reason))\(said)",
      retryAfter: retryAfter,
      isPermanent: isPermanent)
    refusal.isGeneral =
      [401, 408, 425, 429].contains(reply.status) || retryAfter != nil
      || words.contains { rateReasons.contains($0) || accountReasons.contains($0) }
    return refusal
  }

  /// As the answer says, and of a quota that is spent a while at least: it does not come back in
  /// seconds.
  private var retryAfter: Duration? {
    quotaReasons.contains(reason) ? max(asked ?? .zero, GoogleLimits.quotaPause) : asked
  }

  /// By the header, or by Gmail's message where that says longer; both against the reply's time.
  ///
  ///     User-rate limit exceeded.  Retry after 2026-11-23T09:05:30.000Z
  private var asked: Duration? {
    let now = reply.header("Date").flatMap(Moment.init(httpDate:))
    let asked = reply.retryAfter(now: now)
    guard let now, let message = message?.lowercased(),
      let place = message.firstRange(of: "retry after "),
      let time = message[place.upperBound...].split(whereSeparator: { " ,;()".contains($0) }).first,
      let end = Moment(rfc3339: String(time.hasSuffix(".") ? time.dropLast() : time))
    else { return asked }
    return max(asked ?? .zero, min(max(end - now, .zero), .seconds(86_400)))
  }

  /// Looks for words in Google's message, in whatever case.
  func says(_ words: String) -> Bool {
    message?.lowercased().contains(words.lowercased()) ?? false
  }

  /// Tells if the value of a parameter, such as `pageToken`, is refused: the error lays the fault
  /// there, or its message names it and says that it is no good.
  ///
  ///     Calendar   400  location pageToken: Invalid page token value.
  ///     People     400  Sync token is invalid.
  ///     Gmail      400  Invalid pageToken
  ///     Gmail      400  Missing/invalid parameter: startHistoryId
  ///     all of it  400  details[].fieldViolations[].field page_token
  ///
  /// A token that “cannot be used with other request restrictions” is no bad one. Sources: recorded
  /// answers of each.
  func refuses(_ parameter: String) -> Bool {
    func plain(_ text: String) -> String { text.lowercased().filter(\.isLetter) }
    let (name, said) = (plain(parameter), plain(message ?? ""))
    guard isGoogles, !said.contains("cannotbeused") else { return false }
    if places.contains(where: { plain($0) == name }) { return true }
    let isBad = ["invalid", "expired", "notvalid", "nolonger", "mustmatch"].contains {
      said.contains($0)
    }
    return said.contains(name) && isBad || words.contains { plain($0).contains(name) }
  }

  private static func places(in error: JSON?) -> [String] {
    let listed = error?["errors"]?.elements?.compactMap { $0["location"]?.text } ?? []
    let violations = (error?["details"]?.elements ?? []).flatMap {
      $0["fieldViolations"]?.elements ?? []
    }
    return listed + violations.compactMap { $0["field"]?.text }
  }

  /// Reasons of a 400 that passes: Gmail gives it to one or two of a hundred calls, and takes the
  /// same a moment later.
  private var isPrecondition: Bool {
    words.contains { ["failedPrecondition", "FAILED_PRECONDITION"].contains($0) }
  }

  private var isPermanent: Bool {
    switch reply.status {
    case 408, 425, 429: false
    // The reason would have told; it may have been a rate.
    case 400..<500 where reply.bodyFailure != nil && words.isEmpty: false
    case 400 where isPrecondition: false
    case 400..<500: !rateReasons.contains(reason)
    default: false
    }
  }

  /// The most telling first. A word is what could stand in a program; anything else is not
  /// repeated.
  private static func words(of error: JSON?) -> [String] {
    let listed = error?["errors"]?.elements?.compactMap { $0["reason"]?.text } ?? []
    let detailed = error?["details"]?.elements?.compactMap { $0["reason"]?.text } ?? []
    let words = listed + detailed + [error?["status"]?.text, error?.text].compactMap { $0 }
    return words.filter { word in
      (1...64).contains(word.utf8.count)
        && word.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
        && withoutSecrets(word) == word
    }
  }
}

extension GoogleSuite {
  /// A reply of 200 that is not what Google promises: cut, garbled, a proxy's page. Ask again
  /// later.
  func unreadable(_ reply: Reply, _ why: String) -> ProviderRefusal {
    ProviderRefusal(
      status: reply.status, reason: "unreadable", text: "Google's answer cannot be read: \(why)",
      retryAfter: nil, isPermanent: false)
  }
}

/// Reasons that a pause cures, whatever the status: a plain 403 is permanent, these are not.
private let rateReasons: Set<String> = [
  "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded",
  "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED",
]

/// Reasons that lie in the account, the client or what was granted, whatever was asked for.
private let accountReasons: Set<String> = [
  "authError", "insufficientPermissions", "accessNotConfigured",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "SERVICE_DISABLED", "UNAUTHENTICATED",
]

/// Those of them that seconds do not cure. Source: Calendar API guide, “Handle API errors”.
private let quotaReasons: Set<String> = ["quotaExceeded", "dailyLimitExceeded"]

/// A reason in Google's manner for a status that came without one.
private func fake(_ status: Int) -> String {
  switch status {
  case 400: "badRequest"
  case 401: "authError"
  case 403: "forbidden"
  case 404: "notFound"
  case 408: "requestTimeout"
  case 410: "gone"
  case 429: "rateLimitExceeded"
  case 500...599: "backendError"
  default: "unexpectedStatus"
  }
}

/// Tells if the part of a body that came is the beginning of Google’s own error.
private func beginsAsError(_ body: [UInt8]) -> Bool {
  let begin = body.prefix(64).filter { ![9, 10, 13, 32].contains($0) }
  return begin.starts(with: #"{"error":{"#.utf8)
}

/// A message in one line, cut, and with every word that could be a token or code replaced by `…`:
/// twenty or more letters, digits, `-` and `_` in a row with a digit among them.
private func withoutSecrets(_ message: String) -> String {
  var clean = ""
  var word = ""
  func flush() {
    let hasDigit = word.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    clean += word.utf8.count >= 20 && hasDigit ? "…" : word
    word = ""
  }
  for scalar in message.unicodeScalars.prefix(4_000) {
    if scalar.isASCII, let byte = UInt8(exactly: scalar.value),
      isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    {
      word.unicodeScalars.append(scalar)
    } else {
      flush()
      clean.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
  }
  flush()
  let short = clean.unicodeScalars.prefix(GoogleLimits.messageMax)
  return short.endIndex == clean.endIndex ? clean : "\(String(short))…"
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: false
  }
}
