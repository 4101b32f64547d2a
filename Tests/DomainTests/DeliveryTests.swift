import Domain
import Events
import TestSupport
import Testing

private let noon = Moment(milliseconds: 1_795_000_000_000)
private let url = "https://example.com/hook"

private func requested(_ id: DeliveryID = "d", replay: ReplayID? = nil) -> Event {
  .deliveryRequested(
    DeliveryRequested(
      delivery: id, notification: "90", eventId: "e", instance: 1, feed: 1, resource: "r",
      action: .updated, changes: [2], sequence: 2, body: "00", bytes: 9, mode: .known(.live),
      replay: replay, hasCredentials: true, place: 0, places: 1, dueAtMs: noon.milliseconds))
}

private func attempted(_ number: Int) -> Event {
  .deliveryAttempted(
    DeliveryAttempted(
      delivery: "d", instance: 1, attempt: number, url: url, sentAtMs: noon.milliseconds))
}

private func delivery(_ events: [Event], at moment: Moment = noon) -> Delivery {
  var delivery = Delivery()
  for event in events { delivery.evolve(event, at: moment) }
  return delivery
}

private func answer(
  _ judgement: Delivery.Answer.Judgement, status: Int? = 503
) -> Delivery.Answer {
  Delivery.Answer(
    judgement, status: status, error: "status", text: "503 Service Unavailable",
    duration: .milliseconds(31), address: "203.0.113.7", response: "ab", responseBytes: 12)
}

private func failed(
  _ attempt: Int, status: Int? = 503, retryAt: Moment?, wait: Int64, jitter: Int64 = 0
) -> Event {
  .deliveryFailed(
    DeliveryFailed(
      delivery: "d", instance: 1, attempt: attempt, status: status, error: "status",
      text: "503 Service Unavailable", durationMs: 31, address: "203.0.113.7", response: "ab",
      responseBytes: 12, retryAtMs: retryAt?.milliseconds, waitMs: wait, jitterMs: jitter))
}

private func released(_ reason: ReleaseReason = .redelivered) -> Event {
  .deliveryReleased(
    DeliveryReleased(
      delivery: "d", instance: 1, reason: .known(reason), dueAtMs: noon.milliseconds))
}

private let unknown = Event.deliveryUnknown(
  DeliveryUnknown(delivery: "d", instance: 1, attempt: 1, waitMs: 5, jitterMs: 0))

private let exhausted = DeliveryExhausted(delivery: "d", instance: 1, attempts: 1)

