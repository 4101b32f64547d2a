import Domain
import Events
import GoogleFake
import TestSupport
import Testing

@Suite struct FakeFaultsTests {
  static let events = "/calendar/v3/calendars/primary/events"

  @Test func `a fault hits as many requests as it was made for, and only those it is for`() throws {
    var session = try GoogleSession()
    let fault = FakeFault.refuse(status: 403, reason: "rateLimitExceeded", retryAfter: "7")
    session.google.faults.add(.init(fault, times: 2, path: "/calendar/v3/calendars/"))
    #expect(session.send("GET", "/calendar/v3/users/me/calendarList").status == 200)
    let first = session.send("GET", Self.events)
    #expect(first.status == 403)
    #expect(try session.reason(first) == "rateLimitExceeded")
    #expect(first.headers.contains(Header("Retry-After", "7")))
    #expect(session.send("GET", Self.events).status == 403)
    #expect(session.send("GET", Self.events).status == 200)
  }

  @Test func `a cursor can die between two pages`() throws {
    var session = try GoogleSession()
    let sync = escaped(try #require(try session.all().sync))
    session.google.generate(count: 4, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    let query = "maxResults=2&syncToken=\(sync)"
    let token = escaped(try #require(try session.list(query)["nextPageToken"]?.string))
    session.google.expireSyncTokens()
    let answer = session.send("GET", "\(Self.events)?\(query)&pageToken=\(token)")
    #expect(answer.status == 410)
    #expect(try session.reason(answer) == "fullSyncRequired")
  }

  @Test func `a page may be short or empty although more follow`() throws {
    var session = try GoogleSession()
    session.google.generate(count: 5, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    session.google.faults.add(.init(.short(items: 0)))
    session.google.faults.add(.init(.short(items: 1)))
    let first = try session.list()
    #expect(first["items"]?.items.isEmpty == true)
    let second = try session.list("pageToken=\(escaped(first["nextPageToken"]?.string ?? ""))")
    #expect(second["items"]?.items.count == 1)
    let third = try session.list("pageToken=\(escaped(second["nextPageToken"]?.string ?? ""))")
    #expect(third["items"]?.items.count == 4)
    #expect(third["nextSyncToken"] != nil)
  }

  @Test func `a list can miss an object once`() throws {
    var session = try GoogleSession()
    let id = try #require(session.google.createEvent("Missed", at: noon) as String?)
    session.google.faults.add(.init(.omit(id: id)))
    #expect(try session.list()["items"]?.items.count == 0)
    #expect(session.send("GET", "\(Self.events)/\(id)").status == 200)
    #expect(try session.list()["items"]?.items.count == 1)
  }

  @Test func `what was reset afterwards has happened, what was reset before has not`() throws {
    var session = try GoogleSession()
    session.google.faults.add(.init(.resetBefore, method: "POST"))
    let event = "{\"summary\":\"Once\",\(morning)}"
    #expect(session.send("POST", Self.events, event).manner == .reset)
    #expect(try session.all().items.isEmpty)
    session.google.faults.add(.init(.resetAfter, method: "POST"))
    #expect(session.send("POST", Self.events, event).manner == .reset)
    #expect(try session.all().items.count == 1)
  }

  @Test func `a spoilt answer is the right one spoilt`() throws {
    var session = try GoogleSession()
    let right = session.send("GET", Self.events)
    session.google.faults.add(.init(.truncated))
    #expect(session.send("GET", Self.events).body == Array(right.body.prefix(right.body.count / 2)))
    session.google.faults.add(.init(.wrongGzip))
    let wrong = session.send("GET", Self.events)
    #expect(wrong.body == right.body)
    #expect(wrong.headers.contains(Header("Content-Encoding", "gzip")))
    session.google.faults.add(.init(.huge(bytes: 1_000)))
    #expect(session.send("GET", Self.events).body.count == right.body.count + 1_000)
    session.google.faults.add(.init(.html(status: 502)))
    #expect(
      String(decoding: session.send("GET", Self.events).body, as: UTF8.self).hasPrefix("<!DOC"))
  }

  @Test func `chance strikes alike after the same seed`() throws {
    var strikes: [[Bool]] = []
    for _ in 0..<2 {
      var session = try GoogleSession(seed: 3)
      session.google.faults.chances = [.init(300, .init(.html(status: 502)))]
      strikes.append((0..<100).map { _ in session.send("GET", Self.events).status == 502 })
    }
    #expect(strikes[0] == strikes[1])
    #expect((15...45).contains(strikes[0].count { $0 }))
  }

  @Test func `a refused refresh speaks as the token endpoint does`() throws {
    var session = try GoogleSession()
    let fault = FakeFault.refuse(status: 400, reason: "invalid_grant", retryAfter: nil)
    session.google.faults.add(.init(fault, path: "/token"))
    let answer = session.form("/token", "")
    #expect(try Shown(answer.body)["error"]?.string == "invalid_grant")
  }
}
