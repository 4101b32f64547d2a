import Domain
import Google
import Testing

private let google = GoogleSuite()
private let mail = Collection(kind: "gmail-messages", id: "me")
private let base = "https://gmail.googleapis.com/gmail/v1/users/me"
private let gone = #"{"error":{"code":404,"message":"Not found.","status":"NOT_FOUND"}}"#

/// Answers by what a URL ends with, and what a whole poll of them comes to. Of several for the same
/// each is given once, but the last one again.
private struct Mailbox {
  var answers: [(end: String, status: Int, body: String)]
  private(set) var asked: [String] = []
  private(set) var pages: [Page] = []
  private(set) var bytes: [String: String] = [:]
  private(set) var other: PageOutcome?

  init(_ answers: [(String, Int, String)]) { self.answers = answers }

  mutating func poll(_ mode: PollMode) -> String? {
    var ask = PageRequest(collection: mail, mode: mode, pageSize: 1_000)
    while asked.count < 50 {
      let request = google.request(ask, token: "T")
      let path = String(request.url.dropFirst(base.count))
      asked.append("\(request.quotaUnits) \(path)")
      guard let place = answers.firstIndex(where: { path == $0.end }) else { return nil }
      let answer = answers[place]
      if answers.count(where: { path == $0.end }) > 1 { answers.remove(at: place) }
      let reply = Reply(status: answer.status, body: Array(answer.body.utf8))
      guard case .page(let page) = google.read(reply, to: ask) else {
        other = google.read(reply, to: ask)
        return nil
      }
      pages.append(page)
      for item in page.items {
        bytes[item.id] = String(decoding: reply.body[item.bytes], as: UTF8.self)
      }
      switch page.next {
      case .more(let continuation): ask.continuation = continuation
      case .end(let cursor): return cursor
      }
    }
    return nil
  }
}

@Test(arguments: ["/hubs/general/changed-messages", "/changed-messages"])
func `the account's mail is known by its url, and lists ids label by label`(url: String) {
  #expect(google.collection(resource: "mail", url: url) == mail)
  #expect(google.nature(of: mail) == .layered)
  #expect(google.collection(resource: "mail", url: url + "/1") == nil)
}

