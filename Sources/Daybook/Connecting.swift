import Domain
import Engine
import Events
import Google

/// One authorization on this machine: checked, asked for by an address, finished as an instance.
///
/// Nothing is written before the tokens are there; what is refused leaves nothing behind.
public struct Connecting: Sendable {
  /// For a person to open.
  public var url: String { consent.url }

  private let form: ConnectForm
  private let secret: String
  private let signatureKey: String
  private let collections: [(resource: String, Collection)]
  private let consent: Consent
  private let google: GoogleSuite
  private let access: JournalAccess

  /// Checks the form.
  ///
  /// - Throws: `Refusal` for what `create` would refuse.
  init(
    _ form: ConnectForm, secret: String, port: Int, in access: JournalAccess
  ) throws(Refusal) {
    self.form = form
    self.secret = secret
    self.access = access
    signatureKey = form.signatureKey ?? Journal.Signatures.made(access.world.bytes(32))
    google = GoogleSuite(baseURL: access.settings.googleURL)
    collections = try form.collections(google)
    consent = Consent(
      google, clientID: form.clientID, scopes: google.scopes(for: collections.map(\.1)),
      redirectURL: "http://127.0.0.1:\(port)/", random: access.world.bytes(Consent.randomBytes))
    _ = try instanceForm(collections, code: "to come")
  }

  /// A request to the address that the provider sends a browser back to, read.
  public enum Redirect: Sendable, Equatable {
    /// The person agreed.
    case agreed(Agreement)
    /// Nothing was granted; with the provider’s word for it, such as `access_denied`.
    case refused(reason: String)
    /// Another path, such as `/favicon.ico`: there is nothing.
    case elsewhere
    /// Belongs to another consent, was made up, or cannot be read: the browser of this one may
    /// still come.
    case foreign
  }

  /// Proof that the person agreed, as the browser brought it back: it can be finished with once.
  public struct Agreement: Sendable, Equatable {
    let agreement: Domain.Agreement
  }

  /// Judges the target of such a request, such as `/?state=…&code=…`.
  public func read(_ target: String) -> Redirect { Redirect(consent, target) }

  /// Exchanges the code and creates the instance, with those resources that the person allowed.
  ///
  /// - Throws: `refused` where Google refuses the code, or where none of the resources can be read;
  ///   what was granted is then given back.
  public func finish(_ agreed: Agreement) async throws(DaybookError) -> CreatedInstance {
    let agreement = agreed.agreement
    return try await translated {
      let asked = try instanceForm(collections, code: agreement.code)
      var created = try await access.create(asked, verifier: consent.verifier) {
        given throws(Refusal) in
        guard var grant = given else { preconditionFailure("a form with a code has no grant") }
        // Scopes that are not named are those that were asked for. Source: RFC 6749, §5.1.
        if grant.scopes.isEmpty { grant.scopes = agreement.scopes ?? consent.scopes }
        given = grant
        let readable = try readable(with: grant)
        let names = Set(readable.map(\.resource))
        return (
          try instanceForm(readable, code: agreement.code),
          collections.map(\.resource).filter { !names.contains($0) }
        )
      }
      if form.signatureKey == nil { created.show(signatureKey: signatureKey) }
      return created
    }
  }

  private func instanceForm(
    _ collections: [(resource: String, Collection)], code: String
  ) throws(Refusal) -> InstanceForm {
    let body = form.body(
      collections, secret: secret, signatureKey: signatureKey, redirectURL: consent.redirectURL,
      code: code)
    return try InstanceForm(
      body, rules: access.settings.engine.rules, connector: google)
  }

  private func readable(
    with grant: Grant
  ) throws(Refusal) -> [(resource: String, Collection)] {
    let readable = collections.filter { google.canRead($0.1, with: grant.scopes) }
    guard !readable.isEmpty else {
      throw Refusal(
        .notGranted, "nothing was granted of what the resources need; nothing was created")
    }
    guard grant.refreshToken != nil else {
      throw Refusal(
        .notGranted, "Google gave no refresh token, so it would end soon; nothing was created")
    }
    return readable
  }
}

extension Connecting.Redirect {
  init(_ consent: Consent, _ target: String) {
    self =
      switch consent.read(target) {
      case .agreed(let agreement): .agreed(Connecting.Agreement(agreement: agreement))
      case .refused(let reason): .refused(reason: reason)
      case .elsewhere: .elsewhere
      case .foreign: .foreign
      }
  }
}
