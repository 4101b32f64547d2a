import Domain
import EventStore
import Events

/// Why there is no token for a poll.
struct AccessDenial: Error {
  var refusal: ProviderRefusal
  /// True where the provider will give no more tokens: a person has to authorize again.
  let isFinal: Bool
  /// The request that was refused; nil where nobody was asked.
  var asked: String?
  /// The streams that were looked at, as they were: where one has moved, a person may have
  /// authorized again meanwhile.
  var expected: [StreamName: Int64] = [:]
}

/// A token in use.
struct Access: Sendable {
  var token: String
  /// When it ends; nil where nobody said.
  var endsAt: Moment?

  /// True where it is about to end: the provider may refuse it by the time it arrives.
  func isEnding(at now: Moment) -> Bool {
    endsAt.map { $0 - Limits.tokenMargin <= now } ?? false
  }
}

/// Gives polls the tokens that they bear, and refreshes them before they end.
struct AccessTokens: Sendable {
  let repository: Repository
  let connector: any Connector
  let world: World
  let settings: EngineSettings

  init(
    _ repository: Repository, connector: any Connector, world: World, settings: EngineSettings
  ) {
    self.repository = repository
    self.connector = connector
    self.world = world
    self.settings = settings
  }

  /// The token under a seal; nil where it does not open, or is about to end.
  func access(_ sealed: SealedSecret, to id: InstanceID) -> Access? {
    let token = repository.seal?.open(
      sealed.sealed, owner: .instance(id), name: SecretNames.accessToken)
    guard let token else { return nil }
    let access = Access(token: token, endsAt: sealed.expiresAt)
    return access.isEnding(at: world.now()) ? nil : access
  }

  /// A token that the provider should take; refreshed first where it is about to end.
  ///
  /// One refresh at a time: an instance is polled by one task at once.
  ///
  /// - Parameter refused: A token that the provider no longer takes.
  nonisolated(nonsending) func access(
    to id: InstanceID, refused: String? = nil
  ) async throws(JournalError) -> Result<Access, AccessDenial> {
    // Beyond `transact`: between what is read and what is recorded the provider is asked, once, and
    // what it gave must not be lost for a conflict about something else. `record` is a `transact`;
    // only where somebody authorized again meanwhile it appends nothing, and the token that was
    // given then is looked at.
    for _ in 0..<Limits.conflictsMax {
      let (versions, instance, secrets) = try await authorized(id)
      if let token = secrets[SecretNames.accessToken], token != refused {
        let access = Access(token: token, endsAt: secrets.ends[SecretNames.accessToken])
        if !access.isEnding(at: world.now()) { return .success(access) }
      }
      guard let refreshToken = secrets[SecretNames.refreshToken],
        let client = AccessTokens.client(of: instance, secrets)
      else {
        return .failure(try await denial(of: id, secrets, versions))
      }
      let request = connector.refresh(refreshToken, client: client)
      var denial: AccessDenial
      switch await world.begin(request) {
      case .failed(let failure):
        let refusal = ProviderRefusal(
          status: nil, reason: failure.kind.rawValue, text: failure.text)
        denial = AccessDenial(refusal: refusal, isFinal: false)
      case .reply(let reply):
        switch try await take(connector.readGrant(reply), for: id, versions) {
        case .success(let access?): return .success(access)
        // Authorized anew while the old token was refreshed: what was given then counts.
        case .success(nil): continue
        case .failure(let why): denial = why
        }
      }
      let redaction = Redaction(secrets)
      denial.refusal.reason = redaction.clean(denial.refusal.reason)
      denial.refusal.text = redaction.clean(denial.refusal.text)
      denial.asked = request.described
      denial.expected = versions
      return .failure(denial)
    }
    throw .busy(path: repository.writer.path)
  }

  /// An instance, its opened secrets and the versions of what decides about them, as of one moment.
  private nonisolated(nonsending) func authorized(
    _ id: InstanceID
  ) async throws(JournalError) -> (
    versions: [StreamName: Int64], instance: Instance, secrets: Secrets
  ) {
    let owner = StreamName.instance(id)
    let (versions, instance, sealed) = try await repository.reader.read {
      view throws(JournalError) in
      let grants = try view.version(of: .authorization(id))
      return (
        [StreamName.authorization(id): grants, owner: try view.version(of: owner)],
        try view.instance(id), try view.secrets(of: owner)
      )
    }
    return (versions, instance, repository.opened(sealed, of: instance))
  }

