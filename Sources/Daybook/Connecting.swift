package import Domain
package import Engine
import EventStore
import Events
import Google

/// One authorization on this machine: checked, asked for by an address, finished as an instance.
///
/// Nothing is written before the tokens are there; what is refused leaves nothing behind.
package struct Connecting: Sendable {
  /// For a person to open.
  package var url: String { consent.url }

  private let form: ConnectForm
  private let secret: String
  private let collections: [(resource: String, Collection)]
  private let consent: Consent
  private let google: GoogleSuite
  private let path: String
  private let options: Desk.Options
  private let world: World

  /// Checks all that can be checked before a person is asked.
  ///
  /// - Parameters:
  ///   - secret: The client's.
  ///   - port: Of loopback, where the browser is waited for.
  /// - Throws: `Refusal` for what `instance create` would refuse; `JournalError`.
  package init(
    _ form: ConnectForm, secret: String, port: Int, in path: String, _ options: Desk.Options,
    world: World
  ) throws {
    if let refusal = options.refusal { throw refusal }
    self.form = form
    self.secret = secret
    let path = JournalPath.followed(path)
    self.path = path
    self.options = options
    self.world = world
    google = GoogleSuite(baseURL: options.googleURL)
    collections = try form.collections(google)
    consent = Consent(
      google, clientID: form.clientID, scopes: google.scopes(for: collections.map(\.1)),
      redirectURL: "http://127.0.0.1:\(port)/", random: world.bytes(Consent.randomBytes))
    _ = try instanceForm(collections, code: "to come")
    let opened = try Desk.existing(path, options, world: world)
    try Desk.checkRoom(for: path, opened, options)
  }

  /// What a request to the address of the redirect turns out to be.
  package func read(_ target: String) -> Redirect { consent.read(target) }

  /// What came of it.
  package struct Connected: Sendable {
    package let desk: Desk
    package let instance: Int64
    /// The element token, which is shown once.
    package let token: String
    /// Resources that were left out, because what they need was not granted.
    package let leftOut: [String]
  }

  /// Exchanges the code and creates the instance, with those resources that the person allowed.
  ///
  /// - Throws: `Refusal` where Google refuses the code, or where none of the resources can be read;
  ///   what was granted is then given back.
  package func finish(_ agreement: Agreement) async throws -> Connected {
    let opened = try Desk.existing(path, options, world: world)
    guard
      var grant = try await Instances.exchange(
        try instanceForm(collections, code: agreement.code), connector: google, world: world,
        verifier: consent.verifier)
    else { preconditionFailure("a form with a code has no grant") }
    // Scopes that are not named are those that were asked for. Source: RFC 6749, §5.1.
    if grant.scopes.isEmpty { grant.scopes = agreement.scopes ?? consent.scopes }
    do {
      let readable = try readable(with: grant)
      let desk = try opened ?? Desk(path, options, world: world)
      let created = try await desk.instances.create(
        try instanceForm(readable, code: agreement.code), grant)
      let leftOut = collections.map(\.resource).filter { resource in
        !readable.contains { $0.resource == resource }
      }
      return Connected(
        desk: desk, instance: created.instance, token: created.token, leftOut: leftOut)
    } catch {
      throw await Desk.givenBack(grant, of: form.clientID, opened, google, world, after: error)
    }
  }

  private func instanceForm(
    _ collections: [(resource: String, Collection)], code: String
  ) throws(Refusal) -> InstanceForm {
    let body = form.body(
      collections, secret: secret, redirectURL: consent.redirectURL, code: code)
    return try InstanceForm(body, rules: options.engine.rules)
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
