import Domain
import Events

extension SummaryWords {
  func of(_ body: PayloadExpunged) -> String {
    told("\(count(body.digests.count, "payload")) removed, \(body.selection)", body.reason)
  }

  func of(_ body: JournalArchived) -> String {
    told("events \(body.first) to \(body.last) moved to \(text(body.file))", body.reason)
  }

  func of(_ body: JournalCreated) -> String { "journal \(body.journal), format \(body.format)" }

  func of(_ body: JournalRestored) -> String {
    "restored from a copy that ends at event \(body.head); lineage \(body.lineage)"
  }

  func of(_ body: JournalResumed) -> String { told("deliveries go on", body.reason) }

  func of(_ body: RunStarted) -> String {
    "process \(body.process) began to run, Daybook \(text(body.daybook))"
  }

  func of(_ body: RunStopped) -> String { told("process \(body.process) stopped", body.reason) }

  func of(_ body: ClockStepped) -> String {
    let way = body.byMs < 0 ? "back" : "forward"
    return "the clock went \(way) by \(wait(abs(max(body.byMs, -.max)))), to \(time(body.toMs))"
  }

  func of(_ body: NoticeRaised) -> String { told(body.kind.stored, body.text) }

  func of(_ body: NoticeClosed) -> String { told("\(body.kind.stored) is settled", body.reason) }
}

// MARK: Instances

extension SummaryWords {
  func of(_ body: InstanceCreated) -> String {
    "\(text(body.settings.name)), \(text(body.settings.element))"
  }

  func of(_ body: InstanceUpdated) -> String {
    body.changed.isEmpty
      ? "nothing changed" : told("changed", body.changed.joined(separator: ", "))
  }

  func of(_ body: InstanceEnabled) -> String { told("polls go on", body.reason) }

  func of(_ body: InstanceDisabled) -> String { told("polls stop", body.reason) }

  func of(_ body: InstanceDeleted) -> String { told("deleted", body.reason) }

  func of(_ body: AuthorizationGranted) -> String {
    let end = body.isRefreshable ? "and can be renewed" : "and cannot be renewed"
    return "\(count(body.scopes.count, "scope")) granted; the token ends"
      + " \(time(body.expiresAtMs)) \(end)"
  }

  func of(_ body: AuthorizationRefreshed) -> String {
    "a new token until \(time(body.expiresAtMs))"
      + (body.isRotated ? ", and a new refresh token" : "")
  }

  func of(_ body: AuthorizationRefused) -> String {
    let reason = body.text.isEmpty ? body.reason : "\(body.reason): \(body.text)"
    return told("Google gives no more tokens", reason)
  }
}

// MARK: Feeds

extension SummaryWords {
  func of(_ body: FeedOpened) -> String {
    let how = body.isSupported ? "every \(wait(body.intervalMs))" : "which cannot be polled"
    return "\(text(body.resource)), \(how)"
  }

  func of(_ body: FeedUpdated) -> String { "\(text(body.url)), every \(wait(body.intervalMs))" }

  func of(_ body: FeedClosed) -> String { told("watched no longer", body.reason) }

  func of(_ body: FeedDisabled) -> String { told("polled no longer", body.reason) }

  func of(_ body: FeedEnabled) -> String { "polled again" + next("poll", body.nextAtMs) }

  func of(_ body: CursorExpired) -> String {
    told("the cursor expired", body.reason) + next("poll", body.nextAtMs)
  }

  func of(_ body: CursorReset) -> String {
    told("the cursor was dropped for a \(body.mode.stored)", body.reason)
  }

  func of(_ body: ChangeObserved) -> String {
    "\(body.kind.rawValue) \(text(body.objectId ?? body.object)) in \(text(body.resource))"
  }

  func of(_ body: ObjectMissed) -> String {
    "\(text(body.object)), try \(body.tries): \(text(body.reason))" + next("try", body.nextAtMs)
  }

