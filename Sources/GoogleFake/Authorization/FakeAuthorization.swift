import Crypto
import Domain
package import Events
import FoundationEssentials

/// Codes, tokens and clients of the stand-in's authorization server.
///
/// A client id that was never seen is registered with the secret that it first comes with, unless
/// `acceptsNewClients` is off; from then on another secret is `invalid_client`.
package struct FakeAuthorization: Sendable {
  /// One agreement of a person on Google's page, which a code stands for.
  struct Consent: Sendable {
    var user: String
    var client: String?
    var redirect: String?
    var scope: String
    var challenge: String?
    /// The challenge is the verifier itself and not its digest.
    var isPlain = false
    var isOffline: Bool
    var madeAt: Moment
  }

  /// The user, client and scopes that a token speaks for.
  struct Grant: Sendable {
    var user: String
    var client: String
    var scope: String
    var madeAt: Moment
    var expiresAt: Moment
    var isExpired = false
  }

  /// Client ids with their secrets.
  package var clients: [String: String] = ["sandbox-client": "sandbox-secret"]
  package var acceptsNewClients = true
  /// The person at Google's page says no.
  package var deniesConsent = false
  /// The scopes that the person ticks, where it is not all that were asked for.
  package var tickedScopes: Set<String>?
  /// Consents after the first give a refresh token only where `prompt=consent` asks for it.
  package var givesRefreshTokenOnce = false
  /// A refresh brings a new refresh token; the one before stays good.
  package var rotatesRefreshTokens = false
  /// Lifetime of access tokens, in seconds; Google says 3599.
  package var accessLifetimeSeconds: Int64 = 3_599
  private(set) var codes: [String: Consent] = [:]
  private(set) var accessTokens: [String: Grant] = [:]
  private(set) var refreshTokens: [String: Grant] = [:]
  /// Access tokens as they were issued, to forget the oldest.
  private var accessOrder: [String] = []
  private var codeOrder: [String] = []

  /// The scopes of a code that is made without a browser.
  package static let allScopes =
    "https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/contacts "
    + "https://mail.google.com/"

  /// Tokens that are remembered, expired ones included.
  package var accessTokenCount: Int { accessTokens.count }
  package var refreshTokenCount: Int { refreshTokens.count }

  /// Makes a code as if a person had agreed.
  ///
  /// - Parameters:
  ///   - client: nil where any client may use it.
  ///   - redirect: nil where any redirect URL will do.
  package mutating func makeCode(
    user: String, client: String? = nil, redirect: String? = nil,
    scope: String = FakeAuthorization.allScopes, random: inout FakeRandom, at now: Moment
  ) -> String {
    let code = "sandbox-code-\(random.word(24))"
    keep(
      Consent(
        user: user, client: client, redirect: redirect, scope: scope, isOffline: true, madeAt: now),
      as: code)
    return code
  }

  /// Ends the life of all access tokens, as if their time were over.
  package mutating func expireAccessTokens() {
    for token in accessTokens.keys { accessTokens[token]?.isExpired = true }
  }

  /// Revokes all refresh tokens: the next refresh is `invalid_grant`.
  package mutating func revokeRefreshTokens() {
    for token in refreshTokens.keys { refreshTokens[token]?.isExpired = true }
  }

  /// Looks up the grant behind the token of a request.
  ///
  /// - Parameter scopes: Of which it has to hold one; nil for any of Calendar's.
  func grant(
    of request: FakeRequest, scopes: Set<String>?, at now: Moment
  ) throws(GoogleError) -> Grant {
    guard let field = request.header("Authorization"), field.hasPrefix("Bearer ") else {
      throw .unauthorized(hasToken: false)
    }
    guard let grant = accessTokens[String(field.dropFirst(7))], !grant.isExpired,
      now < grant.expiresAt
    else { throw .unauthorized(hasToken: true) }
    let isEnough = grant.scope.split(separator: " ").contains { scope in
      scopes?.contains(String(scope)) ?? scope.hasPrefix("https://www.googleapis.com/auth/calendar")
    }
    guard isEnough else { throw .insufficientPermissions }
    return grant
  }

  /// The user whose token a request bears, good for anything or not.
  func holder(of request: FakeRequest) -> String? {
    request.header("Authorization").flatMap { accessTokens[String($0.dropFirst(7))]?.user }
  }

  private mutating func keep(_ consent: Consent, as code: String) {
    codes[code] = consent
    codeOrder.append(code)
    if codeOrder.count > FakeLimits.codesMax { codes[codeOrder.removeFirst()] = nil }
  }

  private mutating func issueAccess(_ grant: Grant, random: inout FakeRandom) -> String {
    let token = "ya29.sandbox-\(random.word(32))"
    accessTokens[token] = grant
    accessOrder.append(token)
    if accessOrder.count > FakeLimits.accessTokensMax {
      accessTokens[accessOrder.removeFirst()] = nil
    }
    return token
  }

  private mutating func issueRefresh(_ grant: Grant, random: inout FakeRandom) -> String {
    let alike = refreshTokens.filter {
      $0.value.user == grant.user && $0.value.client == grant.client
    }
    if alike.count >= FakeLimits.refreshTokensMax,
      let oldest = alike.min(by: { ($0.value.madeAt, $0.key) < ($1.value.madeAt, $1.key) })
    {
      refreshTokens[oldest.key] = nil
    }
    let token = "1//sandbox-\(random.word(32))"
    refreshTokens[token] = grant
    return token
  }
}

