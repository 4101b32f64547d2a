import Domain
import Events
import GoogleFake
import TestSupport
import Testing

@Suite struct FakeCalendarListTests {
  static let path = "/calendar/v3/users/me/calendarList"
  static let plans = "plans@group.calendar.google.com"

  private func ids(_ list: Shown) -> [String] {
    (list["items"]?.items ?? []).compactMap { $0["id"]?.string }
  }

  @Test func `calendars that join and leave are in the next sync`() throws {
    var session = try GoogleSession()
    let list = try session.json("GET", Self.path)
    #expect(ids(list) == [FakeGoogle.firstUser, FakeGoogle.holidays])
    #expect(list["items"]?[0]?["primary"] == .flag(true))
    let sync = escaped(try #require(list["nextSyncToken"]?.string))
    let face = FakeCalendar.Face(summary: "Plans", owner: FakeGoogle.firstUser)
    session.google.addCalendar(Self.plans, face: face)
    let holidays = "\(Self.path)/\(escaped(FakeGoogle.holidays))"
    #expect(session.send("DELETE", holidays).status == 204)
    #expect(session.send("GET", holidays).status == 404)
    let events = "/calendar/v3/calendars/\(escaped(FakeGoogle.holidays))/events"
    #expect(session.send("GET", events).status == 404)
    let changes = try session.json("GET", "\(Self.path)?syncToken=\(sync)")
    #expect(ids(changes) == [FakeGoogle.holidays, Self.plans])
    #expect(changes["items"]?[0]?["deleted"] == .flag(true))
    let body = "{\"id\":\"\(FakeGoogle.holidays)\",\"hidden\":true}"
    _ = try session.json("POST", Self.path, body)
    #expect(session.send("GET", events).status == 200)
    #expect(try ids(session.json("GET", Self.path)).count == 2)
    #expect(try ids(session.json("GET", "\(Self.path)?showHidden=true")).count == 3)
  }

  @Test func `another user's calendar may be read, not written`() throws {
    var session = try GoogleSession()
    session.google.addUser("office@example.com", name: "Office")
    let events = "/calendar/v3/calendars/office%40example.com/events"
    #expect(session.send("GET", events).status == 404)
    let entry = try session.json("POST", Self.path, "{\"id\":\"office@example.com\"}")
    #expect(entry["primary"] == nil)
    #expect(entry["accessRole"]?.string == "reader")
    #expect(session.send("GET", events).status == 200)
    #expect(session.send("POST", events, "{\(morning)}").status == 403)
    let writers = try session.json("GET", "\(Self.path)?minAccessRole=writer")
    #expect(ids(writers) == [FakeGoogle.firstUser])
  }

  @Test func `a calendar is made, renamed and removed by its owner`() throws {
    var session = try GoogleSession()
    let sync = escaped(try #require(try session.json("GET", Self.path)["nextSyncToken"]?.string))
    let made = try session.json("POST", "/calendar/v3/calendars", "{\"summary\":\"Plans\"}")
    let id = try #require(made["id"]?.string)
    let path = "/calendar/v3/calendars/\(escaped(id))"
    #expect(try session.json("PATCH", path, "{\"summary\":\"Old\"}")["summary"]?.string == "Old")
    let changed = try session.json("GET", "\(Self.path)?syncToken=\(sync)")
    #expect(changed["items"]?[0]?["summary"]?.string == "Old")
    #expect(session.send("DELETE", path).status == 204)
    let gone = try session.json("GET", "\(Self.path)?syncToken=\(sync)")
    #expect(gone["items"]?[0]?["deleted"] == .flag(true))
    #expect(session.send("DELETE", "/calendar/v3/calendars/primary").status == 403)
  }

  @Test func `a list is read in pages whose cursor can die between them`() throws {
    var session = try GoogleSession()
    let sync = escaped(try #require(try session.json("GET", Self.path)["nextSyncToken"]?.string))
    for number in 1...3 {
      let face = FakeCalendar.Face(summary: "Plans", owner: FakeGoogle.firstUser)
      session.google.addCalendar("\(number)\(Self.plans)", face: face)
    }
    let query = "\(Self.path)?maxResults=2&syncToken=\(sync)"
    let first = try session.json("GET", query)
    let token = escaped(try #require(first["nextPageToken"]?.string))
    #expect(try ids(session.json("GET", "\(query)&pageToken=\(token)")) == ["3\(Self.plans)"])
    session.google.expireCalendarTokens()
    let dead = session.send("GET", "\(query)&pageToken=\(token)")
    #expect(dead.status == 410)
    #expect(try session.reason(dead) == "fullSyncRequired")
  }

  @Test func `an event with more attendees than asked for shows only the user`() throws {
    var session = try GoogleSession()
    let guests = "[{\"email\":\"a@example.com\"},{\"email\":\"team@example.com\"}]"
    _ = try session.insert("\(morning),\"attendees\":\(guests)")
    let event = try session.list("maxAttendees=1")["items"]?[0]
    #expect(event?["attendeesOmitted"] == .flag(true))
    #expect(event?["attendees"]?.items.count == 1)
    #expect(event?["attendees"]?[0]?["email"]?.string == "team@example.com")
    #expect(try session.list("maxAttendees=2")["items"]?[0]?["attendees"]?.items.count == 2)
  }
}
