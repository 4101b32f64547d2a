import Domain
import Events
import GoogleFake
import TestSupport
import Testing

extension GoogleSession {
  /// A request that has to succeed.
  mutating func json(_ method: String, _ path: String, _ body: String = "") throws -> Shown {
    let answer = send(method, path, body)
    try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    return try Shown(answer.body)
  }

  /// What Google's `ErrorInfo`, or else its status, says in an error.
  func word(_ answer: FakeAnswer) throws -> String? {
    let error = try Shown(answer.body)["error"]
    return error?["details"]?[0]?["reason"]?.string ?? error?["status"]?.string
  }

  fileprivate mutating func group(_ name: String) throws -> String {
    let made = try json("POST", "/v1/contactGroups", "{\"contactGroup\":{\"name\":\"\(name)\"}}")
    return try #require(made["resourceName"]?.string)
  }
}

extension Shown {
  fileprivate func texts(_ list: String, _ key: String) -> [String] {
    (self[list]?.items ?? []).compactMap { $0[key]?.string }
  }
}

@Suite struct FakeContactsTests {
  static let path = "/v1/contactGroups"

  @Test func `a new account has system groups without etag and metadata`() throws {
    var session = try GoogleSession()
    let list = try session.json("GET", Self.path)
    #expect(list["totalItems"] == .number(8))
    #expect(
      list.texts("contactGroups", "groupType")
        == [String](repeating: "SYSTEM_CONTACT_GROUP", count: 8))
    #expect(
      list["contactGroups"]?.items.allSatisfy { $0["etag"] == nil && $0["metadata"] == nil } == true
    )
    #expect(list["nextSyncToken"] != nil)
  }

  @Test func `every page of groups has a sync token and they follow the changes`() throws {
    var session = try GoogleSession()
    let name = try session.group("Team")
    let first = try session.json("GET", "\(Self.path)?pageSize=5")
    #expect(first["nextSyncToken"] != nil)
    let page = escaped(try #require(first["nextPageToken"]?.string))
    let second = try session.json("GET", "\(Self.path)?pageSize=5&pageToken=\(page)")
    #expect(second.texts("contactGroups", "name").last == "Team")
    #expect(second["nextPageToken"] == nil)
    let sync = escaped(try #require(second["nextSyncToken"]?.string))
    let nothing = try session.json("GET", "\(Self.path)?syncToken=\(sync)")
    #expect(nothing.keys == ["nextSyncToken"])
    _ = try session.json("PUT", "/v1/\(name)", "{\"contactGroup\":{\"name\":\"Crew\"}}")
    let other = try session.group("Gone")
    _ = try session.json("DELETE", "/v1/\(other)")
    let changes = try session.json("GET", "\(Self.path)?syncToken=\(sync)")
    #expect(changes.texts("contactGroups", "resourceName") == [name, other])
    #expect(changes["contactGroups"]?[0]?["name"]?.string == "Crew")
    #expect(changes["contactGroups"]?[1]?.keys == ["resourceName", "metadata"])
    #expect(changes["contactGroups"]?[1]?["metadata"]?["deleted"] == .flag(true))
  }

  @Test(arguments: [(0, 20), (3, 24), (6, 27), (9, 30)])
  func `times of groups have as many digits as the switch says`(digits: Int, length: Int) throws {
    var session = try GoogleSession()
    session.google.switches.timeDigits = digits
    let name = try session.group("Team")
    let group = try session.json("GET", "/v1/\(name)")
    let time = try #require(group["metadata"]?["updateTime"]?.string)
    #expect(time.utf8.count == length)
    #expect(time.hasPrefix("2026-11-23T12:00:00"))
    #expect(time.hasSuffix("Z"))
  }

  @Test(arguments: [
    (GoogleError.Expiry.invalidArgument, 400, "INVALID_ARGUMENT"),
    (.failedPrecondition, 400, "FAILED_PRECONDITION"), (.gone, 410, "FAILED_PRECONDITION"),
  ])
  func `a dead token is refused as the switch says`(
    expiry: GoogleError.Expiry, status: Int, code: String
  ) throws {
    var session = try GoogleSession()
    session.google.switches.contactsExpiry = expiry
    let sync = escaped(try #require(try session.json("GET", Self.path)["nextSyncToken"]?.string))
    session.google.expireContactsTokens()
    let answer = session.send("GET", "\(Self.path)?syncToken=\(sync)")
    #expect(answer.status == status)
    #expect(try session.word(answer) == "EXPIRED_SYNC_TOKEN")
    #expect(try Shown(answer.body)["error"]?["status"]?.string == code)
  }

  @Test func `a sync token lives seven days`() throws {
    var session = try GoogleSession()
    let sync = escaped(try #require(try session.json("GET", Self.path)["nextSyncToken"]?.string))
    func answer(_ wait: Duration) throws -> Int {
      var later = session
      later.now = noon + wait
      let code = try later.code()
      let token = try Shown(later.exchange(code).body)["access_token"]?.string
      later.token = try #require(token)
      return later.send("GET", "\(Self.path)?syncToken=\(sync)").status
    }
    #expect(try answer(.seconds(7 * 86_400 - 1)) == 200)
    #expect(try answer(.seconds(7 * 86_400)) == 400)
  }

  @Test(arguments: [
    ("GET", "/v1/contactGroups?showDeleted=true", "", 400, "INVALID_ARGUMENT"),
    ("GET", "/v1/contactGroups?syncToken=never", "", 400, "INVALID_ARGUMENT"),
    ("GET", "/v1/contactGroups?pageSize=1001", "", 400, "INVALID_ARGUMENT"),
    ("GET", "/v1/contactGroups?groupFields=id", "", 400, "INVALID_ARGUMENT"),
    ("GET", "/v1/contactGroups/none", "", 404, "NOT_FOUND"),
    ("POST", "/v1/contactGroups", "{}", 400, "INVALID_ARGUMENT"),
    ("POST", "/v1/contactGroups", "{\"contactGroup\":{\"name\":\"all\"}}", 409, "ALREADY_EXISTS"),
    ("DELETE", "/v1/contactGroups/starred", "", 400, "INVALID_ARGUMENT"),
    ("GET", "/v1/people/me/connections", "", 400, "INVALID_ARGUMENT"),
    ("GET", "/v1/people/you/connections?personFields=names", "", 400, "INVALID_ARGUMENT"),
    ("PATCH", "/v1/people/c1:updateContact?updatePersonFields=names", "{}", 404, "NOT_FOUND"),
  ])
  func `People refuses in its own shape`(
    method: String, path: String, body: String, status: Int, code: String
  ) throws {
    var session = try GoogleSession()
    let answer = session.send(method, path, body)
    #expect(answer.status == status)
    let error = try Shown(answer.body)["error"]
    #expect(error?["status"]?.string == code)
    #expect(error?["errors"] == nil)
  }

  @Test func `an unknown parameter cannot be bound`() throws {
    var session = try GoogleSession()
    let error = try Shown(session.send("GET", "\(Self.path)?requestSyncToken=true").body)["error"]
    #expect(error?["message"]?.string?.contains("Cannot bind query parameter") == true)
    #expect(error?["details"]?[0]?["@type"]?.string?.hasSuffix("BadRequest") == true)
  }

  @Test func `a token without the contacts scope may not read groups`() throws {
    var session = try GoogleSession()
    let code = try session.code(scope: "https://www.googleapis.com/auth/contacts.readonly")
    session.token = try #require(try Shown(session.exchange(code).body)["access_token"]?.string)
    #expect(session.send("GET", Self.path).status == 200)
    let answer = session.send("POST", Self.path, "{\"contactGroup\":{\"name\":\"Team\"}}")
    #expect(answer.status == 403)
    #expect(try session.word(answer) == "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
  }

  @Test func `people are listed by their last change and found again by a sync`() throws {
    var session = try GoogleSession()
    func person(_ name: String) throws -> Shown {
      try session.json(
        "POST", "/v1/people:createContact", "{\"names\":[{\"givenName\":\"\(name)\"}]}")
    }
    let first = try person("Zoe")
    let second = try person("Abe")
    let path = "/v1/people/me/connections?personFields=names,metadata&requestSyncToken=true"
    let list = try session.json("GET", path)
    #expect(
      list.texts("connections", "resourceName")
        == [first, second].compactMap { $0["resourceName"]?.string })
    let byName = try session.json("GET", "\(path)&sortOrder=FIRST_NAME_ASCENDING&pageSize=1")
    #expect(byName["connections"]?[0]?["names"]?[0]?["displayName"]?.string == "Abe")
    let next = escaped(try #require(byName["nextPageToken"]?.string))
    let rest = try session.json(
      "GET", "\(path)&sortOrder=FIRST_NAME_ASCENDING&pageSize=1&pageToken=\(next)")
    #expect(rest["connections"]?[0]?["names"]?[0]?["displayName"]?.string == "Zoe")
    let name = try #require(first["resourceName"]?.string)
    let etag = try #require(first["etag"]?.string)
    let body = "{\"etag\":\"\(etag)\",\"names\":[{\"givenName\":\"Zora\"}]}"
    let change = "/v1/\(name):updateContact?updatePersonFields=names"
    _ = try session.json("PATCH", change, body)
    #expect(try session.word(session.send("PATCH", change, body)) == "FAILED_PRECONDITION")
    _ = try session.json("DELETE", "/v1/\(second["resourceName"]?.string ?? ""):deleteContact")
    let sync = escaped(try #require(list["nextSyncToken"]?.string))
    let changes = try session.json("GET", "\(path)&syncToken=\(sync)")
    #expect(changes["connections"]?.items.count == 2)
    #expect(changes["connections"]?[0]?["names"]?[0]?["displayName"]?.string == "Zora")
    #expect(changes["connections"]?[0]?["metadata"]?["sources"]?[0]?["updateTime"] != nil)
    #expect(changes["connections"]?[1]?["metadata"]?["deleted"] == .flag(true))
    let other = session.send(
      "GET", "/v1/people/me/connections?personFields=urls&syncToken=\(sync)")
    #expect(other.status == 400)
  }

  @Test func `who joins a group is counted there and changes it`() throws {
    var session = try GoogleSession()
    let group = try session.group("Team")
    let person = try session.json("POST", "/v1/people:createContact", "{}")
    let name = try #require(person["resourceName"]?.string)
    let sync = escaped(try #require(try session.json("GET", Self.path)["nextSyncToken"]?.string))
    let body = "{\"resourceNamesToAdd\":[\"\(name)\",\"people/c1\"]}"
    let answer = try session.json("POST", "/v1/\(group)/members:modify", body)
    #expect(answer["notFoundResourceNames"] == .list([.text("people/c1")]))
    let changed = try session.json("GET", "\(Self.path)?syncToken=\(sync)")
    #expect(changed["contactGroups"]?[0]?["memberCount"] == .number(1))
    let whole = try session.json("GET", "/v1/\(group)?maxMembers=10")
    #expect(whole["memberResourceNames"] == .list([.text(name)]))
  }
}
