import Domain
import Google
import RawJSON
import Testing

private let google = GoogleSuite()
private let ask = PageRequest(
  collection: Collection(kind: "calendar-events", id: "primary"), mode: .changes(since: "S"),
  pageSize: 250)

private func reply(_ status: Int, _ body: String, _ headers: [Header] = []) -> Reply {
  Reply(status: status, headers: headers, body: Array(body.utf8))
}

private func read(_ body: String) -> PageOutcome { google.read(reply(200, body), to: ask) }

private func page(_ outcome: PageOutcome) throws -> Page {
  guard case .page(let page) = outcome else {
    Issue.record("\(outcome)")
    throw JSONFault("no page", at: 0, in: [])
  }
  return page
}

@Test func `items keep their order, exact bytes, revisions, series and whether they are gone`()
  throws
{
  let body = """
    {"kind":"calendar#events","items":[
      {"id":"a","etag":"\\"33\\"","status":"confirmed","summary":"Büro 日 😀","updated":"0000-12"},
      {"status":"cancelled","id":"b"} ,
      { "id":"c_20261123","etag":"\\"34\\"","status":"cancelled","recurringEventId":"c"}
    ],"nextSyncToken":"S2"}
    """
  let page = try page(read(body))
  #expect(page.next == .end(cursor: "S2"))
  #expect(page.items.map(\.id) == ["a", "b", "c_20261123"])
  #expect(page.items.map(\.isGone) == [false, true, true])
  #expect(page.items.map(\.series) == [nil, nil, "c"])
  #expect(page.items[0].revision == "\"33\"")
  #expect(page.items[1].revision.count == 16)
  let bytes = Array(body.utf8)
  #expect(
    page.items.map { String(decoding: bytes[$0.bytes], as: UTF8.self) } == [
      #"{"id":"a","etag":"\"33\"","status":"confirmed","summary":"Büro 日 😀","updated":"0000-12"}"#,
      #"{"status":"cancelled","id":"b"}"#,
      #"{ "id":"c_20261123","etag":"\"34\"","status":"cancelled","recurringEventId":"c"}"#,
    ])
}

