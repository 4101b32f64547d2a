import Domain
import Events
import Sandbox
import Testing

/// Faults that strike lists and objects of all three APIs.
@Suite struct FakeListFaultsTests {
  static let groups = "/v1/contactGroups"
  static let messages = "/gmail/v1/users/me/messages"

  /// The ids on the pages of a list, page by page.
  private func pages(
    _ session: inout GoogleSession, _ path: String, _ list: String, _ key: String
  ) throws -> [[String]] {
    var pages: [[String]] = []
    var token = ""
    repeat {
      let page = try session.json("GET", path + token)
      pages.append((page[list]?.items ?? []).compactMap { $0[key]?.string })
      token = page["nextPageToken"]?.string.map { "&pageToken=\(escaped($0))" } ?? ""
    } while !token.isEmpty
    return pages
  }

  @Test func `a list can change while it is read, in any of the APIs`() throws {
    var session = try GoogleSession()
    try session.google.generateMail(count: 4, title: "News", at: noon)
    session.google.generate(count: 4, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    let lists = [
      ("\(Self.groups)?pageSize=2", "contactGroups", "resourceName"),
      ("\(Self.messages)?maxResults=2", "messages", "id"),
      ("/calendar/v3/calendars/primary/events?maxResults=2", "items", "id"),
    ]
    for (path, list, key) in lists {
      let whole = try pages(&session, path, list, key).flatMap(\.self)
      session.google.faults.add(.init(.skip(items: 1), parameter: "pageToken"))
      let missed = try pages(&session, path, list, key)
      #expect(missed.flatMap(\.self) == whole.filter { $0 != whole[2] })
      session.google.faults.add(.init(.again(items: 1)))
      let repeated = try pages(&session, path, list, key)
      #expect(repeated[1].first == repeated[0].last)
      #expect(Set(repeated.flatMap(\.self)) == Set(whole))
      session.google.faults.add(.init(.end))
      #expect(try pages(&session, path, list, key).flatMap(\.self) == Array(whole.prefix(2)))
      session.google.faults.add(.init(.short(items: 0)))
      let empty = try pages(&session, path, list, key)
      #expect(empty[0].isEmpty && empty.flatMap(\.self) == whole)
    }
  }

  @Test func `an object can vanish before it is read`() throws {
    var session = try GoogleSession()
    try session.google.generateMail(count: 1, title: "News", at: noon)
    let id = try pages(&session, "\(Self.messages)?", "messages", "id")[0][0]
    let start = try session.json("GET", "/gmail/v1/users/me/profile")["historyId"]?.string ?? ""
    session.google.faults.add(.init(.vanish, path: "/gmail/"))
    #expect(session.send("GET", Self.messages).status == 200)
    #expect(session.send("GET", "\(Self.messages)/\(id)?format=metadata").status == 404)
    let history = try session.json("GET", "/gmail/v1/users/me/history?startHistoryId=\(start)")
    #expect(history["history"]?[0]?["messagesDeleted"]?.items.count == 1)
    let event = try #require(session.google.createEvent("Gone", at: noon) as String?)
    session.google.faults.add(.init(.vanish))
    let path = "/calendar/v3/calendars/primary/events/\(event)"
    #expect(try session.json("GET", path)["status"]?.string == "cancelled")
    let person = try session.json("POST", "/v1/people:createContact", "{}")
    session.google.faults.add(.init(.vanish))
    let name = person["resourceName"]?.string ?? ""
    #expect(session.send("GET", "/v1/\(name)?personFields=names").status == 404)
  }

  @Test func `a fault can be kept to one API, in its own words`() throws {
    var session = try GoogleSession()
    let fault = FakeFault.refuse(
      status: 429, reason: nil, retryAfter: .date(after: .seconds(120)), message: "Too fast")
    session.google.faults.chances = [.init(1_000, .init(fault, path: "/v1/"))]
    #expect(session.send("GET", Self.messages).status == 200)
    #expect(session.send("GET", "/calendar/v3/users/me/calendarList").status == 200)
    let refused = session.send("GET", Self.groups)
    #expect(refused.status == 429)
    #expect(try session.word(refused) == "RATE_LIMIT_EXCEEDED")
    #expect(try Shown(refused.body)["error"]?["message"]?.string == "Too fast")
    let date = Header("Retry-After", "Mon, 23 Nov 2026 12:02:00 GMT")
    #expect(refused.headers.contains(date))
  }

  @Test(arguments: [
    ("/v1/contactGroups", 400, "EXPIRED_SYNC_TOKEN", "EXPIRED_SYNC_TOKEN"),
    ("/v1/contactGroups", 403, "accessNotConfigured", "SERVICE_DISABLED"),
    ("/v1/contactGroups", 403, "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"),
    ("/gmail/v1/users/me/history", 404, "notFound", "NOT_FOUND"),
    ("/gmail/v1/users/me/history", 403, "insufficientPermissions", "PERMISSION_DENIED"),
    ("/gmail/v1/users/me/history", 403, "dailyLimitExceeded", "RESOURCE_EXHAUSTED"),
    ("/gmail/v1/users/me/history", 503, "backendError", "UNAVAILABLE"),
  ])
  func `a refusal made to order speaks as its API does`(
    path: String, status: Int, reason: String, word: String
  ) throws {
    var world = SandboxWorld()
    let order = "{\"kind\":\"status\",\"status\":\(status),\"reason\":\"\(reason)\"}"
    let made = FakeRequest("POST", "/sandbox/faults", body: Array(order.utf8))
    #expect(world.answer(made, at: noon).status == 200)
    let answer = world.answer(FakeRequest("GET", path), at: noon)
    #expect(answer.status == status)
    #expect(try GoogleSession().word(answer) == word)
  }

  @Test func `the control shows which requests a fault is for`() throws {
    var world = SandboxWorld()
    let body = """
      {"faults":[{"kind":"vanish","path":"/gmail/","method":"GET"},
      {"kind":"skip","items":2,"permille":10,"path":"/v1/","parameter":"pageToken"},
      {"kind":"status","status":429,"retryAfterDate":60}]}
      """
    let made = world.answer(
      FakeRequest("POST", "/sandbox/faults", body: Array(body.utf8)), at: noon)
    let shown = try Shown(made.body)
    #expect(shown["queue"]?[0]?["method"]?.string == "GET")
    #expect(shown["chances"]?[0]?["parameter"]?.string == "pageToken")
    #expect(shown["chances"]?[0]?["path"]?.string == "/v1/")
  }
}
