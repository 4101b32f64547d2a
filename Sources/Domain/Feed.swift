package import Events

/// One collection that an instance watches: decides what a poll comes to.
///
/// A pure value: what the engine read goes in, events come out.
package struct Feed: Sendable, Equatable {
  package var id: FeedID
  package var instance: InstanceID
  /// The key in the configuration.
  package var resource: String
  /// The name of its changes' objects, where that is not the key.
  package var objectType: String?
  package var interval: Duration
  package var mode: PollMode
  package var cursor: String?
  /// Failures in a row.
  package var failures: Int
  /// A baseline announces what it finds: the collection joined a list that was watched before.
  package var announcesNew: Bool
  /// It is polled by itself, and not by hand alone.
  package var isScheduled: Bool

  package init(
    id: FeedID, instance: InstanceID, resource: String, interval: Duration, mode: PollMode,
    cursor: String?, failures: Int, announcesNew: Bool = false, isScheduled: Bool = true
  ) {
    self.id = id
    self.instance = instance
    self.resource = resource
    self.interval = interval
    self.mode = mode
    self.cursor = cursor
    self.failures = failures
    self.announcesNew = announcesNew
    self.isScheduled = isScheduled
  }

  package var stream: StreamName { .feed(id) }

  /// The yield of a poll that was read to its end.
  package struct Reading: Sendable {
    package var cursor: String
    package var pages: Int
    package var items: Int
    package var changeSet: ChangeSet
    package var manifests: [String]
    package var evidence: [String]
    /// SHA-256 of the pages that held nothing, which are not kept.
    package var unkept: [String] = []
    package var startedAt: Moment
    package var polledAt: Moment
    package var misses: Misses

    package init(
      cursor: String, pages: Int, items: Int, changeSet: ChangeSet, manifests: [String],
      evidence: [String], startedAt: Moment, polledAt: Moment, misses: Misses = Misses()
    ) {
      self.cursor = cursor
      self.pages = pages
      self.items = items
      self.changeSet = changeSet
      self.manifests = manifests
      self.evidence = evidence
      self.startedAt = startedAt
      self.polledAt = polledAt
      self.misses = misses
    }
  }

  /// The poll, after it each change, then what could not be had. All of them are appended together
  /// with the cursor.
  package func complete(_ reading: Reading) -> [Event] {
    let changes = mode == .baseline && !announcesNew ? [] : reading.changeSet.changes()
    // A cursor that stays is not written again.
    let hasMoved = reading.cursor != cursor
    let completed = PollCompleted(
      feed: id, instance: instance, mode: .known(mode.name), cursorBefore: hasMoved ? cursor : nil,
      cursorAfter: hasMoved ? reading.cursor : nil, pages: reading.pages, items: reading.items,
      changes: changes.count, manifests: mode == .baseline ? reading.manifests : [],
      evidence: reading.evidence, startedAtMs: reading.startedAt.milliseconds,
      polledAtMs: reading.polledAt.milliseconds,
      nextAtMs: next(after: reading)?.milliseconds,
      unkept: reading.unkept.isEmpty ? nil : reading.unkept)
    return [.pollCompleted(completed)]
      + changes.map { .changeObserved(observed($0.candidate, $0.kind, at: reading.polledAt)) }
      + told(of: reading.misses, at: reading.polledAt)
  }

  /// By the schedule, or sooner where an object that was missed is to be tried again.
  private func next(after reading: Reading) -> Moment? {
    guard isScheduled else { return nil }
    let regular = Schedule.next(of: id, every: interval, after: reading.polledAt)
    let waits = reading.misses.found.filter { !$0.isSetAside }.map(\.wait)
    return waits.min().map { min(regular, reading.polledAt + $0) } ?? regular
  }

  private func observed(
    _ candidate: ChangeSet.Candidate, _ kind: ChangeKind, at polledAt: Moment
  ) -> ChangeObserved {
    ChangeObserved(
      feed: id, instance: instance, resource: resource, objectType: objectType, kind: kind,
      object: candidate.item.id, objectId: candidate.objectId,
      revision: candidate.item.revision, series: candidate.item.series,
      dateMs: (candidate.date ?? polledAt).milliseconds, polledAtMs: polledAt.milliseconds,
      item: candidate.payload, bytes: candidate.bytes)
  }

  /// The request that failed and what came back, for the record.
  package struct Failure: Sendable {
    package var refusal: ProviderRefusal
    package var asked: String?
    package var answer: String?
    package var startedAt: Moment
    /// A long poll cannot be gone on with from where it failed.
    package var needsNewStart = false
    /// The poll was gone on with from where another had failed, and got further.
    package var isFurther = false
    /// The object that it failed at.
    package var miss: Misses.Miss?

    package init(
      refusal: ProviderRefusal, asked: String?, answer: String? = nil, startedAt: Moment
    ) {
      self.refusal = refusal
      self.asked = asked
      self.answer = answer
      self.startedAt = startedAt
    }
  }

  /// The failure; with it, past the bound, the end of the feed and a notice for a person.
  ///
  /// A long poll that gets further each time is no feed that fails: its count begins anew.
  ///
  /// - Parameters:
  ///   - chance: 0 to 1, drawn once and recorded as jitter.
  ///   - most: Failures in a row after which it is polled no more.
  package func fail(
    _ failure: Failure, at now: Moment, chance: Double, most: Int = Limits.failuresMax
  ) -> [Event] {
    let count = failure.isFurther ? 1 : failures + 1
    let wait = waitAfter(failures: count, failure.refusal)
    let drawn = Duration.milliseconds(Int64(Double(wait.wholeMilliseconds) * 0.2 * chance))
    let jitter = min(drawn, max(Limits.retryAfterMax - wait, .zero))
    let isLast = count >= most
    let failed = PollFailed(
      feed: id, instance: instance, mode: .known(mode.name), reason: failure.refusal.reason,
      text: failure.refusal.text, status: failure.refusal.status, asked: failure.asked,
      answer: failure.answer, failures: count, startedAtMs: failure.startedAt.milliseconds,
      nextAtMs: isLast || !isScheduled ? nil : (now + wait + jitter).milliseconds,
      retryAfterMs: failure.refusal.retryAfter?.wholeMilliseconds,
      jitterMs: jitter.wholeMilliseconds)
    let missed = failure.miss.map { self.missed($0, at: now) } ?? []
    guard isLast else { return [.pollFailed(failed)] + missed }
    let text =
      "\(resource) of instance \(instance) failed \(count) times in a row, last with"
      + " \(failure.refusal.reason). Mend the cause, then `instance enable \(instance)`."
    return [.pollFailed(failed)] + missed + [
      .feedDisabled(FeedDisabled(feed: id, instance: instance, reason: "failures")),
      .noticeRaised(
        NoticeRaised(kind: .known(.feedDisabled), subject: stream, text: text, instance: instance)),
    ]
  }

  /// How long to leave the provider alone.
  ///
  ///     failures in a row   1    2    3    4     …   12 and more
  ///     wait               2 s  4 s  8 s  16 s        1 h
  ///
  /// What asking again cannot mend waits for the next regular poll; a provider’s `Retry-After` may
  /// only lengthen a wait, to a day at most. Source: Calendar API guide, “Use exponential backoff”.
  package func waitAfter(failures: Int, _ refusal: ProviderRefusal) -> Duration {
    let doubled = Duration.seconds(1 << min(failures, 20))
    let wait = refusal.isPermanent ? interval : min(doubled, Limits.failureWaitMax)
    guard let asked = refusal.retryAfter else { return wait }
    return max(wait, min(asked, Limits.retryAfterMax))
  }

  /// The cursor is dead; everything is compared at once.
  package func expire(reason: String, at now: Moment) -> [Event] {
    [
      .cursorExpired(
        CursorExpired(
          feed: id, instance: instance, cursor: cursor, reason: reason,
          nextAtMs: isScheduled ? now.milliseconds : nil))
    ]
  }

  /// A person drops the cursor: the next poll compares everything, or learns it anew.
  package func reset(toBaseline: Bool, reason: String, at now: Moment) -> Event {
    .cursorReset(
      CursorReset(
        feed: id, instance: instance, mode: .known(toBaseline ? .baseline : .comparison),
        reason: reason, nextAtMs: isScheduled ? now.milliseconds : nil))
  }

  /// Tells if so many absences are too many to be believed after one GET each: a second listing has
  /// to agree.
  package static func needsSecondListing(absent: Int, known: Int) -> Bool {
    absent > Limits.absencesConfirmedMax
      || Double(absent) > Limits.absentShareMax * Double(known)
  }
}

extension PollMode {
  /// The mode as events and tables store it: without the cursor.
  package var name: FeedMode {
    switch self {
    case .baseline: .baseline
    case .changes: .changes
    case .comparison: .comparison
    }
  }
}