@Test func `an item without an etag has a revision that changes with its bytes alone`() throws {
  func revision(_ item: String) throws -> String? {
    try page(read(#"{"items":[\#(item)],"nextSyncToken":"S"}"#)).items.first?.revision
  }
  #expect(try revision(#"{"id":"a"}"#) == revision(#"{"id":"a"}"#))
  #expect(try revision(#"{"id":"a"}"#) != revision(#"{"id":"a","x":1}"#))
  #expect(try revision(#"{"id":"a","etag":""}"#)?.count == 16)
}

@Test func `a page goes on to the next with the size that the poll began with`() throws {
  let outcome = google.read(reply(200, #"{"items":[],"nextPageToken":"P+1"}"#), to: ask)
  #expect(try page(outcome).next == .more(continuation: "250 P+1"))
  var next = ask
  next.continuation = "250 P+1"
  next.pageSize = 10
  #expect(
    google.request(next, token: "T").url.hasSuffix(
      "?maxResults=250&syncToken=S&pageToken=P%2B1"))
  let last = google.read(reply(200, #"{"nextPageToken":"P2"}"#), to: next)
  #expect(try page(last).next == .more(continuation: "250 P2"))
}

@Test(arguments: [
  #"{"nextSyncToken":"S2"}"#, #"{"items":[],"nextSyncToken":"S2"}"#,
  #"{"nextPageToken":"","nextSyncToken":"S2","items":[]}"#,
  #"{"nextPageToken":null,"nextSyncToken":"S2","defaultReminders":[{"a":[1.5e3]}]}"#,
])
func `an empty last page ends the poll`(body: String) throws {
  #expect(try page(read(body)) == Page(items: [], next: .end(cursor: "S2")))
}

@Test func `a page of a thousand items is read whole`() throws {
  let items = (0..<1_000).map {
    #"{"id":"e\#($0)","etag":"\"\#($0)\"","status":"confirmed","start":{"date":"2026-11-23"}}"#
  }
  let body = "{\"items\":[\n\(items.joined(separator: ",\n"))\n],\"nextSyncToken\":\"S\"}"
  let page = try page(read(body))
  #expect(page.items.count == 1_000)
  let bytes = Array(body.utf8)
  #expect(page.items.map { String(decoding: bytes[$0.bytes], as: UTF8.self) } == items)
}

@Test(arguments: [
  "", " ", "<html><body>Service Unavailable</body></html>", "null", "[]", "{}",
  #"{"items":[]}"#, #"{"items":[],"nextPageToken":"P","nextSyncToken":"S"}"#,
  #"{"items":[{"id":"a"}],"nextSyncToken":"S""#, #"{"items":[{"id":"a"}"#,
  #"{"items":null,"nextSyncToken":"S"}"#, #"{"items":{},"nextSyncToken":"S"}"#,
  #"{"items":[],"items":[],"nextSyncToken":"S"}"#,
  #"{"items":[],"nextSyncToken":"S"}{"items":[]}"#, "\u{FEFF}{\"nextSyncToken\":\"S\"}",
  #"{"nextSyncToken":"\#(String(repeating: "s", count: 9_000))"}"#,
  "{\"x\":\(String(repeating: "[", count: 100_000))",
])
func `what is not a page is refused, to be asked for again`(body: String) {
  guard case .refused(let refusal) = read(body) else {
    Issue.record("taken for a page: \(body.prefix(80))")
    return
  }
  #expect(refusal.reason == "unreadable")
  #expect(refusal.status == 200)
  #expect(!refusal.isPermanent)
  #expect(refusal.text.utf8.count < 300)
}

@Test func `a page with more items than anybody asked for is refused`() {
  let items = (0...10_000).map { #"{"id":"\#($0)"}"# }.joined(separator: ",")
  guard case .refused(let refusal) = read(#"{"items":[\#(items)],"nextSyncToken":"S"}"#) else {
    Issue.record("taken for a page")
    return
  }
  #expect(refusal.text == "Google's answer cannot be read: too many events on one page")
}

@Test func `every cut of a page is refused`() {
  let body = Array(#"{"items":[{"id":"ä","n":[1,{"x":null}]}],"nextSyncToken":"S"}"#.utf8)
  for length in 0..<body.count {
    let outcome = google.read(Reply(status: 200, body: Array(body[..<length])), to: ask)
    guard case .refused(let refusal) = outcome, refusal.reason == "unreadable" else {
      Issue.record("\(length) bytes were taken for a page")
      return
    }
  }
}

@Test(arguments: [
  (404, #"{"error":{"code":404}}"#, Domain.Confirmation.gone(nil)),
  (410, #"{"error":{}}"#, .gone(nil)),
  (410, #"{"error":{"errors":[{"reason":"deleted"}]}}"#, .gone(nil)),
  (
    200, #" {"id":"e","etag":"1","status":"confirmed"} "#,
    .exists(Item(id: "e", revision: "1", bytes: 1..<43))
  ),
  (
    200, #"{"id":"e","etag":"1","status":"cancelled"}"#,
    .gone(Item(id: "e", revision: "1", isGone: true, bytes: 0..<42))
  ),
  (
    401, #"{"error":{"errors":[{"reason":"authError"}]}}"#, .unauthorized(reason: "authError")
  ),
])
func `a confirmation tells gone from there`(
  status: Int, body: String, expected: Domain.Confirmation
) {
  #expect(google.readConfirmation(reply(status, body), of: "e", in: primary) == expected)
}

@Test(arguments: [
  (200, "", false), (200, #"{"id":"other"}"#, false), (200, "{}", false), (200, "<html>", false),
  (500, "", false), (429, "", false), (403, "", true), (302, "", false),
  (410, #"{"error":{"errors":[{"reason":"fullSyncRequired"}]}}"#, false),
  (404, "", false), (404, "<html>Not Found</html>", false), (404, #"{"error":{"code":404}"#, false),
  (404, #"{"error":"not_found"}"#, false), (404, "{}", false), (410, "", false),
  (410, "<html>", false),
])
func `an unclear confirmation confirms nothing`(status: Int, body: String, permanent: Bool) {
  guard
    case .refused(let refusal) = google.readConfirmation(reply(status, body), of: "e", in: primary)
  else {
    Issue.record("confirmed")
    return
  }
  #expect(refusal.isPermanent == permanent)
}

@Test(
  arguments: [
    ("7", nil), ("{}", nil), (#"{"id":""}"#, nil), (#"{"id":5}"#, nil), (#"{"id":"\ud800"}"#, nil),
    (#"{"id":"a","\u0069d":"b"}"#, nil), (#"{"id":"a","id":"a"}"#, "a"),
    (#"{"x":{"id":"no","id":"no"},"y":"id","id" : "\u0061\"}"}"#, "a\"}"),
    (#"{"id":"a","x":"\#(String(repeating: "[", count: 3))","x":tru}"#, "a"),
    (#"{"id":"\#(String(repeating: "i", count: 1_025))"}"#, nil),
  ] as [(String, String?)])
func `an item that cannot be read is a stray beside the others, with its id where it shows one`(
  item: String, id: String?
) throws {
  let page = try page(
    read(#"{"items":[{"id":"one"},\#(item),{"id":"two"}],"nextSyncToken":"S"}"#))
  #expect(page.items.map(\.id) == ["one", "two"])
  #expect(page.strays.map(\.id) == [id])
  #expect(page.strays.first?.mark.count == 16)
}