@Test(arguments: [PollMode.baseline, .comparison])
func `a full listing takes the history id first, then all ids, then the ids of each label`(
  mode: PollMode
) {
  let list = "/messages?maxResults=500&includeSpamTrash=true"
  var box = Mailbox([
    ("/profile", 200, #"{"emailAddress":"me@example.com","historyId":"8123"}"#),
    ("/labels", 200, #"{"labels":[{"id":"INBOX","name":"INBOX"},{"id":"Label 7,*"}]}"#),
    (list, 200, #"{"messages":[{"id":"a","threadId":"a"}],"nextPageToken":"P 2"}"#),
    (list + "&pageToken=P%202", 200, #"{"messages":[{"id":"b","threadId":"a"}]}"#),
    (list + "&labelIds=INBOX", 200, #"{"messages":[{"id":"a","threadId":"a"}]}"#),
    (list + "&labelIds=Label%207%2C%2A", 200, #"{"resultSizeEstimate":0}"#),
  ])
  #expect(box.poll(mode) == "8123")
  #expect(
    box.asked == [
      "1 /profile", "1 /labels", "5 \(list)", "5 \(list)&pageToken=P%202",
      "5 \(list)&labelIds=INBOX", "5 \(list)&labelIds=Label%207%2C%2A",
    ])
  #expect(box.pages.map(\.label) == [nil, nil, nil, nil, "INBOX", "Label 7,*"])
  #expect(box.pages.map { $0.items.map(\.id) } == [[], [], ["a"], ["b"], ["a"], []])
  #expect(box.pages[2].items.first?.revision == LabelSum.revision(nil, sum: 0))
}

@Test func `a label that was deleted meanwhile is on no message`() {
  let list = "/messages?maxResults=500&includeSpamTrash=true"
  var box = Mailbox([
    ("/profile", 200, #"{"historyId":"1"}"#), ("/labels", 200, #"{"labels":[{"id":"L"}]}"#),
    ("/labels", 200, #"{"labels":[]}"#),
    (list, 200, "{}"), (list + "&labelIds=L", 400, #"{"error":{"code":400}}"#),
  ])
  #expect(box.poll(.baseline) == "1")
  #expect(box.pages.last == Page(items: [], next: .end(cursor: "1"), label: "L"))
}

@Test(arguments: [400, 404])
func `a label that is still there is asked for again, and refused the second time`(status: Int) {
  let list = "/messages?maxResults=500&includeSpamTrash=true"
  let error = "{\"error\":{\"code\":\(status)}}"
  let answers = [
    ("/profile", 200, #"{"historyId":"1"}"#),
    ("/labels", 200, #"{"labels":[{"id":"K"},{"id":"L"}]}"#), (list, 200, "{}"),
    (list + "&labelIds=K", status, error),
    (list + "&labelIds=K", 200, #"{"messages":[{"id":"a","threadId":"a"}]}"#),
  ]
  var box = Mailbox(answers + [(list + "&labelIds=L", 200, "{}")])
  #expect(box.poll(.baseline) == "1")
  let found = box.pages.first { !$0.items.isEmpty }
  #expect(found?.label == "K" && found?.items.map(\.id) == ["a"])
  #expect(box.asked.suffix(3).map { $0.suffix(10) }.last == "labelIds=L")
  box = Mailbox(answers.dropLast() + [(list + "&labelIds=K", status, error)])
  #expect(box.poll(.baseline) == nil)
  guard case .refused? = box.other else {
    Issue.record("not refused but \(box.other as Any)")
    return
  }
}

@Test func `changes are folded in record order, and what is left is asked for one by one`() {
  var box = Mailbox([
    (
      "/history?maxResults=500&startHistoryId=7", 200,
      """
      {"history":[
      {"id":"8","messages":[{"id":"x"}],"messagesAdded":[{"message":{"id":"new","threadId":"t"}}]},
      {"id":"9","labelsAdded":[{"message":{"id":"read","threadId":"t"},"labelIds":["STARRED"]}]},
      {"id":"10","messagesAdded":[{"message":{"id":"brief","threadId":"t"}},
        {"message":{"id":"late","threadId":"t"}}]},
      {"id":"11","messagesDeleted":[{"message":{"id":"brief","threadId":"t"}}]}],
      "nextPageToken":"P","historyId":"20"}
      """
    ),
    (
      "/messages/new?format=full", 200,
      #"{"id":"new","threadId":"t","labelIds":["UNREAD","INBOX"],"historyId":"12","payload":{}}"#
    ),
    ("/messages/read?format=full", 200, #"{"id":"read","threadId":"t","historyId":"9"}"#),
    ("/messages/late?format=full", 404, gone),
    (
      "/history?maxResults=500&startHistoryId=7&pageToken=P", 200,
      #"{"nextPageToken":"Q","historyId":"21"}"#
    ),
    ("/history?maxResults=500&startHistoryId=7&pageToken=Q", 200, #"{"historyId":"22"}"#),
  ])
  #expect(box.poll(.changes(since: "7")) == "22")
  #expect(box.asked.map { $0.prefix(1) } == ["2", "5", "5", "5", "2", "2"])
  let items = box.pages.flatMap(\.items)
  #expect(items.map(\.id) == ["brief", "new", "read", "late"])
  #expect(items.map(\.isGone) == [true, false, false, true])
  #expect(
    items.map(\.revision) == [
      "11 0", LabelSum.revision("12", sum: LabelSum.of(["INBOX", "UNREAD"])), "9 0", "gone 0",
    ])
  #expect(box.bytes["brief"] == #"{"id":"brief","threadId":"t"}"#)
  #expect(box.bytes["read"] == #"{"id":"read","threadId":"t","historyId":"9"}"#)
  #expect(box.bytes["late"]?.isEmpty == true)
}

@Test func `without a history nothing changed`() {
  var box = Mailbox([("/history?maxResults=500&startHistoryId=7", 200, #"{"historyId":"7"}"#)])
  #expect(box.poll(.changes(since: "7")) == "7")
  #expect(box.pages == [Page(items: [], next: .end(cursor: "7"))])
}

@Test func `a deletion stands whatever the order of the members in its record`() {
  var box = Mailbox([
    (
      "/history?maxResults=500&startHistoryId=7", 200,
      """
      {"historyId":"9","history":[{"messagesDeleted":[{"message":{"id":"m"}}],
      "labelsRemoved":[{"message":{"id":"m"},"labelIds":["INBOX"]}],"id":"8"}]}
      """
    )
  ])
  #expect(box.poll(.changes(since: "7")) == "9")
  #expect(box.pages.flatMap(\.items).map(\.revision) == ["8 0"])
}

@Test func `a history that is no longer kept kills the cursor, a 400 does not`() {
  let url = "/history?maxResults=500&startHistoryId=7"
  var old = Mailbox([(url, 404, gone)])
  #expect(old.poll(.changes(since: "7")) == nil)
  #expect(old.other == .cursorExpired(reason: "NOT_FOUND"))
  var bad = Mailbox([(url, 400, #"{"error":{"code":400,"status":"INVALID_ARGUMENT"}}"#)])
  #expect(bad.poll(.changes(since: "7")) == nil)
  guard case .refused(let refusal) = bad.other else {
    Issue.record("not refused")
    return
  }
  #expect(refusal.reason == "INVALID_ARGUMENT" && refusal.isPermanent)
}

@Test func `too many changed messages at once are compared instead of asked for`() {
  let records = (0...5_000).map { #"{"message":{"id":"m\#($0)"}}"# }.joined(separator: ",")
  var box = Mailbox([
    (
      "/history?maxResults=500&startHistoryId=7", 200,
      #"{"historyId":"9","history":[{"id":"8","messagesAdded":[\#(records)]}]}"#
    )
  ])
  #expect(box.poll(.changes(since: "7")) == nil)
  #expect(box.other == .cursorExpired(reason: "tooManyChanges"))
}

@Test(
  arguments: [
    ("/history?maxResults=500&startHistoryId=7", nil, "{}"),
    ("/history?maxResults=500&startHistoryId=7", nil, #"{"historyId":""}"#),
    ("/history?maxResults=500&startHistoryId=7", nil, #"{"historyId":"x"}"#),
    ("/profile", "1 500 profile", #"{"historyId":""}"#),
    ("/profile", "1 500 profile", #"{"historyId":"0"}"#),
    ("/history?maxResults=500&startHistoryId=7", nil, #"{"history":[{"messagesAdded":[7]}]}"#),
    ("/messages/a?format=full", "1 500 get 1 9 * a", #"{"id":"b","threadId":"t"}"#),
    ("/profile", "2 500 other", #"{"historyId":"1"}"#),
  ] as [(String, String?, String)])
func `what is not an answer of Gmail is refused, to be asked for again`(
  path: String, continuation: String?, body: String
) {
  let ask = PageRequest(
    collection: mail, mode: .changes(since: "7"), continuation: continuation, pageSize: 500)
  #expect(google.request(ask, token: "T").url == base + path)
  guard
    case .refused(let refusal) = google.read(Reply(status: 200, body: Array(body.utf8)), to: ask)
  else {
    Issue.record("taken for a page")
    return
  }
  #expect(refusal.reason == "unreadable" && !refusal.isPermanent)
}

@Test func `a proxy's 404 is no deleted message`() {
  let ask = PageRequest(
    collection: mail, mode: .changes(since: "7"), continuation: "1 500 get 1 9 * a", pageSize: 500)
  guard case .refused(let refusal) = google.read(Reply(status: 404), to: ask) else {
    Issue.record("taken for Google's word")
    return
  }
  #expect(!refusal.isPermanent)
}

@Test func `one message is asked for whole, and read with its labels`() {
  let request = google.confirmation(of: "18c1", in: mail, token: "T")
  #expect(request.url == "\(base)/messages/18c1?format=full")
  #expect(request.quotaUnits == 5)
  let body = #"{"id":"18c1","threadId":"18c1","labelIds":["B","A"],"historyId":"44"}"#
  #expect(
    google.readConfirmation(Reply(status: 200, body: Array(body.utf8)), of: "18c1", in: mail)
      == .exists(
        Item(
          id: "18c1", revision: LabelSum.revision("44", sum: LabelSum.of(["A", "B"])),
          bytes: 0..<body.utf8.count)))
  #expect(
    google.readConfirmation(Reply(status: 404, body: Array(gone.utf8)), of: "18c1", in: mail)
      == .gone(nil))
}

@Test(
  arguments: [
    ("User-rate limit exceeded.  Retry after 2026-11-23T09:05:30.000Z", "5", Duration.seconds(30)),
    ("User-rate limit exceeded.  Retry after 2026-11-23T09:05:30Z. (x)", "90", .seconds(90)),
    ("Retry after 2026-11-23T09:00:00Z", nil, .zero), ("Retry after a while", "7", .seconds(7)),
    ("Retry after 2036-11-23T09:05:30Z", nil, .seconds(86_400)), ("No.", nil, nil),
  ] as [(String, String?, Duration?)])
func `a time in Gmail's message lengthens the wait, and never shortens it`(
  message: String, header: String?, expected: Duration?
) {
  var headers = [Header("Date", "Mon, 23 Nov 2026 09:05:00 GMT")]
  if let header { headers.append(Header("Retry-After", header)) }
  let body = #"{"error":{"code":429,"message":"\#(message)","status":"RESOURCE_EXHAUSTED"}}"#
  let ask = PageRequest(collection: mail, mode: .baseline, pageSize: 500)
  let reply = Reply(status: 429, headers: headers, body: Array(body.utf8))
  guard case .refused(let refusal) = google.read(reply, to: ask) else {
    Issue.record("not refused")
    return
  }
  #expect(refusal.retryAfter == expected)
}
