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

  @Test func `consents are bounded in number`() async throws {
    try await ServerStage.with { stage in
      let body = try await form(stage)
      let pending = try await stage.journal.instances.begin(Array(body.utf8))
      let desk = ConsentDesk()
      let now = stage.journal.moment("now") ?? Moment(milliseconds: 0)
      for place in 0..<ServerLimits.consentsMax {
        _ = try desk.add(pending, as: "\(place)", at: now)
      }
      #expect(throws: Trouble.self) { _ = try desk.add(pending, as: "more", at: now) }
      let later = now + ServerLimits.consentTime
      _ = try desk.add(pending, as: "later", at: later)
      #expect(desk.state(of: "0", at: later) == nil)
    }
  }
}
