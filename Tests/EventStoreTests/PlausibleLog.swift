import EventStore
import Events
import TestSupport

/// A log in which every type of event occurs, as an engine would write it; the same for the same
/// steps.
///
///     1 journal.created …  instance 1 with feeds 1 and 2, polls, changes, deliveries of every
///     outcome, a replay, notices, a clock step, an instance 2 that is deleted
struct PlausibleLog {
  let log: JournalWriter
  private(set) var clock = noon
  private var salts: UInt8 = 0
  private var hasNotification = false

  init(_ log: JournalWriter) { self.log = log }

  static let callback = "https://example.com/hook"
  /// What every delivery sends.
  /// The header fields of a probe.
  static let sent = Payload(
    Array("[]".utf8), kind: .evidence, salt: [UInt8](repeating: 255, count: 16))
  static let notification = Payload(
    Array("{}".utf8), kind: .evidence, salt: [UInt8](repeating: 0, count: 16))

  /// Writes everything once.
  mutating func write() async throws {
    try await openInstances()
    try await pollAndFail()
    try await deliver()
    try await replay()
    try await finish()
  }

  @discardableResult
  mutating func add(_ newEvents: [NewEvent], payloads: [Payload] = []) async throws -> Int64 {
    clock = clock + .seconds(1)
    let payloads = payloads + (hasNotification ? [] : [Self.notification])
    hasNotification = true
    return try await log.append(AppendRequest(newEvents, payloads: payloads, at: clock)).first
  }

  mutating func payload(_ text: String, _ kind: Payload.Kind) -> Payload {
    salts += 1
    return Payload(
      Array(text.utf8), kind: kind, salt: [UInt8](repeating: salts, count: 16))
  }

  private func settings(_ name: String) -> InstanceSettings {
    InstanceSettings(
      name: name, element: "googlesuite", tags: ["team"], callback: Self.callback, isWatching: true,
      intervalMinutes: 15, configuration: ["event.vendor.type": .text("polling")],
      secrets: ["oauth.api.secret"])
  }

  private mutating func openInstances() async throws {
    try await add([NewEvent("journal", .runStarted(RunStarted(process: 7, daybook: "0.1")))])
    for (id, feeds) in [(1, (1, 2)), (2, (3, 4))] as [(InstanceID, (FeedID, FeedID))] {
      try await add([
        NewEvent(
          "instance/\(id)",
          .instanceCreated(InstanceCreated(instance: id, settings: settings("Team \(id)")))),
        NewEvent(
          "authorization/\(id)",
          .authorizationGranted(
            AuthorizationGranted(
              instance: id, scopes: ["calendar"], expiresAtMs: clock.milliseconds + 3_600_000,
              isRefreshable: true))),
        opened(feed: feeds.0, instance: id, resource: "calendars/primary/changed-events"),
        opened(feed: feeds.1, instance: id, resource: "calendars/holidays/changed-events"),
      ])
    }
    try await add([
      NewEvent(
        "authorization/1",
        .authorizationRefreshed(
          AuthorizationRefreshed(
            instance: 1, expiresAtMs: clock.milliseconds + 7_200_000, isRotated: false))),
      NewEvent(
        "instance/1",
        .instanceUpdated(
          InstanceUpdated(instance: 1, settings: settings("Team one"), changed: ["name"]))),
      NewEvent("instance/1", .instanceDisabled(InstanceDisabled(instance: 1, reason: "asked"))),
      NewEvent("instance/1", .instanceEnabled(InstanceEnabled(instance: 1, reason: "asked"))),
    ])
  }

  private func opened(feed: FeedID, instance: InstanceID, resource: String) -> NewEvent {
    NewEvent(
      "feed/\(feed)",
      .feedOpened(
        FeedOpened(
          feed: feed, instance: instance, resource: resource, url: "/hubs/general/\(resource)",
          collectionKind: "calendar-events", collection: "primary", isSupported: feed != 4,
          intervalMs: 900_000, nextAtMs: feed == 4 ? nil : clock.milliseconds)))
  }

