import Domain
package import EventStore
package import Events

/// Releases what is held, once nothing holds it any more.
extension Repository {
  /// Releases whatever is held for a reason that no longer holds, each in the order in which it was
  /// made.
  ///
  /// Whoever ends a reason releases what was held for it. Where that was cut short, or where the
  /// reason ended outside of the log, as with a key that is back, this finds the rest. It looks at
  /// one delivery a group, however many are held.
  ///
  /// - Parameters:
  ///   - instance: Only what is of it; nil: of all.
  ///   - last: Where an earlier look stopped; nil: from the beginning.
  ///   - limit: Groups at most.
  /// - Returns: Where it stopped; nil where it came to the end.
  @discardableResult
  package func releaseCleared(
    of instance: InstanceID? = nil, after last: HeldGroup? = nil, limit: Int = .max,
    in world: World
  ) async throws -> HeldGroup? {
    let groups = try await reader.read { snapshot throws(JournalError) in
      try snapshot.heldGroups(after: last, limit: limit)
    }
    var released: Set<String> = []
    var callbacks: [String: Callback] = [:]
    for group in groups where !released.contains(group.target) {
      if let instance, group.instance != instance { continue }
      try Task.checkCancellation()
      switch try await clearance(of: group, &callbacks) {
      case .none: continue
      case .whole(let reason):
        released.insert(group.target)
        try await release(heldFor: group.target, reason: reason, in: world)
      case .group(let reason):
        try await release(heldFor: group.target, of: group, reason: reason, in: world)
      case .secrets(let isWhole):
        // First: where this is cut short, what is still held is found again.
        if isWhole {
          try await end(
            Secrets.unreadableKind, about: StreamName.instance(group.instance),
            because: "they can be read", instance: group.instance, in: world)
        }
        try await release(
          heldFor: group.target, of: group, reason: .secretsReadable, in: world)
      }
    }
    return groups.count < limit ? nil : groups.last
  }

  /// How much of what waits for one thing may go on, and why.
  private enum Clearance {
    case none
    /// Whatever waits for it.
    case whole(ReleaseReason)
    /// Only what is of the same instance and replay.
    case group(ReleaseReason)
    /// The same, because what it is sent under can be read; whole: nothing else is missing.
    case secrets(isWhole: Bool)
  }

  /// - Parameter callbacks: Those that were read already: many instances may share one.
  private func clearance(
    of group: HeldGroup, _ callbacks: inout [String: Callback]
  ) async throws(JournalError) -> Clearance {
    switch group.kind {
    case .known(.restored): return try await clearanceOfRestored()
    case .known(.replayStopped):
      return try await clearance(ofReplay: StreamName(stored: group.target))
    case .known(.secretsUnreadable): return try await clearance(ofSecretsOf: group)
    case .known(.callbackDisabled): return try await clearance(ofCallbackOf: group, &callbacks)
    case .known(.failureQueued): return try await clearance(ofQueueOf: group)
    // A later program knows when it may go on.
    case .other: return .none
    }
  }

  private func clearanceOfRestored() async throws(JournalError) -> Clearance {
    let held = try await reader.read { snapshot throws(JournalError) in
      try snapshot.heldLineage()
    }
    return held == nil ? .whole(.journalResumed) : .none
  }

  private func clearance(ofReplay stream: StreamName) async throws(JournalError) -> Clearance {
    guard let replay = stream.replay else { return .none }
    let row = try await reader.read { snapshot throws(JournalError) in try snapshot.replay(replay) }
    return row?.state == "stopped" ? .none : .whole(.resumed)
  }

  private func clearance(
    ofSecretsOf group: HeldGroup
  ) async throws(JournalError) -> Clearance {
    let instance = try await instance(group.instance)
    let secrets = try await secrets(of: group.instance)
    let isTrusted = try await isTrusted(group, instance)
    if secrets.isUnreadable(isTrusted: isTrusted) { return .none }
    return .secrets(isWhole: isTrusted || !secrets.isUnreadable(isTrusted: true))
  }

  private func clearance(
    ofCallbackOf group: HeldGroup, _ callbacks: inout [String: Callback]
  ) async throws(JournalError) -> Clearance {
    let instance = try await instance(group.instance)
    let callback: Callback
    if let known = callbacks[group.target] {
      callback = known
    } else {
      callback = try await self.callback(group.target)
      callbacks[group.target] = callback
    }
    if callback.isEnabled { return .whole(.enabled) }
    if group.replay == 0, let url = instance.settings?.callback, url != group.target {
      return .group(.moved)
    }
    return .none
  }

  /// A person lets it go, unless it would go to another URL now.
  private func clearance(
    ofQueueOf group: HeldGroup
  ) async throws(JournalError) -> Clearance {
    let callback = try await instance(group.instance).settings?.callback
    guard let callback else { return .none }
    return StreamName.callback(callback).text == group.target ? .none : .group(.moved)
  }

