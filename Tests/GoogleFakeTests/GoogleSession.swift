import Domain
import Events
import GoogleFake
import TestSupport
import Testing

/// A Monday noon.
let noon = Moment(CalendarTime(year: 2026, month: 11, day: 23, hour: 12))

/// One user's client against a stand-in in memory.
struct GoogleSession {
  var google: FakeGoogle
  var now = noon
  var token = ""

  static let client = "client_id=sandbox-client&client_secret=sandbox-secret"
  static let back = "redirect_uri=http%3A%2F%2F127.0.0.1%2Fback"

  init(
    seed: UInt64 = 1, changesKept: Int = FakeLimits.changesKept, keepsVersions: Bool = false
  ) throws {
    google = FakeGoogle(seed: seed, changesKept: changesKept, keepsVersions: keepsVersions)
    let code = try code()
    let grant = try exchange(code)
    token = try #require(try Shown(grant.body)["access_token"]?.string)
  }

  mutating func send(
    _ method: String, _ path: String, _ body: String = "", headers: [Header] = []
  ) -> FakeAnswer {
    let bearer = Header("Authorization", "Bearer \(token)")
    let request = FakeRequest(method, path, headers: [bearer] + headers, body: Array(body.utf8))
    return google.answer(request, at: now)
  }

  /// A code that any client may exchange.
  mutating func code(scope: String? = nil) throws -> String {
    let code = google.makeCode(scope: scope, at: now)
    return try #require(code)
  }

  mutating func form(_ path: String, _ fields: String) -> FakeAnswer {
    google.answer(FakeRequest("POST", path, body: Array(fields.utf8)), at: now)
  }

  mutating func exchange(_ code: String, _ more: String = "") throws -> FakeAnswer {
    form(
      "/token",
      "grant_type=authorization_code&code=\(escaped(code))&\(GoogleSession.client)&"
        + GoogleSession.back + more)
  }

  /// The page of a list of the primary calendar, which has to succeed.
  mutating func list(_ query: String = "") throws -> Shown {
    let answer = send("GET", "/calendar/v3/calendars/primary/events?\(query)")
    try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    return try Shown(answer.body)
  }

  /// All items of a list and the sync token at its end.
  mutating func all(_ query: String = "") throws -> (items: [Shown], sync: String?) {
    var items: [Shown] = []
    var page = try list(query)
    items += page["items"]?.items ?? []
    while let next = page["nextPageToken"]?.string {
      page = try list("\(query)&pageToken=\(escaped(next))")
      items += page["items"]?.items ?? []
    }
    return (items, page["nextSyncToken"]?.string)
  }

  /// The reason in Google's error body.
  func reason(_ answer: FakeAnswer) throws -> String? {
    try Shown(answer.body)["error"]?["errors"]?[0]?["reason"]?.string
  }

  mutating func insert(_ fields: String) throws -> Shown {
    let answer = send("POST", "/calendar/v3/calendars/primary/events", "{\(fields)}")
    try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    return try Shown(answer.body)
  }
}

/// Text as it may stand in a query.
func escaped(_ text: String) -> String {
  text.utf8.map { byte in
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }.joined()
}
