import Domain
import EventStore
package import Events

extension Instances {
  /// Changes an instance as the body of `PATCH /instances/{id}` says; what it does not name stays.
  ///
  /// Everything is checked first, then a new code is exchanged, then all of it is one append: the
  /// settings, the feeds that close, open or go on in another way, and the notices that it settles.
  /// With a new grant an instance that the old one had stopped is enabled again.
  ///
  /// - Parameters:
  ///   - reason: Recorded with it.
  ///   - proofs: Of the consent that the code came from, where it was asked for here.
  /// - Returns: Whether anything is another than before.
  /// - Throws: `Refusal` that names the path of a fault; `JournalError`.
  @discardableResult
  package func update(
    _ id: InstanceID, _ body: [UInt8], reason: String? = nil,
    proofs: CodeProofs = { _, _, _ in [CodeProof()] }
  ) async throws -> Bool {
    let grant = try await grant(for: id, body, proofs)
    let (appended, _) = try await repository.transact([StreamName.instance(id)], in: world) {
      view, now in
      let instance = try view.instance(id)
      let update = try InstanceUpdate(
        body, of: instance.changeable(), rules: settings.rules, connector: connector)
      try Instances.check(update.newResources, by: connector)
      return Decision(try append(update, grant, to: instance, view, reason: reason, at: now))
    }
    if appended == nil { return false }
    // Deliveries go to the URL of the moment, also those that another one held up; and secrets
    // given anew let go on what was held for want of them.
    do {
      try await repository.releaseCleared(of: id, in: world)
    } catch is CancellationError {
      // The change is recorded; what is left is found again.
    }
    return true
  }

  /// Exchanges the code of an update, which can be used once: after all else was checked.
  ///
  /// - Returns: nil where it has none.
  private func grant(
    for id: InstanceID, _ body: [UInt8], _ proofs: CodeProofs
  ) async throws -> Grant? {
    let old = try await repository.instance(id).changeable()
    let update = try InstanceUpdate(body, of: old, rules: settings.rules, connector: connector)
    try Instances.check(update.newResources, by: connector)
    guard let code = update.code else { return nil }
    return try await exchange(code, update, of: id, proofs)
  }

  private func exchange(
    _ code: String, _ update: InstanceUpdate, of id: InstanceID, _ proofs: CodeProofs
  ) async throws -> Grant {
    let sealed = try await repository.secrets(of: id)
    // A code can be exchanged once: it is not spent on a client that cannot be named.
    let shut = ["oauth.api.key", "oauth.api.secret"].filter {
      update.secrets[$0] == nil && sealed.unreadable.contains($0)
    }
    guard shut.isEmpty else {
      throw Refusal(
        .keyMissing,
        "\(shut.joined(separator: ", ")) of instance \(id) cannot be read, so the code cannot be"
          + " exchanged; bring the key back, or give them with the code", at: "configuration")
    }
    func secret(_ name: String) -> String { update.secrets[name] ?? sealed.values[name] ?? "" }
    var redirect = ""
    if case .text(let url)? = update.settings.configuration["oauth.callback.url"] { redirect = url }
    let client = OAuthClient(
      id: secret("oauth.api.key"), secret: secret("oauth.api.secret"), redirectURL: redirect)
    return try await Instances.grant(
      code, client, await proofs(code, client.id, redirect), by: connector, world: world,
      undone: "changed")
  }

  private func append(
    _ update: InstanceUpdate, _ grant: Grant?, to instance: Instance, _ view: JournalSnapshot,
    reason: String?, at now: Moment
  ) throws -> AppendRequest {
    let update = try withoutSameKey(update, of: instance, view)
    let rows = try view.feeds(of: instance.id)
    var scopes = grant?.scopes ?? []
    if grant == nil, update.secrets["oauth.user.refresh_token"] == nil {
      scopes = try self.scopes(of: instance.id, view)
    }
    let coverage = Coverage(of: update.resources, by: scopes, connector)
    var append = try changes(
      update, grant, coverage, to: instance, rows, last: view.lastIDs().feed, reason: reason,
      at: now)
    if append.newEvents.isEmpty { return append }
    try settle(update, grant, of: instance, rows, in: &append, view)
    try tell(
      Coverage.missingKind, coverage.text(of: instance.id), of: instance.id,
      because: coverage.missing.isEmpty ? "all is granted" : "others are missing", in: &append,
      view)
    return append
  }

