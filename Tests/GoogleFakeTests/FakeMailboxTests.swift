import Domain
import Events
import GoogleFake
import TestSupport
import Testing

extension GoogleSession {
  fileprivate static let mail = "/gmail/v1/users/me"

  fileprivate mutating func historyId() throws -> String {
    let profile = try json("GET", "\(Self.mail)/profile")
    return try #require(profile["historyId"]?.string)
  }

  fileprivate mutating func message(_ subject: String) throws -> String {
    let body = """
      {"labelIds":["INBOX","UNREAD"],"payload":{"headers":[{"name":"Subject","value":"\(subject)"},
      {"name":"From","value":"guest@example.com"}],"body":{"data":"SGVsbG8"}}}
      """
    return try #require(try json("POST", "\(Self.mail)/messages", body)["id"]?.string)
  }

  fileprivate mutating func history(_ start: String, _ more: String = "") throws -> Shown {
    try json("GET", "\(Self.mail)/history?startHistoryId=\(start)\(more)")
  }
}

extension Shown {
  fileprivate func ids(_ list: String) -> [String] {
    (self[list]?.items ?? []).compactMap { ($0["message"] ?? $0)["id"]?.string }
  }
}

@Suite struct FakeMailboxTests {
  static let mail = "/gmail/v1/users/me"

  @Test func `an unchanged mailbox answers without a history key`() throws {
    var session = try GoogleSession()
    let start = try session.historyId()
    #expect(try session.history(start) == .object(["historyId": .text(start)]))
  }

