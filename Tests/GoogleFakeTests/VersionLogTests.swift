import Domain
import Events
import GoogleFake
import TestSupport
import Testing

/// What the stand-in remembers of every object, and the faults that go by it.
@Suite struct VersionLogTests {
  static let events = "/calendar/v3/calendars/primary/events"
  static let groups = "/v1/contactGroups"
  static let mail = "/gmail/v1/users/me"

  private func primary(_ session: GoogleSession) throws -> VersionLog {
    try #require(session.google.calendars[FakeGoogle.firstUser]?.versions)
  }

  private func ids(_ page: Shown) -> [String] {
    (page["items"]?.items ?? []).compactMap { $0["id"]?.string }
  }

  @Test func `every version of an event is kept, with its etag and its time`() throws {
    var session = try GoogleSession(keepsVersions: true)
    let id = try #require(session.google.createEvent("Plan", at: noon) as String?)
    let first = try session.json("GET", "\(Self.events)/\(id)")["etag"]?.string ?? ""
    session.google.renameEvent(id, to: "Plans", at: noon + .seconds(60))
    let second = try session.json("GET", "\(Self.events)/\(id)")["etag"]?.string ?? ""
    session.google.cancelEvent(id, at: noon + .seconds(120))
    let last = try session.json("GET", "\(Self.events)/\(id)")["etag"]?.string ?? ""
    let log = try primary(session)
    let versions = log.versions[id] ?? []
    #expect(versions.map(\.change) == [1, 2, 3])
    #expect(versions.map(\.etag) == [first, second, last])
    #expect(versions.map(\.isDeleted) == [false, false, true])
    #expect(versions.map { $0.since - noon } == [.zero, .seconds(60), .seconds(120)])
    #expect(log.ids == [id] && log.living.isEmpty && log.deleted == [id])
  }

  @Test func `every version of a group and of a message is kept`() throws {
    var session = try GoogleSession(keepsVersions: true)
    let made = try session.json("POST", Self.groups, #"{"contactGroup":{"name":"Friends 2"}}"#)
    let group = String((made["resourceName"]?.string ?? "").dropFirst("contactGroups/".count))
    #expect(session.send("DELETE", "\(Self.groups)/\(group)").status == 200)
    let isRestored = (1...2).map { _ in session.google.restoreGroup(group, at: noon) }
    #expect(isRestored == [true, false])
    let shown = try session.json("GET", "\(Self.groups)/\(group)")
    let versions = session.google.contacts[FakeGoogle.firstUser]?.groupVersions.versions[group]
    #expect(versions?.map(\.isDeleted) == [false, true, false])
    #expect(versions?.first?.etag == made["etag"]?.string)
    #expect(versions?.last?.etag == shown["etag"]?.string)
    try session.google.generateMail(count: 1, title: "News", at: noon)
    let list = try session.json("GET", "\(Self.mail)/messages")
    let id = list["messages"]?[0]?["id"]?.string ?? ""
    _ = session.send("POST", "\(Self.mail)/messages/\(id)/trash", "{}")
    let message = try session.json("GET", "\(Self.mail)/messages/\(id)?format=minimal")
    _ = session.send("DELETE", "\(Self.mail)/messages/\(id)")
    let log = session.google.mailboxes[FakeGoogle.firstUser]?.versions.versions[id] ?? []
    #expect(
      log.map(\.labels) == [["INBOX", "UNREAD"], ["INBOX", "UNREAD", "TRASH"], []])
    #expect(log.map(\.isDeleted) == [false, false, true])
    #expect(log[1].etag == message["historyId"]?.string)
  }

  @Test func `where no versions are kept, there are none`() throws {
    var session = try GoogleSession()
    session.google.createEvent("Plan", at: noon)
    #expect(try primary(session).versions.isEmpty)
  }

  @Test func `who sends a cursor back knows what there was by then, dead or not`() throws {
    var session = try GoogleSession(keepsVersions: true)
    session.google.generate(count: 3, title: "Known", in: FakeGoogle.firstUser, at: noon)
    let known = try primary(session).ids
    let sync = escaped(try #require(try session.all().sync))
    let new = try #require(session.google.createEvent("New", at: noon) as String?)
    session.google.renameEvent(known[1], to: "Changed", at: noon)
    #expect(try primary(session).followed == nil)
    session.google.expireCalendarTokens()
    #expect(session.send("GET", "\(Self.events)?syncToken=\(sync)").status == 410)
    let log = try primary(session)
    #expect(log.followed == 3)
    #expect((known + [new]).map(log.isKnown) == [true, true, true, false])
    #expect((known + [new]).map(log.isNews) == [false, true, false, true])
    // One that was gone for a while may be unknown to who did not ask meanwhile.
    session.google.cancelEvent(known[0], at: noon)
    let body = #"{"status":"confirmed"}"#
    #expect(session.send("PATCH", "\(Self.events)/\(known[0])", body).status == 200)
    #expect(try !primary(session).isKnown(known[0]))
  }

  @Test func `a fault can hide no more than somebody can tell is missing`() throws {
    var session = try GoogleSession(keepsVersions: true)
    session.google.generate(count: 3, title: "Known", in: FakeGoogle.firstUser, at: noon)
    let known = try primary(session).ids
    let sync = escaped(try #require(try session.all().sync))
    _ = try session.list("syncToken=\(sync)")
    let new = try #require(session.google.createEvent("New", at: noon) as String?)
    let all = known + [new]
    func listed(_ fault: FakeFault, sparesUnknown: Bool = true) throws -> [String] {
      session.google.faults.add(
        .init(fault, without: "syncToken", sparesUnknown: sparesUnknown))
      _ = try session.list("syncToken=\(sync)")
      #expect(session.google.faults.queue.count == 1, "it is for full lists alone")
      return try ids(session.list("maxResults=4"))
    }
    #expect(try listed(.omit(id: new)) == all)
    #expect(try listed(.omit(id: new), sparesUnknown: false) == known)
    #expect(try listed(.omit(id: known[1])) == [known[0], known[2], new])
    #expect(try listed(.skip(items: 4)) == [new])
    #expect(try (0...5).map { try listed(.miss(pick: $0)).count } == [3, 3, 3, 3, 3, 3])
    #expect(try Set((0...5).map { try listed(.miss(pick: $0)) }).count == 3)
    session.google.renameEvent(known[2], to: "Changed", at: noon)
    #expect(try listed(.miss(pick: 0)) == [known[0], known[1], new])
    session.google.faults.add(.init(.end, sparesUnknown: true))
    #expect(try ids(session.list("maxResults=1")) == [known[0], new])
    #expect(try listed(.double(pick: 1)) == all + [known[1]])
  }

  @Test func `a fault can come with the request that it is for`() throws {
    var session = try GoogleSession()
    session.google.faults.add(.init(.html(status: 502)))
    let bearer = Header("Authorization", "Bearer \(session.token)")
    let request = FakeRequest("GET", Self.events, headers: [bearer])
    let own = FakeFaults.Order(.empty(status: 503))
    #expect(session.google.answer(request, at: noon, with: own).status == 503)
    #expect(session.google.answer(request, at: noon).status == 502)
    let other = FakeFaults.Order(.empty(status: 503), path: "/v1/")
    #expect(session.google.answer(request, at: noon, with: other).status == 200)
  }
}
