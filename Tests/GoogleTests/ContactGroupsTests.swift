import Domain
import Google
import Testing

private let google = GoogleSuite()
private let groups = Collection(kind: "contact-groups", id: "me")
private let fields = "groupFields=clientData%2CgroupType%2CmemberCount%2Cmetadata%2Cname"
private let ask = PageRequest(collection: groups, mode: .changes(since: "S1"), pageSize: 1_000)

private func reply(_ status: Int, _ body: String) -> Reply {
  Reply(status: status, body: Array(body.utf8))
}

private func page(_ body: String) -> Page? {
  if case .page(let page) = google.read(reply(200, body), to: ask) { page } else { nil }
}

private func expired(_ status: String, code: Int, reason: String) -> String {
  """
  {"error":{"code":\(code),"message":"No.","status":"\(status)","details":[
  {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"\(reason)",
  "domain":"people.googleapis.com"}]}}
  """
}

@Test(arguments: [
  "/hubs/general/changed-groups", "/hubs/nonsense/changed-groups", "/changed-groups",
  "changed-groups",
])
func `the contact groups are known by their url, whatever the hub`(url: String) {
  #expect(google.collection(resource: "groups of the Team", url: url) == groups)
  #expect(google.nature(of: groups) == .cursor)
}

@Test(arguments: [
  "/hubs/general/changed-groups/", "/changed-groups/7", "/hubs/changed-groups",
  "/hubs/a/b/changed-groups", "/hubs/general/Changed-groups",
])
func `no other url is taken for the contact groups`(url: String) {
  #expect(google.collection(resource: "changed-groups", url: url) == nil)
}

@Test(
  arguments: [
    (PollMode.baseline, nil, "?pageSize=1000&\(fields)"),
    (.comparison, nil, "?pageSize=1000&\(fields)"),
    (.changes(since: "S+/="), nil, "?pageSize=1000&\(fields)&syncToken=S%2B%2F%3D"),
    (.changes(since: "S"), "200 P=", "?pageSize=200&\(fields)&syncToken=S&pageToken=P%3D"),
  ] as [(PollMode, String?, String)])
func `groups are asked for with the same fields on every page`(
  mode: PollMode, continuation: String?, query: String
) {
  let request = google.request(
    PageRequest(collection: groups, mode: mode, continuation: continuation, pageSize: 9_999),
    token: "T")
  #expect(request.url == "https://people.googleapis.com/v1/contactGroups\(query)")
  #expect(request.quotaUnits == 0)
}

@Test func `one group is asked for by its id, below one base URL as well`() {
  let local = GoogleSuite(baseURL: "http://127.0.0.1:8085/")
  #expect(
    local.confirmation(of: "a#b", in: groups, token: "T").url
      == "http://127.0.0.1:8085/v1/contactGroups/a%23b?\(fields)")
}

@Test func `groups are named by what follows their prefix, and keep their etag and bytes`() {
  let body = """
    {"contactGroups":[
     {"resourceName":"contactGroups/4f1","etag":"x1","metadata":{"updateTime":
      "2023-02-19T20:29:44.421678Z"},"groupType":"USER_CONTACT_GROUP","name":"Team",
      "memberCount":2},
     {"resourceName":"contactGroups/5a","metadata":{"deleted":true}}
    ],"totalItems":2,"nextSyncToken":"S2"}
    """
  let page = page(body)
  #expect(page?.items.map(\.id) == ["4f1", "5a"])
  #expect(page?.items.map(\.isGone) == [false, true])
  #expect(page?.items.first?.revision == "x1")
  #expect(page?.next == .end(cursor: "S2"))
  #expect(page?.label == nil)
  let bytes = Array(body.utf8)
  let deleted = page?.items.last.map { String(decoding: bytes[$0.bytes], as: UTF8.self) }
  #expect(deleted == #"{"resourceName":"contactGroups/5a","metadata":{"deleted":true}}"#)
}

@Test func `a sync token beside a page token ends nothing`() {
  let body = #"{"contactGroups":[],"nextPageToken":"P2","nextSyncToken":"S2"}"#
  #expect(page(body) == Page(items: [], next: .more(continuation: "1000 P2")))
  #expect(page(#"{"nextSyncToken":"S3"}"#) == Page(items: [], next: .end(cursor: "S3")))
}

