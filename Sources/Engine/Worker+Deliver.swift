import Domain
package import EventStore
import Events
import RawJSON
import Webhook

extension Worker {
  /// Makes one attempt of a delivery that is due, or records why none is made.
  ///
  /// The attempt is recorded before anything is sent: a crash in between shows as
  /// `delivery.unknown`, and the same id is sent again.
  ///
  /// - Returns: nil where the delivery is not open any more, or the task is cancelled: what was
  ///   begun comes to its end, and nothing is begun.
  package func deliver(_ stream: String) async throws(JournalError) -> Report? {
    guard let facts = try await facts(of: stream) else {
      steppedBack.remove(stream)
      return nil
    }
    let (delivery, url) = (facts.loaded.delivery, facts.url)
    let isOver = facts.known.ends(facts.requested)
    guard delivery.status != .held || isOver else { return nil }
    if let obstacle = try await skipReason(facts) {
      steppedBack.remove(stream)
      let appended = try await append(
        obstacle.events, to: stream, expecting: delivery.version, and: obstacle.expected,
        others: obstacle.others, cause: .position(facts.loaded.last))
      try await completeReplay(of: stream)
      return appended.map { settled(delivery, url, obstacle.events, at: $0.first) }
    }
    guard let url, let body = facts.body, !Task.isCancelled,
      !stepsBack(stream, isBehind: facts.isBehindHeld)
    else { return nil }
    return .attempt(try await attempt(facts, stream, url: url, body: body))
  }

  /// A delivery that came to rest without an attempt.
  private func settled(
    _ delivery: Delivery, _ url: String?, _ events: [Event], at position: Int64
  ) -> Report {
    .settled(
      AttemptReport(
        position: position, id: delivery.requested?.notification ?? "", url: url ?? "",
        attempt: delivery.attempts, duration: .zero, outcome: Worker.word(events),
        isDeliberate: events.contains(where: \.isDeliberate)))
  }

  /// What stands in the way of an attempt.
  private struct Obstacle {
    var events: [Event]
    /// What holds it has to hold still when that is recorded, and so does the instance whose URL it
    /// is: who lets it go on releases what is held by then, and would miss what is held after.
    var expected: [String: Int64] = [:]
    /// What a person is told with it.
    var others: [NewEvent] = []
  }

  /// Why nothing is to be sent now; nil where it is.
  private func skipReason(_ facts: DeliveryFacts) async throws(JournalError) -> Obstacle? {
    let (delivery, instance) = (facts.loaded.delivery, facts.known.instance)
    if facts.known.ends(facts.requested) {
      let text = "instance \(instance.id) is deleted"
      return Obstacle(events: delivery.skip(reason: "instance-deleted", text: text))
    }
    guard let url = facts.url, let callback = facts.callback else {
      let text = "instance \(instance.id) has no callback URL"
      return Obstacle(events: delivery.skip(reason: "no-callback", text: text))
    }
    if let replay = facts.requested.replay, let (state, version) = facts.replay,
      state == "stopped"
    {
      let stream = "replay/\(replay)"
      return Obstacle(
        events: delivery.hold(url: stream, reason: "replay-stopped"),
        expected: [stream: version])
    }
    if let refusal = settings.rules.refusal(ofCallbackURL: url) {
      return Obstacle(events: delivery.skip(reason: "blocked", text: refusal))
    }
    if Worker.isUnreadable(facts.known.secrets, isTrusted: facts.isTrusted) {
      // Unsigned, or without its credentials, it would be another notification than was asked for.
      return Obstacle(
        events: delivery.hold(url: instance.stream, reason: Worker.unreadable),
        expected: [instance.stream: instance.version],
        others: [unreadableNotice(instance, facts.known.secrets)])
    }
    if !callback.isEnabled {
      return Obstacle(
        events: delivery.hold(url: url, reason: callback.reason ?? "disabled"),
        expected: [
          Callback.stream(url): callback.version, instance.stream: instance.version,
        ])
    }
    guard facts.body == nil else { return nil }
    let text = "the bytes that it would send are not kept in the journal any more"
    return Obstacle(events: delivery.skip(reason: "payload-gone", text: text))
  }

