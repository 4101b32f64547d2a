import EventStore
import Events
import TestSupport

/// Replays, and how things come to their ends.
extension PlausibleLog {
  mutating func replay() async throws {
    let selected = payload("[1]", .state)
    let requestedAt = try await add(
      [
        NewEvent(
          "replay/*",
          .replayRequested(
            ReplayRequested(
              to: "https://example.com/other", mode: .known(.exact), selection: "1..9",
              selected: [selected.name], notifications: 2, changes: 2, hasCredentials: false,
              dueAtMs: clock.milliseconds, frozen: "1", askedBy: "alice")))
      ], payloads: [selected])
    let replay = ReplayID(requestedAt)
    let stream = StreamName.replay(replay)
    try await add([
      NewEvent(stream, .replayStopped(ReplayStopped(replay: replay, reason: "asked"))),
      NewEvent(
        stream,
        .replayResumed(
          ReplayResumed(replay: replay, reason: "asked", dueAtMs: clock.milliseconds))),
    ])
    for place in 0..<2 {
      let id = "r\(place)"
      try await add([
        requested(id, poll: replay.position, changes: [2], replay: replay, place: place, places: 2)
      ])
      let name = "\(id)/replay/\(replay)"
      try await add([attempted(name, 1), succeeded(name, 1)])
    }
    try await add([
      NewEvent(
        stream, .replayCompleted(ReplayCompleted(replay: replay, succeeded: 2, failed: 0)))
    ])
  }

  mutating func finish() async throws {
    try await add([
      NewEvent(
        "breaker/\(Self.callback)",
        .breakerOpened(
          BreakerOpened(
            url: Self.callback, attempts: 10, failed: 9, windowMs: 300_000, waitMs: 30_000))),
      NewEvent("breaker/\(Self.callback)", .breakerClosed(BreakerClosed(url: Self.callback))),
      NewEvent(
        "callback/\(Self.callback)",
        .callbackEnabled(CallbackEnabled(url: Self.callback, reason: "asked"))),
      NewEvent(
        "delivery/d4",
        .deliveryReleased(
          DeliveryReleased(
            delivery: "d4", instance: 1, reason: .known(.enabled), dueAtMs: clock.milliseconds))),
      raised("lag"),
      NewEvent(
        "notice/lag",
        .noticeClosed(NoticeClosed(kind: .known(.lag), subject: "journal", reason: "caught up"))),
      raised("other"),
      NewEvent(
        "lineage",
        .journalRestored(
          JournalRestored(
            lineage: String(repeating: "0f", count: 16), head: 1,
            digest: String(repeating: "ab", count: 32), takenAtMs: clock.milliseconds))),
      NewEvent(
        "lineage",
        .journalResumed(
          JournalResumed(lineage: String(repeating: "0f", count: 16), reason: "at rest"))),
      NewEvent(
        "journal",
        .clockStepped(
          ClockStepped(
            fromMs: clock.milliseconds, toMs: clock.milliseconds + 60_000, byMs: 60_000))),
      NewEvent(
        "authorization/2",
        .authorizationRefused(
          AuthorizationRefused(
            instance: 2, reason: "invalid_grant", text: "Revoked.", status: 400))),
      NewEvent("feed/3", .feedClosed(FeedClosed(feed: 3, instance: 2, reason: "deleted"))),
      NewEvent("instance/2", .instanceDeleted(InstanceDeleted(instance: 2, reason: "asked"))),
      NewEvent(
        "journal",
        .payloadExpunged(
          PayloadExpunged(
            askedBy: .known(.prune), selection: "pages",
            pages: [String(repeating: "ab", count: 32)],
            bytes: 3, reason: "asked"))),
      NewEvent(
        "journal",
        .journalArchived(
          JournalArchived(
            file: "other.archive-1", first: 1, last: 1,
            previous: String(repeating: "00", count: 32),
            digest: String(repeating: "ab", count: 32), kept: 1, reason: "asked"))),
      NewEvent("journal", .runStopped(RunStopped(process: 7, reason: "finished"))),
    ])
    try await probe()
  }

  private mutating func probe() async throws {
    let (sent, body) = (Self.sent, Self.notification)
    try await add(
      [
        NewEvent(
          "probe/77",
          .probeAttempted(
            ProbeAttempted(
              probe: "77", instance: 1, url: Self.callback, sentAtMs: clock.milliseconds,
              request: sent.name, body: body.name, reason: "asked", askedBy: "alice"))),
        NewEvent(
          "probe/77",
          .probeConcluded(
            ProbeConcluded(
              probe: "77", instance: 1, status: 503, error: "status",
              text: "the receiver answered 503", durationMs: 12,
              times: ExchangeTimes(name: 1, connect: 2, tls: 3, firstByte: 40, end: 12_345),
              address: "203.0.113.7", responseBytes: 3)), cause: .newEvent(0)),
      ], payloads: [sent])
    try await add([
      NewEvent(
        "notification/901",
        .notificationAcknowledged(
          NotificationAcknowledged(
            notification: "901", eventId: "AXaaBBcc_ddEEff11223", instance: 1, askedBy: "HTTP")))
    ])
  }
}
