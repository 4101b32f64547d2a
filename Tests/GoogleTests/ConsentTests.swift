import Domain
import Testing

@testable import Google

private let google = GoogleSuite()
private let redirectURL = "http://127.0.0.1:43521/"

private func consent(_ google: GoogleSuite = google, scopes: [String] = ["a", "b/c"]) -> Consent {
  Consent(
    google, clientID: "1.apps.googleusercontent.com", scopes: scopes, redirectURL: redirectURL,
    random: (0..<64).map { UInt8($0) })
}

private let state = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"

@Test func `a consent asks for a code that is bound to its verifier, its state and its address`() {
  let consent = consent()
  #expect(
    consent.url == "https://accounts.google.com/o/oauth2/v2/auth"
      + "?client_id=1.apps.googleusercontent.com"
      + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A43521%2F&response_type=code&scope=a%20b%2Fc"
      + "&access_type=offline&prompt=consent&state=\(state)"
      + "&code_challenge=\(challenge(of: consent.verifier))&code_challenge_method=S256")
  #expect(consent.verifier == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
  #expect(consent.redirectURL == redirectURL)
  #expect(!consent.url.contains(consent.verifier))
}

@Test func `the challenge is the one of RFC 7636, Appendix B`() {
  let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
  #expect(challenge(of: verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
}

@Test func `one base URL takes the place of the page where a person is asked`() {
  let url = consent(GoogleSuite(baseURL: "http://127.0.0.1:8085/")).url
  #expect(url.hasPrefix("http://127.0.0.1:8085/o/oauth2/v2/auth?client_id="))
}

@Test(
  arguments: [
    ("/?state=\(state)&code=4/0AX_y", Redirect.agreed(Agreement(code: "4/0AX_y"))),
    (
      "/?state=\(state)&iss=https://accounts.google.com&code=4%2F0AX&scope=a+b%2Fc%20d&authuser=0",
      .agreed(Agreement(code: "4/0AX", scopes: ["a", "b/c", "d"]))
    ),
    ("/?code=c&scope=&state=\(state)", .agreed(Agreement(code: "c", scopes: []))),
    ("/?error=access_denied&state=\(state)", .refused(reason: "access_denied")),
    ("/?error=access_denied&code=c&state=\(state)", .refused(reason: "access_denied")),
    ("/?error=%1B%5B31m&state=\(state)", .refused(reason: "unknown_error")),
    ("/?error=&state=\(state)", .refused(reason: "unknown_error")),
    ("/", .elsewhere), ("/favicon.ico", .elsewhere), ("", .elsewhere), ("*", .elsewhere),
    ("/callback?state=\(state)&code=c", .elsewhere), ("//?state=\(state)&code=c", .elsewhere),
    ("http://127.0.0.1:43521/?state=\(state)&code=c", .elsewhere),
    ("/?", .foreign), ("/?code=c", .foreign), ("/?state=\(state)", .foreign),
    ("/?state=\(state.dropLast())&code=c", .foreign), ("/?state=&code=c", .foreign),
    ("/?state=\(state)x&code=c", .foreign), ("/?error=access_denied&state=x", .foreign),
    ("/?error=access_denied", .foreign), ("/?state=\(state)&code=", .foreign),
    ("/?state=\(state)&code=c&code=d", .foreign),
    ("/?state=x&state=\(state)&code=c", .foreign), ("/?state=\(state)&code=a%0Ab", .foreign),
    ("/?state=\(state)&code=a b", .foreign), ("/?state=\(state)&code=%00", .foreign),
    ("/?state=\(state)&code=\(String(repeating: "c", count: 4_097))", .foreign),
    ("/?state=\(state)&code=c&a=\(String(repeating: "b", count: 16_384))", .foreign),
  ] as [(String, Redirect)])
func `a redirect counts only with the consent's own state, and with one code`(
  target: String, redirect: Redirect
) {
  #expect(consent().read(target) == redirect)
}

// MARK: Scopes

private let auth = "https://www.googleapis.com/auth/"

private func collection(_ resource: String) throws -> Collection {
  try #require(google.collection(resource: resource, url: "/hubs/general/\(resource)"))
}

@Test(
  arguments: [
    (["calendars/primary/changed-events"], ["calendar.events.readonly"]),
    (
      ["calendars/{calendarId}/changed-events"],
      ["calendar.calendarlist.readonly", "calendar.events.readonly"]
    ),
    (["changed-groups"], ["contacts.readonly"]),
    (["changed-messages"], ["gmail.readonly"]),
    (
      [
        "calendars/primary/changed-events", "calendars/{calendarId}/changed-events",
        "changed-messages", "calendars/a@b.example/changed-events",
      ],
      ["calendar.events.readonly", "calendar.calendarlist.readonly", "gmail.readonly"]
    ),
  ] as [([String], [String])])
func `no more is asked for than what the resources need, and each scope once`(
  resources: [String], scopes: [String]
) throws {
  let collections = try resources.map(collection)
  #expect(google.scopes(for: collections) == scopes.map { auth + $0 })
}

@Test(
  arguments: [
    ("calendars/primary/changed-events", ["calendar.events.readonly"], true),
    ("calendars/primary/changed-events", ["calendar"], true),
    ("calendars/primary/changed-events", ["calendar.events.owned.readonly"], false),
    ("calendars/primary/changed-events", ["calendar.calendarlist.readonly"], false),
    ("calendars/{calendarId}/changed-events", ["calendar.events.readonly"], false),
    ("calendars/{calendarId}/changed-events", ["calendar.calendarlist.readonly"], false),
    (
      "calendars/{calendarId}/changed-events",
      ["calendar.events.readonly", "calendar.calendarlist.readonly"], true
    ),
    ("calendars/{calendarId}/changed-events", ["calendar.readonly"], true),
    ("changed-groups", ["contacts"], true), ("changed-groups", [], false),
    ("changed-messages", ["gmail.modify"], true), ("changed-messages", ["gmail.metadata"], false),
  ] as [(String, [String], Bool)])
func `a collection can be read where all that it needs was granted, broadly or narrowly`(
  resource: String, granted: [String], canRead: Bool
) throws {
  #expect(google.canRead(try collection(resource), with: granted.map { auth + $0 }) == canRead)
}

// MARK: Revocation

@Test(
  arguments: [
    (200, "{}", true), (200, "{}\n", true), (200, "", false),
    (400, #"{"error":"invalid_token","error_description":"Token expired or revoked"}"#, true),
    (200, "<html>Please sign in to the network</html>", false),
    (400, #"{"error":"invalid_request","error_description":"1//SECRET"}"#, false),
    (400, "", false), (404, #"{"error":"invalid_token"}"#, false), (503, "", false),
    (429, #"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}"#, false),
  ] as [(Int, String, Bool)])
func `a token is given back where Google says so, or that there was nothing to give back`(
  status: Int, body: String, isRevoked: Bool
) {
  let outcome = google.readRevocation(Reply(status: status, body: Array(body.utf8)))
  switch outcome {
  case .revoked: #expect(isRevoked)
  case .refused(let refusal):
    #expect(!isRevoked)
    #expect(!refusal.text.contains("SECRET"))
    #expect(!refusal.text.isEmpty)
  }
}
