import Crypto
import Domain
import Engine
import EventStore
import Events
import Google

/// Memory of consents that others end: they bring a code, and a code says nothing of the consent
/// that it comes of.
///
/// The verifier of a code that goes to its caller’s own address is made of the journal’s key, the
/// client and that address: it is known again whenever the code comes, also after a restart, and
/// however many people were sent to sign in. That of a code which goes through here is random, and
/// kept with the code.
struct ConsentMemory: Sendable {
  /// How long a code that went through here is waited for: Google’s codes last as long.
  static let codeTime = Duration.seconds(600)
  /// Codes, and pairs of client and address, that are remembered at once.
  static let most = 1_000

  private var handed: [[UInt8]: (proof: CodeProof, endsAt: Moment)] = [:]
  /// Pairs whose consents were asked for here since the start: their codes need a verifier.
  private var asked: Set<[UInt8]> = []

  /// Remembers that a client’s codes that come back to an address have a verifier.
  mutating func ask(_ clientID: String, _ redirectURL: String) {
    // Who is forgotten costs a second try, and no more.
    if asked.count >= Self.most { asked = [] }
    asked.insert(Self.digest(clientID, redirectURL))
  }

  /// Remembers what goes with a code that is handed on.
  ///
  /// - Returns: False where as many are remembered as may be: nobody's is forgotten for it.
  mutating func hand(_ code: String, _ proof: CodeProof, at now: Moment) -> Bool {
    handed = handed.filter { $0.value.endsAt > now }
    guard handed.count < Self.most else { return false }
    handed[Self.digest(code)] = (proof, now + Self.codeTime)
    return true
  }

  /// - Parameter verifier: Of the client and the address; nil where there is no key to make it of.
  func proofs(
    of code: String, _ clientID: String, _ redirectURL: String, verifier: String?, at now: Moment
  ) -> [CodeProof] {
    if let known = handed[Self.digest(percentDecoded(code))], known.endsAt > now {
      return [known.proof]
    }
    guard let verifier else { return [CodeProof()] }
    let isAsked = asked.contains(Self.digest(clientID, redirectURL))
    let proofs = [CodeProof(verifier: verifier), CodeProof()]
    return isAsked ? proofs : proofs.reversed()
  }

  /// No code and no client’s id is kept in the clear.
  private static func digest(_ texts: String...) -> [UInt8] {
    Array(SHA256.hash(data: Array(texts.joined(separator: "\u{0}").utf8)))
  }
}

extension JournalAccess {
  /// The verifier of consents of a client that come back to an address of the caller’s own; nil
  /// where there is no journal yet, and so no key.
  func verifier(of clientID: String, _ redirectURL: String) throws -> String? {
    let seal = isReadOnly ? nil : try prepare()?.repository.seal
    return seal.map {
      base64URL($0.derived("oauth/url\u{0}\(clientID)\u{0}\(redirectURL)"))
    }
  }

  /// The same for the address of a consent, which is remembered.
  func ask(_ clientID: String, _ redirectURL: String) throws -> String? {
    let verifier = try verifier(of: clientID, redirectURL)
    if verifier != nil { consents.ask(clientID, redirectURL) }
    return verifier
  }

  /// Remembers what goes with a code that is handed on; false where there is no room for it.
  func hand(_ code: String, _ proof: CodeProof) -> Bool {
    consents.hand(code, proof, at: world.now())
  }

  func proofs(of code: String, _ clientID: String, _ redirectURL: String) -> [CodeProof] {
    // Without the key nothing is made or changed; that is said elsewhere.
    let verifier = try? verifier(of: clientID, redirectURL)
    return consents.proofs(of: code, clientID, redirectURL, verifier: verifier, at: world.now())
  }
}
