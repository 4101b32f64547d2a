import Domain
import Events
import Google
import Testing

private let google = GoogleSuite(baseURL: "http://127.0.0.1:8085")
private let window = DateWindow(
  since: Moment(milliseconds: 1_676_838_584_421), now: Moment(milliseconds: 1_676_842_184_421))

private func ask(
  _ url: String, _ mode: PollMode = .changes(since: "2023-02-19T20:29:44.421Z"),
  continuation: String? = nil
) throws -> PageRequest {
  PageRequest(
    collection: try #require(google.collection(resource: "any", url: url)), mode: mode,
    continuation: continuation, pageSize: google.pageSize(inURL: url) ?? 1_000,
    window: window)
}

private func reply(_ status: Int, _ body: String) -> Reply {
  Reply(status: status, body: Array(body.utf8))
}

private func page(_ body: String, _ ask: PageRequest) -> Page? {
  if case .page(let page) = google.read(reply(200, body), to: ask) { page } else { nil }
}

private let people =
  "personFields=addresses%2Cbiographies%2Cbirthdays%2CemailAddresses%2Cevents%2Cmemberships"
  + "%2Cmetadata%2Cnames%2Cnicknames%2Coccupations%2Corganizations%2CphoneNumbers%2Cphotos"
  + "%2Crelations%2Curls%2CuserDefined"
private let since = "${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}"

@Test(
  arguments: [
    ("/hubs/general/calendars/a%23b/events", "/calendar/v3/calendars/a%23b/events?maxResults=1000"),
    (
      "/hubs/x/calendars/primary/events?where=updatedMin='\(since)' and singleEvents = true",
      "/calendar/v3/calendars/primary/events?updatedMin=2023-02-19T20%3A29%3A44Z"
        + "&singleEvents=true&maxResults=1000"
    ),
    (
      "/calendars/primary/events?where=updatedMin%3D%27${date}%27&pageSize=7",
      "/calendar/v3/calendars/primary/events?updatedMin=2023-02-19T20%3A29%3A44.421Z&maxResults=7"
    ),
    (
      "/hubs/general/calendar-list?where=minAccessRole='owner'",
      "/calendar/v3/users/me/calendarList?minAccessRole=owner&maxResults=250"
    ),
    ("/hubs/general/contacts", "/v1/people/me/connections?\(people)&pageSize=1000"),
    (
      "/hubs/general/contacts?where=personFields='names'&nextPage=P%2B1",
      "/v1/people/me/connections?personFields=names&pageSize=1000&pageToken=P%2B1"
    ),
    (
      "/hubs/general/groups",
      "/v1/contactGroups?groupFields=clientData%2CgroupType%2CmemberCount%2Cmetadata%2Cname"
        + "&pageSize=1000"
    ),
    (
      "/hubs/general/messages?where=q='after:${epoch:s} is:unread'",
      "/gmail/v1/users/me/messages?q=after%3A1676838584%20is%3Aunread&maxResults=500"
    ),
    (
      "/hubs/general/threads?where=q='subject:x'&labelIds=INBOX",
      "/gmail/v1/users/me/threads?q=subject%3Ax&labelIds=INBOX&maxResults=500"
    ),
  ])
func `a readable resource is asked for by its conditions`(url: String, asked: String) throws {
  #expect(google.fault(inURL: url) == nil)
  let request = google.request(try ask(url), token: "T")
  #expect(request.url == "http://127.0.0.1:8085\(asked)")
  #expect(google.nature(of: try ask(url).collection) == .dated)
}

@Test func `a baseline leaves dates out, and asks from the beginning where they are part of more`()
  throws
{
  let whole = try ask(
    "/calendars/a/events?where=updatedMin='\(since)' and q='x'", .baseline)
  #expect(
    google.request(whole, token: "T").url.hasSuffix("/calendars/a/events?q=x&maxResults=1000"))
  var mail = try ask("/messages?where=q='after:${epoch:s} x'", .comparison)
  mail.window = DateWindow(since: Moment(milliseconds: 0), now: window.now)
  #expect(google.request(mail, token: "T").url.contains("?q=after%3A0%20x&"))
}

@Test func `a date further back than Calendar goes is left out`() throws {
  var old = try ask("/calendars/a/events?where=updatedMin='\(since)'")
  old.window?.now = window.since + .seconds(27 * 86_400 + 1)
  #expect(google.request(old, token: "T").url.hasSuffix("/calendars/a/events?maxResults=1000"))
  var mail = try ask("/messages?where=q='after:${epoch:s}'")
  mail.window = old.window
  #expect(google.request(mail, token: "T").url.contains("?q=after%3A1676838584&"))
}

@Test(arguments: [
  ("where=updatedMin", "where has the form"), ("where=a='1' or b='2'", "where has the form"),
  ("where=a='1", "closing quote"), ("where=a b='1'", "a parameter's name"),
  ("where=access_token='x'", "access_token cannot be set"), ("alt=media", "alt cannot be set"),
  ("pageSize=0", "pageSize"), ("where=a='${nope}'", "means nothing"),
  ("where=a='${epoch'", "is not closed"), ("=", "a parameter's name"),
  ("a=1&=", "a parameter's name"), ("=sortOrder", "a parameter's name"),
])
func `a condition that cannot be asked says why, and is not polled`(
  query: String, expected: String
) throws {
  let url = "/hubs/general/contacts?\(query)"
  #expect(try #require(google.fault(inURL: url)).contains(expected))
  #expect(google.collection(resource: "any", url: url) == nil)
}

