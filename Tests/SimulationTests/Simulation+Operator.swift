import Domain
import Engine
import EventStore
import Events
import Synchronization

/// What people and other programs do from another process, through their own connection.
extension Simulation {
  static let callbacks = ["https://receiver.example/a", "https://receiver.example/b"]

  /// Creates the instances as the registrar does: events and sealed secrets in one append each.
  func begin() async throws {
    let (_, repository) = try open(mayDie: false)
    var feed: FeedID = 0
    var extras = 0
    for (place, count) in traits.feeds.enumerated() {
      let instance = InstanceID(Int64(place + 1))
      let callback = Simulation.callbacks[place % 2]
      var newEvents = [
        NewEvent(StreamName.instance(instance), .instanceCreated(created(instance, callback)))
      ]
      let (grant, secrets) = try grant(to: instance, repository)
      newEvents.append(grant)
      for _ in 0..<count {
        feed = feed.advanced(by: 1)
        let calendar = Simulation.calendar(feed)
        world.state.withLock { state in
          state.google.makeCalendar(calendar, at: state.clock.trueNow)
          for _ in 0..<state.random.number(0...25) {
            state.google.disturb(calendar: calendar, at: state.clock.trueNow)
          }
        }
        newEvents.append(NewEvent(.feed(feed), .feedOpened(opened(feed, instance, calendar))))
      }
      if place == 0 {
        for extra in traits.extras {
          // After the numbers of all calendars.
          let number = FeedID(Int64(traits.feeds.reduce(0, +) + extras + 1))
          extras += 1
          newEvents.append(NewEvent(.feed(number), .feedOpened(opened(number, instance, extra))))
        }
      }
      _ = try await repository.writer.append(
        AppendRequest(
          newEvents, expecting: [StreamName.instance(instance): 0], secrets: secrets, at: world.now)
      )
    }
  }

  /// The id of the calendar that a feed watches; some have what a path has to escape.
  static func calendar(_ feed: FeedID) -> String {
    feed.number % 2 == 0 ? "calendar\(feed)#work@group.example" : "calendar\(feed)"
  }

  private func created(_ instance: InstanceID, _ callback: String) -> InstanceCreated {
    InstanceCreated(
      instance: instance,
      settings: InstanceSettings(
        name: "Team", element: "googlesuite", tags: ["Docs"], callback: callback,
        isWatching: true, intervalMinutes: 1, configuration: [:],
        secrets: ["oauth.api.key", "oauth.api.secret"]))
  }

  private func opened(_ feed: FeedID, _ instance: InstanceID, _ calendar: String) -> FeedOpened {
    FeedOpened(
      feed: feed, instance: instance, resource: "calendars/\(calendar)/changed-events",
      url: "/hubs/general/calendars/\(calendar)/changed-events",
      collectionKind: "calendar-events", collection: calendar, isSupported: true,
      intervalMs: 60_000, nextAtMs: world.now.milliseconds)
  }

  /// - Parameter isNew: Whether what it watches begins with it.
  func opened(
    _ feed: FeedID, _ instance: InstanceID, _ extra: Traits.Extra, isNew: Bool = true
  ) -> FeedOpened {
    let (resource, kind) =
      switch extra {
      case .groups: ("changed-groups", "contact-groups")
      case .mail: ("changed-messages", "gmail-messages")
      case .roster: ("calendars/{calendarId}/changed-events", "calendar-list")
      case .dated: ("events", "records")
      }
    if isNew { begin(extra) }
    let dated = "calendars/dated/events?where=updatedMin='${date}'"
    let place = extra == .dated ? dated : resource
    return FeedOpened(
      feed: feed, instance: instance, resource: resource, url: "/hubs/general/\(place)",
      collectionKind: kind, collection: extra == .dated ? dated : "me", isSupported: true,
      updatedField: extra == .dated ? "updated" : nil, intervalMs: 60_000,
      nextAtMs: world.now.milliseconds,
      rules: extra == .dated ? PollingRules(createdField: "created", delaySeconds: 2) : nil)
  }

  private func begin(_ extra: Traits.Extra) {
    world.state.withLock { state in
      if extra == .dated {
        state.google.makeCalendar(SimulatedGoogle.dated, at: state.clock.trueNow)
      }
      for _ in 0..<state.random.number(0...12) { state.disturb(extra) }
    }
  }

