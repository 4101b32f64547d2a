import Daybook
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// Consent without a terminal: begun by a program, given in a browser, made here.
@Suite struct ConsentRouteTests {
  /// The body of an instance without a code, which Google sends browsers back to this server for.
  private func form(_ stage: ServerStage, changes: [String: JSON] = [:]) async throws -> String {
    var body = try #require(try JSON.parse(Array(await stage.form().utf8)).members)
    body["providerData"] = nil
    var configuration = body["configuration"]?.members ?? Members()
    configuration["oauth.callback.url"] = .string("http://127.0.0.1:\(stage.port)/oauth/callback")
    for (name, value) in changes { configuration[name] = value }
    body["configuration"] = .object(configuration)
    return String(decoding: JSON.object(body).bytes(), as: UTF8.self)
  }

  private func begin(_ stage: ServerStage) async throws -> (id: String, target: String) {
    let begun = try await stage.json("POST", "/daybook/v1/consents", await form(stage))
    return (try #require(begun["id"]?.text), try await redirect(stage, begun))
  }

  /// The target that Google sends the browser back with.
  private func redirect(_ stage: ServerStage, _ begun: JSON) async throws -> String {
    let url = try #require(begun["url"]?.text)
    #expect(url.contains("code_challenge_method=S256"))
    let path = String(url.dropFirst("http://127.0.0.1:\(stage.google)".count))
    let location = try await request(stage.google, "GET", path).headers["location"] ?? ""
    let own = "http://127.0.0.1:\(stage.port)"
    try #require(location.hasPrefix(own + "/oauth/callback?"), "\(location)")
    return String(location.dropFirst(own.count))
  }

  @Test func `a person agrees, and whoever began it gets the instance`() async throws {
    try await ServerStage.with { stage in
      let (id, target) = try await begin(stage)
      let path = "/daybook/v1/consents/\(id)"
      #expect(try await stage.json("GET", path)["state"]?.text == "waiting")
      let page = try await stage.ask("GET", target, headers: [])
      #expect(page.status == 200)
      #expect(page.text == "Granted. Instance 1 was created. This window may be closed.\n")
      #expect(page.headers["referrer-policy"] == "no-referrer")
      let ended = try await stage.json("GET", path)
      #expect(ended["state"]?.text == "created")
      let token = try #require(ended["instance"]?["token"]?.text)
      let shown = [("Authorization", "Element \(token)")]
      #expect(try await stage.ask("GET", "/daybook/v1/events", headers: shown).status == 200)
      // The same redirect again finds nothing that waits.
      #expect(try await stage.ask("GET", target, headers: []).status == 400)
      #expect(try await stage.json("GET", "/daybook/v1/instances").elements?.count == 1)
    }
  }

  @Test func `another state, another path and no code find nothing`() async throws {
    try await ServerStage.with { stage in
      let (id, target) = try await begin(stage)
      for other in [
        "/oauth/callback", "/oauth/callback?code=4/x", "/oauth/callback?state=x&code=4/x",
        target + "&state=x", target + "&code=y",
      ] {
        #expect(try await stage.ask("GET", other, headers: []).status == 400, "\(other)")
      }
      let path = "/daybook/v1/consents/\(id)"
      #expect(try await stage.json("GET", path)["state"]?.text == "waiting")
      #expect(try await stage.ask("GET", "/daybook/v1/consents/none").status == 404)
      #expect(try await stage.ask("GET", path, headers: []).status == 401)
    }
  }

  @Test func `a refusal of a person or of Google creates nothing and is told`() async throws {
    try await ServerStage.with { stage in
      try await stage.tell("POST", "/sandbox/consent", #"{"denied":true}"#)
      let (id, target) = try await begin(stage)
      let page = try await stage.ask("GET", target, headers: [])
      #expect(page.text == "Nothing was granted (access_denied). This window may be closed.\n")
      let ended = try await stage.json("GET", "/daybook/v1/consents/\(id)")
      #expect(ended["state"]?.text == "refused")
      #expect(ended["reason"]?.text == "access_denied")
      #expect(try await stage.json("GET", "/daybook/v1/instances").elements?.isEmpty == true)
    }
  }

  @Test func `what could not be made is refused before a person is asked`() async throws {
    try await ServerStage.with { stage in
      let path = "/daybook/v1/consents"
      let away = try await form(
        stage, changes: ["oauth.callback.url": "https://example.com/elsewhere"])
      let elsewhere = try await stage.ask("POST", path, away)
      #expect(elsewhere.status == 400)
      #expect(elsewhere.text.contains("configuration.oauth.callback.url: has to be this server's"))
      let unfinished = try await form(stage, changes: ["oauth.api.secret": .null])
      #expect(try await stage.ask("POST", path, unfinished).status == 400)
      #expect(try await stage.ask("POST", path, await stage.form()).status == 400)
      #expect(try await stage.ask("POST", path, "[]").status == 400)
      #expect(try await stage.ask("POST", path, "{").status == 400)
    }
  }

  // MARK: Begun by `oauth/url`, ended by its caller

  private static let path = "/elements/api-v2/elements/googlesuite/oauth/url"

  /// Has a person agree at the address of an answer.
  ///
  /// - Returns: Where Google sends the browser to.
  private func agree(_ stage: ServerStage, _ answer: JSON) async throws -> String {
    let url = try #require(answer["oauthUrl"]?.text)
    #expect(url.contains("code_challenge_method=S256"))
    let path = String(url.dropFirst("http://127.0.0.1:\(stage.google)".count))
    return try #require(try await request(stage.google, "GET", path).headers["location"])
  }

  /// The body of `POST /instances` with a code that came to an address.
  private func form(_ stage: ServerStage, code: String, at address: String) async throws -> String {
    let text = try await form(stage, changes: ["oauth.callback.url": .string(address)])
    var body = try #require(try JSON.parse(Array(text.utf8)).members)
    body["providerData"] = ["code": .string(code)]
    return String(decoding: JSON.object(body).bytes(), as: UTF8.self)
  }

  private func parameters(_ url: String) throws -> [String: String] {
    let items = try #require(URLComponents(string: url)?.queryItems)
    return Dictionary(items.map { ($0.name, $0.value ?? "") }) { $1 }
  }

  @Test func `a code that comes to its caller's own address is exchanged with its proof`()
    async throws
  {
    try await ServerStage.with { stage in
      let own = "http://127.0.0.1:9/mine"
      let query = "?apiKey=sandbox-client&callbackUrl=http://127.0.0.1:9/mine&state="
      for state in ["", "theirs"] {
        let answer = try await stage.json("GET", Self.path + query + state, headers: [])
        let target = try await agree(stage, answer)
        try #require(target.hasPrefix(own + "?"), "\(target)")
        let found = try parameters(target)
        #expect(found["state"] == (state.isEmpty ? "googlesuite" : state))
        let body = try await form(stage, code: try #require(found["code"]), at: own)
        let made = try await stage.json("POST", "/elements/api-v2/instances", body)
        #expect(made["token"]?.text?.isEmpty == false)
      }
    }
  }

  @Test func `a code that comes here is handed on to the address that an owner named`()
    async throws
  {
    try await ServerStage.with { stage in
      let own = "http://127.0.0.1:9/mine?a=b"
      let body: JSON = [
        "apiKey": "sandbox-client", "callbackUrl": .string(own), "state": "theirs & more",
        "callbackProxy": .string("http://127.0.0.1:\(stage.port)/oauth/callback"),
      ]
      let text = String(decoding: body.bytes(), as: UTF8.self)
      let answer = try await stage.json("POST", Self.path, text)
      #expect(answer["oauthUrl"]?.text?.contains("theirs") == false)
      let target = try await agree(stage, answer)
      let here = "http://127.0.0.1:\(stage.port)"
      try #require(target.hasPrefix(here + "/oauth/callback?"), "\(target)")
      let path = String(target.dropFirst(here.count))
      // A state that nobody gave out leads nowhere, and the true one leads there once.
      let made = path.replacing(/state=[^&]+/, with: "state=theirs")
      #expect(try await stage.ask("GET", made, headers: []).status == 400)
      let sent = try await stage.ask("GET", path, headers: [])
      #expect(sent.status == 302)
      #expect(sent.headers["referrer-policy"] == "no-referrer")
      let location = try #require(sent.headers["location"])
      try #require(location.hasPrefix(own + "&"), "\(location)")
      #expect(try await stage.ask("GET", path, headers: []).status == 400)
      let found = try parameters(location)
      #expect(found["state"] == "theirs & more")
      let code = try #require(found["code"])
      let instance = try await form(stage, code: code, at: "http://127.0.0.1:9/mine")
      let object = try await stage.json("POST", "/elements/api-v2/instances", instance)
      #expect(object["id"]?.integer == 1)
    }
  }

  @Test func `a refusal is handed on too`() async throws {
    try await ServerStage.with { stage in
      try await stage.tell("POST", "/sandbox/consent", #"{"denied":true}"#)
      let here = "http://127.0.0.1:\(stage.port)"
      let query =
        "?apiKey=c&callbackUrl=http://127.0.0.1:9/mine&callbackProxy=\(here)/oauth/callback"
      let target = try await agree(stage, try await stage.json("GET", Self.path + query))
      let sent = try await stage.ask("GET", String(target.dropFirst(here.count)), headers: [])
      #expect(
        sent.headers["location"] == "http://127.0.0.1:9/mine?error=access_denied&state=googlesuite")
    }
  }

  @Test func `nobody is sent anywhere that no owner named`() async throws {
    try await ServerStage.with { stage in
      let created = try await stage.journal.instances.create(stage.form())
      let query = "?apiKey=c&callbackUrl=http://127.0.0.1:9/mine&callbackProxy="
      let own = "http://127.0.0.1:\(stage.port)/oauth/callback"
      let token = [("Authorization", "Element \(created.token)")]
      #expect(try await stage.ask("GET", Self.path + query + own, headers: []).status == 401)
      #expect(try await stage.ask("GET", Self.path + query + own, headers: token).status == 401)
      for proxy in [
        "https://other.example/oauth/callback", "http://127.0.0.1:\(stage.port)/elsewhere",
        "http://127.0.0.1:\(stage.port)@other.example/oauth/callback", "oauth/callback",
      ] {
        let reply = try await stage.ask("GET", Self.path + query + proxy)
        #expect(reply.status == 400, "\(proxy)")
        #expect(reply.text.contains("callbackProxy: has to be this server's own"))
      }
    }
  }

  @Test func `consents are bounded in number`() async throws {
    try await ServerStage.with { stage in
      let body = try await form(stage)
      let pending = try await stage.journal.instances.begin(Array(body.utf8))
      let desk = ConsentDesk()
      let now = stage.journal.moment("now") ?? Moment(milliseconds: 0)
      for place in 0..<ServerLimits.consentsMax {
        _ = try desk.add(.instance(pending), as: "\(place)", at: now)
      }
      #expect(throws: Trouble.self) { _ = try desk.add(.instance(pending), as: "more", at: now) }
      // One that has ended makes room, and its outcome can still be asked for.
      let other = ConsentDesk()
      let target = try redirect(of: pending)
      for place in 0..<3 * ServerLimits.consentsMax {
        _ = try other.add(.instance(pending), as: "\(place)", at: now)
        _ = try #require(other.take(target, at: now))
      }
      #expect(other.state(of: "0", at: now) != nil)
      let later = now + ServerLimits.consentTime
      _ = try desk.add(.instance(pending), as: "later", at: later)
      #expect(desk.state(of: "0", at: later) == nil)
    }
  }

  /// The target that a browser would be sent back with.
  private func redirect(of pending: PendingInstance) throws -> String {
    let url = try #require(URLComponents(string: pending.url))
    let state = url.queryItems?.first { $0.name == "state" }?.value
    return "/oauth/callback?code=none&state=\(try #require(state))"
  }
}