  private func attempt(
    _ facts: DeliveryFacts, _ stream: String, url: String, body: [UInt8]
  ) async throws(JournalError) -> AttemptReport {
    let (delivery, requested) = (facts.loaded.delivery, facts.requested)
    let sentAt = world.now()
    let number = delivery.attempts + 1
    let headers = Worker.headers(
      requested, facts.known.secrets, to: url, attempt: number, at: sentAt, body: body,
      isTrusted: facts.isTrusted)
    // How long the body is, the client says itself.
    let length = Header("Content-Length", String(body.count))
    let sent = Payload(
      Worker.listed(headers + [length]), kind: .evidence, salt: world.bytes(16))
    let attempted = DeliveryAttempted(
      delivery: requested.delivery, instance: requested.instance, attempt: number, url: url,
      sentAtMs: sentAt.milliseconds, request: sent.name)
    let intent = try await repository.writer.append(
      AppendRequest(
        [NewEvent(stream, .deliveryAttempted(attempted), cause: .position(facts.loaded.last))],
        expecting: [stream: delivery.version], payloads: [sent], at: sentAt))
    let request = Request(
      .post, url, headers: headers, body: body, reach: .callback, bounds: bounds)
    let outcome = await world.perform(request)
    var begun = delivery
    begun.evolve(.deliveryAttempted(attempted), at: sentAt)
    return try await conclude(
      begun, stream, url, outcome, intent: intent.first, facts.known.redaction)
  }

  private var bounds: ExchangeBounds {
    ExchangeBounds(
      connect: min(Limits.connectTimeout, settings.timeout), total: settings.timeout,
      keptBytesMax: Limits.answerBytesKept, readBytesMax: Limits.answerBytesRead, mayCut: true)
  }

  private func conclude(
    _ delivery: Delivery, _ stream: String, _ url: String, _ outcome: Outcome, intent: Int64,
    _ redaction: Redaction
  ) async throws(JournalError) -> AttemptReport {
    try await noticeClock()
    let now = world.now()
    var payloads: [Payload] = []
    let events: [Event]
    let answer = answer(outcome, redaction, at: now, payloads: &payloads)
    if case .failed(let failure) = outcome, failure.kind == .cancelled {
      // It was cut while it was under way: whether it arrived is not known.
      events = delivery.markOutcomeUnknown(
        retrySchedule: settings.retrySchedule, at: now, chance: world.fraction())
    } else {
      events = delivery.conclude(
        answer, url: url, retrySchedule: settings.retrySchedule, at: now, chance: world.fraction())
    }
    let newEvents = events.enumerated().map { place, event in
      NewEvent(stream, event, cause: place == 0 ? .position(intent) : .newEvent(0))
    }
    try await record(newEvents, answer, url, delivery, payloads, in: stream, at: now)
    try await completeReplay(of: stream)
    return AttemptReport(
      position: intent, id: delivery.requested?.notification ?? "", url: url,
      attempt: delivery.attempts, status: answer.status, duration: answer.duration,
      outcome: Worker.word(events), nextAt: Worker.retry(events))
  }

  /// Records an outcome with what it means for the callback, which a person may enable meanwhile.
  private func record(
    _ newEvents: [NewEvent], _ answer: Delivery.Answer, _ url: String, _ delivery: Delivery,
    _ payloads: [Payload], in stream: String, at now: Moment
  ) async throws(JournalError) {
    for _ in 0..<Limits.conflictsMax {
      // What else an answer means depends on no callback.
      let isGone = answer.judgement == .gone
      let callback = isGone ? try await repository.callback(url) : Callback(url: url)
      var expected = [stream: delivery.version]
      var newEvents = newEvents
      if isGone, let requested = delivery.requested {
        expected[Callback.stream(url)] = callback.version
        let instance = try await repository.instance(requested.instance)
        expected[instance.stream] = instance.version
        if requested.url == nil, instance.isDeleted || instance.settings?.callback != url {
          // The instance has moved on meanwhile, so it does not wait for this URL.
          let released = DeliveryReleased(
            delivery: requested.delivery, instance: instance.id, reason: "moved",
            dueAtMs: now.milliseconds)
          newEvents.append(NewEvent(stream, .deliveryReleased(released), cause: .newEvent(1)))
        }
      }
      let (others, ends) = try await notices(answer, callback, delivery)
      expected.merge(ends) { $1 }
      do {
        _ = try await repository.writer.append(
          AppendRequest(newEvents + others, expecting: expected, payloads: payloads, at: now))
        return
      } catch .conflict {
        continue
      }
    }
    throw .busy(path: repository.writer.path)
  }