  /// - Returns: nil where somebody authorized again meanwhile, and nothing was recorded.
  private nonisolated(nonsending) func take(
    _ outcome: GrantOutcome, for id: InstanceID, _ versions: [StreamName: Int64]
  ) async throws(JournalError) -> Result<Access?, AccessDenial> {
    switch outcome {
    case .granted(let grant):
      do {
        return .success(try await record(grant, for: id, versions))
      } catch let refusal as Refusal {
        let refusal = ProviderRefusal(
          status: nil, reason: "secrets-unreadable", text: refusal.description)
        return .failure(AccessDenial(refusal: refusal, isFinal: false))
      } catch let error as JournalError {
        throw error
      } catch {
        preconditionFailure("an error of another kind: \(error)")
      }
    case .dead(let reason, let text):
      let refusal = ProviderRefusal(
        status: 400, reason: reason, text: text, isPermanent: true)
      return .failure(AccessDenial(refusal: refusal, isFinal: true))
    case .refused(let refusal):
      return .failure(AccessDenial(refusal: refusal, isFinal: false))
    }
  }

  /// Sealed and recorded before it is used, unless a person authorized again or deleted the
  /// instance meanwhile.
  private nonisolated(nonsending) func record(
    _ grant: Grant, for id: InstanceID, _ versions: [StreamName: Int64]
  ) async throws -> Access? {
    let expiresAt = world.now() + grant.expiresIn
    var changes = [
      try repository.put(grant.accessToken, SecretNames.accessToken, of: id, expiresAt: expiresAt)
    ]
    if let token = grant.refreshToken {
      changes.append(try repository.put(token, SecretNames.refreshToken, of: id))
    }
    let stream = StreamName.authorization(id)
    let instances = Instances(repository, connector: connector, world: world, settings: settings)
    let configured =
      try await repository.instance(id).settings.map {
        Instances.resources(of: $0, by: connector)
      } ?? []
    let missing = Coverage(of: configured, by: grant.scopes, connector).text(of: id)
    let refreshed = AuthorizationRefreshed(
      instance: id, expiresAtMs: expiresAt.milliseconds, isRotated: grant.refreshToken != nil,
      scopes: missing == nil ? nil : grant.scopes)
    let streams = Array(versions.keys)
    let (appended, _) = try await repository.transact(streams, in: world) {
      [changes] view, now in
      // A new name of the instance is no reason to lose a token that was rotated.
      guard try view.version(of: stream) == versions[stream], try !view.instance(id).isDeleted
      else { return Decision(nil) }
      // A person may have enabled the instance by hand, and Google takes the grant again.
      var ends = NoticeEnds()
      try view.end(
        .authorizationRefused, about: StreamName.instance(id), because: "refreshed", instance: id,
        in: &ends)
      var append = AppendRequest(
        [NewEvent(stream, .authorizationRefreshed(refreshed))] + ends.newEvents,
        expecting: ends.expected, secrets: changes, at: now)
      if let missing {
        try instances.tell(
          Coverage.missingKind, missing, of: id, because: "others are missing", in: &append, view)
      }
      return Decision(append)
    }
    return appended.map { _ in Access(token: grant.accessToken, endsAt: expiresAt) }
  }

  private static func client(of instance: Instance, _ secrets: Secrets) -> OAuthClient? {
    guard let id = secrets["oauth.api.key"], let secret = secrets["oauth.api.secret"] else {
      return nil
    }
    let redirect: String
    if case .text(let url)? = instance.settings?.configuration["oauth.callback.url"] {
      redirect = url
    } else {
      redirect = ""
    }
    return OAuthClient(id: id, secret: secret, redirectURL: redirect)
  }

  private nonisolated(nonsending) func denial(
    of id: InstanceID, _ secrets: Secrets, _ versions: [StreamName: Int64]
  ) async throws(JournalError) -> AccessDenial {
    var unreadable = secrets.unreadable.intersection(SecretNames.refreshing)
    if secrets[SecretNames.refreshToken] == nil, try await hadRefreshToken(id) {
      unreadable.insert(SecretNames.refreshToken)
    }
    let refusal =
      !unreadable.isEmpty
      ? ProviderRefusal(
        status: nil, reason: "secrets-unreadable",
        text: "secrets of this instance are missing, or the key file does not open them"
          + " (\(unreadable.sorted().joined(separator: ", "))); bring the key back, or give them"
          + " anew with `instance update`")
      : ProviderRefusal(
        status: nil, reason: "no-refresh-token",
        text: "the access token has ended and there is no refresh token; authorize again",
        isPermanent: true)
    return AccessDenial(
      refusal: refusal, isFinal: unreadable.isEmpty, expected: versions)
  }

  /// True where a refresh token was ever sealed for an instance: none is ever dropped before it
  /// ends.
  private nonisolated(nonsending) func hadRefreshToken(
    _ id: InstanceID
  ) async throws(JournalError) -> Bool {
    let rows = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.events(of: .authorization(id))
    }
    for row in rows where try row.event().bringsRefreshToken { return true }
    return false
  }
}
