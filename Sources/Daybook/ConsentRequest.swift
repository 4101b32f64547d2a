import Domain
import Events
import Google
import RawJSON

/// The question of `GET /elements/{keyOrId}/oauth/url`: where a person is to be sent to.
public struct ConsentRequest: Sendable, Equatable {
  /// The client’s id.
  public var apiKey: String
  /// Where the provider sends the browser back to; it has to be one of the client’s own.
  public var callbackURL: String
  /// Comes back with the code, so that the caller knows its own; nil: the element’s key.
  public var state: String?
  /// Scopes with blanks between them; nil: those of the resources that are watched where a
  /// configuration names none.
  public var scope: String?

  /// A request for the scopes of the element’s own resources, where `scope` is not set after.
  public init(apiKey: String, callbackURL: String) {
    self.apiKey = apiKey
    self.callbackURL = callbackURL
  }
}

extension ConsentRequest {
  /// The request with nothing left open.
  struct Checked {
    let apiKey: String
    let callbackURL: String
    let state: String
    let scopes: [String]
  }

  /// - Throws: `Refusal` with the name of what is missing or cannot be.
  func checked(_ google: GoogleSuite) throws(Refusal) -> Checked {
    var state = google.element
    if let own = self.state, !own.isEmpty {
      state = try Self.text(own, "state", most: Limits.urlCharactersMax)
    }
    return Checked(
      apiKey: try Self.text(apiKey, "apiKey", most: Limits.nameCharactersMax),
      callbackURL: try Self.redirect(callbackURL), state: state,
      scopes: try Self.scopes(scope) ?? google.standardScopes)
  }

  static func answer(_ url: String, _ google: GoogleSuite) -> String {
    let answer: JSON = ["oauthUrl": .string(url), "element": .string(google.element)]
    return String(decoding: answer.bytes(), as: UTF8.self)
  }

  private static func text(
    _ text: String, _ name: String, most: Int
  ) throws(Refusal) -> String {
    if text.isEmpty { throw Refusal(at: name, "is missing") }
    guard text.count <= most else {
      throw Refusal(at: name, "has \(text.count) characters; at most \(most) are allowed")
    }
    let isVisible = text.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
    }
    guard isVisible else { throw Refusal(at: name, "control characters are not allowed") }
    return text
  }

  private static func redirect(_ url: String) throws(Refusal) -> String {
    let url = try text(url, "callbackUrl", most: Limits.urlCharactersMax)
    let scheme = url.lowercased()
    guard scheme.hasPrefix("https://") || scheme.hasPrefix("http://"), !url.contains(" "),
      !url.contains("#")
    else {
      throw Refusal(at: "callbackUrl", "has to be a URL that begins with https:// or http://")
    }
    return url
  }

  private static func scopes(_ text: String?) throws(Refusal) -> [String]? {
    let scopes = (text ?? "").split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
    guard scopes.count <= 100,
      scopes.allSatisfy({ $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } })
    else { throw Refusal(at: "scope", "has to be scopes with blanks between them") }
    return scopes.isEmpty ? nil : scopes
  }
}

extension Journal.Instances {
  /// The address at which a person allows a client to read, and the element, as JSON.
  ///
  ///     {"oauthUrl":"https://accounts.google.com/o/oauth2/v2/auth?client_id=…&redirect_uri=…
  ///       &response_type=code&scope=…&access_type=offline&prompt=consent&state=googlesuite
  ///       &code_challenge=…&code_challenge_method=S256",
  ///      "element":"googlesuite"}
  ///
  /// The code that comes back is exchanged by `create` and `update` of this journal, which know its
  /// verifier again by the client and the address. The client’s secret has no part in the request.
  /// Where there is no journal yet the code is bound to none.
  ///
  /// - Throws: `refused` with the name of what is missing or cannot be.
  public func consent(_ request: ConsentRequest) async throws(DaybookError) -> String {
    try await translated {
      let google = GoogleSuite(baseURL: journal.access.settings.googleURL)
      let asked = try request.checked(google)
      let url = google.consentURL(
        clientID: asked.apiKey, redirectURL: asked.callbackURL, scopes: asked.scopes,
        state: asked.state, verifier: try await journal.access.ask(asked.apiKey, asked.callbackURL))
      return ConsentRequest.answer(url, google)
    }
  }
}
