import Domain
import Engine
import Events
import Google
import RawJSON

/// A consent whose code comes back here first and is handed on to its caller’s own address.
///
///     https://accounts.google.com/…?redirect_uri=https%3A%2F%2Fdaybook.example%2F…&state=ours
///     https://daybook.example/oauth/callback?state=ours&code=4/0A…
///     https://app.example/oauth?code=4%2F0A…&state=theirs
public struct HandedConsent: Sendable {
  /// The element and the address for a person to open, as `oauth/url` answers them.
  public let answer: String
  private let consent: Consent
  private let request: ConsentRequest
  private let access: JournalAccess

  init(
    _ request: ConsentRequest, through redirectURL: String, in access: JournalAccess
  )
    throws(Refusal)
  {
    let google = GoogleSuite(baseURL: access.settings.googleURL)
    let asked = try request.checked(google)
    guard asked.callbackURL.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw Refusal(at: "callbackUrl", "has to be percent-encoded")
    }
    consent = Consent(
      google, clientID: asked.apiKey, scopes: asked.scopes, redirectURL: redirectURL,
      random: access.world.bytes(Consent.randomBytes))
    answer = ConsentRequest.answer(consent.url, google)
    self.request = request
    self.access = access
  }

  /// Judges the target of the request that the browser comes back with.
  public func read(_ target: String) -> Connecting.Redirect { Connecting.Redirect(consent, target) }

  /// The address that the browser is sent on to, with the code and the caller’s own state, or with
  /// the provider’s word for a refusal.
  ///
  /// What goes with the code is remembered for ten minutes: `create` and `update` exchange it.
  /// Where a thousand are remembered already, the word is `temporarily_unavailable`, and trying
  /// again later helps. Source: RFC 6749, section 4.1.2.1.
  public func handOn(_ redirect: Connecting.Redirect) async -> String {
    let state = (request.state ?? "").isEmpty ? Journal.Instances.element : request.state ?? ""
    switch redirect {
    case .agreed(let agreed):
      let code = agreed.agreement.code
      let proof = CodeProof(verifier: consent.verifier, redirectURL: consent.redirectURL)
      // Without what goes with it the code could not be exchanged, and nobody would know why.
      guard await access.hand(code, proof) else {
        return Consent.address(
          request.callbackURL, [("error", "temporarily_unavailable"), ("state", state)])
      }
      let scopes = (agreed.agreement.scopes ?? consent.scopes).joined(separator: " ")
      return Consent.address(
        request.callbackURL, [("code", code), ("state", state), ("scope", scopes)])
    case .refused(let reason):
      return Consent.address(request.callbackURL, [("error", reason), ("state", state)])
    case .elsewhere, .foreign: preconditionFailure("this consent has not come back")
    }
  }
}

extension Journal.Instances {
  /// Begins a consent whose code is handed on to `callbackURL` by whoever serves the redirect.
  ///
  /// - Parameter redirectURL: Where the provider sends the browser back to, in full, as the
  ///   client’s owner has told Google.
  /// - Throws: `refused` with the name of what is missing or cannot be.
  public func handOn(
    _ request: ConsentRequest, through redirectURL: String
  ) async throws(DaybookError) -> HandedConsent {
    try await translated {
      try await journal.access.prepare()
      return try HandedConsent(request, through: redirectURL, in: journal.access)
    }
  }
}