@Test func `other conditions are another collection, and another hub is not`() throws {
  let one = try ask("/hubs/general/contacts?where=sortOrder='A'").collection
  #expect(try ask("/hubs/crm/contacts?where=sortOrder='A'").collection == one)
  #expect(try ask("/contacts?where=sortOrder='B'").collection != one)
}

@Test(arguments: [
  "/hubs/crm/calendars/team%40x.org/events?where=q='a%26b'",
  "/calendars/team@x.org/events?where=q='a%26b'&pageSize=50",
  "/calendars/team%40x%2Eorg/events?pageSize=7&where=q%3D%27a%26b%27",
])
func `a page size or another way of writing makes no other collection`(url: String) throws {
  let one = try ask("/calendars/team@x.org/events?where=q='a%26b'").collection
  #expect(try ask(url).collection == one)
  #expect(one.id == "calendars/team%40x.org/events?where=q='a%26b'")
  // What is kept is read as it was written.
  #expect(google.collection(resource: "any", url: one.id) == one)
  #expect(
    google.request(try ask(url), token: "T").url.contains(
      "/calendars/team%40x.org/events?q=a%26b&maxResults="))
}

@Test func `the page size of a url is told apart from its conditions`() {
  #expect(google.pageSize(inURL: "/contacts?pageSize=50&sortOrder=x") == 50)
  #expect(google.pageSize(inURL: "/calendars/{calendarId}/events?pageSize=20") == 20)
  #expect(google.pageSize(inURL: "/contacts?sortOrder=x") == nil)
  #expect(google.pageSize(inURL: "/contacts") == nil)
}

@Test func `contacts, threads and events are read with their revisions`() throws {
  let contacts = page(
    #"{"connections":[{"resourceName":"people/c7","etag":"%E"}],"nextPageToken":"N"}"#,
    try ask("/contacts"))
  #expect(contacts?.items.map { [$0.id, $0.revision] } == [["c7", "%E"]])
  #expect(contacts?.next == .more(continuation: "1 1000 0 N"))
  let threads = page(#"{"threads":[{"id":"t1","historyId":"88"}]}"#, try ask("/threads"))
  #expect(threads?.items.map { [$0.id, $0.revision] } == [["t1", "88"]])
  #expect(threads?.next == .end(cursor: ""))
  let events = page(
    #"{"items":[{"id":"e1","etag":"\"1\"","status":"cancelled"}],"nextSyncToken":"S"}"#,
    try ask("/calendars/a/events"))
  #expect(events?.items.map(\.isGone) == [true])
  #expect(events?.next == .end(cursor: ""))
}

@Test func `the next page is asked with the size that the first was asked with`() throws {
  let next = try ask("/contacts?pageSize=20", continuation: "1 50 0 N%2B")
  #expect(google.request(next, token: "T").url.hasSuffix("&pageSize=50&pageToken=N%2B"))
}

@Test func `messages that came since are read one by one, with their dates`() throws {
  let first = try ask("/messages")
  let list = page(#"{"messages":[{"id":"18c1"},{"id":"18c2"}],"nextPageToken":"N"}"#, first)
  #expect(list?.items == [])
  guard case .more(let one)? = list?.next else { Issue.record("it ends"); return }
  let asked = try ask("/messages", continuation: one)
  #expect(google.request(asked, token: "T").url.hasSuffix("/users/me/messages/18c1?format=full"))
  #expect(google.request(asked, token: "T").quotaUnits == 5)
  let message = page(#"{"id":"18c1","internalDate":"1676838584421","historyId":"9"}"#, asked)
  #expect(message?.items.map(\.id) == ["18c1"])
  guard case .more(let two)? = message?.next else { Issue.record("it ends"); return }
  let gone = google.read(
    reply(404, #"{"error":{"code":404,"errors":[{"reason":"notFound"}]}}"#),
    to: try ask("/messages", continuation: two))
  #expect(gone == .page(Page(items: [], next: .more(continuation: "1 500 2 N"))))
}

@Test func `a whole mailbox is listed and not read`() throws {
  let list = page(#"{"messages":[{"id":"18c1"}]}"#, try ask("/messages", .baseline))
  #expect(list?.items.map(\.id) == ["18c1"])
  #expect(list?.next == .end(cursor: ""))
}

@Test func `a date too long ago is a dead cursor`() throws {
  let outcome = google.read(
    reply(410, #"{"error":{"code":410,"errors":[{"reason":"updatedMinTooLongAgo"}]}}"#),
    to: try ask("/calendars/a/events?where=updatedMin='${date}'"))
  #expect(outcome == .cursorExpired(reason: "updatedMinTooLongAgo"))
}
