import Domain
import Engine
import Events
import Google
import RawJSON

/// An instance that waits for a person to allow it: checked, asked for by an address, made once the
/// browser comes back.
///
/// Nothing is written before the tokens are there; what is refused leaves nothing behind.
public struct PendingInstance: Sendable {
  /// For the person to open.
  public var url: String { consent.url }
  /// Where the provider sends the browser back to: the instance’s `oauth.callback.url`.
  public var redirectURL: String { consent.redirectURL }

  private let body: Members
  private let consent: Consent
  private let access: JournalAccess

  /// - Throws: `Refusal` for what `create` would refuse, and for a code that is there already.
  init(_ body: [UInt8], in access: JournalAccess) throws(Refusal) {
    guard let members = (try? JSON.parse(body))?.members else {
      throw Refusal(.invalid, "the body has to be a JSON object")
    }
    guard members["providerData"]?["code"] == nil else {
      throw Refusal(at: "providerData.code", "comes with the consent; leave it out")
    }
    self.body = members
    self.access = access
    let google = GoogleSuite(baseURL: access.settings.googleURL)
    let form = try Self.form(members, code: "to come", access)
    guard form.settings.externalAuthentication == "none" else {
      throw Refusal(at: "externalAuthentication", "a consent brings the tokens; leave it out")
    }
    let name = "oauth.callback.url"
    guard case .text(let redirect)? = form.settings.configuration[name],
      let client = form.secrets["oauth.api.key"]
    else {
      throw Refusal(at: "configuration.\(name)", "is missing")
    }
    let collections = form.resources.compactMap { resource in
      google.collection(resource: resource.key, url: resource.url)
    }
    consent = Consent(
      google, clientID: client, scopes: google.scopes(for: collections), redirectURL: redirect,
      random: access.world.bytes(Consent.randomBytes))
  }

  /// Judges the target of the request that the browser comes back with, such as
  /// `/oauth/callback?state=…&code=…`.
  public func read(_ target: String) -> Connecting.Redirect { Connecting.Redirect(consent, target) }

  /// Exchanges the code and creates the instance.
  ///
  /// - Throws: `refused` where the provider refuses the code, or less was granted than is needed;
  ///   what was granted is then given back.
  public func finish(_ agreed: Connecting.Agreement) async throws(DaybookError) -> CreatedInstance {
    let agreement = agreed.agreement
    return try await translated {
      let form = try Self.form(body, code: agreement.code, access)
      return try await access.create(form, verifier: consent.verifier) { given throws(Refusal) in
        // Scopes that are not named are those that were asked for. Source: RFC 6749, §5.1.
        if given?.scopes.isEmpty == true { given?.scopes = agreement.scopes ?? consent.scopes }
        try Engine.Instances.check(given, for: form, by: access.settings.connector)
        return (form, [])
      }
    }
  }

  private static func form(
    _ body: Members, code: String, _ access: JournalAccess
  ) throws(Refusal) -> InstanceForm {
    var body = body
    var provided = body["providerData"]?.members ?? Members()
    provided["code"] = .string(code)
    body["providerData"] = .object(provided)
    return try InstanceForm(
      JSON.object(body).bytes(), rules: access.settings.engine.rules,
      connector: access.settings.connector)
  }
}

extension Journal.Instances {
  /// Begins an instance that a person has to allow first: the body is that of `create`, without a
  /// code.
  ///
  /// - Throws: `refused` for what `create` would refuse.
  public func begin(_ body: [UInt8]) async throws(DaybookError) -> PendingInstance {
    try await translated {
      try await journal.access.prepare()
      return try PendingInstance(body, in: journal.access)
    }
  }
}