  @Test func `what happens to a message is told in order, with gaps between the records`() throws {
    var session = try GoogleSession()
    let start = try session.historyId()
    let id = try session.message("Plans")
    let path = "\(Self.mail)/messages/\(id)"
    _ = try session.json("POST", "\(path)/modify", "{\"removeLabelIds\":[\"UNREAD\"]}")
    _ = try session.json("POST", "\(path)/modify", "{\"removeLabelIds\":[\"UNREAD\"]}")
    _ = try session.json("POST", "\(path)/trash")
    #expect(session.send("DELETE", path).status == 204)
    let history = try session.history(start)
    let records = history["history"]?.items ?? []
    #expect(
      records.map { $0.keys.subtracting(["id", "messages"]).sorted() } == [
        ["messagesAdded"], ["labelsRemoved"], ["labelsAdded"], ["messagesDeleted"],
      ])
    #expect(records.allSatisfy { $0.ids("messages") == [id] })
    #expect(records[2]["labelsAdded"]?[0]?["labelIds"] == .list([.text("TRASH")]))
    let numbers = records.compactMap { UInt64($0["id"]?.string ?? "") }
    #expect(numbers == numbers.sorted() && Set(numbers).count == 4)
    #expect(history["historyId"]?.string == records.last?["id"]?.string)
    #expect(try session.history("\(numbers[2])")["history"]?.items.count == 1)
    #expect(session.send("GET", path).status == 404)
  }

  @Test func `types and a label choose from the history`() throws {
    var session = try GoogleSession()
    let start = try session.historyId()
    let id = try session.message("Plans")
    let path = "\(Self.mail)/messages/\(id)"
    _ = try session.json("POST", "\(path)/modify", "{\"addLabelIds\":[\"STARRED\"]}")
    let added = try session.history(start, "&historyTypes=messageAdded")
    #expect(added["history"]?.items.count == 1)
    let starred = try session.history(start, "&labelId=STARRED")
    #expect(starred["history"]?[0]?.keys.contains("labelsAdded") == true)
    let both = "&historyTypes=messageAdded&historyTypes=labelAdded"
    #expect(try session.history(start, both)["history"]?.items.count == 2)
    let wrong = session.send("GET", "\(Self.mail)/history?startHistoryId=\(start)&historyTypes=no")
    #expect(wrong.status == 400)
  }

  @Test func `one record can hold many messages`() throws {
    var session = try GoogleSession()
    let start = try session.historyId()
    try session.google.generateMail(count: 25, title: "News", perRecord: 10, at: noon)
    let records = try session.history(start)["history"]?.items ?? []
    #expect(records.map { $0.ids("messagesAdded").count } == [10, 10, 5])
  }

  @Test func `history is read in pages, some of them empty`() throws {
    var session = try GoogleSession()
    let start = try session.historyId()
    try session.google.generateMail(count: 40, title: "News", at: noon)
    session.google.switches.emptyHistoryPermille = 500
    var (seen, pages, empty, token) = (0, 0, 0, "")
    repeat {
      let page = try session.history(start, "&maxResults=3\(token)")
      seen += page["history"]?.items.count ?? 0
      empty += page["history"] == nil ? 1 : 0
      token = page["nextPageToken"]?.string.map { "&pageToken=\(escaped($0))" } ?? ""
      pages += 1
    } while !token.isEmpty && pages < 200
    #expect(seen == 40)
    #expect(empty > 0)
    #expect(pages == 14 + empty)
  }

  @Test func `a history that is too old is not found, one that is none is refused`() throws {
    var session = try GoogleSession()
    let start = try session.historyId()
    _ = try session.message("Plans")
    session.google.expireHistory()
    let path = "\(Self.mail)/history?startHistoryId="
    let old = session.send("GET", "\(path)\(start)")
    #expect(old.status == 404)
    #expect(try session.reason(old) == "notFound")
    #expect(try Shown(old.body)["error"]?["status"]?.string == "NOT_FOUND")
    #expect(session.send("GET", "\(path)soon").status == 400)
    #expect(session.send("GET", "\(Self.mail)/history").status == 400)
    #expect(try session.history(session.historyId()).keys == ["historyId"])
  }

  @Test func `lists show the newest first and leave trash out unless asked`() throws {
    var session = try GoogleSession()
    #expect(try session.json("GET", "\(Self.mail)/messages").keys == ["resultSizeEstimate"])
    var ids: [String] = []
    for number in 1...5 {
      session.now = noon + .seconds(number)
      ids.append(try session.message("News \(number)"))
    }
    _ = try session.json("POST", "\(Self.mail)/messages/\(ids[1])/trash")
    let first = try session.json("GET", "\(Self.mail)/messages?maxResults=3")
    #expect(first.ids("messages") == [ids[4], ids[3], ids[2]])
    let token = escaped(try #require(first["nextPageToken"]?.string))
    session.now = noon + .seconds(9)
    _ = try session.message("Late")
    let second = try session.json("GET", "\(Self.mail)/messages?maxResults=3&pageToken=\(token)")
    #expect(second.ids("messages") == [ids[0]])
    #expect(second["nextPageToken"] == nil)
    let all = try session.json("GET", "\(Self.mail)/messages?includeSpamTrash=true")
    #expect(all["messages"]?.items.count == 6)
    let found = try session.json("GET", "\(Self.mail)/messages?q=subject%3Alate%20is%3Aunread")
    #expect(found["messages"]?.items.count == 1)
    let after = noon.milliseconds / 1_000 + 4
    let late = try session.json(
      "GET", "\(Self.mail)/messages?q=after%3A\(after)%20before%3A\(after + 1)")
    #expect(late.ids("messages") == [ids[3]])
    let label = try session.json("GET", "\(Self.mail)/labels/UNREAD")
    #expect(label["messagesTotal"] == .number(6))
  }

  @Test func `a message is shown as its format says`() throws {
    var session = try GoogleSession()
    let path = "\(Self.mail)/messages/\(try session.message("Plans"))"
    let minimal = try session.json("GET", "\(path)?format=minimal")
    #expect(minimal["payload"] == nil)
    #expect(minimal["internalDate"]?.string == "\(noon.milliseconds)")
    #expect(minimal["snippet"]?.string == "Hello")
    let metadata = try session.json("GET", "\(path)?format=metadata&metadataHeaders=subject")
    #expect(metadata["payload"]?["headers"]?.items.count == 1)
    #expect(metadata["payload"]?["body"] == nil)
    let full = try session.json("GET", path)
    #expect(full["payload"]?["body"]?["data"]?.string == "SGVsbG8=")
    #expect(try session.json("GET", "\(path)?format=raw")["raw"] != nil)
    #expect(session.send("GET", "\(path)?format=short").status == 400)
  }

  @Test func `an edited draft has another message`() throws {
    var session = try GoogleSession()
    let start = try session.historyId()
    let body = "{\"message\":{\"raw\":\"U3ViamVjdDogUGxhbnMKCkhlbGxv\"}}"
    let draft = try session.json("POST", "\(Self.mail)/drafts", body)
    let path = "\(Self.mail)/drafts/\(draft["id"]?.string ?? "")"
    let edited = try session.json("PUT", path, body)
    #expect(edited["id"] == draft["id"])
    let before = try #require(draft["message"]?["id"]?.string)
    let after = try #require(edited["message"]?["id"]?.string)
    #expect(before != after)
    let last = try session.history(start)["history"]?[1]
    #expect(last?.ids("messagesDeleted") == [before])
    #expect(last?.ids("messagesAdded") == [after])
    #expect(session.send("GET", "\(Self.mail)/messages/\(before)").status == 404)
    let sent = try session.json(
      "POST", "\(Self.mail)/drafts/send", "{\"id\":\"\(draft["id"]?.string ?? "")\"}")
    #expect(sent["labelIds"] == .list([.text("SENT")]))
    #expect(session.send("GET", path).status == 404)
  }

  @Test func `a deleted label leaves all messages in one record`() throws {
    var session = try GoogleSession()
    let label = try session.json("POST", "\(Self.mail)/labels", "{\"name\":\"Team\"}")
    let id = try #require(label["id"]?.string)
    for number in 1...3 {
      let path = "\(Self.mail)/messages/\(try session.message("\(number)"))/modify"
      _ = try session.json("POST", path, "{\"addLabelIds\":[\"\(id)\"]}")
    }
    let start = try session.historyId()
    #expect(session.send("DELETE", "\(Self.mail)/labels/\(id)").status == 204)
    let records = try session.history(start)["history"]
    #expect(records?.items.count == 1)
    #expect(records?[0]?.ids("labelsRemoved").count == 3)
    #expect(session.send("DELETE", "\(Self.mail)/labels/INBOX").status == 400)
  }

  @Test(arguments: [(429, "rateLimitExceeded"), (403, "userRateLimitExceeded")])
  func `a user's units last for a minute`(status: Int, reason: String) throws {
    var session = try GoogleSession()
    session.google.switches.mailUnitsPerMinute = 7
    session.google.switches.mailLimitStatus = status
    let path = "\(Self.mail)/messages"
    #expect(session.send("GET", path).status == 200)
    let refused = session.send("GET", path)
    #expect(refused.status == status)
    #expect(try session.reason(refused) == reason)
    #expect(try Shown(refused.body)["error"]?["status"]?.string == "RESOURCE_EXHAUSTED")
    #expect(session.send("GET", "\(Self.mail)/profile").status == 200)
    session.now = noon + .seconds(60)
    #expect(session.send("GET", path).status == 200)
  }

  @Test func `a scope of metadata refuses searches, texts and changes`() throws {
    var session = try GoogleSession()
    let id = try session.message("Plans")
    let code = try session.code(scope: "https://www.googleapis.com/auth/gmail.metadata")
    session.token = try #require(try Shown(session.exchange(code).body)["access_token"]?.string)
    let path = "\(Self.mail)/messages"
    #expect(session.send("GET", path).status == 200)
    #expect(session.send("GET", "\(path)/\(id)?format=metadata").status == 200)
    #expect(session.send("GET", "\(path)?q=plans").status == 403)
    #expect(session.send("GET", "\(path)/\(id)").status == 403)
    #expect(session.send("POST", "\(path)/\(id)/trash").status == 403)
  }

  @Test func `threads gather their messages`() throws {
    var session = try GoogleSession()
    let first = try session.message("Plans")
    session.now = noon + .seconds(1)
    _ = try session.message("Other")
    session.now = noon + .seconds(2)
    let body = "{\"threadId\":\"\(first)\",\"payload\":{}}"
    let answer = try session.json("POST", "\(Self.mail)/messages", body)
    let list = try session.json("GET", "\(Self.mail)/threads?maxResults=1")
    #expect(list.ids("threads") == [first])
    let thread = try session.json("GET", "\(Self.mail)/threads/\(first)?format=minimal")
    #expect(thread.ids("messages") == [first, answer["id"]?.string ?? ""])
    let next = escaped(try #require(list["nextPageToken"]?.string))
    let rest = try session.json("GET", "\(Self.mail)/threads?maxResults=1&pageToken=\(next)")
    #expect(rest["threads"]?.items.count == 1 && rest["nextPageToken"] == nil)
  }
}
