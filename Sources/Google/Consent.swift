import Crypto
package import Domain
import FoundationEssentials

/// One consent, from the address that a person opens to the redirect that brings the code.
///
///     https://accounts.google.com/o/oauth2/v2/auth?client_id=…
///       &redirect_uri=http%3A%2F%2F127.0.0.1%3A43521%2F&response_type=code&scope=…
///       &access_type=offline&prompt=consent&state=…&code_challenge=…&code_challenge_method=S256
///     http://127.0.0.1:43521/?state=…&code=4/0A…&scope=…
///     http://127.0.0.1:43521/?state=…&error=access_denied
///
/// `prompt=consent` because Google gives a refresh token only on the first consent without it.
///
/// Sources: Google Identity, “OAuth 2.0 for Mobile & Desktop Apps”; RFC 7636 for the challenge; RFC
/// 8252, §7.3, for the loopback address.
package struct Consent: Sendable {
  /// For a person to open; it holds no secret of the client, but whoever reads it could answer in
  /// the browser's place.
  package let url: String
  /// Where Google sends the browser back to; the same text is needed for the exchange.
  package let redirectURL: String
  /// The scopes that were asked for, which need not be those that were granted.
  package let scopes: [String]
  /// A secret that proves at the exchange that whoever asked is who has the code.
  package let verifier: String
  private let state: String
  /// The path of the redirect’s URL, by which the browser’s request is known.
  private let path: Substring

  /// Random bytes that a consent takes: 32 for the verifier, as RFC 7636, §4.1, recommends, and as
  /// many for the state.
  package static let randomBytes = 64

  /// - Parameters:
  ///   - redirectURL: In full, as the client’s owner has told Google, or on loopback with any port.
  ///   - random: `randomBytes` bytes fit for keys.
  package init(
    _ google: GoogleSuite, clientID: String, scopes: [String], redirectURL: String, random: [UInt8]
  ) {
    precondition(random.count == Self.randomBytes, "a consent takes 64 bytes, not \(random.count)")
    verifier = base64URL(random.prefix(32))
    state = base64URL(random.suffix(32))
    self.redirectURL = redirectURL
    self.scopes = scopes
    path = Self.path(of: redirectURL)
    url = google.consentURL(
      clientID: clientID, redirectURL: redirectURL, scopes: scopes, state: state,
      verifier: verifier)
  }

  /// An address with these parameters behind those that it has.
  package static func address(
    _ url: String, _ parameters: [(name: String, value: String)]
  ) -> String { url + (url.contains("?") ? "&" : "?") + queryText(parameters) }

  private static func path(of url: String) -> Substring {
    guard let scheme = url.firstRange(of: "://"),
      let slash = url[scheme.upperBound...].firstIndex(of: "/")
    else { return "/" }
    return url[slash...].prefix { $0 != "?" && $0 != "#" }
  }

  /// Reads the target of a request that came to the redirect's address, such as `/?state=…&code=…`.
  package func read(_ target: String) -> Redirect {
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2, halves[0] == path else { return .elsewhere }
    guard target.utf8.count <= GoogleLimits.redirectBytesMax,
      let found = Self.parameters(halves[1]), found["state"] == state
    else { return .foreign }
    if let word = found["error"] { return .refused(reason: Self.word(word)) }
    guard let code = found["code"], (1...GoogleLimits.codeBytesMax).contains(code.utf8.count),
      code.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return .foreign }
    let scopes = found["scope"]?.split(separator: " ").map(String.init)
    return .agreed(Agreement(code: code, scopes: scopes))
  }

  /// The parameters of a query; nil where one stands twice, so that no two readers can take it
  /// differently.
  private static func parameters(_ query: Substring) -> [String: String]? {
    var found: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { percentDecoded(String($0.replacing("+", with: " "))) }
      guard found.updateValue(halves.count > 1 ? halves[1] : "", forKey: halves[0]) == nil else {
        return nil
      }
    }
    return found
  }

  /// An error's word as it may be repeated to a person.
  private static func word(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
    }
    return isWord && (1...64).contains(text.utf8.count) ? text : "unknown_error"
  }
}

extension GoogleSuite {
  /// The address of a consent for a person to open.
  ///
  /// - Parameter verifier: A secret that the exchange has to show, of which the address has the
  ///   digest; nil: whoever has the code may exchange it.
  package func consentURL(
    clientID: String, redirectURL: String, scopes: [String], state: String, verifier: String?
  ) -> String {
    var query = [
      (name: "client_id", value: clientID), ("redirect_uri", redirectURL),
      ("response_type", "code"), ("scope", scopes.joined(separator: " ")),
      ("access_type", "offline"), ("prompt", "consent"), ("state", state),
    ]
    if let verifier {
      query += [("code_challenge", challenge(of: verifier)), ("code_challenge_method", "S256")]
    }
    return Consent.address(consentURL, query)
  }

  /// The scopes that the resources need which are watched where a configuration names none.
  package var standardScopes: [String] {
    scopes(for: standardResources.compactMap { collection(resource: $0, url: "/\($0)") })
  }
}

/// The digest of a verifier that the consent's URL shows. Source: RFC 7636, §4.2.
func challenge(of verifier: String) -> String {
  base64URL(SHA256.hash(data: Array(verifier.utf8)))
}
