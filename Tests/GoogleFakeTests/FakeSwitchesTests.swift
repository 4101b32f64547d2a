import Domain
import Events
import GoogleFake
import TestSupport
import Testing

/// What Google does now so and now so.
@Suite struct FakeSwitchesTests {
  static let events = "/calendar/v3/calendars/primary/events"

  @Test func `pages hold as few items as they like, and nothing is lost`() throws {
    var session = try GoogleSession()
    session.google.generate(count: 30, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    let whole = try session.all()
    session.google.switches.pageItemsMax = 3
    var sizes: [Int] = []
    var found: [Shown] = []
    var token: String?
    repeat {
      let page = try session.list(token.map { "pageToken=\(escaped($0))" } ?? "")
      let items = page["items"]?.items ?? []
      sizes.append(items.count)
      found += items
      token = page["nextPageToken"]?.string
    } while token != nil && sizes.count < 200
    #expect(found == whole.items)
    #expect(Set(sizes) == [0, 1, 2, 3])
  }

  @Test func `a deleted event shows its id and status alone, an occurrence also its series`() throws
  {
    var session = try GoogleSession()
    let sync = escaped(try #require(try session.all().sync))
    let id = try #require(session.google.createEvent("Gone", at: noon) as String?)
    session.google.cancelEvent(id, at: noon)
    let rule = #""recurrence":["RRULE:FREQ=DAILY;COUNT=3"],"#
    let series = try session.insert(rule + morning)["id"]?.string ?? ""
    let instances = try session.json("GET", "\(Self.events)/\(series)/instances")
    let occurrence = instances["items"]?[1]?["id"]?.string ?? ""
    #expect(session.send("DELETE", "\(Self.events)/\(occurrence)").status == 204)
    session.google.switches.showsBareStubs = true
    let items = try session.list("syncToken=\(sync)")["items"]?.items ?? []
    let stub = try #require(items.first { $0["id"]?.string == id })
    #expect(stub["status"]?.string == "cancelled" && stub["etag"] == nil && stub["kind"] == nil)
    let other = try #require(items.first { $0["id"]?.string == occurrence })
    #expect(other["recurringEventId"]?.string == series && other["etag"] != nil)
  }

  @Test func `a deleted event can be forgotten when it is asked for`() throws {
    var session = try GoogleSession()
    let id = try #require(session.google.createEvent("Gone", at: noon) as String?)
    session.google.cancelEvent(id, at: noon)
    #expect(session.send("GET", "\(Self.events)/\(id)").status == 200)
    session.google.switches.forgetsCancelled = true
    #expect(session.send("GET", "\(Self.events)/\(id)").status == 404)
  }

  @Test func `a refresh can bring a new refresh token, and the former stays good`() throws {
    var session = try GoogleSession()
    session.google.authorization.rotatesRefreshTokens = true
    let first = try #require(
      try Shown(session.exchange(session.code()).body)["refresh_token"]?.string)
    let form = "grant_type=refresh_token&\(GoogleSession.client)&refresh_token="
    let answer = try Shown(session.form("/token", form + escaped(first)).body)
    let second = try #require(answer["refresh_token"]?.string)
    #expect(second != first)
    for token in [first, second] {
      #expect(session.form("/token", form + escaped(token)).status == 200)
    }
  }

  @Test func `a public calendar is read by whoever knows its id, and stands in no list`() throws {
    var session = try GoogleSession()
    session.google.addUser("office@example.com", name: "Office")
    let face = FakeCalendar.Face(
      summary: "Open", owner: "office@example.com", isPublic: true)
    let isAdded = session.google.addCalendar("open", face: face, at: noon)
    #expect(isAdded)
    #expect(session.send("GET", "/calendar/v3/calendars/open/events").status == 200)
    #expect(
      session.send("POST", "/calendar/v3/calendars/open/events", "{\(morning)}").status == 403)
    let list = try session.json("GET", "/calendar/v3/users/me/calendarList")
    #expect(list["items"]?.items.contains { $0["id"]?.string == "open" } == false)
  }
}
