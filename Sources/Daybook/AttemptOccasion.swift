import Domain
import EventStore
import Events

/// An attempt’s trigger, who asked for it and why.
struct AttemptOccasion {
  /// nil where a newer program had one that is not known here.
  let trigger: AttemptTrigger?
  /// The words of whoever asked by hand or by a replay; nil where nobody asked or said why.
  let reason: String?
  /// Who asked by hand or for the replay, also where it is tried again; nil where nobody did, or an
  /// older program recorded it.
  let askedBy: String?

  /// - Parameter before: The events of its delivery before it.
  init(
    of attempt: DeliveryAttempted, after before: some BidirectionalCollection<RecordedEvent>,
    in snapshot: JournalSnapshot
  ) throws(JournalError) {
    trigger =
      if let stored = attempt.trigger { stored.known } else { try Self.folded(before) }
    (reason, askedBy) = try Self.asked(trigger, before, in: snapshot)
  }

  private static func asked(
    _ trigger: AttemptTrigger?, _ before: some BidirectionalCollection<RecordedEvent>,
    in snapshot: JournalSnapshot
  ) throws(JournalError) -> (reason: String?, by: String?) {
    switch trigger {
    case .hand:
      let released = try before.last { $0.type == DeliveryReleased.type }?.event()
      if case .deliveryReleased(let body)? = released { return (body.text, body.askedBy) }
    case .replay: return try Self.asked(byReplay: before, in: snapshot)
    case .retry:
      // What led to the attempt before it: a hand since the delivery was opened last, or a replay.
      let released = try before.last { $0.type == DeliveryReleased.type }?.event()
      if case .deliveryReleased(let body)? = released, body.reason.known == .redelivered {
        return (body.text, body.askedBy)
      }
      return try Self.asked(byReplay: before, in: snapshot)
    case .schedule, .probe, nil: break
    }
    return (nil, nil)
  }

  private static func asked(
    byReplay before: some BidirectionalCollection<RecordedEvent>, in snapshot: JournalSnapshot
  ) throws(JournalError) -> (reason: String?, by: String?) {
    guard let replay = before.first?.stream.replayOfDelivery?.position,
      case .replayRequested(let body)? = try snapshot.event(at: replay)?.event()
    else { return (nil, nil) }
    return (body.reason, body.askedBy)
  }

  /// Attempts of the first revision do not name it.
  private static func folded(
    _ before: some Sequence<RecordedEvent>
  ) throws(JournalError) -> AttemptTrigger {
    var delivery = Delivery()
    for row in before { delivery.evolve(try row.event(), at: row.recordedAt) }
    return delivery.trigger
  }
}

/// The last attempt of a delivery in a list: columns that no table keeps.
struct LastAttempt {
  var occasion: AttemptOccasion?
  var errorClass: String?
  var address: String?
  var times = ExchangeTimes()

  /// By the columns of `RowTable.deliveries`.
  static let names = ["trigger", "reason", "askedBy", "errorClass", "address", "times"]

  /// - Parameters:
  ///   - position: That of its `delivery.requested`.
  ///   - limit: The last event that counts.
  init(
    ofDelivery position: Int64, until limit: Int64, in snapshot: JournalSnapshot
  ) throws(JournalError) {
    guard let stream = try snapshot.event(at: position)?.stream else { return }
    let rows = try snapshot.events(of: stream).filter { $0.position <= limit }
    guard let place = rows.lastIndex(where: { $0.type == DeliveryAttempted.type }),
      case .deliveryAttempted(let attempt) = try rows[place].event()
    else { return }
    occasion = try AttemptOccasion(of: attempt, after: rows[..<place], in: snapshot)
    guard let outcome = try rows[place...].dropFirst().first?.event() else { return }
    times = outcome.times
    switch outcome {
    case .deliverySucceeded(let body): address = body.address
    case .deliveryFailed(let body): (errorClass, address) = (body.error, body.address)
    default: break
    }
  }

  var values: [Field] {
    let times = Exhibits.json(times)
    return [
      Field(text: occasion?.trigger?.rawValue), Field(text: occasion?.reason),
      Field(text: occasion?.askedBy),
      Field(text: errorClass), Field(text: address), times == "null" ? .null : .json(times),
    ]
  }
}
