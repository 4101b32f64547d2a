import Domain
import EventStore
import Events

/// Something that stands in the way of an attempt.
struct Obstacle: Sendable {
  var events: [Event]
  /// Versions of what holds it, and of the instance whose URL it is; both have to stand still when
  /// that is recorded: who lets it go on releases what is held by then, and would miss what is held
  /// after.
  var expected: [StreamName: Int64] = [:]
  /// Notices that go with it.
  var others: [NewEvent] = []

  /// Puts together what records it; nil where it changes nothing.
  func append(_ facts: DeliveryFacts, at now: Moment) -> AppendRequest? {
    guard !events.isEmpty else { return nil }
    let (stream, delivery) = (facts.stream, facts.loaded.delivery)
    let newEvents = events.enumerated().map { place, event in
      NewEvent(
        stream, event, cause: place == 0 ? .position(facts.loaded.last) : .newEvent(0))
    }
    return AppendRequest(
      newEvents + others, expecting: expected.merging([stream: delivery.version]) { $1 }, at: now)
  }

  /// A delivery that came to rest without an attempt.
  func report(_ facts: DeliveryFacts, at position: Int64) -> AttemptReport {
    AttemptReport(
      position: position, id: facts.requested.notification.text, url: facts.url ?? "",
      attempt: facts.loaded.delivery.attempts, duration: .zero, outcome: events.outcomeWord,
      isDeliberate: events.contains(where: \.isDeliberate))
  }
}

extension Delivery {
  /// The hold of whatever stands behind one that is held: for the same, so that both are released
  /// in their order.
  func obstacle(behind ahead: HeldAhead?) -> Obstacle? {
    guard let ahead, let kind = ahead.kind.known else { return nil }
    return Obstacle(
      events: hold(kind, url: ahead.target, reason: "behind \(ahead.stream)"),
      expected: [ahead.stream: ahead.version])
  }
}

extension Deliverer {
  /// Why nothing is to be sent now; nil where it is.
  func obstacle(_ facts: DeliveryFacts) -> Obstacle? {
    let (delivery, instance) = (facts.loaded.delivery, facts.known.instance)
    if facts.known.ends(facts.requested) {
      let text = "instance \(instance.id) is deleted"
      return Obstacle(events: delivery.skip(reason: .instanceDeleted, text: text))
    }
    if let version = facts.heldLineage {
      return Obstacle(
        events: delivery.hold(
          .restored, url: StreamName.lineage.text, reason: Repository.restoredReason),
        expected: [StreamName.lineage: version])
    }
    guard let url = facts.url, let callback = facts.callback else {
      let text = "instance \(instance.id) has no callback URL"
      return Obstacle(events: delivery.skip(reason: .noCallback, text: text))
    }
    if let replay = facts.requested.replay, let (state, version) = facts.replay,
      state == "stopped"
    {
      let stream = StreamName.replay(replay)
      return Obstacle(
        events: delivery.hold(.replayStopped, url: stream.text, reason: "replay-stopped"),
        expected: [stream: version])
    }
    if let refusal = known(url: url).refusal {
      return Obstacle(events: delivery.skip(reason: .blocked, text: refusal))
    }
    if facts.known.isUnreadable(isTrusted: facts.isTrusted) {
      // Unsigned, or without its credentials, it would be another notification than was asked for.
      return Obstacle(
        events: delivery.hold(
          .secretsUnreadable, url: instance.stream.text, reason: Secrets.unreadableKind.rawValue),
        expected: [instance.stream: instance.version],
        others: [facts.known.secrets.unreadableNotice(of: instance)])
    }
    if !callback.isEnabled {
      return Obstacle(
        events: delivery.hold(
          .callbackDisabled, url: url, reason: callback.reason ?? "disabled"),
        expected: [
          StreamName.callback(url): callback.version, instance.stream: instance.version,
        ])
    }
    guard facts.body == nil else { return nil }
    let text = "the bytes that it would send are not kept in the journal any more"
    return Obstacle(events: delivery.skip(reason: .payloadGone, text: text))
  }
}

extension [Event] {
  /// The type of the last of a delivery's events, without its first word.
  var outcomeWord: String {
    guard let last else { return "unknown" }
    return String(type(of: last.body).type.dropFirst(9))
  }
}
