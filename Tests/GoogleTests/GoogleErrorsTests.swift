import Domain
import Google
import Testing

private let google = GoogleSuite()
private let ask = PageRequest(
  collection: Collection(kind: "calendar-events", id: "primary"), mode: .changes(since: "S"),
  pageSize: 250)

private func reply(_ status: Int, _ body: String, _ headers: [Header] = []) -> Reply {
  Reply(status: status, headers: headers, body: Array(body.utf8))
}

private func calendarError(_ reason: String, _ message: String = "No.") -> String {
  """
  {"error":{"errors":[{"domain":"global","reason":"\(reason)","message":"\(message)"}],
  "code":1,"message":"\(message)"}}
  """
}

private func peopleError(_ status: String, _ reason: String) -> String {
  """
  {"error":{"code":1,"message":"No.","status":"\(status)","details":[
  {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"\(reason)","domain":"x"}]}}
  """
}

private func refusal(_ reply: Reply, _ ask: PageRequest = ask) -> ProviderRefusal? {
  if case .refused(let refusal) = google.read(reply, to: ask) { refusal } else { nil }
}

@Test(arguments: [
  (400, calendarError("badRequest"), "badRequest", true),
  (400, calendarError("timeRangeEmpty"), "timeRangeEmpty", true),
  (403, calendarError("rateLimitExceeded"), "rateLimitExceeded", false),
  (403, calendarError("userRateLimitExceeded"), "userRateLimitExceeded", false),
  (403, calendarError("quotaExceeded"), "quotaExceeded", false),
  (403, calendarError("dailyLimitExceeded"), "dailyLimitExceeded", false),
  (403, peopleError("RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), "RATE_LIMIT_EXCEEDED", false),
  (403, calendarError("insufficientPermissions"), "insufficientPermissions", true),
  (403, calendarError("accessNotConfigured"), "accessNotConfigured", true),
  (403, peopleError("PERMISSION_DENIED", "SERVICE_DISABLED"), "SERVICE_DISABLED", true),
  (403, "", "forbidden", true),
  (403, "<html>no</html>", "forbidden", true),
  (404, calendarError("notFound"), "notFound", true),
  (404, "", "notFound", true),
  (408, "", "requestTimeout", false),
  (418, "", "unexpectedStatus", true),
  (429, calendarError("rateLimitExceeded"), "rateLimitExceeded", false),
  (429, peopleError("RESOURCE_EXHAUSTED", ""), "RESOURCE_EXHAUSTED", false),
  (429, "", "rateLimitExceeded", false),
  (500, calendarError("backendError"), "backendError", false),
  (502, "<!DOCTYPE html><title>Error 502</title>", "backendError", false),
  (503, "", "backendError", false),
  (503, #"{"error":{"errors":[{"rea"#, "backendError", false),
  (504, calendarError("a reason; with\\nmore"), "backendError", false),
  (204, "", "unexpectedStatus", false),
  (302, "", "unexpectedStatus", false),
])
func `a refusal is judged by its reason first, then by its status`(
  status: Int, body: String, reason: String, permanent: Bool
) {
  let found = refusal(reply(status, body))
  #expect(found?.status == status)
  #expect(found?.reason == reason)
  #expect(found?.isPermanent == permanent)
}

@Test func `a rate reason is found among others`() {
  let body = """
    {"error":{"errors":[{"reason":"forbidden"},{"reason":"userRateLimitExceeded"}],"code":403}}
    """
  #expect(refusal(reply(403, body))?.reason == "userRateLimitExceeded")
}

@Test(arguments: [nil, "250 P"])
func `a dead cursor is told at the first page and between two`(continuation: String?) {
  var ask = ask
  ask.continuation = continuation
  #expect(
    google.read(reply(410, calendarError("fullSyncRequired")), to: ask)
      == .cursorExpired(reason: "fullSyncRequired"))
}

@Test(
  arguments: [
    ("calendar-events", "primary", nil, 410), ("calendar-events", "primary", "250 P", 410),
    ("calendar-list", "me", nil, 410), ("contact-groups", "me", nil, 410),
    ("records", "calendars/a/events", nil, 410), ("gmail-messages", "me", nil, 404),
    ("gmail-messages", "me", "1 500 history 2 P", 404),
  ] as [(String, String, String?, Int)])
func `what a proxy says kills no cursor`(
  kind: String, id: String, continuation: String?, status: Int
) {
  let ask = PageRequest(
    collection: Collection(kind: kind, id: id), mode: .changes(since: "7"),
    continuation: continuation, pageSize: 250)
  for body in ["", "<html>Gone</html>", "{}", #"{"error":"gone"}"#] {
    let found = refusal(reply(status, body), ask)
    #expect(found?.status == status)
    // Amid a poll it is asked again soon, before with the next regular poll.
    #expect(found?.isPermanent == (continuation == nil))
  }
}

@Test func `a token that is not accepted is told apart from what may not be asked`() {
  #expect(
    google.read(reply(401, calendarError("authError")), to: ask)
      == .unauthorized(reason: "authError"))
  #expect(google.read(reply(401, ""), to: ask) == .unauthorized(reason: "authError"))
}

@Test func `a page token that Google no longer takes does not stop the feed for good`() {
  var later = ask
  later.continuation = "250 P"
  let body = calendarError("badRequest", "Invalid page token value.")
  #expect(refusal(reply(400, body), later)?.isPermanent == false)
  #expect(refusal(reply(400, body), later)?.isOfPageToken == true)
  for other in ["Bad Request", "Sync token cannot be used with other request restrictions."] {
    #expect(refusal(reply(400, calendarError("invalid", other)), later)?.isOfPageToken == false)
  }
  #expect(refusal(reply(400, calendarError("failedPrecondition")))?.isPermanent == false)
  #expect(refusal(reply(400, body))?.isPermanent == true)
}

@Test(arguments: [
  ("7", Duration.seconds(7)), ("0", .zero), ("99999999999999999999", .seconds(86_400)),
  ("Mon, 23 Nov 2026 09:05:30 GMT", .seconds(30)), ("Mon, 23 Nov 2026 09:00:00 GMT", .zero),
  ("soon", nil), ("-5", nil), ("", nil),
])
func `Retry-After is read as seconds, or as a date against the reply's own`(
  value: String, expected: Duration?
) {
  let headers = [Header("date", "Mon, 23 Nov 2026 09:05:00 GMT"), Header("retry-after", value)]
  #expect(refusal(reply(429, "", headers))?.retryAfter == expected)
}

@Test(
  arguments: [
    (403, "quotaExceeded", [], .seconds(600)), (403, "dailyLimitExceeded", [], .seconds(600)),
    (429, "quotaExceeded", [Header("Retry-After", "7")], .seconds(600)),
    (429, "quotaExceeded", [Header("Retry-After", "900")], .seconds(900)),
    (403, "rateLimitExceeded", [], nil), (403, "userRateLimitExceeded", [], nil),
    (500, "backendError", [], nil),
  ] as [(Int, String, [Header], Duration?)])
func `a spent quota is given minutes to come back`(
  status: Int, reason: String, headers: [Header], expected: Duration?
) {
  #expect(refusal(reply(status, calendarError(reason), headers))?.retryAfter == expected)
}

@Test func `a date in Retry-After means nothing where the reply has none`() {
  let headers = [Header("Retry-After", "Mon, 23 Nov 2026 09:05:30 GMT")]
  #expect(refusal(reply(503, "", headers))?.retryAfter == nil)
}

@Test func `a message is repeated in one short line, without what could be a token`() {
  let secret = "ya29.a0AfH6SMBx1234567890abcdefghijkl-_mnop"
  let body = calendarError("forbidden", "Not\\n\\u001b[31m \(secret) allowed for Team.")
  let text = refusal(reply(403, body))?.text
  #expect(text == "Google answered 403 (forbidden): Not  [31m ya29.… allowed for Team.")
  for word in ["word ", "e\u{301}\u{302}", "日"] {
    let long = calendarError("forbidden", String(repeating: word, count: 1_000))
    #expect(refusal(reply(403, long))?.text.unicodeScalars.count == 234)
  }
}

@Test(arguments: [
  (400, "", "badRequest"), (403, "", "forbidden"), (403, #"{"error":{"errors":[{"#, "forbidden"),
  (404, "", "notFound"),
])
func `a refusal whose reason did not come whole is not for ever`(
  status: Int, body: String, reason: String
) {
  var cut = reply(status, body)
  cut.bodyFailure = .timedOut
  #expect(refusal(cut)?.isPermanent == false)
  #expect(refusal(cut)?.reason == reason)
  var whole = reply(status, calendarError("insufficientPermissions"))
  // The connection stayed open after all of it.
  whole.bodyFailure = .timedOut
  #expect(refusal(whole)?.isPermanent == true)
}

@Test func `a status that says enough counts although its body did not come whole`() {
  var unauthorized = reply(401, "")
  var slow = reply(429, "{", [Header("Retry-After", "120")])
  var expired = reply(410, "{\n  \"error\": {\n    \"err")
  var proxys = reply(410, "<html><p>Go")
  unauthorized.bodyFailure = .timedOut
  slow.bodyFailure = .reset
  expired.bodyFailure = .garbled
  proxys.bodyFailure = .garbled
  #expect(google.read(unauthorized, to: ask) == .unauthorized(reason: "authError"))
  #expect(refusal(slow)?.retryAfter == .seconds(120))
  #expect(google.read(expired, to: ask) == .cursorExpired(reason: "gone"))
  #expect(refusal(proxys)?.isPermanent == false)
}
