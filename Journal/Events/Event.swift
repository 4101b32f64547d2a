/// One thing that happened, as a value. The cases are listed in CATALOGUE.md; their names are not
/// stored.
public enum Event: Sendable, Equatable {
  case journalCreated(JournalCreated)
  case journalRestored(JournalRestored)
  case journalResumed(JournalResumed)
  case runStarted(RunStarted)
  case runStopped(RunStopped)
  case clockStepped(ClockStepped)
  case noticeRaised(NoticeRaised)
  case noticeClosed(NoticeClosed)
  case instanceCreated(InstanceCreated)
  case instanceUpdated(InstanceUpdated)
  case instanceEnabled(InstanceEnabled)
  case instanceDisabled(InstanceDisabled)
  case instanceDeleted(InstanceDeleted)
  case authorizationGranted(AuthorizationGranted)
  case authorizationRefreshed(AuthorizationRefreshed)
  case authorizationRefused(AuthorizationRefused)
  case feedOpened(FeedOpened)
  case feedUpdated(FeedUpdated)
  case feedClosed(FeedClosed)
  case feedDisabled(FeedDisabled)
  case feedEnabled(FeedEnabled)
  case cursorExpired(CursorExpired)
  case cursorReset(CursorReset)
  case pollRequested(PollRequested)
  case pollCompleted(PollCompleted)
  case pollFailed(PollFailed)
  case pollDiscarded(PollDiscarded)
  case changeObserved(ChangeObserved)
  case objectMissed(ObjectMissed)
  case objectSettled(ObjectSettled)
  case deliveryRequested(DeliveryRequested)
  case deliveryHeld(DeliveryHeld)
  case deliveryReleased(DeliveryReleased)
  case deliveryExhausted(DeliveryExhausted)
  case deliverySkipped(DeliverySkipped)
  case callbackDisabled(CallbackDisabled)
  case callbackEnabled(CallbackEnabled)
  case breakerOpened(BreakerOpened)
  case breakerClosed(BreakerClosed)
  case deliveryAttempted(DeliveryAttempted)
  case deliverySucceeded(DeliverySucceeded)
  case deliveryFailed(DeliveryFailed)
  case deliveryUnknown(DeliveryUnknown)
  case notificationAcknowledged(NotificationAcknowledged)
  case probeAttempted(ProbeAttempted)
  case probeConcluded(ProbeConcluded)
  case replayRequested(ReplayRequested)
  case replayStopped(ReplayStopped)
  case replayResumed(ReplayResumed)
  case replayCompleted(ReplayCompleted)
  case payloadExpunged(PayloadExpunged)
  case journalArchived(JournalArchived)
}

extension Event {
  /// The part of it that is stored.
  public var body: any EventBody {
    switch self {
    case .journalCreated(let body): body
    case .journalRestored(let body): body
    case .journalResumed(let body): body
    case .runStarted(let body): body
    case .runStopped(let body): body
    case .clockStepped(let body): body
    case .noticeRaised(let body): body
    case .noticeClosed(let body): body
    case .instanceCreated(let body): body
    case .instanceUpdated(let body): body
    case .instanceEnabled(let body): body
    case .instanceDisabled(let body): body
    case .instanceDeleted(let body): body
    case .authorizationGranted(let body): body
    case .authorizationRefreshed(let body): body
    case .authorizationRefused(let body): body
    case .feedOpened(let body): body
    case .feedUpdated(let body): body
    case .feedClosed(let body): body
    case .feedDisabled(let body): body
    case .feedEnabled(let body): body
    case .cursorExpired(let body): body
    case .cursorReset(let body): body
    case .pollRequested(let body): body
    case .pollCompleted(let body): body
    case .pollFailed(let body): body
    case .pollDiscarded(let body): body
    case .changeObserved(let body): body
    case .objectMissed(let body): body
    case .objectSettled(let body): body
    case .deliveryRequested(let body): body
    case .deliveryHeld(let body): body
    case .deliveryReleased(let body): body
    case .deliveryExhausted(let body): body
    case .deliverySkipped(let body): body
    case .callbackDisabled(let body): body
    case .callbackEnabled(let body): body
    case .breakerOpened(let body): body
    case .breakerClosed(let body): body
    case .deliveryAttempted(let body): body
    case .deliverySucceeded(let body): body
    case .deliveryFailed(let body): body
    case .deliveryUnknown(let body): body
    case .notificationAcknowledged(let body): body
    case .probeAttempted(let body): body
    case .probeConcluded(let body): body
    case .replayRequested(let body): body
    case .replayStopped(let body): body
    case .replayResumed(let body): body
    case .replayCompleted(let body): body
    case .payloadExpunged(let body): body
    case .journalArchived(let body): body
    }
  }

