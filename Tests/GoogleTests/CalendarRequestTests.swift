import Domain
import Google
import Testing

private let google = GoogleSuite()
private let holidays = Collection(
  kind: "calendar-events", id: "en.german#holiday@group.v.calendar.google.com")
let primary = Collection(kind: "calendar-events", id: "primary")

@Test(arguments: [
  ("/hubs/general/calendars/primary/changed-events", "primary"),
  ("/hubs/scheduling/calendars/primary/changed-events", "primary"),
  ("/calendars/primary/changed-events", "primary"),
  ("hubs/general/calendars/primary/changed-events", "primary"),
  (
    "/hubs/general/calendars/abc123@group.calendar.google.com/changed-events",
    "abc123@group.calendar.google.com"
  ),
  (
    "/hubs/general/calendars/en.german#holiday@group.v.calendar.google.com/changed-events",
    "en.german#holiday@group.v.calendar.google.com"
  ),
  (
    "/hubs/general/calendars/en.german%23holiday%40group.v.calendar.google.com/changed-events",
    "en.german#holiday@group.v.calendar.google.com"
  ),
  ("/hubs/general/calendars/100%/changed-events", "100%"),
  ("/hubs/general/calendars/%zz/changed-events", "%zz"),
  ("/hubs/general/calendars/%+1/changed-events", "%+1"),
  ("/hubs/general/calendars/%ff/changed-events", "%ff"),
  ("/hubs/general/calendars/Büro%2FTeam/changed-events", "Büro/Team"),
])
func `a calendar is known by its url, id raw or encoded, whatever the hub`(
  url: String, id: String
) {
  #expect(
    google.collection(resource: "any", url: url) == Collection(kind: "calendar-events", id: id))
}

@Test(arguments: [
  "", "/", "/hubs/general/calendars/{calendarId}/settings",
  "/hubs/general/calendars/%7BcalendarId%7D/changed-events",
  "/hubs/general/calendars//changed-events",
  "/hubs/general/calendars/../changed-events", "/hubs/general/calendars/%2e%2E/changed-events",
  "/hubs/general/calendars/./changed-events",
  "/hubs/general/calendars/primary/changed-events/",
  "/hubs/general/calendars/primary/changed-events?where=x",
  "/hubs/general/extra/calendars/primary/changed-events",
  "/hubs/general/calendars/a/b/changed-events", "https://example.com/calendars/a/changed-events",
  "/hubs/general/calendars/\(String(repeating: "x", count: 1_025))/changed-events",
])
func `everything else is not polled, and refused with what can be`(url: String) {
  #expect(google.fault(inURL: url) != nil)
  #expect(google.collection(resource: "calendars/primary/changed-events", url: url) == nil)
}

@Test(
  arguments: [
    (PollMode.baseline, nil, "?maxResults=250"),
    (.comparison, nil, "?maxResults=250"),
    (.changes(since: "CPDA+/=="), nil, "?maxResults=250&syncToken=CPDA%2B%2F%3D%3D"),
    (.baseline, "1000 EiIK", "?maxResults=1000&pageToken=EiIK"),
    (.changes(since: "S"), "100 E=&K", "?maxResults=100&syncToken=S&pageToken=E%3D%26K"),
  ] as [(PollMode, String?, String)])
func `every page asks what the first page asked, and nothing that Google forbids beside a token`(
  mode: PollMode, continuation: String?, query: String
) {
  let request = google.request(
    PageRequest(collection: holidays, mode: mode, continuation: continuation, pageSize: 250),
    token: "T")
  #expect(
    request.url == "https://www.googleapis.com/calendar/v3/calendars/"
      + "en.german%23holiday%40group.v.calendar.google.com/events\(query)")
}

@Test func `a request says who asks, for what, with which token, and how much may come`() {
  let request = google.request(
    PageRequest(collection: primary, mode: .baseline, pageSize: 9_999), token: "T-1")
  #expect(request.method == .get)
  #expect(request.url.hasSuffix("/calendars/primary/events?maxResults=2500"))
  #expect(
    request.headers == [
      Header("Authorization", "Bearer T-1"), Header("Accept", "application/json"),
      Header("User-Agent", "daybook (gzip)"),
    ])
  #expect(request.body.isEmpty)
  #expect(request.reach == .provider)
  #expect(
    request.bounds
      == ExchangeBounds(
        connect: .seconds(10), total: .seconds(120), keptBytesMax: 67_108_864,
        readBytesMax: 67_108_864, mayCut: false))
}

@Test(arguments: ["http://127.0.0.1:8085", "http://127.0.0.1:8085/"])
func `a base URL stands in place of all of Google's hosts`(base: String) {
  let local = GoogleSuite(baseURL: base)
  let client = OAuthClient(id: "i", secret: "s", redirectURL: "r")
  #expect(
    local.request(PageRequest(collection: primary, mode: .baseline, pageSize: 0), token: "T").url
      == "http://127.0.0.1:8085/calendar/v3/calendars/primary/events?maxResults=1")
  #expect(local.refresh("R", client: client).url == "http://127.0.0.1:8085/token")
}

@Test func `one event is asked for by its id`() {
  #expect(
    google.confirmation(of: "a b/ü", in: primary, token: "T").url
      == "https://www.googleapis.com/calendar/v3/calendars/primary/events/a%20b%2F%C3%BC")
}

@Test func `the suite goes by the platform's key and hub`() {
  #expect(google.element == "googlesuite")
  #expect(google.hub == "general")
}