  func of(_ body: ObjectSettled) -> String { told(text(body.object), body.outcome) }
}

// MARK: Polls

extension SummaryWords {
  func of(_ body: PollRequested) -> String { "a poll is asked for, due \(time(body.atMs))" }

  func of(_ body: PollCompleted) -> String {
    "\(body.mode.stored): \(count(body.items, "item")), \(count(body.changes, "change"))"
  }

  func of(_ body: PollFailed) -> String {
    let status = body.status.map { "\($0) " } ?? ""
    let row = body.failures > 1 ? ", failure \(body.failures) in a row" : ""
    return told(status + text(body.reason), body.text) + row + next("poll", body.nextAtMs)
  }

  func of(_ body: PollDiscarded) -> String {
    told(
      "\(count(body.items, "item")), \(count(body.changes, "change")), dropped", body.reason)
  }
}

// MARK: Deliveries

extension SummaryWords {
  func of(_ body: DeliveryRequested) -> String {
    let replay = body.replay.map { ", replay \($0)" } ?? ""
    return "\(body.changes.count) \(body.action.rawValue), notification \(body.notification)"
      + replay
  }

  func of(_ body: DeliveryAttempted) -> String { "attempt \(body.attempt) to \(text(body.url))" }

  func of(_ body: DeliverySucceeded) -> String { "\(body.status) in \(body.durationMs) ms" }

  func of(_ body: DeliveryFailed) -> String {
    (body.status.map(String.init) ?? told(body.error, body.text))
      + next("attempt", body.retryAtMs, orSay: "; no further attempt")
  }

  func of(_ body: DeliveryUnknown) -> String {
    "the outcome of attempt \(body.attempt) was lost" + next("attempt", body.retryAtMs)
  }

  func of(_ body: NotificationAcknowledged) -> String {
    "notification \(body.notification) is acknowledged"
  }

  func of(_ body: ProbeAttempted) -> String {
    "a probe of \(text(body.url))\(body.instance.map { ", as of instance \($0)" } ?? "")"
  }

  func of(_ body: ProbeConcluded) -> String {
    guard let status = body.status else { return told(body.error ?? "failed", body.text) }
    return "\(status) in \(body.durationMs) ms"
  }

  func of(_ body: DeliveryHeld) -> String {
    body.kind.stored == body.reason ? body.kind.stored : told(body.kind.stored, body.reason)
  }

  func of(_ body: DeliveryReleased) -> String {
    "\(body.reason.stored); next attempt \(time(body.dueAtMs))"
  }

  func of(_ body: DeliveryExhausted) -> String {
    "given up after \(count(body.attempts, "attempt"))"
  }

  func of(_ body: DeliverySkipped) -> String { told(body.reason.stored, body.text) }

  func of(_ body: CallbackDisabled) -> String {
    told("\(text(body.url)) takes no deliveries", body.reason)
  }

  func of(_ body: CallbackEnabled) -> String {
    told("\(text(body.url)) takes deliveries again", body.reason)
  }

  func of(_ body: BreakerOpened) -> String {
    "\(text(body.url)) failed \(body.failed) of \(count(body.attempts, "attempt")) and is asked now and"
      + " then alone"
  }

  func of(_ body: BreakerClosed) -> String { "\(text(body.url)) has recovered" }
}

// MARK: Replays

extension SummaryWords {
  func of(_ body: ReplayRequested) -> String {
    told(
      "\(body.mode.stored), \(count(body.notifications, "notification")) to \(text(body.to))",
      body.reason)
  }

  func of(_ body: ReplayStopped) -> String { told("replay \(body.replay) stopped", body.reason) }

  func of(_ body: ReplayResumed) -> String { told("replay \(body.replay) goes on", body.reason) }

  func of(_ body: ReplayCompleted) -> String {
    "replay \(body.replay): \(body.succeeded) succeeded, \(body.failed) failed"
  }
}
