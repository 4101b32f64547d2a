package import Events

/// One notification on its way to one target: folded from its own stream, decides what comes next.
///
///     requested ──▶ due ──▶ attempting ──▶ succeeded
///                    ▲          │
///                    ├──────────┴─▶ failed or unknown, due again after the next wait
///                    │                └─▶ exhausted, when no wait is left
///                    └── released ◀── held, while its callback or replay is stopped
///     from due: skipped, for a reason that will not change by itself
package struct Delivery: Sendable, Equatable {
  /// How far it has come; succeeded, exhausted and skipped are final until it is opened again.
  package enum Status: String, Sendable {
    case pending, attempting, succeeded, failed, unknown, held, exhausted, skipped
  }

  package private(set) var requested: DeliveryRequested?
  package private(set) var status: Status = .pending
  /// All attempts, also those before a redelivery.
  package private(set) var attempts = 0
  /// Attempts since it was last opened: the place in the retry schedule.
  package private(set) var retryNumber = 0
  package private(set) var firstFailureAt: Moment?
  /// The occasion of an attempt that is made now.
  package private(set) var trigger = AttemptTrigger.schedule
  package private(set) var version: Int64 = 0

  package init() {}

  package var isOpen: Bool {
    switch status {
    case .pending, .attempting, .failed, .unknown, .held: requested != nil
    case .succeeded, .exhausted, .skipped: false
    }
  }

  /// Folds one event of its stream.
  package mutating func evolve(_ event: Event, at moment: Moment) {
    version += 1
    switch event {
    case .deliveryRequested(let body):
      requested = body
      trigger = body.replay == nil ? .schedule : .replay
    case .deliveryAttempted(let body):
      status = .attempting
      attempts = body.attempt
      retryNumber += 1
    case .deliverySucceeded: status = .succeeded
    case .deliveryFailed: fail(as: .failed, at: moment)
    case .deliveryUnknown: fail(as: .unknown, at: moment)
    case .deliveryHeld: status = .held
    case .deliveryReleased(let body):
      status = .pending
      if body.reason.known == .redelivered { trigger = .hand }
      retryNumber = 0
      firstFailureAt = nil
    case .deliveryExhausted: status = .exhausted
    case .deliverySkipped: status = .skipped
    default: break
    }
  }

  private mutating func fail(as status: Status, at moment: Moment) {
    self.status = status
    firstFailureAt = firstFailureAt ?? moment
    trigger = .retry
  }

  /// The receiver's answer, or that there was none.
  package struct Answer: Sendable, Equatable {
    /// The meaning of an answer, or of its absence, for this delivery.
    package enum Judgement: Sendable, Equatable {
      case success
      /// 410: the receiver wants no more, or of a replay no more of that.
      case gone
      case failure(retryAfter: Duration?)
      /// The address may not be connected to.
      case blocked
    }

    package var judgement: Judgement
    package var status: Int?
    /// `status`, or the kind of network failure.
    package var error: String
    package var text: String
    package var duration: Duration
    package var times: ExchangeTimes
    package var address: String?
    package var response: String?
    package var responseBytes: Int
    /// The kind of failure that kept the body from coming whole; nil where it did.
    package var responseFailure: String?

    package init(
      _ judgement: Judgement, status: Int?, error: String, text: String, duration: Duration,
      times: ExchangeTimes = ExchangeTimes(), address: String?, response: String? = nil,
      responseBytes: Int = 0, responseFailure: String? = nil
    ) {
      self.judgement = judgement
      self.status = status
      self.error = error
      self.text = text
      self.duration = duration
      self.times = times
      self.address = address
      self.response = response
      self.responseBytes = responseBytes
      self.responseFailure = responseFailure
    }
  }

  /// Turns an answer into events of this delivery’s own stream.
  ///
  /// - Parameters:
  ///   - policy: Where it queues, what failed waits for a person.
  ///   - chance: 0 to 1, drawn once and recorded as jitter.
  package func conclude(
    _ answer: Answer, url: String, retrySchedule: RetrySchedule,
    policy: FailurePolicy = .retry, at now: Moment, chance: Double
  ) -> [Event] {
    guard let requested, status == .attempting else { return [] }
    let (id, instance) = (requested.delivery, requested.instance)
    switch answer.judgement {
    case .success:
      return [
        .deliverySucceeded(
          DeliverySucceeded(
            delivery: id, instance: instance, attempt: attempts, status: answer.status ?? 0,
            durationMs: answer.duration.wholeMilliseconds, times: answer.times,
            address: answer.address, response: answer.response, responseBytes: answer.responseBytes,
            responseFailure: answer.responseFailure))
      ]
    case .blocked:
      return [
        failed(answer, nil, requested),
        .deliverySkipped(
          DeliverySkipped(
            delivery: id, instance: instance, reason: .known(.blocked), text: answer.text,
            address: answer.address)),
      ]
    case .gone:
      // A receiver that wants no more of the past may want the present: it stops a replay alone.
      let stopped = requested.replay.map { StreamName.replay($0).text }
      let kind = stopped == nil ? HoldKind.callbackDisabled : .replayStopped
      return [
        failed(answer, nil, requested),
        .deliveryHeld(
          DeliveryHeld(
            delivery: id, instance: instance, kind: .known(kind), url: stopped ?? url,
            reason: "410")),
      ]
    case .failure where policy == .queue:
      return [
        failed(answer, nil, requested),
        .deliveryHeld(
          DeliveryHeld(
            delivery: id, instance: instance, kind: .known(.failureQueued),
            url: StreamName.callback(url).text, reason: "failure-policy")),
      ]
    case .failure(let retryAfter):
      let retry = retry(retrySchedule, retryAfter: retryAfter, at: now, chance: chance)
      return [failed(answer, retry, requested)] + (retry == nil ? [exhausted(requested)] : [])
    }
  }

  /// The process ended between an attempt and its outcome: it counts, and is sent again.
  package func markOutcomeUnknown(
    retrySchedule: RetrySchedule, at now: Moment, chance: Double
  ) -> [Event] {
    guard let requested, status == .attempting else { return [] }
    let retry = retry(retrySchedule, retryAfter: nil, at: now, chance: chance)
    let unknown = DeliveryUnknown(
      delivery: requested.delivery, instance: requested.instance, attempt: attempts,
      retryAtMs: retry?.at.milliseconds, waitMs: retry?.wait.wholeMilliseconds ?? 0,
      jitterMs: retry?.jitter.wholeMilliseconds ?? 0)
    return [.deliveryUnknown(unknown)] + (retry == nil ? [exhausted(requested)] : [])
  }

  /// Closes it unsent; during an attempt, and once closed, nothing happens.
  package func skip(reason: SkipReason, text: String, address: String? = nil) -> [Event] {
    guard let requested, isOpen, status != .attempting else { return [] }
    return [
      .deliverySkipped(
        DeliverySkipped(
          delivery: requested.delivery, instance: requested.instance, reason: .known(reason),
          text: text, address: address))
    ]
  }

  /// Sets it aside until what it waits for is over.
  ///
  /// - Parameter url: The thing of that kind: a URL, or the stream of a replay or an instance.
  package func hold(_ kind: HoldKind, url: String, reason: String) -> [Event] {
    guard let requested, isOpen, status != .attempting, status != .held else { return [] }
    return [
      .deliveryHeld(
        DeliveryHeld(
          delivery: requested.delivery, instance: requested.instance, kind: .known(kind), url: url,
          reason: reason))
    ]
  }

  /// Opens it again: also a closed one, when a person asks.
  ///
  /// - Parameters:
  ///   - text: Why, in the words of who asked.
  ///   - askedBy: Who asked.
  package func release(
    reason: ReleaseReason, dueAt: Moment, text: String? = nil, askedBy: String? = nil
  ) -> [Event] {
    guard let requested, status != .attempting else { return [] }
    return [
      .deliveryReleased(
        DeliveryReleased(
          delivery: requested.delivery, instance: requested.instance, reason: .known(reason),
          dueAtMs: dueAt.milliseconds, text: text, askedBy: askedBy))
    ]
  }

  /// True where as many attempts were made as a retry schedule has waits for.
  package func isPast(_ retrySchedule: RetrySchedule) -> Bool {
    guard retryNumber > 0 else { return false }
    return retrySchedule.wait(
      afterAttempt: retryNumber, at: Moment(milliseconds: 0),
      firstFailureAt: Moment(milliseconds: 0)) == nil
  }

  private typealias Retry = (at: Moment, wait: Duration, jitter: Duration)

  private func retry(
    _ retrySchedule: RetrySchedule, retryAfter: Duration?, at now: Moment, chance: Double
  ) -> Retry? {
    // Of what is strict none is given up: what follows would overtake it.
    let last = requested?.order?.known == .strict ? retrySchedule.lastWait : nil
    guard
      let retryNumber = retrySchedule.wait(
        afterAttempt: retryNumber, at: now, firstFailureAt: firstFailureAt ?? now) ?? last
    else { return nil }
    let wait = max(retryNumber, min(retryAfter ?? .zero, Limits.retryAfterMax))
    let drawn = Duration.milliseconds(
      Int64(Double(retryNumber.wholeMilliseconds) * 0.2 * (chance * 2 - 1)))
    // A receiver that asked for a wait gets at least that one; what is recorded is what was added.
    let total = max(wait + drawn, min(retryAfter ?? .zero, Limits.retryAfterMax))
    return (now + total, wait, total - wait)
  }

  private func failed(
    _ answer: Answer, _ retry: Retry?, _ requested: DeliveryRequested
  ) -> Event {
    .deliveryFailed(
      DeliveryFailed(
        delivery: requested.delivery, instance: requested.instance,
        attempt: attempts, status: answer.status, error: answer.error, text: answer.text,
        durationMs: answer.duration.wholeMilliseconds, times: answer.times,
        address: answer.address, response: answer.response, responseBytes: answer.responseBytes,
        responseFailure: answer.responseFailure, retryAtMs: retry?.at.milliseconds,
        waitMs: retry?.wait.wholeMilliseconds ?? 0,
        jitterMs: retry?.jitter.wholeMilliseconds ?? 0))
  }

  private func exhausted(_ requested: DeliveryRequested) -> Event {
    .deliveryExhausted(
      DeliveryExhausted(
        delivery: requested.delivery, instance: requested.instance, attempts: attempts))
  }
}
