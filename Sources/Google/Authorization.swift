package import Domain
import RawJSON

// The token endpoint's answers:
//
//     200  {"access_token": "…", "expires_in": 3599, "refresh_token": "…", "scope": "a b",
//           "token_type": "Bearer"}
//     400  {"error": "invalid_grant", "error_description": "…"}
//
// The revocation endpoint's: 200 with {}, or 400 with "invalid_token" where nothing is left to
// revoke.
//
// Source: RFC 6749, §5; Google Identity, “Using OAuth 2.0 for Web Server Applications”.

extension GoogleSuite {
  /// Trades a code for tokens; it can be used once, so the answer decides.
  ///
  /// A code copied out of a redirect's URL may still be percent-encoded: codes never hold a `%`, so
  /// one that does is decoded first.
  package func exchange(code: String, client: OAuthClient, verifier: String?) -> Request {
    var form = [
      (name: "grant_type", value: "authorization_code"), ("code", percentDecoded(code)),
      ("client_id", client.id), ("client_secret", client.secret),
      ("redirect_uri", client.redirectURL),
    ]
    if let verifier { form.append(("code_verifier", verifier)) }
    return tokenRequest(form)
  }

  /// A POST whose body names the token, so that it stands in no URL.
  package func revocation(of token: String) -> Request {
    formRequest(revokeURL, [("token", token)])
  }

  /// Asks for a new access token; Google normally keeps the refresh token as it is.
  package func refresh(_ refreshToken: String, client: OAuthClient) -> Request {
    tokenRequest([
      ("grant_type", "refresh_token"), ("refresh_token", refreshToken),
      ("client_id", client.id), ("client_secret", client.secret),
    ])
  }

  /// Texts are ours: what the endpoint says in words may repeat what it was sent.
  package func readGrant(_ reply: Reply) -> GrantOutcome {
    if reply.status == 200 {
      return grant(reply).map(GrantOutcome.granted)
        ?? .refused(unreadable(reply, "it holds no usable token of the type Bearer"))
    }
    let error = GoogleError(reply)
    if reply.status == 400, isAboutProof(reply.body) {
      return .dead(
        reason: GrantOutcome.unproven,
        text: "The code belongs to a consent that was asked for elsewhere, or to none")
    }
    if [400, 401, 403].contains(reply.status), let text = finalWords[error.reason] {
      return .dead(reason: error.reason, text: text)
    }
    var refusal = error.refusal
    refusal.text = "Google's token endpoint answered \(reply.status) (\(refusal.reason))"
    if passingWords.contains(refusal.reason) || !isJSON(reply.body) { refusal.isPermanent = false }
    return .refused(refusal)
  }

  /// A token that is dead already is as good as given back; an answer that is not Google's is no
  /// answer.
  package func readRevocation(_ reply: Reply) -> RevocationOutcome {
    let error = GoogleError(reply)
    if reply.status == 400, error.words.contains("invalid_token") { return .revoked }
    if reply.status == 200 {
      return isJSON(reply.body) ? .revoked : .refused(unreadable(reply, "it is no JSON"))
    }
    var refusal = error.refusal
    refusal.text = "Google's revocation endpoint answered \(reply.status) (\(refusal.reason))"
    return .refused(refusal)
  }

  private func tokenRequest(_ form: [(name: String, value: String)]) -> Request {
    formRequest(tokenURL, form)
  }

  private func formRequest(_ url: String, _ form: [(name: String, value: String)]) -> Request {
    Request(
      .post, url,
      headers: [
        Header("Content-Type", "application/x-www-form-urlencoded"),
        Header("Accept", "application/json"), Header("User-Agent", "daybook (gzip)"),
      ],
      body: Array(queryText(form).utf8), reach: .provider, bounds: GoogleLimits.token)
  }

  private func grant(_ reply: Reply) -> Grant? {
    guard let json = try? JSON.parse(reply.body),
      let access = json["access_token"]?.text, isToken(access)
    else { return nil }
    // RFC 6749 wants the type compared without case; another kind of token is of no use here.
    if let type = json["token_type"], type != .null, type.text?.lowercased() != "bearer" {
      return nil
    }
    let refresh = json["refresh_token"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    if let refresh, !isToken(refresh) { return nil }
    let seconds =
      json["expires_in"].flatMap { $0.integer ?? $0.text.flatMap { Int($0) } } ?? usualSeconds
    return Grant(
      accessToken: access, refreshToken: refresh,
      expiresIn: .seconds(min(max(seconds, 0), 31_536_000)),
      scopes: json["scope"]?.text?.split(separator: " ").map(String.init) ?? [])
  }
}

/// The lifetime of Google's access tokens, for an answer that does not say.
private let usualSeconds = 3_600

/// After these, only a person helps. Source: RFC 6749, §5.2, and Google's own additions to it.
private let finalWords = [
  "invalid_grant": "The authorization has expired, was revoked or used before; authorize again",
  "invalid_client": "Google does not know this client id with this secret",
  "unauthorized_client": "This client may not ask for tokens in this way",
  "redirect_uri_mismatch": "The redirect URL is not the one that the code was made for",
  "invalid_request": "The request lacks something, or something in it is malformed",
  "invalid_scope": "Google does not know the scope that was asked for",
  "unsupported_grant_type": "Google does not offer this kind of authorization",
  "deleted_client": "This client was deleted at Google",
  "disabled_client": "This client was disabled at Google",
  "admin_policy_enforced": "The administrator of the account does not allow this client",
  "access_denied": "The authorization was refused",
]

/// Words for a trouble that passes, even with a status of 4xx.
private let passingWords: Set<String> = [
  "internal_failure", "server_error", "temporarily_unavailable",
]

/// Visible ASCII: what may stand in a header.
private func isToken(_ text: String) -> Bool {
  (1...GoogleLimits.tokenBytesMax).contains(text.utf8.count)
    && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
}

/// True where a code was refused for want of a verifier, or for one that it has no use for: the
/// word alone does not tell that from a code that is dead. Source: Google’s own descriptions, such
/// as `Missing code verifier.`
private func isAboutProof(_ body: [UInt8]) -> Bool {
  guard let json = try? JSON.parse(body),
    ["invalid_grant", "invalid_request"].contains(json["error"]?.text)
  else { return false }
  return json["error_description"]?.text?.lowercased().contains("verifier") == true
}

private func isJSON(_ body: [UInt8]) -> Bool {
  (try? JSON.parse(body)) != nil
}