  /// Every type by its stored name, with the way back from its body.
  public static let readers: [String: Reader] = [
    "journal.created": Reader { .journalCreated(try $0.decode(JournalCreated.self)) },
    "journal.restored": Reader { .journalRestored(try $0.decode(JournalRestored.self)) },
    "journal.resumed": Reader { .journalResumed(try $0.decode(JournalResumed.self)) },
    "run.started": Reader { .runStarted(try $0.decode(RunStarted.self)) },
    "run.stopped": Reader { .runStopped(try $0.decode(RunStopped.self)) },
    "clock.stepped": Reader { .clockStepped(try $0.decode(ClockStepped.self)) },
    "notice.raised": Reader { .noticeRaised(try $0.decode(NoticeRaised.self)) },
    "notice.closed": Reader { .noticeClosed(try $0.decode(NoticeClosed.self)) },
    "instance.created": Reader { .instanceCreated(try $0.decode(InstanceCreated.self)) },
    "instance.updated": Reader { .instanceUpdated(try $0.decode(InstanceUpdated.self)) },
    "instance.enabled": Reader { .instanceEnabled(try $0.decode(InstanceEnabled.self)) },
    "instance.disabled": Reader { .instanceDisabled(try $0.decode(InstanceDisabled.self)) },
    "instance.deleted": Reader { .instanceDeleted(try $0.decode(InstanceDeleted.self)) },
    "authorization.granted": Reader {
      .authorizationGranted(try $0.decode(AuthorizationGranted.self))
    },
    "authorization.refreshed": Reader {
      .authorizationRefreshed(try $0.decode(AuthorizationRefreshed.self))
    },
    "authorization.refused": Reader {
      .authorizationRefused(try $0.decode(AuthorizationRefused.self))
    },
    "feed.opened": Reader { .feedOpened(try $0.decode(FeedOpened.self)) },
    "feed.closed": Reader { .feedClosed(try $0.decode(FeedClosed.self)) },
    "feed.disabled": Reader { .feedDisabled(try $0.decode(FeedDisabled.self)) },
    "feed.updated": Reader { .feedUpdated(try $0.decode(FeedUpdated.self)) },
    "feed.enabled": Reader { .feedEnabled(try $0.decode(FeedEnabled.self)) },
    "cursor.expired": Reader { .cursorExpired(try $0.decode(CursorExpired.self)) },
    "cursor.reset": Reader { .cursorReset(try $0.decode(CursorReset.self)) },
    "poll.requested": Reader { .pollRequested(try $0.decode(PollRequested.self)) },
    "poll.completed": Reader { .pollCompleted(try $0.decode(PollCompleted.self)) },
    "poll.failed": Reader { .pollFailed(try $0.decode(PollFailed.self)) },
    "poll.discarded": Reader { .pollDiscarded(try $0.decode(PollDiscarded.self)) },
    "change.observed": Reader { .changeObserved(try $0.decode(ChangeObserved.self)) },
    "object.missed": Reader { .objectMissed(try $0.decode(ObjectMissed.self)) },
    "object.settled": Reader { .objectSettled(try $0.decode(ObjectSettled.self)) },
    "delivery.requested": Reader { .deliveryRequested(try $0.decode(DeliveryRequested.self)) },
    "delivery.held": Reader { .deliveryHeld(try $0.decode(DeliveryHeld.self)) },
    "delivery.released": Reader { .deliveryReleased(try $0.decode(DeliveryReleased.self)) },
    "delivery.exhausted": Reader { .deliveryExhausted(try $0.decode(DeliveryExhausted.self)) },
    "delivery.skipped": Reader { .deliverySkipped(try $0.decode(DeliverySkipped.self)) },
    "callback.disabled": Reader { .callbackDisabled(try $0.decode(CallbackDisabled.self)) },
    "callback.enabled": Reader { .callbackEnabled(try $0.decode(CallbackEnabled.self)) },
    "breaker.opened": Reader { .breakerOpened(try $0.decode(BreakerOpened.self)) },
    "breaker.closed": Reader { .breakerClosed(try $0.decode(BreakerClosed.self)) },
    "delivery.attempted": Reader { .deliveryAttempted(try $0.decode(DeliveryAttempted.self)) },
    "delivery.succeeded": Reader { .deliverySucceeded(try $0.decode(DeliverySucceeded.self)) },
    "delivery.failed": Reader { .deliveryFailed(try $0.decode(DeliveryFailed.self)) },
    "delivery.unknown": Reader { .deliveryUnknown(try $0.decode(DeliveryUnknown.self)) },
    "notification.acknowledged": Reader {
      .notificationAcknowledged(try $0.decode(NotificationAcknowledged.self))
    },
    "probe.attempted": Reader { .probeAttempted(try $0.decode(ProbeAttempted.self)) },
    "probe.concluded": Reader { .probeConcluded(try $0.decode(ProbeConcluded.self)) },
    "replay.requested": Reader { .replayRequested(try $0.decode(ReplayRequested.self)) },
    "replay.stopped": Reader { .replayStopped(try $0.decode(ReplayStopped.self)) },
    "replay.resumed": Reader { .replayResumed(try $0.decode(ReplayResumed.self)) },
    "replay.completed": Reader { .replayCompleted(try $0.decode(ReplayCompleted.self)) },
    "payload.expunged": Reader { .payloadExpunged(try $0.decode(PayloadExpunged.self)) },
    "journal.archived": Reader { .journalArchived(try $0.decode(JournalArchived.self)) },
  ]

  /// Turns a stored body back into the event; `BodySource` knows the form in which it is stored.
  public struct Reader: Sendable {
    /// The event of one stored body; throws what the source throws.
    public let read: @Sendable (any BodySource) throws -> Event
  }
}

/// Where a stored body is decoded from.
public protocol BodySource {
  /// The body as that type; throws where its fields do not fit.
  func decode<Body: EventBody>(_ type: Body.Type) throws -> Body
}

/// The fields of one type of event. Encoded with sorted keys, which are part of the file format.
public protocol EventBody: Codable, Sendable, Equatable {
  /// The stored name, such as `poll.completed`.
  static var type: String { get }
  /// The shape of the body, counted from 1.
  static var revision: Int { get }
}

extension EventBody {
  /// Every type is at its first revision until it says otherwise.
  public static var revision: Int { 1 }
}
