import Events
import RawJSON

/// Changes of the tables that decide which a rebuild has not made yet: most deliveries are asked
/// for, tried and done within one portion of the log, and leave nothing behind; and of the polls of
/// a feed the last one says all.
///
/// Only positions are kept. What still counts at the end of the portion is read again and folded by
/// the statements of every other fold, so that no rule stands here but two: what takes a row off
/// the agenda undoes whatever was done to that row before, and a completed poll sets all that the
/// completed poll before it has set.
struct PendingDecisions {
  /// Events that change the row of one delivery alone, by its stream.
  private var deliveries: [String: (isNew: Bool, positions: [Int64])] = [:]
  /// Polls whose notifications are still to be asked for.
  private var polls: Set<Int64> = []
  /// The last completed poll of a feed.
  private var completed: [Int64: Poll] = [:]
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

  /// A completed poll that is followed by another, and that the next completed one may undo.
  struct Poll {
    let position: Int64
    private let startedAtMs: Int64
    private let movesCursor: Bool

    /// nil where nothing follows by itself, or its body does not say when it began.
    init?(_ event: FoldedEvent) {
      guard event.fields.integer(.nextAtMs) != nil,
        let started = event.fields.integer(.startedAtMs)
      else { return nil }
      position = event.position
      startedAtMs = started
      movesCursor = event.fields[.cursorAfter].kind == .text
    }

    /// True where the later one sets all that this one does: it says where the cursor is, if this
    /// one does, and answers the poll requests that this one answers.
    func isUndone(by later: Poll) -> Bool {
      later.startedAtMs >= startedAtMs && (later.movesCursor || !movesCursor)
    }
  }

  func lastPoll(of feed: Int64) -> Poll? { completed[feed] }

  mutating func put(_ poll: Poll, of feed: Int64) {
    if completed.updateValue(poll, forKey: feed) == nil { count += 1 }
  }

  /// Takes the last completed poll of a feed, or those of all, which are to be folded at once.
  mutating func takePolls(of feed: Int64?) -> [Int64] {
    let taken: [Int64]
    if let feed {
      taken = completed.removeValue(forKey: feed).map { [$0.position] } ?? []
    } else {
      taken = completed.values.map(\.position).sorted()
      completed = [:]
    }
    count -= taken.count
    return taken
  }

  mutating func move(lane: Int64) {
    if lanes.insert(lane).inserted { count += 1 }
  }

  /// Events that change the rows of deliveries still to be done, in their order.
  var ofDeliveries: [Int64] { deliveries.values.flatMap(\.positions).sorted() }

  /// Polls whose notifications are still to be asked for.
  var ofNotifications: [Int64] { polls.sorted() }

  var isEmpty: Bool {
    deliveries.isEmpty && polls.isEmpty && completed.isEmpty && lanes.isEmpty
  }
}

/// The statements that fold one type of event into the tables that decide, by when a rebuild runs
/// them.
struct DecisionSteps {
  /// In order, whatever else waits.
  var now: [FoldStep] = []
  /// Those that change the row of one delivery on the agenda.
  var ofDelivery: [FoldStep] = []
  /// Those by which a completed poll changes its feed and plans the next one.
  var ofPoll: [FoldStep] = []
  /// The one that puts the notifications of a poll on the agenda.
  var plan: [FoldStep] = []
  /// The one that takes them off again.
  var end: FoldStep?
  /// True where the next delivery of its lane may be another.
  var movesLane = false
  var opens = false
  var closes = false
  /// True where they may change feeds, or polls on the agenda, but for those of a completed poll.
  var touchesFeeds = false

  mutating func add(_ query: SQL, _ step: FoldStep, of type: String) {
    switch query {
    case .completePoll where type == "poll.completed", .planPoll where type == "poll.completed",
      .replanPoll where type == "poll.completed":
      ofPoll.append(step)
    case .requestDelivery, .beginAttempt, .retryDelivery, .holdDelivery, .releaseDelivery,
      .closeDelivery, .takeTurns, .takeTurnsAgain, .standBehind, .placeFollowers, .freeFollowers,
      .leaveTurns:
      ofDelivery.append(step)
      opens = opens || query == .requestDelivery
      closes = closes || query == .closeDelivery
    case .moveLane, .moveLaneOfFreed: movesLane = true
    case .planNotify: plan.append(step)
    case .endNotify: end = step
    default:
      now.append(step)
      if !Projector.sparesFeeds.contains(query) { touchesFeeds = true }
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
