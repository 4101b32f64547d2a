import Domain
import Events
import GoogleFake
import TestSupport
import Testing

@Suite struct SyncLineageTests {
  /// What a client knows: ids with etags, cancelled ones left out.
  private static func apply(_ items: [Shown], to known: inout [String: String]) {
    for item in items {
      guard let id = item["id"]?.string else { continue }
      let isGone = item["status"]?.string == "cancelled"
      known[id] = isGone ? nil : item["etag"]?.string
    }
  }

  /// One change somewhere: a new event, another title, a deletion, an occurrence.
  private static func stir(
    _ session: inout GoogleSession, _ random: inout FakeRandom, _ ids: inout [String]
  ) throws {
    session.now = session.now + .milliseconds(Int64(random.next() % 3))
    let pick = ids.isEmpty ? "" : ids[Int(random.next() % UInt64(ids.count))]
    switch random.next() % 8 {
    case 0, 1: ids.append(session.google.createEvent("Meeting", at: session.now) ?? "")
    case 2:
      let rule = "\"recurrence\":[\"RRULE:FREQ=WEEKLY;COUNT=4\"]"
      ids.append(try session.insert("\(morning),\(rule)")["id"]?.string ?? "")
    case 3: session.google.cancelEvent(pick, at: session.now)
    case 4: session.google.cancelEvent("\(pick)_20261214T090000Z", at: session.now)
    case 5: session.google.renameEvent("\(pick)_20261221T090000Z", to: "Other", at: session.now)
    default: session.google.renameEvent(pick, to: "Title \(random.next() % 9)", at: session.now)
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `following sync tokens leads to the calendar's state, whatever changes between pages`(
    seed: UInt64
  ) throws {
    var random = FakeRandom(seed: seed)
    var session = try GoogleSession(seed: seed)
    var ids: [String] = []
    for _ in 0..<20 { try Self.stir(&session, &random, &ids) }
    var known: [String: String] = [:]
    var sync: String?
    for round in 0..<12 {
      // Nothing changes while the last round is read, so that it has to end with the whole state.
      let isQuiet = round == 11
      let query =
        "maxResults=\(1 + random.next() % 4)" + (sync.map { "&syncToken=\(escaped($0))" } ?? "")
      var page = try session.list(query)
      Self.apply(page["items"]?.items ?? [], to: &known)
      while let next = page["nextPageToken"]?.string {
        if !isQuiet, random.next() % 2 == 0 { try Self.stir(&session, &random, &ids) }
        page = try session.list("\(query)&pageToken=\(escaped(next))")
        Self.apply(page["items"]?.items ?? [], to: &known)
      }
      sync = try #require(page["nextSyncToken"]?.string)
      if !isQuiet { for _ in 0..<(random.next() % 6) { try Self.stir(&session, &random, &ids) } }
    }
    var state: [String: String] = [:]
    Self.apply(try session.all("maxResults=2500").items, to: &state)
    #expect(known == state)
  }

  @Test func `a change between two pages of a sync is in the next one`() throws {
    var session = try GoogleSession()
    let empty = escaped(try #require(try session.all().sync))
    session.google.generate(count: 4, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    let query = "maxResults=2&syncToken=\(empty)"
    let first = try session.list(query)
    let seen = try #require(first["items"]?[0]?["id"]?.string)
    session.google.renameEvent(seen, to: "Changed", at: noon)
    let token = escaped(try #require(first["nextPageToken"]?.string))
    let last = try session.list("\(query)&pageToken=\(token)")
    let sync = escaped(try #require(last["nextSyncToken"]?.string))
    #expect(try session.all("syncToken=\(sync)").items.map { $0["id"]?.string } == [seen])
  }

  @Test func `a window is kept by its sync token, and what leaves it is told`() throws {
    var session = try GoogleSession()
    let inside = try #require(try session.insert(morning)["id"]?.string)
    let window = "timeMin=2026-12-07T00:00:00Z&timeMax=2026-12-08T00:00:00Z"
    let full = try session.all(window)
    #expect(full.items.count == 1)
    let later = """
      {"start":{"dateTime":"2026-12-09T09:00:00Z"},"end":{"dateTime":"2026-12-09T10:00:00Z"}}
      """
    _ = session.send("PATCH", "/calendar/v3/calendars/primary/events/\(inside)", later)
    let items = try session.all("syncToken=\(escaped(try #require(full.sync)))").items
    #expect(items.map { $0["status"]?.string } == ["cancelled"])
  }

  @Test func `five thousand events are listed in three pages, each event once`() throws {
    var session = try GoogleSession()
    session.google.generate(count: 5_001, title: "Meeting", in: FakeGoogle.firstUser, at: noon)
    var ids: Set<String> = []
    var pages = 0
    var page = try session.list("maxResults=2500&prettyPrint=false")
    while true {
      pages += 1
      ids.formUnion((page["items"]?.items ?? []).compactMap { $0["id"]?.string })
      guard let next = page["nextPageToken"]?.string else { break }
      page = try session.list("maxResults=2500&prettyPrint=false&pageToken=\(escaped(next))")
    }
    #expect(pages == 3)
    #expect(ids.count == 5_001)
  }
}
