import Domain
import Events
import GoogleFake
import TestSupport
import Testing

@Suite struct FakeCalendarTests {
  static let events = "/calendar/v3/calendars/primary/events"

  @Test func `an etag is twice the microseconds of its update and created has whole seconds`()
    throws
  {
    var session = try GoogleSession()
    session.now = noon + .milliseconds(123)
    let event = try session.insert("\"summary\":\"Planning\",\(morning)")
    #expect(event["created"]?.string == "2026-11-23T12:00:00.000Z")
    #expect(event["updated"]?.string == "2026-11-23T12:00:00.123Z")
    #expect(event["etag"]?.string == "\"\(session.now.milliseconds * 2_000)\"")
    let second = try session.insert("\"summary\":\"Next\",\(morning)")
    #expect(second["etag"]?.string == "\"\(session.now.milliseconds * 2_000 + 2)\"")
    #expect(event["id"]?.string?.count == 26)
    #expect(
      event["id"]?.string?.allSatisfy { "0123456789abcdefghijklmnopqrstuv".contains($0) } == true)
  }

  @Test func `the same seed gives the same bytes`() throws {
    var one = try GoogleSession(seed: 7)
    var two = try GoogleSession(seed: 7)
    one.google.generate(count: 3, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    two.google.generate(count: 3, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    #expect(one.send("GET", Self.events) == two.send("GET", Self.events))
  }

  @Test(arguments: [
    ("maxResults=0", 400, "invalid"), ("syncToken=never", 400, "invalid"),
    ("pageToken=never", 400, "invalid"), ("orderBy=startTime", 400, "badRequest"),
    ("timeMin=2026-01-02T00:00:00Z&timeMax=2026-01-01T00:00:00Z", 400, "timeRangeEmpty"),
    ("timeMin=2026-01-02", 400, "invalid"), ("showDeleted=perhaps", 400, "invalid"),
    ("updatedMin=2026-10-01T00:00:00Z", 410, "updatedMinTooLongAgo"),
  ])
  func `a list that Google refuses is refused`(
    query: String, status: Int, reason: String
  ) throws {
    var session = try GoogleSession()
    let answer = session.send("GET", "\(Self.events)?\(query)")
    #expect(answer.status == status)
    #expect(try session.reason(answer) == reason)
  }

  @Test(arguments: [
    "orderBy=updated", "q=x", "timeMin=2026-01-01T00:00:00Z", "timeMax=2026-01-01T00:00:00Z",
    "updatedMin=2026-11-20T00:00:00Z", "iCalUID=x", "showDeleted=false",
    "privateExtendedProperty=a%3Db", "sharedExtendedProperty=a%3Db",
  ])
  func `a sync token goes with no other restriction`(query: String) throws {
    var session = try GoogleSession()
    let sync = try #require(try session.all().sync)
    let answer = session.send("GET", "\(Self.events)?syncToken=\(escaped(sync))&\(query)")
    #expect(answer.status == 400)
    #expect(String(decoding: answer.body, as: UTF8.self).contains("Sync token cannot be used with"))
  }

  @Test func `a page token goes with exactly the query of the first page`() throws {
    var session = try GoogleSession()
    session.google.generate(count: 5, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    let first = try session.list("maxResults=2&showDeleted=true")
    let token = escaped(try #require(first["nextPageToken"]?.string))
    #expect(first["nextSyncToken"] == nil)
    let other = session.send("GET", "\(Self.events)?maxResults=2&pageToken=\(token)")
    #expect(other.status == 400)
    let same = try session.list("pageToken=\(token)&showDeleted=true&maxResults=2")
    #expect(same["items"]?.items.count == 2)
  }

  @Test func `a deleted event is a stub in a sync and whole where deleted ones were asked for`()
    throws
  {
    var session = try GoogleSession()
    let id = try #require(try session.insert("\"summary\":\"Short\",\(morning)")["id"]?.string)
    let sync = escaped(try #require(try session.all().sync))
    #expect(session.send("DELETE", "\(Self.events)/\(id)").status == 204)
    #expect(session.send("DELETE", "\(Self.events)/\(id)").status == 410)
    let stub = try #require(try session.all("syncToken=\(sync)").items.first)
    #expect(stub.keys == ["kind", "etag", "id", "status"])
    #expect(try session.all().items.isEmpty)
    #expect(try session.all("showDeleted=true").items.first?["summary"]?.string == "Short")
    #expect(session.send("GET", "\(Self.events)/\(id)").status == 200)
    #expect(session.send("GET", "\(Self.events)/never00").status == 404)
  }

  @Test func `changed reminders give another etag and leave the update's time`() throws {
    var session = try GoogleSession()
    let event = try session.insert("\"summary\":\"Quiet\",\(morning)")
    let id = try #require(event["id"]?.string)
    session.now = noon + .seconds(60)
    let answer = session.send(
      "PATCH", "\(Self.events)/\(id)", #"{"reminders":{"useDefault":false}}"#)
    let after = try Shown(answer.body)
    #expect(after["updated"] == event["updated"])
    #expect(after["etag"] != event["etag"])
  }

  @Test func `an occurrence can be moved, cancelled and goes with its series`() throws {
    var session = try GoogleSession()
    let series = try session.insert(
      "\"summary\":\"Weekly\",\(morning),\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=3\"]")
    let id = try #require(series["id"]?.string)
    let sync = escaped(try #require(try session.all().sync))
    let second = "\(id)_20261214T090000Z"
    let moved = session.send("PATCH", "\(Self.events)/\(second)", #"{"summary":"Later"}"#)
    #expect(try Shown(moved.body)["recurringEventId"]?.string == id)
    #expect(session.send("DELETE", "\(Self.events)/\(id)_20261221T090000Z").status == 204)
    #expect(session.send("DELETE", "\(Self.events)/\(id)_20261222T090000Z").status == 404)
    let changes = try session.all("syncToken=\(sync)")
    #expect(changes.items.compactMap { $0["id"]?.string }.map { $0.count } == [43, 43])
    #expect(changes.items.last?["status"]?.string == "cancelled")
    #expect(changes.items.last?["originalStartTime"]?["dateTime"]?.string == "2026-12-21T09:00:00Z")
    #expect(try session.all().items.count == 3)
    #expect(try session.all("singleEvents=true").items.count == 2)
    #expect(try session.all("singleEvents=true&showDeleted=true").items.count == 3)
    #expect(session.send("DELETE", "\(Self.events)/\(id)").status == 204)
    #expect(try session.all().items.isEmpty)
    let gone = try session.all("syncToken=\(escaped(try #require(changes.sync)))").items
    #expect(Set(gone.compactMap { $0["id"]?.string }) == [id, second])
  }

  @Test(arguments: [
    ("FREQ=DAILY;COUNT=3", ["07", "08", "09"]),
    ("FREQ=DAILY;INTERVAL=2;UNTIL=20261211T090000Z", ["07", "09", "11"]),
    ("FREQ=WEEKLY;COUNT=2", ["07", "14"]),
    ("FREQ=WEEKLY;BYDAY=WE,MO;COUNT=4", ["07", "09", "14", "16"]),
    ("FREQ=MONTHLY;COUNT=5", ["07"]),
  ])
  func `a rule yields its days`(rule: String, days: [String]) throws {
    var session = try GoogleSession()
    _ = try session.insert("\(morning),\"recurrence\":[\"RRULE:\(rule)\"]")
    let starts = try session.all("singleEvents=true&orderBy=startTime").items
      .compactMap { $0["start"]?["dateTime"]?.string?.prefix(10).suffix(2) }
    #expect(starts.map(String.init) == days)
  }

  @Test func `tokens that reach back further than the log are answered with 410`() throws {
    var session = try GoogleSession(changesKept: 10)
    let sync = escaped(try #require(try session.all().sync))
    session.google.generate(count: 10, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    #expect(try session.all("syncToken=\(sync)").items.count == 10)
    session.google.generate(count: 1, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    let answer = session.send("GET", "\(Self.events)?syncToken=\(sync)")
    #expect(answer.status == 410)
    #expect(try session.reason(answer) == "fullSyncRequired")
  }

  @Test func `a token from another life of the sandbox is answered with 410`() throws {
    var former = try GoogleSession()
    former.google.createEvent("Before", at: noon)
    let sync = escaped(try #require(try former.all().sync))
    var session = try GoogleSession()
    session.now = noon + .seconds(60)
    session.google.generate(count: 5, title: "After", in: FakeGoogle.firstUser, at: session.now)
    #expect(session.send("GET", "\(Self.events)?syncToken=\(sync)").status == 410)
  }

  @Test func `a moved event leaves only its id behind`() throws {
    var session = try GoogleSession()
    let other = "plans@group.calendar.google.com"
    session.google.addCalendar(other, face: .init(summary: "Plans", owner: FakeGoogle.firstUser))
    let id = try #require(try session.insert("\"summary\":\"Moving\",\(morning)")["id"]?.string)
    let sync = escaped(try #require(try session.all().sync))
    let path = "\(Self.events)/\(id)/move?destination=\(escaped(other))"
    #expect(session.send("POST", path).status == 200)
    let items = try session.all("syncToken=\(sync)").items
    #expect(items == [.object(["id": .text(id), "status": .text("cancelled")])])
    let there = session.send("GET", "/calendar/v3/calendars/\(escaped(other))/events/\(id)")
    #expect(try Shown(there.body)["summary"]?.string == "Moving")
  }

  @Test func `a calendar that joins or leaves shows in the next sync of the list`() throws {
    var session = try GoogleSession()
    let path = "/calendar/v3/users/me/calendarList"
    let list = try Shown(session.send("GET", path).body)
    let sync = escaped(try #require(list["nextSyncToken"]?.string))
    session.google.addCalendar(
      "new@example.com", face: .init(summary: "New", owner: FakeGoogle.firstUser))
    session.google.removeCalendar(FakeGoogle.holidays)
    let changes = try Shown(session.send("GET", "\(path)?syncToken=\(sync)").body)
    #expect(changes["items"]?.items.map { $0["deleted"] } == [.flag(true), nil])
    let gone = session.send(
      "GET", "/calendar/v3/calendars/\(escaped(FakeGoogle.holidays))/events")
    #expect(gone.status == 404)
  }
}
