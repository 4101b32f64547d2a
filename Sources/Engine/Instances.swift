package import Domain
import EventStore
package import Events

/// Creates instances and changes their state.
package struct Instances: Sendable {
  let repository: Repository
  let connector: any Connector
  let world: World
  let settings: EngineSettings

  package init(
    _ repository: Repository, connector: any Connector, world: World, settings: EngineSettings
  ) {
    self.repository = repository
    self.connector = connector
    self.world = world
    self.settings = settings
  }

  /// Exchanges the code of a form for tokens; it can be used once.
  ///
  /// Needs no journal, so that a refusal leaves nothing behind.
  ///
  /// - Parameter proofs: Of the consent that the code came from, where it was asked for here.
  /// - Returns: nil where a refresh token is brought along.
  /// - Throws: `Refusal` with the provider’s reason, or with the path of a `url` that says what
  ///   cannot be asked.
  package static func exchange(
    _ form: InstanceForm, connector: any Connector, world: World,
    proofs: CodeProofs = { _, _, _ in [CodeProof()] }
  ) async throws(Refusal) -> Grant? {
    try check(form.resources, by: connector)
    guard let code = form.code else { return nil }
    var redirect = ""
    if case .text(let url)? = form.settings.configuration["oauth.callback.url"] { redirect = url }
    let client = OAuthClient(
      id: form.secrets["oauth.api.key"] ?? "", secret: form.secrets["oauth.api.secret"] ?? "",
      redirectURL: redirect)
    return try await grant(
      code, client, await proofs(code, client.id, redirect), by: connector, world: world)
  }

  /// Exchanges a code with the first of these proofs that is its own.
  static func grant(
    _ code: String, _ client: OAuthClient, _ proofs: [CodeProof], by connector: any Connector,
    world: World, undone: String = "created"
  ) async throws(Refusal) -> Grant {
    var rest = proofs[...]
    while true {
      let proof = rest.popFirst() ?? CodeProof()
      var client = client
      if let url = proof.redirectURL { client.redirectURL = url }
      let outcome = await world.perform(
        connector.exchange(code: code, client: client, verifier: proof.verifier))
      if !rest.isEmpty, isUnproven(outcome, connector) { continue }
      return try granted(outcome, by: connector, undone: undone)
    }
  }

  private static func isUnproven(_ outcome: Outcome, _ connector: any Connector) -> Bool {
    guard case .reply(let reply) = outcome,
      case .dead(GrantOutcome.unproven, _) = connector.readGrant(reply)
    else { return false }
    return true
  }

  /// Turns every answer but a grant into a refusal.
  private static func granted(
    _ outcome: Outcome, by connector: any Connector, undone: String
  ) throws(Refusal) -> Grant {
    switch outcome {
    case .failed(let failure):
      throw Refusal(
        .providerUnreachable,
        "the code could not be exchanged: \(failure.text); nothing was \(undone)")
    case .reply(let reply):
      switch connector.readGrant(reply) {
      case .granted(let grant): return grant
      case .dead(let reason, let text):
        throw Refusal(
          .providerRefused,
          "Google refused the code: \(reason): \(text); nothing was \(undone)")
      case .refused(let refusal):
        throw Refusal(
          refusal.isPermanent ? .providerRefused : .providerUnreachable,
          "the code could not be exchanged: \(refusal.text); nothing was \(undone)")
      }
    }
  }

  /// - Throws: `Refusal` with the path of the first `url` that cannot be polled or says what cannot
  ///   be asked.
  package static func check(
    _ resources: [ResourceForm], by connector: any Connector
  ) throws(Refusal) {
    for resource in resources {
      guard let fault = connector.fault(inURL: resource.url) else { continue }
      throw Refusal(at: resource.path, fault)
    }
  }

  /// Creates an instance from a form and the tokens that its code was exchanged for.
  ///
  /// The instance, its authorization and its feeds are one append.
  ///
  /// Resources that need what was not granted are left out and named in a notice; so is a grant
  /// that will end soon.
  ///
  /// - Parameter request: Its key and the digest of its body, by which it can be repeated; nil: it
  ///   came without one.
  /// - Throws: `Refusal` where secrets cannot be sealed, or where nothing of what the resources
  ///   need was granted; `JournalError`.
  package func create(
    _ form: InstanceForm, _ grant: Grant?, request: RequestName? = nil
  ) async throws -> Created {
    try Instances.check(grant, for: form, by: connector)
    let coverage = Coverage(of: form.resources, by: grant?.scopes ?? [], connector)
    let token = base64(world.bytes(33))
    let (appended, id) = try await repository.transact(
      [], in: world, conflictsMax: Limits.conflictsOfNewMax
    ) { view, now in
      let last = try view.lastIDs()
      var append = try append(
        form, grant, token: token, id: last.instance.advanced(by: 1),
        firstFeed: last.feed.advanced(by: 1), at: now)
      append.key = request?.key
      if let digest = request?.digest {
        append.secrets.append(
          try repository.put(digest, SecretNames.requestDigest, of: last.instance.advanced(by: 1)))
      }
      return Decision(append, answer: last.instance.advanced(by: 1))
    }
    guard appended?.isRepeated != true else {
      throw Refusal(
        .conflict, "a request with the same key was faster; ask again for what it made", at: "key")
    }
    return Created(instance: id, token: token, leftOut: coverage.missing.map(\.key))
  }

  /// The name that a request goes by, so that it can be repeated.
  package struct RequestName: Sendable {
    package var key: String
    /// Kept under seal: the body held secrets.
    package var digest: String

    package init(key: String, digest: String) {
      self.key = key
      self.digest = digest
    }
  }

  /// A new instance.
  package struct Created: Sendable {
    package let instance: InstanceID
    /// The element token, which is shown once and kept under seal.
    package let token: String
    /// Resources that are not watched, because what they need was not granted.
    package let leftOut: [String]
  }

  private func append(
    _ form: InstanceForm, _ grant: Grant?, token: String, id: InstanceID, firstFeed: FeedID,
    at now: Moment
  ) throws(Refusal) -> AppendRequest {
    let stream = StreamName.instance(id)
    var newEvents = [
      NewEvent(
        stream, .instanceCreated(InstanceCreated(instance: id, settings: form.settings)))
    ]
    if let grant { newEvents.append(granted(grant, to: id, at: now)) }
    var expected = [stream: Int64(0)]
    let coverage = Coverage(of: form.resources, by: grant?.scopes ?? [], connector)
    for (place, resource) in coverage.readable.enumerated() {
      let feed = firstFeed.advanced(by: place)
      expected[.feed(feed)] = 0
      newEvents += opening(resource, feed: feed, of: id, form.settings, at: now)
    }
    if let text = Instances.unknownText(form.unknown) {
      newEvents.append(notice(Instances.unknownKind, stream, text, id))
    }
    if let text = coverage.text(of: id) {
      newEvents.append(notice(Coverage.missingKind, stream, text, id))
    }
    if let grant, grant.refreshToken == nil, form.secrets["oauth.user.refresh_token"] == nil {
      let text = Coverage.text(ending: now + grant.expiresIn, of: id)
      newEvents.append(notice(Coverage.endingKind, stream, text, id))
    }
    return AppendRequest(
      newEvents, expecting: expected, secrets: try secrets(form, grant, token: token, of: id),
      at: now)
  }

  func granted(_ grant: Grant, to id: InstanceID, at now: Moment) -> NewEvent {
    let granted = AuthorizationGranted(
      instance: id, scopes: grant.scopes, expiresAtMs: (now + grant.expiresIn).milliseconds,
      isRefreshable: grant.refreshToken != nil)
    return NewEvent(.authorization(id), .authorizationGranted(granted), cause: .newEvent(0))
  }

  func opening(
    _ resource: ResourceForm, feed: FeedID, of id: InstanceID,
    _ settings: InstanceSettings, at now: Moment
  ) -> [NewEvent] {
    let resource = resource.settled(by: connector)
    let collection = connector.collection(resource: resource.key, url: resource.url)
    let opened = FeedOpened(
      feed: feed, instance: id, resource: resource.key, url: resource.url,
      collectionKind: collection?.kind, collection: collection?.id,
      isSupported: collection != nil, idField: resource.idField,
      updatedField: resource.updatedField,
      intervalMs: self.settings.interval(of: settings).wholeMilliseconds,
      nextAtMs: collection != nil && settings.isWatching ? now.milliseconds : nil,
      rules: resource.rules)
    let newEvent = NewEvent(.feed(feed), .feedOpened(opened), cause: .newEvent(0))
    guard collection == nil else { return [newEvent] }
    let text =
      "\(resource.key) of instance \(id) is not polled: this version of Daybook does not"
      + " support \(resource.url)"
    return [newEvent, notice(.feedUnsupported, .feed(feed), text, id)]
  }

  static let unknownKind = NoticeKind.unknownSettings

  /// Tells a person of settings that nobody knows; nil where there are none.
  static func unknownText(_ names: [String]) -> String? {
    if names.isEmpty { return nil }
    return "kept, but without effect: \(Set(names).sorted().joined(separator: ", "))"
  }

  func notice(
    _ kind: NoticeKind, _ subject: StreamName, _ text: String, _ id: InstanceID
  ) -> NewEvent {
    NewEvent(
      StreamName.notice(.known(kind), about: subject),
      .noticeRaised(NoticeRaised(kind: .known(kind), subject: subject, text: text, instance: id)),
      cause: .newEvent(0))
  }

  private func secrets(
    _ form: InstanceForm, _ grant: Grant?, token: String, of id: InstanceID
  ) throws(Refusal) -> [SecretChange] {
    var changes = [
      try repository.put(token, SecretNames.elementToken, of: id, hash: Seal.hash(token))
    ]
    for (name, value) in form.secrets.sorted(by: { $0.key < $1.key }) {
      changes.append(try repository.put(value, name, of: id))
    }
    if let brought = form.secrets["oauth.user.refresh_token"], grant?.refreshToken == nil {
      changes.append(try repository.put(brought, SecretNames.refreshToken, of: id))
    }
    return changes + (try tokens(of: grant, id))
  }

  /// The tokens of a grant, to be sealed.
  func tokens(of grant: Grant?, _ id: InstanceID) throws(Refusal) -> [SecretChange] {
    guard let grant else { return [] }
    var changes = [
      try repository.put(
        grant.accessToken, SecretNames.accessToken, of: id, expiresAt: world.now() + grant.expiresIn
      )
    ]
    if let token = grant.refreshToken {
      changes.append(try repository.put(token, SecretNames.refreshToken, of: id))
    }
    return changes
  }

  // MARK: State

  /// Lets an instance's polls go on, disabled feeds among them.
  package func enable(_ id: InstanceID, reason: String?) async throws {
    try await change(id) { instance, view, now in
      var ends = NoticeEnds()
      let isWatching = instance.settings?.isWatching ?? true
      let newEvents =
        try instance.enable(reason: reason).map { NewEvent(instance.stream, $0) }
        + Instances.enabling(
          view.feeds(of: id), isWatching: isWatching, because: "enabled", in: &ends, view, at: now)
      return AppendRequest(newEvents + ends.newEvents, expecting: ends.expected, at: now)
    }
  }

  /// Lets the feeds that failed too often be polled again, and ends the notices about them.
  static func enabling(
    _ feeds: [FeedRow], isWatching: Bool, because reason: String, cause: NewEvent.Cause = .none,
    in ends: inout NoticeEnds, _ view: JournalSnapshot, at now: Moment
  ) throws(JournalError) -> [NewEvent] {
    var newEvents: [NewEvent] = []
    for feed in feeds where feed.state == .disabled {
      let enabled = FeedEnabled(
        feed: feed.feed, instance: feed.instance, nextAtMs: isWatching ? now.milliseconds : nil)
      newEvents.append(NewEvent(.feed(feed.feed), .feedEnabled(enabled), cause: cause))
      try view.end(
        .feedDisabled, about: .feed(feed.feed), because: reason, instance: feed.instance,
        in: &ends)
    }
    return newEvents
  }

  /// Stops the polls of an instance; deliveries that were asked for go on.
  package func disable(_ id: InstanceID, reason: String?) async throws {
    try await change(id) { instance, _, now in
      AppendRequest(
        try instance.disable(reason: reason).map { NewEvent(instance.stream, $0) }, at: now)
    }
  }

  private func change(
    _ id: InstanceID,
    _ decide: @Sendable (Instance, JournalSnapshot, Moment) throws -> AppendRequest
  ) async throws {
    _ = try await repository.transact([StreamName.instance(id)], in: world) { view, now in
      Decision(try decide(view.instance(id), view, now))
    }
  }
}
