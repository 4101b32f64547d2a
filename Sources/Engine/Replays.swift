package import Domain
import EventStore
package import Events
import RawJSON

/// Asks for past things to be sent again. The delivery loop does the sending.
package struct Replays: Sendable {
  let repository: Repository
  let world: World
  let rules: AddressRules

  package init(_ repository: Repository, world: World, rules: AddressRules) {
    self.repository = repository
    self.world = world
    self.rules = rules
  }

  /// Positions that are to be replayed, frozen.
  package struct Selection: Sendable, Equatable {
    /// Positions of `delivery.requested` for `exact`, of `change.observed` for `rebuilt`;
    /// ascending.
    package var positions: [Int64] = []
    package var notifications = 0
    package var changes = 0
    /// Bytes of the notifications; of rebuilt ones, whose ids are not made yet, at most.
    package var bytes: Int64 = 0
    /// Notifications that the URL has taken before; of rebuilt ones, those whose changes it was
    /// told of.
    package var delivered = 0
    /// Notifications that are on their way to the URL already, or have a change that is.
    package var open = 0
    /// Selected notifications for `exact`, or changes for `rebuilt`, that are left out, because
    /// their bytes were removed.
    package var gone = 0
    /// The event that removed the first of these.
    package var goneBy: Int64?
    /// As typed; nil: by a program.
    package var text: String?

    package init() {}
  }

  /// How it is to be sent.
  package struct Order: Sendable {
    package var url: String
    package var mode: DeliveryMode
    package var rate: Int?
    package var concurrency: Int?
    package var hasCredentials: Bool
    package var reason: String?
    /// Who asks; nil: nobody said.
    package var askedBy: String?

    package init(
      url: String, mode: DeliveryMode, rate: Int?, concurrency: Int?, hasCredentials: Bool,
      reason: String?, askedBy: String? = nil
    ) {
      self.url = url
      self.mode = mode
      self.rate = rate
      self.concurrency = concurrency
      self.hasCredentials = hasCredentials
      self.reason = reason
      self.askedBy = askedBy
    }
  }

  /// Appends the request; its position is the id of the replay.
  ///
  /// - Throws: `Refusal` for a URL that can never be allowed, an empty selection or one past its
  ///   bound.
  package func request(_ selection: Selection, _ order: Order) async throws -> ReplayID {
    if let refusal = rules.refusal(ofCallbackURL: order.url) { throw Refusal(at: "to", refusal) }
    guard selection.notifications > 0 else { throw Refusal(.invalid, "the selection is empty") }
    try Replays.check(selection.notifications)
    var payloads: [Payload] = []
    for start in stride(from: 0, to: selection.positions.count, by: 10_000) {
      let part = selection.positions[start..<min(start + 10_000, selection.positions.count)]
      let list = JSON.array(part.map { .number($0) }).bytes()
      payloads.append(Payload(list, kind: .state, salt: world.bytes(16)))
    }
    var frozen = FrozenSelection()
    for position in selection.positions where !frozen.isFull { frozen.add(position) }
    let now = world.now()
    let requested = ReplayRequested(
      to: order.url, mode: .known(order.mode),
      selection: selection.text ?? "\(selection.positions.count) positions",
      selected: payloads.map(\.name), notifications: selection.notifications,
      changes: selection.changes, ratePerSecond: order.rate, concurrency: order.concurrency,
      hasCredentials: order.hasCredentials, reason: order.reason, dueAtMs: now.milliseconds,
      frozen: frozen.text(of: selection.positions.count), askedBy: order.askedBy)
    let appended = try await repository.writer.append(
      AppendRequest(
        [NewEvent(.newReplay, .replayRequested(requested))], payloads: payloads, at: now))
    return ReplayID(appended.first)
  }

  /// Stops asking for more deliveries; only a replay that is running can be stopped.
  package func stop(_ replay: ReplayID, reason: String?) async throws {
    try await change(replay) { row throws(Refusal) in
      guard row.state == "running" else {
        throw Refusal(.conflict, "replay \(replay) is \(row.state)")
      }
      return .replayStopped(ReplayStopped(replay: replay, reason: reason))
    }
  }

  /// Lets a stopped replay go on; what was held by the stop is released, also where a process ended
  /// before it had released all of it.
  package func resume(_ replay: ReplayID, reason: String?) async throws {
    let now = world.now()
    let (row, held) = try await repository.reader.read { snapshot throws(JournalError) in
      (try snapshot.replay(replay), try snapshot.countHeld(for: StreamName.replay(replay).text))
    }
    if row?.state != "running" {
      // The rest follows the last one that was held.
      let pace = try await repository.pace(ofReplay: replay)
      let first = try await repository.firstRelease(ofReplay: replay, pace, at: now)
      let next = held > 0 ? first + pace.wait(held - 1) : now
      try await change(replay) { row throws(Refusal) in
        guard row.state == "stopped" else {
          throw Refusal(.conflict, "replay \(replay) is \(row.state)")
        }
        return .replayResumed(
          ReplayResumed(replay: replay, reason: reason, dueAtMs: next.milliseconds))
      }
    }
    try await repository.release(
      heldFor: StreamName.replay(replay).text, reason: .resumed, in: world, from: now)
  }

  /// Opens one delivery again, whatever became of it, under its own id.
  ///
  /// - Parameter reason: Recorded with it.
  /// - Returns: The position of `delivery.released`.
  package func redeliver(
    _ stream: StreamName, reason: String? = nil, askedBy: String? = nil
  ) async throws -> Int64 {
    try await checkBytes(of: stream)
    let (appended, _) = try await repository.transact([stream], in: world) { view, now in
      let loaded = try view.delivery(stream)
      let delivery = loaded.delivery
      if let requested = delivery.requested,
        try view.endsWithInstance(delivery, view.instance(requested.instance))
      {
        throw Refusal(
          .deleted,
          "instance \(requested.instance) is deleted, and its URL gets nothing more; `replay`"
            + " sends it to another")
      }
      let events = delivery.release(
        reason: .redelivered, dueAt: now, text: reason, askedBy: askedBy)
      guard !events.isEmpty else {
        throw Refusal(.conflict, "\(stream) has an attempt under way; wait for its outcome")
      }
      let newEvents = events.map { NewEvent(stream, $0, cause: .position(loaded.last)) }
      return Decision(AppendRequest(newEvents, at: now))
    }
    return appended?.first ?? 0
  }

  /// - Throws: `Refusal` where what a delivery would send was removed.
  private func checkBytes(of stream: StreamName) async throws {
    let gone: (isGone: Bool, by: Int64?) = try await repository.reader.read {
      view throws(JournalError) in
      guard
        case .deliveryRequested(let body)? = try view.events(of: stream, limit: 1).first?.event(),
        try !view.isKept(body.body)
      else { return (false, nil) }
      return (true, try view.expunger(of: body.body))
    }
    if gone.isGone { throw Self.gone("the bytes of this notification", gone.by) }
  }

  /// Ends one delivery unsent, so that what waits for it goes on.
  ///
  /// - Parameter reason: Recorded with it; nil: nobody said.
  /// - Returns: The position of `delivery.skipped`.
  /// - Throws: `Refusal` where it is closed already, or an attempt of it is under way.
  package func skip(_ stream: StreamName, reason: String?) async throws -> Int64 {
    let (appended, _) = try await repository.transact([stream], in: world) { view, now in
      let loaded = try view.delivery(stream)
      let text = reason ?? "a person asked for it"
      let events = loaded.delivery.skip(reason: .asked, text: text)
      guard !events.isEmpty else {
        let status = loaded.delivery.status
        throw Refusal(
          .conflict,
          status == .attempting
            ? "\(stream) has an attempt under way; wait for its outcome"
            : "\(stream) is \(status.rawValue); only what is still to be sent can be skipped")
      }
      let newEvents = events.map { NewEvent(stream, $0, cause: .position(loaded.last)) }
      return Decision(AppendRequest(newEvents, at: now))
    }
    if let replay = stream.replayOfDelivery {
      try await repository.complete(replay, in: world)
    }
    return appended?.first ?? 0
  }

  /// Lets a callback take deliveries again; what was held for it, or queued after a failure, is due
  /// at once, and it rests no more.
  package func enable(callback url: String, reason: String?) async throws {
    let stream = StreamName.callback(url)
    _ = try await repository.transact([stream], in: world) { view, now in
      guard try !view.callback(url).isEnabled else {
        let rests = try view.openBreakers().contains { $0.url == url }
        let closed = NewEvent(.breaker(url), .breakerClosed(BreakerClosed(url: url)))
        return Decision(rests ? AppendRequest([closed], at: now) : nil)
      }
      var ends = NoticeEnds()
      try view.end(.callbackDisabled, about: stream, because: "enabled", in: &ends)
      let enabled = CallbackEnabled(url: url, reason: reason)
      return Decision(
        AppendRequest(
          [NewEvent(stream, .callbackEnabled(enabled))] + ends.newEvents, expecting: ends.expected,
          at: now))
    }
    let queue = StreamName.callback(url).text
    try await repository.release(heldFor: queue, reason: .enabled, in: world)
    try await repository.release(heldFor: url, reason: .enabled, in: world)
  }

  /// Holds back what goes to a callback, until it is enabled again.
  package func disable(callback url: String, reason: String?) async throws {
    let stream = StreamName.callback(url)
    _ = try await repository.transact([stream], in: world) { view, now in
      guard try view.callback(url).isEnabled else { return Decision(nil) }
      let disabled = CallbackDisabled(url: url, reason: reason)
      return Decision(AppendRequest([NewEvent(stream, .callbackDisabled(disabled))], at: now))
    }
  }

  private func change(
    _ replay: ReplayID, _ decide: @Sendable (ReplayRow) throws(Refusal) -> Event
  ) async throws {
    let stream = StreamName.replay(replay)
    _ = try await repository.transact([stream], in: world) { view, now in
      guard let row = try view.replay(replay) else {
        throw Refusal(.notFound(.replay), "there is no replay \(replay)")
      }
      return Decision(AppendRequest([NewEvent(stream, try decide(row))], at: now))
    }
  }
}
