import Domain
import Events

// One line for every type of event, made of its body alone: no payload is read for it.
//
//     poll.completed       changes: 3 items, 1 change
//     delivery.requested   3 CREATED, notification 3993646715961097362
//     delivery.failed      503; next attempt 08:47:06Z
//     delivery.unknown     the outcome of attempt 2 was lost; next attempt 08:47:06Z

extension Event {
  /// The event in a few words of English.
  ///
  /// Texts of providers, receivers and people stand in it as they are, on one line and cut to
  /// `Limits.summaryTextCharactersMax`; who shows it escapes what a terminal would obey.
  ///
  /// - Parameter recordedAt: Times of the same day are told without their date.
  func summary(at recordedAt: Moment) -> String {
    let words = SummaryWords(day: recordedAt)
    return switch self {
    case .journalCreated(let body): words.of(body)
    case .journalRestored(let body): words.of(body)
    case .journalResumed(let body): words.of(body)
    case .runStarted(let body): words.of(body)
    case .runStopped(let body): words.of(body)
    case .clockStepped(let body): words.of(body)
    case .noticeRaised(let body): words.of(body)
    case .noticeClosed(let body): words.of(body)
    case .instanceCreated(let body): words.of(body)
    case .instanceUpdated(let body): words.of(body)
    case .instanceEnabled(let body): words.of(body)
    case .instanceDisabled(let body): words.of(body)
    case .instanceDeleted(let body): words.of(body)
    case .authorizationGranted(let body): words.of(body)
    case .authorizationRefreshed(let body): words.of(body)
    case .authorizationRefused(let body): words.of(body)
    case .feedOpened(let body): words.of(body)
    case .feedUpdated(let body): words.of(body)
    case .feedClosed(let body): words.of(body)
    case .feedDisabled(let body): words.of(body)
    case .feedEnabled(let body): words.of(body)
    case .cursorExpired(let body): words.of(body)
    case .cursorReset(let body): words.of(body)
    case .pollRequested(let body): words.of(body)
    case .pollCompleted(let body): words.of(body)
    case .pollFailed(let body): words.of(body)
    case .pollDiscarded(let body): words.of(body)
    case .changeObserved(let body): words.of(body)
    case .objectMissed(let body): words.of(body)
    case .objectSettled(let body): words.of(body)
    case .deliveryRequested(let body): words.of(body)
    case .deliveryHeld(let body): words.of(body)
    case .deliveryReleased(let body): words.of(body)
    case .deliveryExhausted(let body): words.of(body)
    case .deliverySkipped(let body): words.of(body)
    case .callbackDisabled(let body): words.of(body)
    case .callbackEnabled(let body): words.of(body)
    case .breakerOpened(let body): words.of(body)
    case .breakerClosed(let body): words.of(body)
    case .deliveryAttempted(let body): words.of(body)
    case .deliverySucceeded(let body): words.of(body)
    case .deliveryFailed(let body): words.of(body)
    case .deliveryUnknown(let body): words.of(body)
    case .notificationAcknowledged(let body): words.of(body)
    case .probeAttempted(let body): words.of(body)
    case .probeConcluded(let body): words.of(body)
    case .replayRequested(let body): words.of(body)
    case .replayStopped(let body): words.of(body)
    case .replayResumed(let body): words.of(body)
    case .replayCompleted(let body): words.of(body)
    case .payloadExpunged(let body): words.of(body)
    case .journalArchived(let body): words.of(body)
    }
  }
}

/// The words of summaries, for the day on which an event was recorded.
struct SummaryWords {
  let day: Moment

  /// `1 item`, `2 items`.
  func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A text from outside, on one line.
  func text(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return shortened(line, to: Limits.summaryTextCharactersMax)
  }

  /// `deleted: moved away`; the fact alone where nobody gave a reason.
  func told(_ fact: String, _ reason: String?) -> String {
    guard let reason, !reason.isEmpty else { return fact }
    return "\(fact): \(text(reason))"
  }

  /// `08:47:06Z`, with the date where it is of another day.
  func time(_ milliseconds: Int64) -> String {
    let text = Moment(milliseconds: milliseconds).isoSeconds
    let date = text.prefix { $0 != "T" }
    let isSameDay = day.isoSeconds.hasPrefix("\(date)T")
    return isSameDay ? String(text.dropFirst(date.count + 1)) : text
  }

  /// `; next poll 08:47:06Z`, or nothing.
  func next(_ noun: String, _ milliseconds: Int64?, orSay none: String = "") -> String {
    milliseconds.map { "; next \(noun) \(time($0))" } ?? none
  }

  /// `1 minute`, `90 seconds`: in the largest unit of which it is a whole number.
  func wait(_ milliseconds: Int64) -> String {
    let units: [(Int64, String)] = [
      (86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"),
    ]
    for (length, noun) in units where milliseconds != 0 && milliseconds % length == 0 {
      return count(milliseconds / length, noun)
    }
    return "\(milliseconds) ms"
  }
}