  private func grant(
    to instance: InstanceID, _ repository: Repository
  ) throws -> (NewEvent, [SecretChange]) {
    let tokens = world.state.withLock { state in
      state.google.authorize(instance, at: state.clock.uptime)
    }
    let expiresAt = world.now + tokens.lifetime
    let granted = AuthorizationGranted(
      instance: instance, scopes: ["calendar"], expiresAtMs: expiresAt.milliseconds,
      isRefreshable: true)
    let secrets = [
      try repository.put("oauth.api.key", is: SimulatedGoogle.client.id, of: instance),
      try repository.put("oauth.api.secret", is: SimulatedGoogle.client.secret, of: instance),
      try repository.put(
        "event.notification.signature.key", is: SimulatedReceiver.signatureKey, of: instance),
      try repository.put(
        "event.notification.basic.username", is: SimulatedReceiver.username, of: instance),
      try repository.put(
        "event.notification.basic.password", is: SimulatedReceiver.password, of: instance),
      try repository.put(tokens.refresh, SecretNames.refreshToken, of: instance),
      try repository.put(
        tokens.access, SecretNames.accessToken, of: instance, expiresAt: expiresAt),
    ]
    return (NewEvent(.authorization(instance), .authorizationGranted(granted)), secrets)
  }

  // MARK: Disturbances

  func disturb() async {
    do {
      let (_, repository) = try open(mayDie: false)
      while world.uptime < traits.disturbedFor {
        await world.sleep(.milliseconds(world.draw { $0.number(1...60_000) }), isNap: true)
        try await disturbOnce(repository)
      }
    } catch {
      note("the operator failed: \(error)")
    }
    stop()
  }

  private func disturbOnce(_ repository: Repository) async throws {
    let instance = InstanceID(Int64(world.draw { $0.number(1...traits.feeds.count) }))
    let feed = FeedID(Int64(world.draw { $0.number(1...traits.feeds.reduce(0, +)) }))
    switch world.draw({ traits.isJumpy ? $0.number(10...13) : $0.number(0...40) }) {
    case 0...12: editCalendars()
    case 13: jump()
    case 14: world.state.withLock { $0.google.expireCursors() }
    case 15: world.state.withLock { $0.google.forgetAccessTokens() }
    case 16, 17: try await request(feed, repository)
    case 18:
      let last = traits.feeds.reduce(0, +) + traits.extras.count
      try await resetCursor(of: FeedID(Int64(world.draw { $0.number(1...last) })), repository)
    case 19, 20: try await toggle(instance, repository)
    case 21, 29, 30, 31: try await enableCallbacks(repository)
    case 22: try await redeliver(repository) { _ in world.draw { $0.happens(permille: 200) } }
    case 23: _ = try await repository.writer.catchUp(limit: world.draw { $0.number(1...100) })
    case 24: _ = try await repository.writer.rebuild()
    case 25: await fillDisk()
    case 26: stop()
    case 27: try await toggleFeed(feed, repository)
    case 28: try await update(instance, repository)
    case 33, 34: try await pollByHand(feed)
    case 35: try await replay(repository)
    case 36, 37: try await changeReplays(repository)
    case 38: try await learnAnew(feed, repository)
    default: try await repository.writer.checkpoint()
    }
  }

  func editCalendars() {
    world.state.withLock { state in
      let ids = state.google.readable
      for _ in 0..<state.random.number(1...12) {
        guard let id = state.random.pick(ids) else { return }
        state.google.disturb(calendar: id, at: state.clock.trueNow)
      }
      for extra in traits.extras { state.disturb(extra) }
    }
  }

  private func jump() {
    guard !traits.isClockSteady else { return }
    world.state.withLock { state in
      let step = state.random.number(-7_200...7_200)
      state.clock.jump(by: .seconds(step))
    }
  }

  private func request(_ feed: FeedID, _ repository: Repository) async throws {
    guard let row = try await repository.feed(feed) else { return }
    let requested = PollRequested(
      feed: feed, instance: row.instance, atMs: world.now.milliseconds)
    try await append([.pollRequested(requested)], to: .feed(feed), repository)
  }

