import Domain
import EventStore
import Events
import Webhook

extension Deliverer {
  /// Puts an attempt together, and what records it.
  func attempt(
    _ facts: DeliveryFacts, url: String, body: [UInt8]
  ) -> (Attempt, AppendRequest) {
    let (delivery, requested) = (facts.loaded.delivery, facts.requested)
    let sentAt = world.now()
    let number = delivery.attempts + 1
    let headers = headers(facts, to: url, attempt: number, at: sentAt, body: body)
    // How long the body is, the client says itself.
    let length = Header("Content-Length", String(body.count))
    let sent = Payload(
      Deliverer.listed(headers + [length]), kind: .evidence, salt: world.bytes(16))
    let attempted = DeliveryAttempted(
      delivery: requested.delivery, instance: requested.instance, attempt: number, url: url,
      sentAtMs: sentAt.milliseconds, request: sent.name, trigger: .known(delivery.trigger))
    // Who has disabled the callback, or changed what the instance is sent under, is not followed by
    // attempts that were prepared before.
    var expected = [facts.stream: delivery.version]
    expected[facts.known.instance.stream] = facts.known.instance.version
    if let callback = facts.callback { expected[.callback(url)] = callback.version }
    let intent = AppendRequest(
      [NewEvent(facts.stream, .deliveryAttempted(attempted), cause: .position(facts.loaded.last))],
      expecting: expected, payloads: [sent], at: sentAt)
    var begun = delivery
    begun.evolve(.deliveryAttempted(attempted), at: sentAt)
    let own = facts.settings(settings)
    let request = Request(
      .post, url, headers: headers, body: body, reach: .callback, bounds: bounds(own))
    let attempt = Attempt(
      stream: facts.stream, delivery: begun, settings: own, url: url, request: request,
      redaction: facts.known.redaction)
    return (attempt, intent)
  }

  private func bounds(_ own: DeliverySettings) -> ExchangeBounds {
    ExchangeBounds(
      connect: min(own.connectTimeout, own.timeout), total: own.timeout,
      keptBytesMax: Limits.answerBytesKept, readBytesMax: Limits.answerBytesRead, mayCut: true)
  }

  /// Decides what is to be recorded of attempts that have their answers.
  nonisolated(nonsending) func conclusions(
    of answered: [AnsweredAttempt]
  ) async throws(JournalError) -> [Conclusion] {
    let now = world.now()
    var refusing: [String: Bool] = [:]
    var failing: [String: Failing?] = [:]
    var conclusions: [Conclusion] = []
    for one in answered {
      var conclusion = self.conclusion(one, at: now)
      conclusion.disables = try await disables(conclusion, &failing)
      let changesMore = try await changesMore(conclusion, &refusing)
      conclusion.isAlone = conclusion.disables || conclusion.breaker != nil || changesMore
      conclusions.append(conclusion)
    }
    return conclusions
  }

  private func conclusion(_ answered: AnsweredAttempt, at now: Moment) -> Conclusion {
    let (attempt, outcome) = (answered.attempt, answered.outcome)
    var payloads: [Payload] = []
    let answer = answer(outcome, attempt.redaction, at: now, payloads: &payloads)
    let events: [Event]
    if case .failed(let failure) = outcome, failure.kind == .cancelled {
      // It was cut while it was under way: whether it arrived is not known.
      events = attempt.delivery.markOutcomeUnknown(
        retrySchedule: attempt.settings.retrySchedule, at: now, chance: world.fraction())
    } else {
      events = attempt.delivery.conclude(
        answer, url: attempt.url, retrySchedule: attempt.settings.retrySchedule,
        policy: attempt.settings.failurePolicy, at: now, chance: world.fraction())
    }
    return Conclusion(
      attempt: attempt, answer: answer, events: events, payloads: payloads,
      breaker: event(of: answered.breaker, for: attempt.url), at: now)
  }

  /// True where an answer means something beyond its own delivery, or ends what one has meant.
  ///
  /// - Parameter refusing: Of URLs that were looked at: whether a notice says that they refuse.
  private nonisolated(nonsending) func changesMore(
    _ conclusion: Conclusion, _ refusing: inout [String: Bool]
  ) async throws(JournalError) -> Bool {
    let answer = conclusion.answer
    if answer.judgement == .gone { return true }
    let refuses = answer.isRefusal
    guard refuses || answer.judgement == .success else { return false }
    let url = conclusion.attempt.url
    let isOpen: Bool
    if let known = refusing[url] {
      isOpen = known
    } else {
      isOpen = try await repository.isNoticeOpen(.known(.callbackRefuses), StreamName.callback(url))
      refusing[url] = isOpen
    }
    return isOpen != refuses
  }

