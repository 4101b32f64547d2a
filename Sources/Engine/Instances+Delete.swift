package import Domain
package import EventStore
package import Events

extension Instances {
  /// The end of an instance's grant, or why it may go on.
  package enum GrantEnd: Sendable, Equatable {
    /// There was no token, or it was left as asked.
    case untouched
    /// It was given back: its tokens open nothing any more.
    case revoked
    /// It may still be open; one sentence on why, and where a person ends it.
    case open(String)
  }

  /// An instance's end before it comes: what would be closed, skipped and given back.
  package struct DeletionPlan: Sendable, Equatable {
    /// The instance's name.
    package var name: String
    /// Feeds that would close.
    package var feeds: Int
    /// Deliveries that would be skipped; counted to `Limits.pendingCounted`.
    package var pending: Int
    package var grant: GrantEnd
  }

  /// Finds what a deletion would do, and does nothing.
  ///
  /// - Throws: `Refusal` where there is no such instance, or it is deleted.
  package func deletionPlan(of id: InstanceID, keepsGrant: Bool) async throws -> DeletionPlan {
    let (instance, feeds, pending, secrets) = try await repository.reader.read {
      view throws(JournalError) in
      let instance = try view.instance(id)
      return (
        instance, try view.feeds(of: id).count { $0.state != .closed },
        try view.openDeliveries(
          of: id, after: StreamName(stored: ""), limit: Limits.pendingCounted
        ).count,
        try view.secrets(of: instance.stream)
      )
    }
    _ = try instance.changeable()
    var plan = DeletionPlan(
      name: instance.settings?.name ?? "", feeds: feeds, pending: pending, grant: .untouched)
    if keepsGrant { return plan }
    switch OpenGrant(of: instance, repository.opened(secrets, of: instance)) {
    case .none: break
    case .unknown(let why): plan.grant = .open(why)
    case .token(_, let client):
      plan.grant = try await sharer(of: client, besides: id).map { .open($0) } ?? .revoked
    }
    return plan
  }

  /// Ends an instance: its feeds are closed, what is pending is skipped, its secrets are gone, its
  /// grant is given back.
  ///
  /// The deletion is recorded first, together with a notice that the grant may be open, which is
  /// closed once the provider took it back: whatever fails or dies in between, nobody is left
  /// believing that it is closed.
  ///
  /// - Parameter keepsGrant: Whether the provider is not asked, because somebody else lives by the
  ///   same grant.
  @discardableResult
  package func delete(
    _ id: InstanceID, reason: String?, keepsGrant: Bool = false
  ) async throws -> GrantEnd {
    let (_, grant) = try await repository.transact([StreamName.instance(id)], in: world) {
      view, now in
      let instance = try view.instance(id)
      let secrets = try repository.opened(view.secrets(of: instance.stream), of: instance)
      let grant = keepsGrant ? OpenGrant.none : OpenGrant(of: instance, secrets)
      var append = try Instances.deletion(of: instance, reason: reason, grant, in: view, at: now)
      append.secrets = [.drop(owner: instance.stream, name: nil)]
      return Decision(append, answer: grant)
    }
    return try await end(grant, of: id)
  }

  private static func deletion(
    of instance: Instance, reason: String?, _ grant: OpenGrant, in view: JournalSnapshot,
    at now: Moment
  ) throws -> AppendRequest {
    let id = instance.id
    let feeds = try view.feeds(of: id)
    let deleted = try instance.delete(reason: reason).map { NewEvent(instance.stream, $0) }
    let gone = "instance-deleted"
    let closed = feeds.filter { $0.state != .closed }.map { feed in
      NewEvent(
        .feed(feed.feed),
        .feedClosed(FeedClosed(feed: feed.feed, instance: id, reason: gone)), cause: .newEvent(0))
    }
    var ends = NoticeEnds()
    for feed in feeds { try view.endNotices(aboutFeed: feed, because: gone, in: &ends) }
    for kind in [
      .authorizationRefused, .unknownSettings, Secrets.unreadableKind, Coverage.missingKind,
      Coverage.endingKind,
    ] as [NoticeKind] {
      try view.end(kind, about: instance.stream, because: gone, instance: id, in: &ends)
    }
    var append = AppendRequest(
      deleted + closed + ends.newEvents, expecting: ends.expected, at: now)
    guard grant != .none else { return append }
    let text =
      "Instance \(id) is deleted, but Google may still honour what it was granted."
      + " \(whereGrantsEnd)"
    let notice = NoticeRaised(
      kind: .known(noticeKind), subject: instance.stream, text: text, instance: id)
    append.newEvents.append(
      NewEvent(
        StreamName.notice(.known(noticeKind), about: instance.stream), .noticeRaised(notice),
        cause: .newEvent(0)))
    return append
  }