  private mutating func pollAndFail() async throws {
    let manifest = payload(#"[["a","1",null,0],["b","1",null,0],["s","1",null,0]]"#, .state)
    let page = payload(#"{"items":[]}"#, .evidence)
    try await add(
      [
        completed(
          feed: 1, mode: .known(.baseline), cursor: "c1", changes: 0, manifests: [manifest.name])
      ],
      payloads: [manifest, page])
    try await add(troubles())
  }

  /// Whatever may happen to a feed but for polls that succeed.
  private func troubles() -> [NewEvent] {
    [
      NewEvent(
        "feed/2", .pollRequested(PollRequested(feed: 2, instance: 1, atMs: clock.milliseconds))),
      NewEvent("feed/2", .pollFailed(failed(feed: 2))),
      NewEvent("feed/2", .feedDisabled(FeedDisabled(feed: 2, instance: 1, reason: "failures"))),
      NewEvent(
        "feed/2",
        .feedEnabled(FeedEnabled(feed: 2, instance: 1, nextAtMs: clock.milliseconds + 60_000))),
      NewEvent(
        "feed/2",
        .feedUpdated(
          FeedUpdated(
            feed: 2, instance: 1, url: "/calendars/team@example.com/changed-events",
            updatedField: "updated", intervalMs: 120_000,
            nextAtMs: clock.milliseconds + 120_000,
            rules: PollingRules(updatedFormat: "milliseconds", delaySeconds: 5)))),
      NewEvent(
        "feed/2",
        .objectMissed(
          ObjectMissed(
            feed: 2, instance: 1, object: "odd", tries: 1, reason: "backendError", text: "…",
            status: 500, nextAtMs: clock.milliseconds + 2_000))),
      NewEvent(
        "feed/2",
        .objectMissed(
          ObjectMissed(
            feed: 2, instance: 1, object: "other", tries: 5, reason: "unreadable", text: "…",
            nextAtMs: clock.milliseconds + 86_400_000))),
      NewEvent(
        "feed/2",
        .objectSettled(
          ObjectSettled(feed: 2, instance: 1, object: "odd", outcome: "read"))),
      NewEvent(
        "feed/2",
        .cursorExpired(
          CursorExpired(
            feed: 2, instance: 1, cursor: "old", reason: "fullSyncRequired",
            nextAtMs: clock.milliseconds))),
      NewEvent(
        "feed/2",
        .cursorReset(
          CursorReset(
            feed: 2, instance: 1, mode: .known(.comparison), reason: "asked",
            nextAtMs: clock.milliseconds))),
      NewEvent(
        "feed/2",
        .pollDiscarded(
          PollDiscarded(
            feed: 2, instance: 1, mode: .known(.comparison), pages: 1, items: 2, changes: 1,
            evidence: [],
            reason: "asked"))),
    ]
  }

  private func failed(feed: FeedID) -> PollFailed {
    PollFailed(
      feed: feed, instance: 1, mode: .known(.baseline), reason: "rateLimitExceeded",
      text: "Too many.",
      status: 403, failures: 1, startedAtMs: clock.milliseconds,
      nextAtMs: clock.milliseconds + 2_000, retryAfterMs: 30_000, jitterMs: 12)
  }

  func completed(
    feed: FeedID, mode: StoredWord<FeedMode>, cursor: String, changes: Int, manifests: [String] = []
  ) -> NewEvent {
    NewEvent(
      "feed/\(feed)",
      .pollCompleted(
        PollCompleted(
          feed: feed, instance: 1, mode: mode, cursorBefore: nil, cursorAfter: cursor, pages: 1,
          items: changes, changes: changes, manifests: manifests, evidence: [],
          startedAtMs: clock.milliseconds, polledAtMs: clock.milliseconds,
          nextAtMs: clock.milliseconds + 900_000)))
  }

  func observed(
    feed: FeedID = 1, _ kind: ChangeKind, _ object: String, series: String? = nil
  ) -> NewEvent {
    NewEvent(
      "feed/\(feed)",
      .changeObserved(
        ChangeObserved(
          feed: feed, instance: 1, resource: "calendars/primary/changed-events", kind: kind,
          object: object, revision: "2", series: series, dateMs: clock.milliseconds,
          polledAtMs: clock.milliseconds, bytes: 42)), cause: .newEvent(0))
  }

  func requested(
    _ id: String, poll: Int64, changes: [Int64], replay: ReplayID? = nil, place: Int = 0,
    places: Int = 1
  ) -> NewEvent {
    let name: DeliveryID = replay.map { "\(id)/replay/\($0)" } ?? "\(id)"
    return NewEvent(
      "delivery/\(name)",
      .deliveryRequested(
        DeliveryRequested(
          delivery: name, notification: "90\(id.utf8.count)\(poll)\(place)", eventId: "e\(id)",
          instance: 1, feed: 1, resource: "calendars/primary/changed-events", action: .updated,
          changes: changes, sequence: 2, body: Self.notification.name, bytes: 100,
          mode: .known(replay == nil ? .live : .exact), replay: replay,
          url: replay == nil ? nil : "https://example.com/other", hasCredentials: replay == nil,
          place: place, places: places, dueAtMs: clock.milliseconds)), cause: .position(poll))
  }

  func attempted(_ id: String, _ number: Int) -> NewEvent {
    NewEvent(
      "delivery/\(id)",
      .deliveryAttempted(
        DeliveryAttempted(
          delivery: DeliveryID(stored: id), instance: 1, attempt: number, url: Self.callback,
          sentAtMs: clock.milliseconds)))
  }

  func succeeded(_ id: String, _ number: Int) -> NewEvent {
    NewEvent(
      "delivery/\(id)",
      .deliverySucceeded(
        DeliverySucceeded(
          delivery: DeliveryID(stored: id), instance: 1, attempt: number, status: 204,
          durationMs: 31,
          responseBytes: 0)), cause: .newEvent(0))
  }

  private func refused(_ id: String, _ number: Int, isLast: Bool = false) -> NewEvent {
    NewEvent(
      "delivery/\(id)",
      .deliveryFailed(
        DeliveryFailed(
          delivery: DeliveryID(stored: id), instance: 1, attempt: number, status: 503,
          error: "status",
          text: "503", durationMs: 5, responseBytes: 3,
          retryAtMs: isLast ? nil : clock.milliseconds + 5_000, waitMs: 5_000, jitterMs: 0)),
      cause: .newEvent(0))
  }

  private mutating func deliver() async throws {
    let poll = try await add([
      completed(feed: 1, mode: .known(.changes), cursor: "c2", changes: 6), observed(.created, "x"),
      observed(.updated, "a"), observed(.deleted, "b"), observed(.deleted, "s_1", series: "s"),
      observed(.deleted, "s"), observed(.created, "y"),
    ])
    let ids = ["d1", "d2", "d3", "d4", "d5"]
    for (place, id) in ids.enumerated() {
      try await add([
        requested(
          id, poll: poll, changes: [poll + 1 + Int64(place)], place: place, places: ids.count)
      ])
    }
    try await add([attempted("d1", 1), succeeded("d1", 1)])
    try await add([attempted("d2", 1), refused("d2", 1)])
    try await add([attempted("d2", 2), refused("d2", 2, isLast: true), exhausted("d2")])
    try await add([
      attempted("d3", 1),
      NewEvent(
        "delivery/d3",
        .deliveryUnknown(
          DeliveryUnknown(
            delivery: "d3", instance: 1, attempt: 1, retryAtMs: clock.milliseconds + 5_000,
            waitMs: 5_000, jitterMs: 3))),
    ])
    try await add([
      NewEvent(
        "delivery/d4",
        .deliveryHeld(
          DeliveryHeld(
            delivery: "d4", instance: 1, kind: .known(.callbackDisabled), url: Self.callback,
            reason: "410"))),
      NewEvent(
        "callback/\(Self.callback)",
        .callbackDisabled(CallbackDisabled(url: Self.callback, reason: "410", instance: 1))),
    ])
    try await add([
      NewEvent(
        "delivery/d5",
        .deliverySkipped(
          DeliverySkipped(
            delivery: "d5", instance: 1, reason: .known(.blocked),
            text: "127.0.0.1 is a loopback address",
            address: "127.0.0.1")))
    ])
  }

  private func exhausted(_ id: String) -> NewEvent {
    NewEvent(
      "delivery/\(id)",
      .deliveryExhausted(
        DeliveryExhausted(delivery: DeliveryID(stored: id), instance: 1, attempts: 2)))
  }
}