  /// Records an outcome by itself.
  nonisolated(nonsending) func record(
    alone conclusion: Conclusion, _ recorded: inout Recorded
  ) async {
    do {
      try await record(conclusion)
      recorded.ended.append(conclusion.report)
    } catch {
      recorded.failure = recorded.failure ?? error
    }
  }

  /// Records an outcome with what it means for the callback, which a person may enable meanwhile.
  private nonisolated(nonsending) func record(
    _ conclusion: Conclusion
  ) async throws(JournalError) {
    let (stream, limit) = (conclusion.attempt.stream, settings.disableAfter)
    _ = try await repository.decide(on: [], in: world) { view, _ throws(JournalError) in
      var append = try Deliverer.append(conclusion, stream, view)
      if let breaker = conclusion.breaker {
        let url = StreamName.breaker(conclusion.attempt.url)
        append.newEvents.append(NewEvent(url, breaker, cause: .newEvent(0)))
      }
      if conclusion.disables {
        let (others, expected) = try Deliverer.disabling(conclusion, after: limit, view)
        append.newEvents += others
        append.expected.merge(expected) { $1 }
      }
      return Decision(append)
    }
  }

  private static func append(
    _ conclusion: Conclusion, _ stream: StreamName, _ view: JournalSnapshot
  ) throws(JournalError) -> AppendRequest {
    let (delivery, url) = (conclusion.attempt.delivery, conclusion.attempt.url)
    // What else an answer means depends on no callback.
    let isGone = conclusion.answer.judgement == .gone
    if isGone, let replay = delivery.requested?.replay {
      return try stopping(replay, conclusion, view)
    }
    let callback = isGone ? try view.callback(url) : Callback(url: url)
    var append = conclusion.append
    if isGone, let requested = delivery.requested {
      append.expected[StreamName.callback(url)] = callback.version
      let instance = try view.instance(requested.instance)
      append.expected[instance.stream] = instance.version
      if requested.url == nil, instance.isDeleted || instance.settings?.callback != url {
        // The instance has moved on meanwhile, so it does not wait for this URL.
        let released = DeliveryReleased(
          delivery: requested.delivery, instance: instance.id, reason: .known(.moved),
          dueAtMs: conclusion.at.milliseconds)
        append.newEvents.append(
          NewEvent(stream, .deliveryReleased(released), cause: .newEvent(1)))
      }
    }
    let (others, ends) = try notices(conclusion.answer, callback, delivery, view)
    append.newEvents += others
    append.expected.merge(ends) { $1 }
    return append
  }

  /// Records a 410 to a delivery of a replay: it stops the replay, and touches no callback.
  private static func stopping(
    _ replay: ReplayID, _ conclusion: Conclusion, _ view: JournalSnapshot
  ) throws(JournalError) -> AppendRequest {
    let stream = StreamName.replay(replay)
    var append = conclusion.append
    append.expected[stream] = try view.version(of: stream)
    if try view.replay(replay)?.state != "stopped" {
      let stopped = ReplayStopped(replay: replay, reason: "410")
      append.newEvents.append(NewEvent(stream, .replayStopped(stopped), cause: .newEvent(0)))
    }
    return append
  }

  private func answer(
    _ outcome: Outcome, _ redaction: Redaction, at now: Moment, payloads: inout [Payload]
  ) -> Delivery.Answer {
    switch outcome {
    case .failed(let failure):
      return Delivery.Answer(
        failure.kind == .blocked ? .blocked : .failure(retryAfter: nil), status: nil,
        error: failure.kind.rawValue, text: failure.text, duration: failure.duration,
        times: failure.times, address: failure.address)
    case .reply(let reply):
      let kept = Deliverer.listed(reply, redaction)
      let payload = Payload(kept, kind: .evidence, salt: world.bytes(16))
      payloads.append(payload)
      let judgement: Delivery.Answer.Judgement
      switch DeliveryVerdict.of(outcome, now: now) {
      case .success: judgement = .success
      case .gone: judgement = .gone
      case .failed(_, let retryAfter, _): judgement = .failure(retryAfter: retryAfter)
      }
      return Delivery.Answer(
        judgement, status: reply.status, error: "status",
        text: "the receiver answered \(reply.status)"
          + (reply.bodyFailure.map { ", and the rest did not come (\($0.rawValue))" } ?? ""),
        duration: reply.duration, times: reply.times,
        address: reply.address.isEmpty ? nil : reply.address, response: payload.name,
        responseBytes: reply.bodyBytes, responseFailure: reply.bodyFailure?.rawValue)
    }
  }