  private func changes(
    _ update: InstanceUpdate, _ grant: Grant?, _ coverage: Coverage, to instance: Instance,
    _ rows: [FeedRow], last: FeedID, reason: String?, at now: Moment
  ) throws(Refusal) -> AppendRequest {
    let feeds = FeedReconciliation(
      update.resources, of: instance.id, update.settings,
      interval: settings.interval(of: update.settings), connector: connector, rows: rows, at: now)
    // What cannot be read is not opened; what was opened with an earlier grant goes on.
    let opened = feeds.opening.filter { new in
      !coverage.missing.contains { $0.key == new.key }
    }
    var newEvents: [NewEvent] = []
    // A feed that a poll of the list opens meanwhile has this number: then all is read anew.
    var expected: [StreamName: Int64] = [.feed(last.advanced(by: 1)): 0]
    let isChanged =
      update.settings != instance.settings || !update.secrets.isEmpty || grant != nil
      || !feeds.newEvents.isEmpty || !opened.isEmpty
    guard isChanged else { return AppendRequest([], at: now) }
    let updated = InstanceUpdated(
      instance: instance.id, settings: update.settings,
      changed: update.changed(from: instance.settings)
        + (grant == nil ? [] : ["providerData.code"]),
      reason: reason
    )
    newEvents.append(NewEvent(instance.stream, .instanceUpdated(updated)))
    if let grant { newEvents.append(granted(grant, to: instance.id, at: now)) }
    newEvents += feeds.newEvents
    for (place, resource) in opened.enumerated() {
      let feed = last.advanced(by: 1 + place)
      expected[.feed(feed)] = 0
      newEvents += opening(resource, feed: feed, of: instance.id, update.settings, at: now)
    }
    return AppendRequest(
      newEvents, expecting: expected, secrets: try secrets(of: update, grant, instance.id), at: now)
  }

  /// Leaves out a signature key that is there already: it is no other one, and what a rotation has
  /// begun goes on.
  private func withoutSameKey(
    _ update: InstanceUpdate, of instance: Instance, _ view: JournalSnapshot
  ) throws -> InstanceUpdate {
    guard let key = update.secrets[SecretNames.signatureKey] else { return update }
    let kept = repository.opened(try view.secrets(of: instance.stream), of: instance)
    guard kept[SecretNames.signatureKey] == key else { return update }
    var update = update
    update.secrets[SecretNames.signatureKey] = nil
    return update
  }

  /// Adds what an update settles beyond the settings: what had stopped for want of a grant goes on,
  /// and notices end.
  private func settle(
    _ update: InstanceUpdate, _ grant: Grant?, of instance: Instance, _ rows: [FeedRow],
    in append: inout AppendRequest, _ view: JournalSnapshot
  ) throws(JournalError) {
    var ends = NoticeEnds()
    let gone = Set(append.newEvents.compactMap { Instances.closed(by: $0.event) })
    for row in rows where gone.contains(row.feed) {
      try view.endNotices(aboutFeed: row, because: "closed", in: &ends)
    }
    if grant != nil || update.secrets["oauth.user.refresh_token"] != nil {
      let reason = "authorized again"
      try view.end(
        .authorizationRefused, about: instance.stream, because: reason, instance: instance.id,
        in: &ends)
      if try isStoppedByGrant(instance, view) {
        let enabled = InstanceEnabled(instance: instance.id, reason: reason)
        append.newEvents.append(
          NewEvent(instance.stream, .instanceEnabled(enabled), cause: .newEvent(0)))
        append.newEvents += try Instances.enabling(
          rows.filter { !gone.contains($0.feed) }, isWatching: update.settings.isWatching,
          because: reason, cause: .newEvent(0), in: &ends, view, at: append.at)
      }
    }
    append.newEvents += ends.newEvents
    append.expected.merge(ends.expected) { $1 }
    try tellUnknown(update, of: instance, in: &append, view)
    try tellEnding(update, grant, of: instance, in: &append, view)
  }