@Test func `a group without an etag has a revision of its names alone`() {
  func revision(_ rest: String) -> String? {
    page(#"{"contactGroups":[{"resourceName":"contactGroups/g"\#(rest)}],"nextSyncToken":"S"}"#)?
      .items.first?.revision
  }
  let names = #","groupType":"SYSTEM_CONTACT_GROUP","name":"family","formattedName":"Family""#
  #expect(revision(names + #","memberCount":1"#) == revision(names + #","memberCount":2"#))
  #expect(revision(names)?.count == 16)
  #expect(revision(names) != revision(#","name":"family","formattedName":"Familie""#))
  #expect(revision(#","name":"ab","formattedName":"""#) != revision(#","name":"a""#))
  #expect(revision(#","name":"\ud800""#) != revision(#","name":"\ud801""#))
}

@Test(arguments: [
  "", "<html>", "null", "{}", #"{"contactGroups":[]}"#,
  #"{"contactGroups":{},"nextSyncToken":"S"}"#,
  #"{"contactGroups":[{"resourceName":"contactGroups/a""#,
])
func `what is not a page of groups is refused, to be asked for again`(body: String) {
  guard case .refused(let refusal) = google.read(reply(200, body), to: ask) else {
    Issue.record("taken for a page")
    return
  }
  #expect(refusal.reason == "unreadable" && !refusal.isPermanent)
}

@Test(arguments: [
  (400, expired("INVALID_ARGUMENT", code: 400, reason: "EXPIRED_SYNC_TOKEN")),
  (400, expired("FAILED_PRECONDITION", code: 400, reason: "EXPIRED_SYNC_TOKEN")),
  (410, expired("FAILED_PRECONDITION", code: 410, reason: "EXPIRED_SYNC_TOKEN")),
])
func `a dead sync token is known by its reason, as 400 and as 410`(status: Int, body: String) {
  #expect(
    google.read(reply(status, body), to: ask) == .cursorExpired(reason: "EXPIRED_SYNC_TOKEN"))
}

@Test func `a dead sync token without a reason is known by its message`() {
  let body = """
    {"error":{"code":400,"message":"Sync token is expired. Clear local cache and retry call without
     the sync token.","status":"FAILED_PRECONDITION"}}
    """.replacing("\n", with: "")
  var later = ask
  later.continuation = "1000 P"
  for ask in [ask, later] {
    #expect(
      google.read(reply(400, body), to: ask) == .cursorExpired(reason: "FAILED_PRECONDITION"))
  }
}

@Test func `another 400 is no dead sync token`() {
  let body = expired("INVALID_ARGUMENT", code: 400, reason: "INVALID_PAGE_SIZE")
  guard case .refused(let refusal) = google.read(reply(400, body), to: ask) else {
    Issue.record("not refused")
    return
  }
  #expect(refusal.reason == "INVALID_PAGE_SIZE" && refusal.isPermanent)
}

@Test(
  arguments: [
    (404, #"{"error":{"code":404,"status":"NOT_FOUND"}}"#, Domain.Confirmation.gone(nil)),
    (
      200, #"{"resourceName":"contactGroups/g","etag":"x","name":"Team"}"#,
      .exists(Item(id: "g", revision: "x", bytes: 0..<59))
    ),
    (
      200, #"{"resourceName":"contactGroups/g","etag":"x","metadata":{"deleted":true}}"#,
      .gone(Item(id: "g", revision: "x", isGone: true, bytes: 0..<73))
    ),
    (401, "", .unauthorized(reason: "authError")),
  ] as [(Int, String, Domain.Confirmation)])
func `a group that is asked for is there or gone`(
  status: Int, body: String, expected: Domain.Confirmation
) {
  #expect(google.readConfirmation(reply(status, body), of: "g", in: groups) == expected)
}

@Test(
  arguments: [
    (#"{"resourceName":"people/c1"}"#, nil), (#"{"resourceName":"contactGroups/"}"#, nil),
    (#"{"id":"4f1"}"#, nil), ("7", nil),
    (#"{"resourceName":"contactGroups/4f1","name":"a","name":"b"}"#, "4f1"),
  ] as [(String, String?)])
func `a group that cannot be read is a stray beside the others`(group: String, id: String?) {
  let body = #"{"contactGroups":[\#(group)],"nextSyncToken":"S"}"#
  guard case .page(let page) = google.read(reply(200, body), to: ask) else {
    Issue.record("no page")
    return
  }
  #expect(page.items.isEmpty && page.strays.map(\.id) == [id])
}