// The person's page.
extension FakeAuthorization {
  /// Agrees for the person and sends the browser back with a code.
  mutating func authorize(
    _ target: Target, users: [String: FakeCalendarList], random: inout FakeRandom,
    at now: Moment
  ) -> FakeAnswer {
    guard let client = target["client_id"], !client.isEmpty,
      let redirect = target["redirect_uri"], redirect.hasPrefix("http"),
      !redirect.utf8.contains(where: { $0 < 33 })
    else { return .html(400, "Error 400: invalid_request") }
    guard clients[client] != nil || acceptsNewClients else {
      return .html(401, "Error 401: invalid_client")
    }
    let user = target["login_hint"] ?? FakeGoogle.firstUser
    // Without a method the challenge is the verifier itself. Source: RFC 7636, §4.3.
    let method = target["code_challenge_method"] ?? "plain"
    guard target["response_type"] == "code", users[user] != nil,
      method == "S256" || method == "plain"
    else {
      return .html(400, "Error 400: invalid_request")
    }
    var query: [(String, String)] = []
    if let state = target["state"] { query.append(("state", state)) }
    if deniesConsent {
      query.append(("error", "access_denied"))
    } else {
      let code = "4/0A\(random.word(30))"
      let scope = ticked(target["scope"] ?? "")
      keep(
        Consent(
          user: user, client: client, redirect: redirect, scope: scope,
          challenge: target["code_challenge"], isPlain: method == "plain",
          isOffline: isOffline(target, user, client), madeAt: now),
        as: code)
      query += [("code", code), ("scope", scope)]
    }
    let text = query.map { "\($0.0)=\(Target.encoded($0.1))" }.joined(separator: "&")
    let location = "\(redirect)\(redirect.contains("?") ? "&" : "?")\(text)"
    return FakeAnswer(status: 302, headers: [Header("Location", location)])
  }

  /// A refresh token comes with every consent that is offline, or as Google does with the first and
  /// with those that ask for it. Source: Google, “Using OAuth 2.0 for Web Server Applications”,
  /// `access_type` and `prompt`.
  private func isOffline(_ target: Target, _ user: String, _ client: String) -> Bool {
    guard target["access_type"] == "offline" else { return false }
    let asks = target["prompt"]?.split(separator: " ").contains("consent") ?? false
    return asks || !givesRefreshTokenOnce
      || !refreshTokens.values.contains {
        $0.user == user && $0.client == client && !$0.isExpired
      }
  }

  private func ticked(_ scope: String) -> String {
    guard let tickedScopes else { return scope }
    return scope.split(separator: " ").filter { tickedScopes.contains(String($0)) }
      .joined(separator: " ")
  }
}

// The token endpoint.
extension FakeAuthorization {
  /// Google's "no" at the token endpoint.
  private struct Refusal: Error {
    var status = 400
    var error: String
    var description: String

    static let deadGrant = Refusal(
      error: "invalid_grant", description: "Token has been expired or revoked.")
    static let badCode = Refusal(error: "invalid_grant", description: "Malformed auth code.")
    static let badVerifier = Refusal(error: "invalid_grant", description: "Invalid code verifier.")
    static let badRedirect = Refusal(error: "redirect_uri_mismatch", description: "Bad Request")
    static let badClient = Refusal(
      status: 401, error: "invalid_client", description: "The OAuth client was not found.")
    static let badSecret = Refusal(
      status: 401, error: "invalid_client", description: "The provided client secret is invalid.")

    static func missing(_ name: String) -> Refusal {
      Refusal(
        error: "invalid_request", description: "Missing required parameter: \(name)")
    }
  }

