import Crypto
import Domain
import Events
import FoundationEssentials
import GoogleFake
import TestSupport
import Testing

@Suite struct FakeAuthorizationTests {
  @Test func `a code is exchanged once`() throws {
    var session = try GoogleSession()
    let code = try session.code()
    #expect(try session.exchange(code).status == 200)
    let again = try session.exchange(code)
    #expect(again.status == 400)
    #expect(try Shown(again.body)["error"]?.string == "invalid_grant")
  }

  @Test func `a code dies after ten minutes`() throws {
    var session = try GoogleSession()
    let code = try session.code()
    session.now = noon + .seconds(600)
    #expect(try session.exchange(code).status == 400)
  }

  @Test(arguments: [
    ("grant_type=password&client_id=a&client_secret=b", 400, "unsupported_grant_type"),
    ("client_id=a&client_secret=b", 400, "invalid_request"),
    ("grant_type=refresh_token&refresh_token=x", 400, "invalid_request"),
    ("grant_type=refresh_token&refresh_token=x&client_id=a&client_secret=b", 400, "invalid_grant"),
    ("grant_type=refresh_token&client_id=sandbox-client&client_secret=no", 401, "invalid_client"),
    ("grant_type=authorization_code&client_id=a&client_secret=b", 400, "invalid_request"),
  ])
  func `the token endpoint refuses in Google's words`(
    form: String, status: Int, error: String
  ) throws {
    var session = try GoogleSession()
    let answer = session.form("/token", form)
    #expect(answer.status == status)
    #expect(try Shown(answer.body)["error"]?.string == error)
  }

  /// Asks for consent and gives back the parameters of the redirect.
  private func consent(
    _ session: inout GoogleSession, _ more: String, scope: String = ""
  ) throws -> [String: String] {
    let answer = session.send(
      "GET",
      "/o/oauth2/v2/auth?client_id=sandbox-client&response_type=code&state=s%201&"
        + "scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar\(scope)"
        + "&\(GoogleSession.back)\(more)"
    )
    #expect(answer.status == 302)
    let location = try #require(answer.headers.first { $0.name == "Location" }?.value)
    let query = try #require(location.split(separator: "?").last)
    return Dictionary(
      uniqueKeysWithValues: query.split(separator: "&").map { pair in
        let halves = pair.split(separator: "=", maxSplits: 1)
        return (String(halves[0]), String(halves[1]))
      })
  }

  @Test func `consent with PKCE needs the verifier and gives a refresh token when offline`() throws
  {
    var session = try GoogleSession()
    let verifier = "a-verifier-of-forty-three-characters-or-more"
    let challenge = Data(SHA256.hash(data: Array(verifier.utf8))).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    let pkce = "&code_challenge=\(challenge)&code_challenge_method=S256&access_type=offline"
    let query = try consent(&session, pkce)
    #expect(query["state"] == "s%201")
    let code = try #require(query["code"]?.replacing("%2F", with: "/"))
    let without = try session.exchange(code)
    #expect(try Shown(without.body)["error"]?.string == "invalid_grant")
    let grant = try Shown(session.exchange(code, "&code_verifier=\(verifier)").body)
    #expect(grant["refresh_token"]?.string?.hasPrefix("1//") == true)
    #expect(grant["expires_in"] == .number(3_599))
    let online = try #require(try consent(&session, "")["code"]?.replacing("%2F", with: "/"))
    #expect(try Shown(session.exchange(online).body)["refresh_token"] == nil)
  }

  @Test func `a code goes back only to the URL it was made for`() throws {
    var session = try GoogleSession()
    let code = try #require(try consent(&session, "")["code"])
    let answer = session.form(
      "/token",
      "grant_type=authorization_code&code=\(code)&\(GoogleSession.client)"
        + "&redirect_uri=http%3A%2F%2Fx"
    )
    #expect(try Shown(answer.body)["error"]?.string == "redirect_uri_mismatch")
  }

