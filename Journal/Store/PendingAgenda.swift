import Events

/// Rows of the agenda that a rebuild has not written yet: most deliveries are asked for, tried and
/// done within one portion of the log, and leave nothing behind.
///
/// Only positions are kept. What is still open at the end of the portion is read again and folded
/// by the statements of every other fold, so that no rule stands here but one: the statement that
/// takes a row off the agenda undoes whatever was done to that row before.
struct PendingAgenda {
  /// Events that change the row of one delivery alone, by its stream.
  private var deliveries: [String: (isNew: Bool, positions: [Int64])] = [:]
  /// Polls whose notifications are still to be asked for.
  private var polls: Set<Int64> = []
  /// Lanes whose next delivery may be another.
  private(set) var lanes: Set<Int64> = []
  /// Rows that will be written, some more at most.
  private(set) var count = 0

  /// - Parameter isNew: Whether the event is the one that put the delivery on the agenda.
  mutating func add(_ position: Int64, to stream: String, isNew: Bool) {
    deliveries[stream, default: (isNew, [])].positions.append(position)
    count += 1
  }

  /// Takes a delivery off the agenda.
  ///
  /// - Returns: Whether it may have been there before the portion began, and is to be deleted.
  mutating func close(_ stream: String) -> Bool {
    guard let pending = deliveries.removeValue(forKey: stream) else { return true }
    count -= pending.positions.count
    return !pending.isNew
  }

  mutating func add(poll position: Int64) {
    polls.insert(position)
    count += 1
  }

  /// Takes the notifications of a poll off the agenda.
  ///
  /// - Returns: Whether they may have been there before the portion began, and are to be deleted.
  mutating func close(poll position: Int64?) -> Bool {
    guard let position, polls.remove(position) != nil else { return true }
    count -= 1
    return false
  }

  mutating func move(lane: Int64) {
    if lanes.insert(lane).inserted { count += 1 }
  }

  /// The events that are still to be folded, in their order.
  var positions: [Int64] {
    (deliveries.values.flatMap(\.positions) + polls).sorted()
  }

  var isEmpty: Bool { deliveries.isEmpty && polls.isEmpty && lanes.isEmpty }
}

/// The statements that fold one type of event into the tables that decide, by when a rebuild runs
/// them.
struct DecisionSteps {
  /// In order, whatever else waits.
  var now: [FoldStep] = []
  /// Those that change the row of one delivery on the agenda.
  var ofDelivery: [FoldStep] = []
  /// The one that puts the notifications of a poll on the agenda.
  var plan: FoldStep?
  /// The one that takes them off again.
  var end: FoldStep?
  /// Whether the next of its lane may be another.
  var movesLane = false
  var opens = false
  var closes = false

  mutating func add(_ query: SQL, _ step: FoldStep) {
    switch query {
    case .requestDelivery, .beginAttempt, .retryDelivery, .holdDelivery, .releaseDelivery,
      .closeDelivery:
      ofDelivery.append(step)
      opens = query == .requestDelivery
      closes = query == .closeDelivery
    case .moveLane: movesLane = true
    case .planNotify: plan = step
    case .endNotify: end = step
    default: now.append(step)
    }
  }
}

extension FoldedEvent {
  /// The lane that its delivery waits in, as `move_lane` has it.
  var lane: Int64? {
    guard let mark = replayMark else { return fields.integer(.instance) }
    var replay: Int64 = 0
    for byte in stream[mark...] {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
      replay = replay &* 10 &+ Int64(byte - UInt8(ascii: "0"))
    }
    return -replay
  }
}