  /// Events that an answer means beyond its own delivery: a disabled callback, a word to a person,
  /// or the end of one.
  private static func notices(
    _ answer: Delivery.Answer, _ callback: Callback, _ delivery: Delivery, _ view: JournalSnapshot
  ) throws(JournalError) -> (newEvents: [NewEvent], expected: [StreamName: Int64]) {
    let url = callback.url
    let subject = StreamName.callback(url)
    let instance = delivery.requested?.instance
    func notice(_ kind: NoticeKind, _ text: String) -> NewEvent {
      NewEvent(
        StreamName.notice(.known(kind), about: subject),
        .noticeRaised(
          NoticeRaised(kind: .known(kind), subject: subject, text: text, instance: instance)),
        cause: .newEvent(0))
    }
    if answer.judgement == .success {
      var ends = NoticeEnds()
      try view.end(
        .callbackRefuses, about: subject, because: "it took a delivery", instance: instance,
        in: &ends)
      return (ends.newEvents, ends.expected)
    }
    if answer.judgement == .gone {
      guard callback.isEnabled else { return ([], [:]) }
      let disabled = CallbackDisabled(url: url, reason: "410", instance: instance)
      var newEvents = [NewEvent(subject, .callbackDisabled(disabled), cause: .newEvent(0))]
      if try view.openNotice(.known(.callbackDisabled), subject) == nil {
        newEvents.append(
          notice(
            .callbackDisabled,
            "\(url) answered 410 and takes no more deliveries; they are held. `callback enable`"
              + " with this URL sends them."))
      }
      return (newEvents, [:])
    }
    guard answer.isRefusal, let status = answer.status else { return ([], [:]) }
    if try view.openNotice(.known(.callbackRefuses), subject) != nil { return ([], [:]) }
    let text =
      "\(url) answered \(status): it refuses what is sent. It is tried again by the retry schedule."
    return ([notice(.callbackRefuses, text)], [:])
  }
}

/// An attempt with its answer, about to be recorded.
struct Conclusion: Sendable {
  let attempt: Attempt
  let answer: Delivery.Answer
  let events: [Event]
  let payloads: [Payload]
  /// Its meaning for the breaker of its callback; nil: none.
  let breaker: Event?
  let at: Moment
  /// True where it changes or depends on streams that others change as well.
  var isAlone = false
  /// True where the callback has failed for so long that it is disabled.
  var disables = false

  var newEvents: [NewEvent] {
    events.enumerated().map { place, event in
      NewEvent(
        attempt.stream, event, cause: place == 0 ? .position(attempt.position) : .newEvent(0))
    }
  }

  /// The append that records it, where it is not alone.
  var append: AppendRequest {
    AppendRequest(
      newEvents, expecting: [attempt.stream: attempt.delivery.version], payloads: payloads, at: at)
  }

  var report: AttemptReport {
    AttemptReport(
      position: attempt.position, id: attempt.delivery.requested?.notification.text ?? "",
      url: attempt.url, attempt: attempt.delivery.attempts, status: answer.status,
      duration: answer.duration, outcome: events.outcomeWord, nextAt: events.retryAt)
  }
}

extension Delivery.Answer {
  /// True where the receiver refuses what is sent, and not only now.
  var isRefusal: Bool {
    guard let status, judgement != .gone else { return false }
    return (400..<500).contains(status) && ![408, 410, 425, 429].contains(status)
  }
}

extension [Event] {
  /// When a delivery is tried again.
  var retryAt: Moment? {
    switch first {
    case .deliveryFailed(let body)?: body.retryAtMs.map { Moment(milliseconds: $0) }
    case .deliveryUnknown(let body)?: body.retryAtMs.map { Moment(milliseconds: $0) }
    default: nil
    }
  }
}
