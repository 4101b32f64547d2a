import Domain
import Events
import Foundation
import GoogleFake
import Sandbox
import Testing

@testable import Daybook

/// The provider’s resources as they are read through an instance.
@Suite struct HubTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  private func created(_ resources: [String: Any]? = nil) async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    var form = try parsed(instanceJSON(code: code, base: MadeUpWorld.base))
    if let resources {
      var settings = try #require(form["configuration"] as? [String: Any])
      settings["event.poller.configuration"] = resources
      form["configuration"] = settings
    }
    return try await journal.instances.create(try bytes(form)).id
  }

  private func enter(_ titles: String...) {
    for title in titles { world.withSandbox { $0.enter(title, at: $1) } }
  }

  private func list(_ json: String) throws -> [[String: Any]] {
    try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]] ?? []
  }

  private func code(_ error: DaybookError?) -> Refusal.Code? {
    if case .refused(let refusal)? = error { refusal.code } else { nil }
  }

  @Test func `events are read page by page in the provider's own bytes`() async throws {
    let id = try await created()
    enter("Alpha", "Beta", "Gamma")
    let head = try await journal.head()
    let path = "/hubs/general/calendars/primary/events?pageSize=2"
    let first = try await journal.hub.read(id, path)
    #expect(first.count == 2)
    let next = try #require(first.next)
    let second = try await journal.hub.read(id, "\(path)&nextPage=\(next)")
    #expect(second.count == 1 && second.next == nil)
    let titles = try list(first.json).map { $0["summary"] as? String }
    #expect(titles == ["Alpha", "Beta"])
    let whole = world.withSandbox { sandbox, now in
      String(
        decoding: sandbox.answer(
          FakeRequest("GET", "/sandbox/calendars/primary/events"), at: now
        ).body, as: UTF8.self)
    }
    #expect(whole.contains(second.json.dropFirst().dropLast()))
    #expect(try await journal.head() == head)
    // The hub's name says nothing.
    #expect(try await journal.hub.read(id, "/hubs/nonsense/calendars/primary/events").count == 3)
    #expect(try await journal.hub.read(id, "/calendars/primary/events").count == 3)
  }

  @Test func `conditions go on to the provider`() async throws {
    let id = try await created()
    enter("Alpha plan", "Beta")
    let found = try await journal.hub.read(
      id, "/hubs/general/calendars/primary/events?where=q%3D%27alpha+plan%27")
    #expect(try list(found.json).map { $0["summary"] as? String } == ["Alpha plan"])
    let error = await #expect(throws: DaybookError.self) {
      try await journal.hub.read(id, "/calendars/primary/events?where=pageToken='x'")
    }
    #expect(code(error) != nil)
  }

  @Test(arguments: [
    "calendar-list", "groups", "contacts", "messages", "threads", "changed-groups",
    "calendars/{calendarId}/changed-events", "calendars/primary/changed-events",
  ])
  func `each resource can be listed before anything was polled`(resource: String) async throws {
    let id = try await created()
    let answer = try await journal.hub.read(id, "/hubs/general/\(resource)")
    #expect(try list(answer.json).count == answer.count)
  }

  @Test(arguments: ["profile", "calendars/primary"])
  func `a resource that is one object is read whole`(resource: String) async throws {
    let id = try await created()
    let answer = try await journal.hub.read(id, "/hubs/general/\(resource)")
    #expect(answer.count == 1 && answer.next == nil)
    #expect(try !parsed(answer.json).isEmpty)
  }

  @Test func `one object is read by its id`() async throws {
    let id = try await created()
    enter("Alpha")
    let events = try list(
      try await journal.hub.read(id, "/hubs/general/calendars/primary/events").json)
    let event = try #require(events.first?["id"] as? String)
    let answer = try await journal.hub.read(id, "/hubs/general/calendars/primary/events/\(event)")
    #expect(try parsed(answer.json)["summary"] as? String == "Alpha")
    let error = await #expect(throws: DaybookError.self) {
      try await journal.hub.read(id, "/hubs/general/calendars/primary/events/none")
    }
    #expect(code(error) == .notFound(.object))
  }

  @Test func `changes are those since the cursor, which stays where it is`() async throws {
    let id = try await created()
    enter("Alpha")
    _ = try await journal.polls.run(.instance(id))
    let path = "/hubs/general/calendars/primary/changed-events"
    #expect(try await journal.hub.read(id, path).count == 0)
    world.pass(.seconds(60))
    enter("Beta", "Gamma")
    let head = try await journal.head()
    for _ in 0..<2 {
      let answer = try await journal.hub.read(id, path)
      #expect(try list(answer.json).map { $0["summary"] as? String } == ["Beta", "Gamma"])
    }
    let first = try await journal.hub.read(id, "\(path)?pageSize=1")
    let next = try #require(first.next)
    let second = try await journal.hub.read(id, "\(path)?pageSize=1&nextPage=\(next)")
    #expect(first.json != second.json && second.count == 1)
    #expect(try await journal.head() == head)
    #expect(try await journal.polls.run(.instance(id)).map(\.changes) == [2])
    #expect(try await journal.hub.read(id, path).count == 0)
  }

  @Test func `changed messages are read one by one behind the history`() async throws {
    let id = try await created(["changed-messages": ["url": "/hubs/general/changed-messages"]])
    let error = await #expect(throws: DaybookError.self) {
      try await journal.hub.read(id, "/hubs/general/changed-messages")
    }
    #expect(code(error) == .conflict)
    _ = try await journal.polls.run(.instance(id))
    world.pass(.seconds(60))
    world.withSandbox { sandbox, now in
      _ = sandbox.answer(
        FakeRequest(
          "POST", "/sandbox/gmail/v1/users/me/messages",
          headers: [Header("Content-Type", "application/json")],
          body: Array(
            #"{"labelIds":["INBOX"],"payload":{"headers":[{"name":"Subject","value":"Plans"}]}}"#
              .utf8)), at: now)
    }
    let answer = try await journal.hub.read(id, "/hubs/general/changed-messages")
    #expect(answer.count == 1 && answer.json.contains("Plans"))
  }

  @Test func `what the provider refuses is said in its words, and a token is refreshed`()
    async throws
  {
    let id = try await created()
    world.pass(.seconds(4_000))
    let head = try await journal.head()
    _ = try await journal.hub.read(id, "/hubs/general/calendar-list")
    var part = Selection()
    part.after = head
    #expect(
      try await journal.events.rows(part).map { $0["type"] } == [.text("authorization.refreshed")])
    world.withSandbox { sandbox, now in
      _ = sandbox.answer(
        FakeRequest(
          "POST", "/sandbox/faults", headers: [],
          body: Array(
            #"{"kind":"status","status":403,"reason":"rateLimitExceeded","path":"/calendar/"}"#.utf8
          )),
        at: now)
    }
    let error = await #expect(throws: DaybookError.self) {
      try await journal.hub.read(id, "/hubs/general/calendar-list")
    }
    #expect(code(error) == .providerUnreachable && "\(error!)".contains("rateLimitExceeded"))
  }

  @Test(arguments: [
    ("/hubs/general/nothing", Refusal.Code.notFound(.resource)), ("/", .notFound(.resource)),
    ("/hubs/general/groups?pageSize=0", .invalid), ("/groups?pageSize=x", .invalid),
    ("/groups?nextPage=%2A", .invalid), ("/groups/..", .notFound(.resource)),
  ])
  func `a target that cannot be read is refused`(
    target: String, expected: Refusal.Code
  )
    async throws
  {
    let id = try await created()
    let error = await #expect(throws: DaybookError.self) {
      try await journal.hub.read(id, target)
    }
    #expect(code(error) == expected)
  }

  @Test func `nothing is read for an instance that is disabled or deleted`() async throws {
    let id = try await created()
    try await journal.instances.disable(id, reason: "holidays")
    let disabled = await #expect(throws: DaybookError.self) {
      try await journal.hub.read(id, "/groups")
    }
    #expect(code(disabled) == .disabled)
    try await journal.instances.delete(id, reason: "moved")
    let deleted = await #expect(throws: DaybookError.self) {
      try await journal.hub.read(id, "/groups")
    }
    #expect(code(deleted) == .deleted)
  }

  // MARK: Consent

  @Test func `the address of a consent asks for a refresh token and the standard scopes`()
    async throws
  {
    let request = ConsentRequest(
      apiKey: "client.example", callbackURL: "https://auth.example/oauth?x=1")
    let answer = try parsed(try await journal.instances.consent(request))
    #expect(answer["element"] as? String == "googlesuite")
    let address = try #require(answer["oauthUrl"] as? String)
    let url = try #require(URLComponents(string: address))
    #expect(url.path == "/o/oauth2/v2/auth")
    let query = Dictionary(
      uniqueKeysWithValues: (url.queryItems ?? []).map { ($0.name, $0.value ?? "") })
    #expect(query["client_id"] == "client.example" && query["response_type"] == "code")
    #expect(query["redirect_uri"] == "https://auth.example/oauth?x=1")
    #expect(query["access_type"] == "offline" && query["prompt"] == "consent")
    #expect(query["state"] == "googlesuite")
    let scopes = query["scope"]?.split(separator: " ") ?? []
    for word in ["contacts.readonly", "gmail.readonly", "calendar.events.readonly"] {
      #expect(scopes.contains { $0.hasSuffix(word) }, "\(word)")
    }
    var other = request
    other.scope = "a b"
    other.state = "mine & more"
    let chosen = try parsed(try await journal.instances.consent(other))["oauthUrl"] as? String
    #expect(chosen?.contains("scope=a%20b&") == true)
    #expect(chosen?.contains("state=mine%20%26%20more&code_challenge=") == true)
  }

  @Test func `a code is bound to its address, and its verifier is known again after a restart`()
    async throws
  {
    let redirect = "https://auth.example/oauth"
    let request = ConsentRequest(apiKey: "sandbox-client", callbackURL: redirect)
    let answer = try parsed(try await journal.instances.consent(request))
    let address = try #require(answer["oauthUrl"] as? String)
    let code = try #require(world.agree(to: address))
    var form = try parsed(instanceJSON(code: code, base: MadeUpWorld.base))
    var settings = try #require(form["configuration"] as? [String: Any])
    settings["oauth.callback.url"] = redirect
    form["configuration"] = settings
    // Opened anew: nothing is remembered but the key.
    let later = try world.journal(in: folder, retryWaits: [.seconds(1)])
    let id = try await later.instances.create(try bytes(form)).id
    let again = try #require(world.agree(to: address))
    try await journal.instances.update(
      id, Array(#"{"providerData":{"code":"\#(again)"}}"#.utf8))
    form["providerData"] = ["code": try #require(world.agree(to: address))]
    settings["oauth.callback.url"] = "https://auth.example/other"
    form["configuration"] = settings
    let refused = await #expect(throws: DaybookError.self) {
      try await journal.instances.create(try bytes(form))
    }
    #expect(self.code(refused) == .providerRefused)
  }

  @Test(arguments: [
    ("", "https://a.example", "apiKey"), ("c", "", "callbackUrl"), ("c", "ftp://a", "callbackUrl"),
    ("c\u{1B}", "https://a.example", "apiKey"), ("c", "https://a.example/#x", "callbackUrl"),
  ])
  func `a consent that cannot be asked for is refused`(
    key: String, callback: String, place: String
  ) async {
    let error = await #expect(throws: DaybookError.self) {
      try await journal.instances.consent(ConsentRequest(apiKey: key, callbackURL: callback))
    }
    if case .refused(let refusal)? = error { #expect(refusal.path == place) }
  }
}