  private func resetCursor(of feed: FeedID, _ repository: Repository) async throws {
    guard let row = try await repository.feed(feed), row.state == .open, row.mode != .baseline
    else {
      return
    }
    let reset = CursorReset(
      feed: feed, instance: row.instance, mode: .known(.comparison), reason: "a person asked",
      nextAtMs: world.now.milliseconds)
    try await append([.cursorReset(reset)], to: .feed(feed), repository)
  }

  private func toggle(_ id: InstanceID, _ repository: Repository) async throws {
    let instance = try await repository.instance(id)
    let events =
      instance.isEnabled
      ? try instance.disable(reason: "a person asked") : try instance.enable(reason: "and again")
    try await append(events, to: instance.stream, expecting: instance.version, repository)
  }

  private func toggleFeed(_ id: FeedID, _ repository: Repository) async throws {
    guard let row = try await repository.feed(id) else { return }
    let event: Event? =
      switch row.state {
      case .open:
        .feedDisabled(FeedDisabled(feed: id, instance: row.instance, reason: "a person asked"))
      case .disabled:
        .feedEnabled(
          FeedEnabled(feed: id, instance: row.instance, nextAtMs: world.now.milliseconds))
      default: nil
      }
    if let event { try await append([event], to: .feed(id), repository) }
  }

  private func update(_ id: InstanceID, _ repository: Repository) async throws {
    let instance = try await repository.instance(id)
    guard var settings = instance.settings else { return }
    settings.name = "Team \(instance.version)"
    settings.callback = world.draw { $0.pick(Simulation.callbacks) }
    let updated = InstanceUpdated(
      instance: id, settings: settings, changed: ["name", "callback"])
    try await append(
      [.instanceUpdated(updated)], to: instance.stream, expecting: instance.version, repository)
  }

  /// Enables every callback that is disabled, and then lets go what was held for it.
  func enableCallbacks(_ repository: Repository) async throws {
    for url in Simulation.callbacks {
      let callback = try await repository.callback(url)
      guard !callback.isEnabled else { continue }
      let enabled = CallbackEnabled(url: url, reason: "a person asked")
      try await append(
        [.callbackEnabled(enabled)], to: StreamName.callback(url), expecting: callback.version,
        repository)
      let held = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.held(for: url, limit: 10_000)
      }
      for one in held { try await release(one.stream, repository) }
    }
  }

  /// Opens deliveries again that a person picked, also closed ones.
  func redeliver(_ repository: Repository, where isPicked: (Delivery) -> Bool) async throws {
    let rows = try await rows(repository)
    for row in rows where row.type == DeliveryRequested.type {
      let delivery = try await repository.delivery(row.stream)
      guard delivery.status != .held, isPicked(delivery) else { continue }
      try await release(row.stream, repository)
    }
  }

  func release(_ stream: StreamName, _ repository: Repository) async throws {
    let delivery = try await repository.delivery(stream)
    let events = delivery.release(reason: .redelivered, dueAt: world.now)
    try await append(events, to: stream, expecting: delivery.version, repository)
  }

  /// Appends as a person's command does; one that comes too late is not repeated.
  func append(
    _ events: [Event], to stream: StreamName, expecting version: Int64? = nil,
    _ repository: Repository
  ) async throws(JournalError) {
    guard !events.isEmpty else { return }
    do {
      _ = try await repository.writer.append(
        AppendRequest(
          events.map { NewEvent(stream, $0) }, expecting: version.map { [stream: $0] } ?? [:],
          at: world.now))
    } catch .conflict {
      return
    }
  }

  func rows(_ repository: Repository) async throws -> [RecordedEvent] {
    var rows: [RecordedEvent] = []
    while true {
      let after = rows.last?.position ?? 0
      let page = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.events(after: after, limit: 1_000)
      }
      if page.isEmpty { return rows }
      rows += page
    }
  }
}

extension Repository {
  fileprivate func put(
    _ name: String, is secret: String, of instance: InstanceID
  ) throws -> SecretChange {
    try put(secret, name, of: instance)
  }
}

extension SimulatedWorld.State {
  /// What people do to groups, mail and the list of calendars.
  mutating func disturb(_ extra: Traits.Extra) {
    switch extra {
    case .groups: google.disturbGroups(at: clock.trueNow)
    case .dated: google.disturb(calendar: SimulatedGoogle.dated, at: clock.trueNow)
    case .mail: google.disturbMail(at: clock.trueNow)
    case .roster: google.disturbList(at: clock.trueNow)
    }
  }
}
