import Domain
import EventStore
import Events

/// Attempts tell of a callback beyond their deliveries: that it rests, or is disabled.
extension Deliverer {
  /// A callback that fails, as the journal has it before an attempt.
  struct Failing: Sendable {
    var since: Moment
    var hasGivenUp: Bool
  }

  /// True where an attempt shows that its callback has failed for so long, and nothing else, that
  /// it is disabled; at least one delivery has to have been given up.
  ///
  /// - Parameter failing: Callbacks that were looked at already.
  nonisolated(nonsending) func disables(
    _ conclusion: Conclusion, _ failing: inout [String: Failing?]
  ) async throws(JournalError) -> Bool {
    guard case .failure = conclusion.answer.judgement,
      conclusion.attempt.delivery.requested?.replay == nil
    else { return false }
    let url = conclusion.attempt.url
    if failing[url] == nil {
      let found = try await repository.reader.read { snapshot throws(JournalError) -> Failing? in
        try snapshot.failing(url).map { Failing(since: $0.since, hasGivenUp: $0.givenUp > 0) }
      }
      failing[url] = .some(found)
    }
    guard let known = failing[url] ?? nil else { return false }
    return conclusion.at - known.since >= settings.disableAfter
      && (known.hasGivenUp || conclusion.givesUp)
  }

  /// The event that a breaker's change is.
  func event(of change: Breaker.Change?, for url: String) -> Event? {
    switch change {
    case nil: nil
    case .closed?: .breakerClosed(BreakerClosed(url: url))
    case .opened(let attempts, let failed)?:
      .breakerOpened(
        BreakerOpened(
          url: url, attempts: attempts, failed: failed,
          windowMs: Limits.breakerWindow.wholeMilliseconds,
          waitMs: settings.breakerWait.wholeMilliseconds))
    }
  }

  /// The end of a callback that has failed for too long; none where a person has enabled it since,
  /// or somebody was faster.
  static func disabling(
    _ conclusion: Conclusion, after limit: Duration, _ view: JournalSnapshot
  ) throws(JournalError) -> (newEvents: [NewEvent], expected: [StreamName: Int64]) {
    let url = conclusion.attempt.url
    let stream = StreamName.callback(url)
    let callback = try view.callback(url)
    guard callback.isEnabled, let failing = try view.failing(url) else { return ([], [:]) }
    let switchedAt = try view.events(of: stream).last?.recordedAt
    let since = switchedAt.map { max($0, failing.since) } ?? failing.since
    guard conclusion.at - since >= limit else { return ([], [:]) }
    let days = Int64((conclusion.at - since).components.seconds / 86_400)
    let instance = conclusion.attempt.delivery.requested?.instance
    let disabled = CallbackDisabled(
      url: url, reason: "nothing but failures since \(since)", instance: instance)
    let text =
      "\(url) has taken nothing for \(days) days and deliveries were given up; what follows is held."
      + " `callback enable` with this URL sends it."
    let notice = NoticeRaised(
      kind: .known(.callbackDisabled), subject: stream, text: text, instance: instance)
    var newEvents = [NewEvent(stream, .callbackDisabled(disabled), cause: .newEvent(0))]
    if try view.openNotice(.known(.callbackDisabled), stream) == nil {
      newEvents.append(
        NewEvent(
          .notice(.known(.callbackDisabled), about: stream), .noticeRaised(notice),
          cause: .newEvent(0)))
    }
    return (newEvents, [stream: callback.version])
  }
}

extension Conclusion {
  /// True where its delivery is not tried again by itself, or would not be if it were not in strict
  /// order.
  var givesUp: Bool {
    let ends = events.contains { event in
      switch event {
      case .deliveryExhausted: true
      case .deliveryHeld(let body): body.kind.known == .failureQueued
      default: false
      }
    }
    return ends || attempt.delivery.isPast(attempt.settings.retrySchedule)
  }
}