@Suite struct DeliveryTests {
  @Test func `an accepted delivery has succeeded and is closed`() {
    let open = delivery([requested(), attempted(1)])
    let events = open.conclude(
      answer(.success, status: 204), url: url, retrySchedule: .standard, at: noon, chance: 0.5)
    #expect(
      events == [
        .deliverySucceeded(
          DeliverySucceeded(
            delivery: "d", instance: 1, attempt: 1, status: 204, durationMs: 31,
            address: "203.0.113.7", response: "ab", responseBytes: 12))
      ])
    let closed = delivery([requested(), attempted(1)] + events)
    #expect(closed.status == .succeeded)
    #expect(!closed.isOpen)
    #expect(closed.version == 3)
  }

  @Test(arguments: [
    ([], AttemptTrigger.schedule), ([attempted(1), failed(1, retryAt: noon, wait: 5)], .retry),
    ([attempted(1), unknown], .retry), ([released(.enabled)], .schedule),
    ([attempted(1), failed(1, retryAt: nil, wait: 0), released(.enabled)], .retry),
    ([attempted(1), failed(1, retryAt: nil, wait: 0), released()], .hand),
    ([released(), attempted(1), failed(1, retryAt: noon, wait: 5)], .retry),
  ])
  func `an attempt's occasion follows from what was before it`(
    events: [Event], trigger: AttemptTrigger
  ) {
    #expect(delivery([requested()] + events).trigger == trigger)
  }

  @Test
  func `the first attempt of a replay's delivery is the replay's, those after it are retries`() {
    let first = delivery([requested("d/replay/42", replay: 42)])
    #expect(first.trigger == .replay)
    let second = delivery([
      requested("d/replay/42", replay: 42), attempted(1), failed(1, retryAt: noon, wait: 5),
    ])
    #expect(second.trigger == .retry)
  }

  @Test func `a refused delivery is due again after the wait`() {
    let events = delivery([requested(), attempted(1)]).conclude(
      answer(.failure(retryAfter: nil)), url: url, retrySchedule: .standard, at: noon, chance: 0.5)
    #expect(events == [failed(1, retryAt: noon + .seconds(5), wait: 5_000)])
  }

  @Test(arguments: [(0.0, -1_000), (0.5, 0), (0.75, 500), (1.0, 1_000)])
  func `chance adds a fifth of the rung at most, and it is recorded`(chance: Double, jitter: Int64)
  {
    let events = delivery([requested(), attempted(1)]).conclude(
      answer(.failure(retryAfter: nil)), url: url, retrySchedule: .standard, at: noon,
      chance: chance)
    let at = noon + .milliseconds(5_000 + jitter)
    #expect(events == [failed(1, retryAt: at, wait: 5_000, jitter: jitter)])
  }

  @Test(
    arguments: [
      // asked for, waited, jitter that is left of what chance drew (-1 s)
      (Duration.seconds(2), 5_000, -1_000), (.seconds(60), 60_000, 0), (.seconds(5), 5_000, 0),
      (.seconds(999_999), 86_400_000, 0), (.zero, 5_000, -1_000),
    ] as [(Duration, Int64, Int64)])
  func `Retry-After only lengthens a wait`(asked: Duration, wait: Int64, jitter: Int64) {
    let events = delivery([requested(), attempted(1)]).conclude(
      answer(.failure(retryAfter: asked)), url: url, retrySchedule: .standard, at: noon, chance: 0)
    let at = noon + .milliseconds(wait + jitter)
    #expect(events == [failed(1, retryAt: at, wait: wait, jitter: jitter)])
  }

  @Test func `without a rung left a delivery is exhausted`() {
    let retrySchedule = RetrySchedule.waits([])
    let open = delivery([requested(), attempted(1)])
    #expect(
      open.conclude(
        answer(.failure(retryAfter: .seconds(9))), url: url, retrySchedule: retrySchedule, at: noon,
        chance: 0)
        == [failed(1, retryAt: nil, wait: 0), .deliveryExhausted(exhausted)])
    let unknown = DeliveryUnknown(
      delivery: "d", instance: 1, attempt: 1, retryAtMs: nil, waitMs: 0, jitterMs: 0)
    #expect(
      open.markOutcomeUnknown(retrySchedule: retrySchedule, at: noon, chance: 0)
        == [.deliveryUnknown(unknown), .deliveryExhausted(exhausted)])
  }

  @Test func `a receiver that wants no more holds the delivery`() {
    let events = delivery([requested(), attempted(1)]).conclude(
      answer(.gone, status: 410), url: url, retrySchedule: .standard, at: noon, chance: 0.5)
    let held = DeliveryHeld(
      delivery: "d", instance: 1, kind: .known(.callbackDisabled), url: url, reason: "410")
    #expect(events == [failed(1, status: 410, retryAt: nil, wait: 0), .deliveryHeld(held)])
    #expect(delivery([requested(), attempted(1)] + events).isOpen)
  }

  @Test func `a blocked address ends the delivery`() {
    let events = delivery([requested(), attempted(1)]).conclude(
      answer(.blocked, status: nil), url: url, retrySchedule: .standard, at: noon, chance: 0.5)
    let skipped = DeliverySkipped(
      delivery: "d", instance: 1, reason: .known(.blocked), text: "503 Service Unavailable",
      address: "203.0.113.7")
    #expect(events == [failed(1, status: nil, retryAt: nil, wait: 0), .deliverySkipped(skipped)])
  }

  @Test func `a lost outcome counts as an attempt and is sent again`() {
    let open = delivery([requested(), attempted(1)])
    let unknown = DeliveryUnknown(
      delivery: "d", instance: 1, attempt: 1, retryAtMs: noon.milliseconds + 5_000, waitMs: 5_000,
      jitterMs: 0)
    #expect(
      open.markOutcomeUnknown(retrySchedule: .standard, at: noon, chance: 0.5) == [
        .deliveryUnknown(unknown)
      ])
    let next = delivery([requested(), attempted(1), .deliveryUnknown(unknown), attempted(2)])
    #expect(next.attempts == 2)
    #expect(next.retryNumber == 2)
  }

  @Test func `nothing is concluded without an attempt under way`() {
    for events in [[], [requested()], [requested(), attempted(1), released()]] {
      let idle = delivery(events)
      let answer = answer(.success)
      #expect(
        idle.conclude(answer, url: url, retrySchedule: .sap, at: noon, chance: 0).isEmpty)
      #expect(idle.markOutcomeUnknown(retrySchedule: .sap, at: noon, chance: 0).isEmpty)
    }
  }

  @Test func `skipping and holding leave an attempt and what is closed alone`() {
    let skipped = Event.deliverySkipped(
      DeliverySkipped(delivery: "d", instance: 1, reason: .known(.noCallback), text: "None."))
    let held = Event.deliveryHeld(
      DeliveryHeld(
        delivery: "d", instance: 1, kind: .known(.callbackDisabled), url: url, reason: "disabled"))
    let pending = delivery([requested()])
    #expect(pending.skip(reason: .noCallback, text: "None.") == [skipped])
    #expect(pending.hold(.callbackDisabled, url: url, reason: "disabled") == [held])
    for other in [
      Delivery(), delivery([requested(), attempted(1)]), delivery([requested(), skipped]),
    ] {
      #expect(other.skip(reason: .noCallback, text: "None.").isEmpty)
      #expect(other.hold(.callbackDisabled, url: url, reason: "disabled").isEmpty)
    }
    #expect(
      delivery([requested(), held]).hold(.callbackDisabled, url: url, reason: "disabled").isEmpty)
    #expect(delivery([requested(), held]).skip(reason: .blocked, text: "").count == 1)
  }

  @Test func `a release opens what is closed and begins the ladder anew`() {
    let ended = [
      requested(), attempted(1), failed(1, retryAt: nil, wait: 0), .deliveryExhausted(exhausted),
    ]
    #expect(delivery(ended).release(reason: .redelivered, dueAt: noon) == [released()])
    let again = delivery(ended + [released()])
    #expect(again.isOpen)
    #expect(again.retryNumber == 0)
    #expect(again.attempts == 1)
    #expect(again.firstFailureAt == nil)
    let open = delivery(ended + [released(), attempted(2)])
    #expect(open.retryNumber == 1)
    #expect(open.release(reason: .redelivered, dueAt: noon).isEmpty)
    #expect(Delivery().release(reason: .redelivered, dueAt: noon).isEmpty)
  }
}