  private func isTrusted(
    _ group: HeldGroup, _ instance: Instance
  ) async throws(JournalError) -> Bool {
    if group.replay == 0 { return true }
    let event = try await reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: group.replay.position)
    }
    guard case .replayRequested(let requested)? = try event?.event() else { return true }
    return Repository.isTrusted(requested.to, hasCredentials: requested.hasCredentials, instance)
  }

  /// True where callback credentials go along: to the origin of the instance’s own callback, and
  /// elsewhere where that was asked for.
  ///
  /// A URL given for a replay may have been the instance’s own then, and another’s now.
  static func isTrusted(_ url: String?, hasCredentials: Bool, _ instance: Instance) -> Bool {
    if hasCredentials { return true }
    guard let url, let callback = instance.settings?.callback,
      let own = try? Origin(of: callback)
    else { return false }
    return own == (try? Origin(of: url))
  }

  // MARK: Releasing

  /// Makes due what is held now, in the order in which it was made; what a replay with a rate
  /// sends, one after the other.
  ///
  /// Each delivery once: what is held again meanwhile stays so.
  ///
  /// - Parameters:
  ///   - target: What it waits for: a URL, or the stream of a replay or an instance.
  ///   - group: Only what is of it; nil: all of it.
  ///   - start: When the first is due; nil: now.
  func release(
    heldFor target: String, of group: HeldGroup? = nil, reason: ReleaseReason, in world: World,
    from start: Moment? = nil
  ) async throws {
    var schedule = ReleaseSchedule(start: start ?? world.now())
    var last: Int64 = 0
    while true {
      try Task.checkCancellation()
      let after = last
      let held = try await reader.read { snapshot throws(JournalError) in
        try snapshot.held(
          for: target, in: group, after: after, limit: Limits.deliveriesPerAppend
        )
        .map { held throws(JournalError) in (held, try snapshot.events(of: held.stream)) }
      }
      guard let end = held.last?.0.since else { return }
      last = end
      var appends: [AppendRequest] = []
      for (held, rows) in held {
        let loaded = try LoadedDelivery(rows)
        let dueAt = try await schedule.next(loaded.delivery.requested?.replay, in: self)
        let newEvents = loaded.delivery.release(reason: reason, dueAt: dueAt).map {
          NewEvent(held.stream, $0, cause: .position(loaded.last))
        }
        guard !newEvents.isEmpty else { continue }
        appends.append(
          AppendRequest(
            newEvents, expecting: [held.stream: loaded.delivery.version], at: world.now()))
      }
      try await appendTogether(appends)
    }
  }

  /// Appends all of them as one; where somebody else was faster with one of them, each by itself:
  /// that one has decided.
  func appendTogether(_ appends: [AppendRequest]) async throws(JournalError) {
    guard var whole = appends.first else { return }
    for append in appends.dropFirst() {
      whole.newEvents += append.newEvents
      whole.expected.merge(append.expected) { $1 }
    }
    if try await attempt(whole) != nil { return }
    for append in appends { _ = try await attempt(append) }
  }

  /// When the first of the deliveries that a replay’s stop held up is due: after those that are
  /// planned already, where it has a rate.
  func firstRelease(
    ofReplay replay: ReplayID, _ pace: RateLimit, at now: Moment
  ) async throws(JournalError) -> Moment {
    guard pace.isBound else { return now }
    let planned = try await reader.read { snapshot throws(JournalError) in
      try snapshot.lastPlanned(ofReplay: replay)
    }
    return planned.map { max(now, $0 + pace.wait(1)) } ?? now
  }

  /// How far apart the deliveries of a replay are due.
  func pace(ofReplay replay: ReplayID) async throws(JournalError) -> RateLimit {
    let event = try await reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: replay.position)
    }
    guard case .replayRequested(let requested)? = try event?.event() else {
      return RateLimit(rate: nil)
    }
    return RateLimit(rate: requested.ratePerSecond)
  }
}

/// When each of many deliveries that are released is due.
private struct ReleaseSchedule {
  let start: Moment
  private var replays: [ReplayID: (first: Moment, pace: RateLimit, place: Int)] = [:]

  init(start: Moment) { self.start = start }

  /// - Parameter replay: The one that the next delivery is of; nil: of none.
  mutating func next(
    _ replay: ReplayID?, in repository: Repository
  ) async throws(JournalError) -> Moment {
    guard let replay else { return start }
    if replays[replay] == nil {
      let pace = try await repository.pace(ofReplay: replay)
      let first = try await repository.firstRelease(ofReplay: replay, pace, at: start)
      replays[replay] = (first, pace, 0)
    }
    guard let (first, pace, place) = replays[replay] else { return start }
    replays[replay]?.place += 1
    return first + pace.wait(place)
  }
}