  private func answer(
    _ outcome: Outcome, _ redaction: Redaction, at now: Moment, payloads: inout [Payload]
  ) -> Delivery.Answer {
    switch outcome {
    case .failed(let failure):
      return Delivery.Answer(
        failure.kind == .blocked ? .blocked : .failure(retryAfter: nil), status: nil,
        error: failure.kind.rawValue, text: failure.text, duration: failure.duration,
        address: failure.address)
    case .reply(let reply):
      let kept = Worker.listed(redaction.clean(reply))
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
        duration: reply.duration,
        address: reply.address.isEmpty ? nil : reply.address, response: payload.name,
        responseBytes: reply.bodyBytes, responseFailure: reply.bodyFailure?.rawValue)
    }
  }

  /// What an answer means beyond its own delivery: a disabled callback, a word to a person, or the
  /// end of one.
  private func notices(
    _ answer: Delivery.Answer, _ callback: Callback, _ delivery: Delivery
  ) async throws(JournalError) -> (newEvents: [NewEvent], expected: [String: Int64]) {
    let url = callback.url
    let subject = Callback.stream(url)
    let instance = delivery.requested?.instance
    func notice(_ kind: String, _ text: String) -> NewEvent {
      NewEvent(
        Repository.noticeStream(kind, subject),
        .noticeRaised(
          NoticeRaised(kind: kind, subject: subject, text: text, instance: instance)),
        cause: .newEvent(0))
    }
    if answer.judgement == .success {
      var ends = NoticeEnds()
      try await repository.end(
        "callback-refuses", about: subject, because: "it took a delivery", instance: instance,
        in: &ends)
      return (ends.newEvents, ends.expected)
    }
    if answer.judgement == .gone {
      guard callback.isEnabled else { return ([], [:]) }
      let disabled = CallbackDisabled(url: url, reason: "410", instance: instance)
      var newEvents = [NewEvent(subject, .callbackDisabled(disabled), cause: .newEvent(0))]
      if try await !repository.isNoticeOpen("callback-disabled", subject) {
        newEvents.append(
          notice(
            "callback-disabled",
            "\(url) answered 410 and takes no more deliveries; they are held. `callback enable`"
              + " with this URL sends them."))
      }
      return (newEvents, [:])
    }
    guard let status = answer.status, (400..<500).contains(status),
      ![408, 410, 425, 429].contains(status)
    else { return ([], [:]) }
    if try await repository.isNoticeOpen("callback-refuses", subject) { return ([], [:]) }
    let text =
      "\(url) answered \(status): it refuses what is sent. It is tried again by the retry schedule."
    return ([notice("callback-refuses", text)], [:])
  }

  // MARK: Headers

  private static func headers(
    _ requested: DeliveryRequested, _ secrets: Secrets, to url: String, attempt: Int,
    at sentAt: Moment, body: [UInt8], isTrusted: Bool
  ) -> [Header] {
    // What cannot be read as headers was refused when it was configured.
    let extra =
      isTrusted
      ? secrets["event.notification.callback.headers"].flatMap { try? Headers.extra($0) } ?? []
      : []
    let head = AttemptHead(
      // A URL that leads nowhere was skipped.
      host: (try? Origin(of: url))?.authority ?? "",
      notification: UInt64(requested.notification) ?? 0, attempt: attempt,
      sequence: requested.sequence, replay: requested.replay, sentAt: sentAt,
      key: secrets["event.notification.signature.key"],
      username: isTrusted ? secrets["event.notification.basic.username"] : nil,
      password: isTrusted ? secrets["event.notification.basic.password"] : nil,
      extra: extra)
    return Headers.make(head, body: body)
  }

  /// Headers whose values are shown to people; those of all others are masked.
  private static let plainHeaders: Set<String> = [
    "host", "content-type", "content-length", "user-agent", "elements-webhook-id",
    "elements-webhook-signature", "webhook-id", "webhook-timestamp", "webhook-signature",
    "daybook-attempt", "daybook-sequence", "daybook-replay",
  ]

  /// The header fields as JSON, credentials masked: `[["Content-Type","application/json"],…]`.
  private static func listed(_ headers: [Header]) -> [UInt8] {
    JSON.array(
      headers.map { header in
        let isPlain = plainHeaders.contains(header.name.lowercased())
        return .array([.string(header.name), .string(isPlain ? header.value : "********")])
      }
    ).bytes()
  }

  /// An answer as JSON: `{"headers":[[…]],"status":204}`, a blank line, and the body’s bytes as
  /// they came.
  private static func listed(_ reply: Reply) -> [UInt8] {
    let hidden: Set<String> = ["set-cookie", "authorization", "www-authenticate"]
    let headers = reply.headers.map { header in
      JSON.array([
        .string(header.name),
        .string(hidden.contains(header.name.lowercased()) ? "********" : header.value),
      ])
    }
    let head: JSON = ["headers": .array(headers), "status": .number(reply.status)]
    return head.bytes() + [10, 10] + reply.body
  }

  private static func word(_ events: [Event]) -> String {
    guard let last = events.last else { return "unknown" }
    return String(type(of: last.body).type.dropFirst(9))
  }

  private static func retry(_ events: [Event]) -> Moment? {
    switch events.first {
    case .deliveryFailed(let body)?: body.retryAtMs.map { Moment(milliseconds: $0) }
    case .deliveryUnknown(let body)?: body.retryAtMs.map { Moment(milliseconds: $0) }
    default: nil
    }
  }
}