  mutating func token(
    _ request: FakeRequest, random: inout FakeRandom, at now: Moment
  ) -> FakeAnswer {
    let form = Dictionary(
      Target.form(request.body).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }
    )
    do {
      return try token(form, request, random: &random, at: now)
    } catch {
      return FakeAuthorization.refusal(error.status, error.error, error.description)
    }
  }

  /// The token endpoint's "no": `{"error": "invalid_grant", "error_description": "Bad Request"}`.
  static func refusal(_ status: Int, _ error: String, _ description: String) -> FakeAnswer {
    let text = JSONText.object { text in
      text.field("error", error)
      text.field("error_description", description)
    }
    return .json(status, text)
  }

  /// Ends a grant by one of its tokens: `POST /revoke` with `token=` in the form or the query.
  mutating func revoke(_ request: FakeRequest, _ target: Target) -> FakeAnswer {
    let form = Target.form(request.body).first { $0.name == "token" }?.value
    let token = form ?? target["token"] ?? ""
    // Either token takes all that the user granted the client with it.
    if let grant = refreshTokens[token] ?? accessTokens[token], !grant.isExpired {
      let isOther = { (other: Grant) in other.user != grant.user || other.client != grant.client }
      accessTokens = accessTokens.filter { isOther($0.value) }
      refreshTokens = refreshTokens.filter { isOther($0.value) }
      return .json(200, JSONText.object { _ in })
    }
    return FakeAuthorization.refusal(400, "invalid_token", "Token expired or revoked")
  }

  private mutating func token(
    _ form: [String: String], _ request: FakeRequest, random: inout FakeRandom, at now: Moment
  ) throws(Refusal) -> FakeAnswer {
    guard let kind = form["grant_type"] else { throw .missing("grant_type") }
    let client = try client(form, request)
    switch kind {
    case "authorization_code": return try exchange(form, client, random: &random, at: now)
    case "refresh_token": return try refresh(form, client, random: &random, at: now)
    default:
      throw Refusal(
        error: "unsupported_grant_type", description: "Invalid grant_type: \(kind)")
    }
  }

  private mutating func client(
    _ form: [String: String], _ request: FakeRequest
  ) throws(Refusal) -> String {
    var pair = (form["client_id"], form["client_secret"])
    if let field = request.header("Authorization"), field.hasPrefix("Basic "),
      let data = Data(base64Encoded: String(field.dropFirst(6)))
    {
      let halves = data.split(separator: 58, maxSplits: 1, omittingEmptySubsequences: false)
        .map { Target.decoded($0, plusIsBlank: true) }
      if halves.count == 2 { pair = (halves[0], halves[1]) }
    }
    guard let id = pair.0, !id.isEmpty else { throw .missing("client_id") }
    let secret = pair.1 ?? ""
    guard let known = clients[id] else {
      guard acceptsNewClients, clients.count < FakeLimits.codesMax else { throw .badClient }
      clients[id] = secret
      return id
    }
    guard known == secret else { throw .badSecret }
    return id
  }

  private mutating func exchange(
    _ form: [String: String], _ client: String, random: inout FakeRandom, at now: Moment
  ) throws(Refusal) -> FakeAnswer {
    guard let code = form["code"] else { throw .missing("code") }
    guard let consent = codes[code], now - consent.madeAt < FakeLimits.codeLifetime,
      consent.client == nil || consent.client == client
    else { throw .badCode }
    guard let redirect = form["redirect_uri"] else { throw .missing("redirect_uri") }
    guard consent.redirect == nil || consent.redirect == redirect else { throw .badRedirect }
    if let challenge = consent.challenge {
      let verifier = form["code_verifier"] ?? ""
      let digest = SHA256.hash(data: Array(verifier.utf8))
      let text = Data(digest).base64EncodedString().filter { $0 != "=" }
        .map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
      guard (consent.isPlain ? verifier : String(text)) == challenge else { throw .badVerifier }
    }
    codes[code] = nil
    let grant = grant(consent.user, client, consent.scope, at: now)
    let refresh = consent.isOffline ? issueRefresh(grant, random: &random) : nil
    return answer(issueAccess(grant, random: &random), refresh, grant)
  }

  private mutating func refresh(
    _ form: [String: String], _ client: String, random: inout FakeRandom, at now: Moment
  ) throws(Refusal) -> FakeAnswer {
    guard let token = form["refresh_token"] else { throw .missing("refresh_token") }
    guard let former = refreshTokens[token], former.client == client, !former.isExpired else {
      throw .deadGrant
    }
    let grant = grant(former.user, client, former.scope, at: now)
    let next = rotatesRefreshTokens ? issueRefresh(grant, random: &random) : nil
    return answer(issueAccess(grant, random: &random), next, grant)
  }

  private func grant(_ user: String, _ client: String, _ scope: String, at now: Moment) -> Grant {
    Grant(
      user: user, client: client, scope: scope, madeAt: now,
      expiresAt: now + .seconds(accessLifetimeSeconds))
  }

  private func answer(_ access: String, _ refresh: String?, _ grant: Grant) -> FakeAnswer {
    let text = JSONText.object { text in
      text.field("access_token", access)
      text.field("expires_in", accessLifetimeSeconds)
      if let refresh { text.field("refresh_token", refresh) }
      text.field("scope", grant.scope)
      text.field("token_type", "Bearer")
    }
    return .json(200, text, headers: [Header("Cache-Control", "no-store")])
  }
}
