import Domain
import Google
import Testing

private let google = GoogleSuite()
private let list = Collection(kind: "calendar-list", id: "me")
private let ask = PageRequest(collection: list, mode: .changes(since: "S1"), pageSize: 250)

private func reply(_ status: Int, _ body: String) -> Reply {
  Reply(status: status, body: Array(body.utf8))
}

@Test(arguments: [
  "/hubs/general/calendars/{calendarId}/changed-events",
  "/hubs/scheduling/calendars/{calendarId}/changed-events",
  "/calendars/{calendarId}/changed-events",
])
func `a literal placeholder stands for the calendar list, whose calendars have their own feeds`(
  url: String
) {
  #expect(google.collection(resource: "calendars/{calendarId}/changed-events", url: url) == list)
  #expect(google.nature(of: list) == .roster)
  let filled = google.fill(url: url, with: "en.german#holiday@group.v.calendar.google.com")
  #expect(
    google.collection(resource: "any", url: filled)
      == Collection(kind: "calendar-events", id: "en.german#holiday@group.v.calendar.google.com"))
}

@Test(
  arguments: [
    (PollMode.baseline, nil, "?maxResults=250&showHidden=true"),
    (.comparison, nil, "?maxResults=250&showHidden=true"),
    (.changes(since: "S="), nil, "?maxResults=250&showHidden=true&syncToken=S%3D"),
    (
      .changes(since: "S"), "100 P=",
      "?maxResults=100&showHidden=true&syncToken=S&pageToken=P%3D"
    ),
  ] as [(PollMode, String?, String)])
func `calendars are asked for in the same way on every page of every poll`(
  mode: PollMode, continuation: String?, query: String
) {
  let request = google.request(
    PageRequest(collection: list, mode: mode, continuation: continuation, pageSize: 9_999),
    token: "T")
  #expect(
    request.url == "https://www.googleapis.com/calendar/v3/users/me/calendarList\(query)")
}

@Test func `one calendar of the list is asked for by its id, encoded`() {
  #expect(
    google.confirmation(of: "team#1@group.calendar.google.com", in: list, token: "T").url
      == "https://www.googleapis.com/calendar/v3/users/me/calendarList/"
      + "team%231%40group.calendar.google.com")
}

@Test func `a calendar tells whether it is the primary one and whether it left the list`() {
  let body = """
    {"kind":"calendar#calendarList","items":[
    {"id":"me@example.com","etag":"\\"1\\"","summary":"Team","primary":true,"deleted":false},
    {"id":"team@group.calendar.google.com","etag":"\\"2\\"","hidden":true},
    {"id":"old@group.calendar.google.com","etag":"\\"3\\"","deleted":true}],"nextSyncToken":"S2"}
    """
  guard case .page(let page) = google.read(reply(200, body), to: ask) else {
    Issue.record("no page")
    return
  }
  #expect(page.items.map(\.id).map { $0.prefix(4) } == ["me@e", "team", "old@"])
  #expect(page.items.map(\.revision) == ["\"1\"", "\"2\"", "\"3\""])
  #expect(page.items.map(\.isPrimary) == [true, false, false])
  #expect(page.items.map(\.isGone) == [false, false, true])
  #expect(page.next == .end(cursor: "S2"))
}

@Test(arguments: [nil, "250 P"])
func `a dead sync token of the calendar list is told at every page`(continuation: String?) {
  var ask = ask
  ask.continuation = continuation
  let body = #"{"error":{"errors":[{"reason":"fullSyncRequired"}],"code":410}}"#
  #expect(google.read(reply(410, body), to: ask) == .cursorExpired(reason: "fullSyncRequired"))
}

@Test(
  arguments: [
    (404, #"{"error":{"code":404}}"#, Domain.Confirmation.gone(nil)),
    (
      200, #"{"id":"a@b","etag":"x","primary":true}"#,
      .exists(Item(id: "a@b", revision: "x", isPrimary: true, bytes: 0..<38))
    ),
    (
      200, #"{"id":"a@b","etag":"x","deleted":true}"#,
      .gone(Item(id: "a@b", revision: "x", isGone: true, bytes: 0..<38))
    ),
  ] as [(Int, String, Domain.Confirmation)])
func `a calendar that is asked for is in the list or not`(
  status: Int, body: String, expected: Domain.Confirmation
) {
  #expect(google.readConfirmation(reply(status, body), of: "a@b", in: list) == expected)
}