  @Test func `a person who refuses sends no code`() throws {
    var session = try GoogleSession()
    session.google.authorization.deniesConsent = true
    #expect(try consent(&session, "") == ["state": "s%201", "error": "access_denied"])
  }

  @Test func `tokens expire, are refreshed and are revoked`() throws {
    var session = try GoogleSession()
    let code = try session.code()
    let grant = try Shown(session.exchange(code).body)
    let refresh = escaped(try #require(grant["refresh_token"]?.string))
    let path = "/calendar/v3/users/me/calendarList"
    session.now = noon + .seconds(3_599)
    let expired = session.send("GET", path)
    #expect(expired.status == 401)
    #expect(try session.reason(expired) == "authError")
    let form = "grant_type=refresh_token&refresh_token=\(refresh)&\(GoogleSession.client)"
    let fresh = try Shown(session.form("/token", form).body)
    #expect(fresh["refresh_token"] == nil)
    session.token = try #require(fresh["access_token"]?.string)
    #expect(session.send("GET", path).status == 200)
    #expect(session.form("/revoke?token=\(refresh)", "").status == 200)
    #expect(session.send("GET", path).status == 401)
    #expect(try Shown(session.form("/token", form).body)["error"]?.string == "invalid_grant")
    #expect(session.form("/revoke?token=\(refresh)", "").status == 400)
  }

  @Test func `a token without a calendar scope may not read calendars`() throws {
    var session = try GoogleSession()
    let code = try session.code(scope: "https://mail.google.com/")
    session.token = try #require(try Shown(session.exchange(code).body)["access_token"]?.string)
    let answer = session.send("GET", "/calendar/v3/calendars/primary/events")
    #expect(answer.status == 403)
    #expect(try session.reason(answer) == "insufficientPermissions")
  }

  @Test func `an access token revokes the refresh token that it came with`() throws {
    var session = try GoogleSession()
    let code = try session.code()
    let grant = try Shown(session.exchange(code).body)
    let access = escaped(try #require(grant["access_token"]?.string))
    let refresh = escaped(try #require(grant["refresh_token"]?.string))
    #expect(session.form("/revoke", "token=\(access)").status == 200)
    let form = "grant_type=refresh_token&refresh_token=\(refresh)&\(GoogleSession.client)"
    #expect(try Shown(session.form("/token", form).body)["error"]?.string == "invalid_grant")
    let again = session.form("/revoke", "token=\(access)")
    #expect(again.status == 400)
    #expect(try Shown(again.body)["error"]?.string == "invalid_token")
  }

  @Test func `a challenge without a method is the verifier itself`() throws {
    var session = try GoogleSession()
    let query = try consent(&session, "&code_challenge=a-plain-verifier")
    let code = try #require(query["code"]?.replacing("%2F", with: "/"))
    #expect(try session.exchange(code, "&code_verifier=another").status == 400)
    #expect(try session.exchange(code, "&code_verifier=a-plain-verifier").status == 200)
  }

  @Test func `a refresh token comes with the first consent, and with one that asks for it`() throws
  {
    var session = try GoogleSession()
    session.google.authorization.revokeRefreshTokens()
    session.google.authorization.givesRefreshTokenOnce = true
    func refresh(_ more: String) throws -> Shown? {
      let query = try consent(&session, "&access_type=offline\(more)")
      let code = try #require(query["code"]?.replacing("%2F", with: "/"))
      return try Shown(session.exchange(code).body)["refresh_token"]
    }
    #expect(try refresh("") != nil)
    #expect(try refresh("") == nil)
    #expect(try refresh("&prompt=consent") != nil)
  }

  @Test func `scopes that a person does not tick are not granted`() throws {
    var session = try GoogleSession()
    session.google.authorization.tickedScopes = ["https://www.googleapis.com/auth/calendar"]
    let more = "%20https%3A%2F%2Fmail.google.com%2F"
    let scope = try consent(&session, "", scope: more)["scope"]
    #expect(scope == "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar")
  }
}
