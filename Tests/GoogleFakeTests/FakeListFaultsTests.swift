import Domain
import Events
import GoogleFake
import TestSupport
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
}
