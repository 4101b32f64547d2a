import Domain
import Events
import Journal

extension Registrar {
  /// Changes an instance as the body of `PATCH /instances/{id}` says; what it does not name stays.
  ///
  /// Everything is checked first, then a new code is exchanged, then all of it is one append: the
  /// settings, and the feeds that close, open or go on in another way.
  ///
  /// - Returns: Whether anything is another than before.
  /// - Throws: `Refusal` that names the path of a fault; `LogError`.
  @discardableResult
  package func update(_ id: Int64, _ body: [UInt8]) async throws -> Bool {
    var grant: Grant?
    for _ in 0..<Limits.conflictsMax {
      let instance = try await book.instance(id)
      let old = try instance.changeable()
      let update = try InstanceUpdate(body, of: old, rules: settings.rules)
      try Registrar.check(update.resources, by: connector)
      if let code = update.code, grant == nil { grant = try await exchange(code, update, of: id) }
      let (rows, last) = try await book.reader.read { reading throws(LogError) in
        (try reading.feeds(of: id), try reading.lastIDs().feed)
      }
      let append = try append(update, grant, to: instance, rows, last: last)
      if append.drafts.isEmpty { return false }
      if try await book.attempt(append) != nil { return true }
    }
    throw LogError.busy(path: book.log.path)
  }

  private func exchange(
    _ code: String, _ update: InstanceUpdate, of id: Int64
  ) async throws -> Grant {
    let sealed = try await book.secrets(of: id)
    func secret(_ name: String) -> String { update.secrets[name] ?? sealed.values[name] ?? "" }
    var redirect = ""
    if case .text(let url)? = update.settings.configuration["oauth.callback.url"] { redirect = url }
    let client = OAuthClient(
      id: secret("oauth.api.key"), secret: secret("oauth.api.secret"), redirectURL: redirect)
    return try await Registrar.grant(
      connector.exchange(code: code, client: client, verifier: nil), by: connector, world: world,
      undone: "changed")
  }

  private func append(
    _ update: InstanceUpdate, _ grant: Grant?, to instance: Instance, _ rows: [FeedRow],
    last: Int64
  ) throws(Refusal) -> Append {
    let now = world.now()
    let feeds = FeedReconciliation(
      update.resources, of: instance.id, update.settings,
      interval: settings.interval(of: update.settings), connector: connector, rows: rows, at: now)
    var drafts: [Draft] = []
    // A feed that a poll of the list opens meanwhile has this number: then all is read anew.
    var expected = [instance.stream: instance.version, "feed/\(last + 1)": 0]
    let isChanged =
      update.settings != instance.settings || !update.secrets.isEmpty || grant != nil
      || !feeds.drafts.isEmpty || !feeds.opening.isEmpty
    guard isChanged else { return Append([], at: now) }
    let updated = InstanceUpdated(
      instance: instance.id, settings: update.settings,
      changed: update.changed(from: instance.settings) + (grant == nil ? [] : ["providerData.code"])
    )
    drafts.append(Draft(instance.stream, .instanceUpdated(updated)))
    if let grant { drafts.append(granted(grant, to: instance.id, at: now)) }
    drafts += feeds.drafts
    for (place, resource) in feeds.opening.enumerated() {
      let feed = last + 1 + Int64(place)
      expected["feed/\(feed)"] = 0
      drafts += opening(resource, feed: feed, of: instance.id, update.settings, at: now)
    }
    if !update.unknown.isEmpty {
      let names = update.unknown.sorted().joined(separator: ", ")
      drafts.append(
        notice(
          "unknown-settings", instance.stream, "kept, but without effect: \(names)", instance.id))
    }
    return Append(
      drafts, expecting: expected, secrets: try secrets(of: update, grant, instance.id), at: now)
  }

  private func secrets(
    of update: InstanceUpdate, _ grant: Grant?, _ id: Int64
  ) throws(Refusal) -> [SecretChange] {
    var changes: [SecretChange] = []
    for (name, value) in update.secrets.sorted(by: { $0.key < $1.key }) {
      changes.append(try book.put(value, name, of: id))
    }
    if let brought = update.secrets["oauth.user.refresh_token"], grant == nil {
      changes.append(try book.put(brought, SecretNames.refreshToken, of: id))
      changes.append(.drop(owner: Instance.stream(id), name: SecretNames.accessToken))
    }
    return changes + (try tokens(of: grant, id))
  }
}