  private func end(_ grant: OpenGrant, of id: InstanceID) async throws(JournalError) -> GrantEnd {
    let obstacle: String?
    switch grant {
    case .none: return .untouched
    case .unknown(let why): obstacle = why
    case .token(let token, let client): obstacle = try await giveBack(token, of: client)
    }
    if let obstacle {
      return .open(
        "what instance \(id) was granted may still be open: \(obstacle). \(Self.whereGrantsEnd)")
    }
    try await repository.end(
      Self.noticeKind, about: StreamName.instance(id), because: "given back", instance: id,
      in: world)
    return .revoked
  }

  /// Gives a token back, unless an instance of this journal lives by a grant to the same client.
  ///
  /// Google ends all tokens of an account for a client at once, and whose account a token is of is
  /// not known here: a grant too many is mended by a person, one too few stops another instance.
  ///
  /// - Parameter client: The client's id.
  /// - Returns: nil, or why the grant may still be open.
  package func giveBack(_ token: String, of client: String) async throws(JournalError) -> String? {
    if let obstacle = try await sharer(of: client, besides: nil) { return obstacle }
    return await Instances.giveBack(token, connector: connector, world: world)
  }

  /// Why a grant to a client cannot be given back as far as other instances go; nil where it can.
  private func sharer(
    of client: String, besides own: InstanceID?
  ) async throws(JournalError) -> String? {
    let last = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.lastIDs().instance
    }
    for other in InstanceID.all(through: last) where other != own {
      // What is deleted has no secrets any more.
      let secrets = try await repository.secrets(of: other)
      if secrets["oauth.api.key"] == client {
        return "instance \(other) uses the same client, and Google ends a grant as a whole"
      }
      if secrets.unreadable.contains("oauth.api.key") {
        return "whether instance \(other) uses it cannot be read"
      }
    }
    return nil
  }

  /// Gives a token back, whoever else lives by the same grant.
  ///
  /// - Returns: nil, or why the grant may still be open.
  package static func giveBack(
    _ token: String, connector: any Connector, world: World
  ) async -> String? {
    switch await world.perform(connector.revocation(of: token)) {
    case .failed(let failure): return failure.text
    case .reply(let reply):
      switch connector.readRevocation(reply) {
      case .revoked: return nil
      case .refused(let refusal): return refusal.text
      }
    }
  }

  private static let noticeKind = NoticeKind.grantOpen
  /// The end of every sentence about a grant that may be open.
  package static let whereGrantsEnd = "End it at https://myaccount.google.com/permissions"
}

/// The grant that is to be given back when an instance ends.
private enum OpenGrant: Sendable, Equatable {
  case none
  case token(String, client: String)
  /// It cannot or must not be given back from here.
  case unknown(String)

  init(of instance: Instance, _ secrets: Secrets) {
    let token = secrets[SecretNames.refreshToken] ?? secrets[SecretNames.accessToken]
    let needed = SecretNames.refreshing.union([SecretNames.accessToken])
    if !secrets.unreadable.isDisjoint(with: needed) {
      self = .unknown("the key file does not open its tokens")
    } else if let token, let client = secrets["oauth.api.key"] {
      let isBrought = instance.settings?.externalAuthentication == "initial"
      self =
        isBrought
        ? .unknown("its refresh token was brought along, and may serve another program")
        : .token(token, client: client)
    } else {
      self = .none
    }
  }
}