  /// Names the end of a new grant that cannot be refreshed: the provider gave no refresh token, and
  /// there is none that is good still.
  private func tellEnding(
    _ update: InstanceUpdate, _ grant: Grant?, of instance: Instance,
    in append: inout AppendRequest,
    _ view: JournalSnapshot
  ) throws(JournalError) {
    let isBrought = update.secrets["oauth.user.refresh_token"] != nil
    guard grant != nil || isBrought else { return }
    var text: String?
    if let grant, grant.refreshToken == nil, !isBrought,
      try !hasRefreshToken(instance, for: update, view)
    {
      text = Coverage.text(ending: world.now() + grant.expiresIn, of: instance.id)
    }
    try tell(
      Coverage.endingKind, text, of: instance.id, because: "authorized again", in: &append, view)
  }

  /// True where an earlier refresh token goes on being good: it was not refused, and it is the same
  /// client's.
  private func hasRefreshToken(
    _ instance: Instance, for update: InstanceUpdate, _ view: JournalSnapshot
  ) throws(JournalError) -> Bool {
    guard update.secrets["oauth.api.key"] == nil else { return false }
    let last = try view.lastEvent(of: .authorization(instance.id))
    let sealed = try view.secrets(of: instance.stream)
    return sealed[SecretNames.refreshToken] != nil && last?.type != AuthorizationRefused.type
  }

  private static func closed(by event: Event) -> FeedID? {
    if case .feedClosed(let body) = event { body.feed } else { nil }
  }

  /// True where an instance is disabled because its grant was refused, and not by a person.
  private func isStoppedByGrant(
    _ instance: Instance, _ view: JournalSnapshot
  ) throws(JournalError) -> Bool {
    guard !instance.isEnabled else { return false }
    let last = try view.lastEvent(of: .authorization(instance.id))
    guard let last, case .authorizationRefused(let refused) = try last.event() else {
      return false
    }
    return refused.reason == instance.reason
  }

  /// Names the settings that nobody knows, where they are others than a notice names already.
  private func tellUnknown(
    _ update: InstanceUpdate, of instance: Instance, in append: inout AppendRequest,
    _ view: JournalSnapshot
  ) throws(JournalError) {
    guard update.isUnknownChanged else { return }
    let text = Instances.unknownText(update.unknown)
    try tell(
      Instances.unknownKind, text, of: instance.id,
      because: text == nil ? "none is left" : "others are", in: &append, view)
  }

  private func secrets(
    of update: InstanceUpdate, _ grant: Grant?, _ id: InstanceID
  ) throws(Refusal) -> [SecretChange] {
    var changes: [SecretChange] = []
    for (name, value) in update.secrets.sorted(by: { $0.key < $1.key }) {
      changes.append(try repository.put(value, name, of: id))
    }
    // What was given or taken away by hand has no key before it.
    if update.secrets[SecretNames.signatureKey] != nil
      || update.dropped.contains(SecretNames.signatureKey)
    {
      changes += SecretNames.previousSignatureKeys.map {
        .drop(owner: StreamName.instance(id), name: $0)
      }
    }
    changes += update.dropped.map { .drop(owner: StreamName.instance(id), name: $0) }
    if let brought = update.secrets["oauth.user.refresh_token"], grant?.refreshToken == nil {
      changes.append(try repository.put(brought, SecretNames.refreshToken, of: id))
      if grant == nil {
        changes.append(.drop(owner: StreamName.instance(id), name: SecretNames.accessToken))
      }
    }
    return changes + (try tokens(of: grant, id))
  }
}
