import Domain
import Google
import Testing

private let google = GoogleSuite()
private let client = OAuthClient(
  id: "1.apps.googleusercontent.com", secret: "s&=+ ü", redirectURL: "https://example.com/oauth?a=b"
)

private func reply(_ status: Int, _ body: String, _ headers: [Header] = []) -> Reply {
  Reply(status: status, headers: headers, body: Array(body.utf8))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Test(arguments: ["4/0AX_y", "4%2F0AX_y", "4%2f0AX_y"])
func `a code is exchanged by a form with every value encoded, once`(code: String) {
  let request = google.exchange(code: code, client: client, verifier: nil)
  #expect(request.method == .post)
  #expect(request.url == "https://oauth2.googleapis.com/token")
  #expect(request.headers.first == Header("Content-Type", "application/x-www-form-urlencoded"))
  #expect(
    text(request.body) == "grant_type=authorization_code&code=4%2F0AX_y"
      + "&client_id=1.apps.googleusercontent.com&client_secret=s%26%3D%2B%20%C3%BC"
      + "&redirect_uri=https%3A%2F%2Fexample.com%2Foauth%3Fa%3Db")
  #expect(request.bounds.total == .seconds(30))
  #expect(request.bounds.keptBytesMax == 1_048_576)
  #expect(!request.bounds.mayCut)
}

@Test func `a refresh sends the refresh token and the client`() {
  #expect(
    text(google.refresh("1//0g", client: client).body) == "grant_type=refresh_token"
      + "&refresh_token=1%2F%2F0g&client_id=1.apps.googleusercontent.com"
      + "&client_secret=s%26%3D%2B%20%C3%BC")
}

@Test(arguments: [
  (
    """
    {"access_token":"ya29.x","expires_in":3599,"refresh_token":"1//r","scope":"a b",
    "token_type":"Bearer","id_token":"z"}
    """,
    Grant(
      accessToken: "ya29.x", refreshToken: "1//r", expiresIn: .seconds(3_599), scopes: ["a", "b"])
  ),
  (
    #"{"access_token":"t","token_type":"bearer","expires_in":"60"}"#,
    Grant(accessToken: "t", refreshToken: nil, expiresIn: .seconds(60), scopes: [])
  ),
  (
    #"{"access_token":"t","refresh_token":"","expires_in":"soon"}"#,
    Grant(accessToken: "t", refreshToken: nil, expiresIn: .seconds(3_600), scopes: [])
  ),
  (
    #"{"access_token":"t","expires_in":-5}"#,
    Grant(accessToken: "t", refreshToken: nil, expiresIn: .zero, scopes: [])
  ),
])
func `a grant holds what came, and no refresh token where Google keeps the old one`(
  body: String, grant: Grant
) {
  #expect(google.readGrant(reply(200, body)) == .granted(grant))
}

@Test(arguments: [
  (400, "invalid_grant"), (401, "invalid_client"), (401, "unauthorized_client"),
  (400, "redirect_uri_mismatch"), (400, "invalid_request"), (403, "access_denied"),
])
func `a refusal that only a person can mend is final`(status: Int, word: String) {
  let body = #"{"error":"\#(word)","error_description":"echo: 1//SECRETSECRET GOCSPX-secret"}"#
  guard case .dead(let reason, let text) = google.readGrant(reply(status, body)) else {
    Issue.record("not final")
    return
  }
  #expect(reason == word)
  #expect(!text.isEmpty && !text.contains("SECRET") && !text.contains("GOCSPX"))
}

@Test(arguments: [
  ("invalid_grant", "Missing code verifier."), ("invalid_grant", "Invalid code verifier."),
  ("invalid_request", "code_verifier or verifier is not needed."),
])
func `a code that wants another proof is told from one that is dead`(word: String, text: String) {
  let body = #"{"error":"\#(word)","error_description":"\#(text)"}"#
  guard case .dead(let reason, _) = google.readGrant(reply(400, body)) else {
    Issue.record("not final")
    return
  }
  #expect(reason == GrantOutcome.unproven)
}

@Test(arguments: [
  (200, "", false), (200, "<html>", false), (200, "{}", false),
  (200, #"{"access_token":""}"#, false), (200, #"{"access_token":"a\r\nX: y"}"#, false),
  (200, #"{"access_token":"a b"}"#, false),
  (200, #"{"access_token":7,"refresh_token":"x"}"#, false),
  (200, #"{"access_token":"t","token_type":"mac"}"#, false),
  (200, #"{"access_token":"t","token_type":["Bearer"]}"#, false),
  (400, "", false), (400, "<html>", false), (400, #"{"error":"new_word"}"#, true),
  (400, #"{"error":"temporarily_unavailable"}"#, false), (404, "<html>", false),
  (429, #"{"error":"invalid_grant"}"#, false), (500, #"{"error":"invalid_grant"}"#, false),
  (503, "", false), (302, "", false),
])
func `an unclear answer about tokens is not final`(status: Int, body: String, permanent: Bool) {
  guard case .refused(let refusal) = google.readGrant(reply(status, body)) else {
    Issue.record("not refused")
    return
  }
  #expect(refusal.status == status)
  #expect(refusal.isPermanent == permanent)
}

@Test func `the token endpoint may ask for a pause`() {
  guard
    case .refused(let refusal) = google.readGrant(reply(429, "", [Header("Retry-After", "12")]))
  else {
    Issue.record("not refused")
    return
  }
  #expect(refusal.retryAfter == .seconds(12))
}

@Test func `no text about tokens repeats what the endpoint said`() {
  let body = #"{"error":{"message":"secret-of-the-client","errors":[{"reason":"other"}]}}"#
  guard case .refused(let refusal) = google.readGrant(reply(403, body)) else {
    Issue.record("not refused")
    return
  }
  #expect(refusal.text == "Google's token endpoint answered 403 (other)")
}

@Test func `a word that could be a token is no reason`() {
  let body = #"{"error":"1a2b3c4d5e6f7g8h9i0j1k2l3m4n"}"#
  guard case .refused(let refusal) = google.readGrant(reply(400, body)) else {
    Issue.record("not refused")
    return
  }
  #expect(refusal.reason == "badRequest")
  #expect(refusal.text == "Google's token endpoint answered 400 (badRequest)")
}
