import Domain
import EventStore
import Events

/// One URL that a change goes to.
struct AuditedTarget {
  var url: String?
  /// True for the callback of the change’s own instance, false where replays alone go.
  var isOwn: Bool
  var standing: Audit.Standing
  /// Why it was not accepted; nil where it was.
  var reason: String?
  /// The delivery that this is told by; nil where there is none.
  var delivery: Row?
}

/// A page of changes with the deliveries that told of them by an event.
struct AuditedChanges {
  private let snapshot: JournalSnapshot
  private let head: Int64
  private let times: [Int64: Moment]
  private var told: [Int64: [Row]]
  private var callbacks: [InstanceID: String?] = [:]
  /// Changes that no delivery tells of.
  private(set) var untold: [Int64] = []

  init(_ changes: [Row], at head: Int64, _ snapshot: JournalSnapshot) throws(JournalError) {
    let positions = changes.compactMap { $0["position"]?.integer }
    self.snapshot = snapshot
    self.head = head
    times = try snapshot.times(of: positions)
    told = Dictionary(
      grouping: try snapshot.deliveries(telling: positions, at: head),
      by: { $0["change"]?.integer ?? 0 })
  }

  /// Where a change goes: its own callback first, then what replays chose.
  ///
  /// - Parameter later: Changes that a delivery tells of later, as far as that is known already.
  mutating func targets(
    of change: Row, isToldLater later: Set<Int64>
  ) throws(JournalError) -> [AuditedTarget] {
    let position = change["position"]?.integer ?? 0
    let instance = InstanceID(change["instance"]?.integer ?? 0)
    var targets: [AuditedTarget] = []
    for delivery in told.removeValue(forKey: position) ?? [] {
      let target = try target(delivery, of: instance)
      guard let place = targets.firstIndex(where: { $0.url == target.url }) else {
        targets.append(target)
        continue
      }
      let isOwn = targets[place].isOwn || target.isOwn
      // The first that was accepted, else the last that has come as far.
      let (was, now) = (targets[place].standing.rank, target.standing.rank)
      if now < was || now == was && target.standing != .accepted { targets[place] = target }
      targets[place].isOwn = isOwn
    }
    if !targets.contains(where: \.isOwn) {
      targets.append(try untold(change, of: instance, later.contains(position)))
    }
    return targets.filter(\.isOwn) + targets.filter { !$0.isOwn }
  }

  private mutating func target(
    _ delivery: Row, of instance: InstanceID
  ) throws(JournalError) -> AuditedTarget {
    let isOwn = delivery["replay"] == .null
    let status = delivery["status"]?.string ?? ""
    var target = AuditedTarget(
      url: delivery["url"]?.string, isOwn: isOwn, standing: .open, delivery: delivery)
    switch status {
    case "succeeded": target.standing = .accepted
    case "exhausted", "skipped":
      target.standing = status == "exhausted" ? .exhausted : .skipped
      target.reason = delivery["error"]?.string
    case "held":
      let event = try snapshot.event(at: delivery["since"]?.integer ?? 0)?.event()
      guard case .deliveryHeld(let held)? = event else { break }
      target.reason = "held for \(held.url): \(held.reason)"
      if isOwn, held.kind.known != .callbackDisabled { target.url = try callback(of: instance) }
    default:
      target.reason = Self.waiting(status, delivery)
      if isOwn, status != "attempting" {
        target.url = try callback(of: instance) ?? target.url
      }
    }
    return target
  }

  private static func waiting(_ status: String, _ delivery: Row) -> String {
    let tries = delivery["attempts"]?.integer ?? 0
    switch status {
    case "attempting": return "attempt \(tries) is under way"
    case "unknown": return "the outcome of attempt \(tries) is not known; it is sent again"
    case "failed":
      let error = delivery["error"]?.string.map { ": \($0)" } ?? ""
      return "attempt \(tries) failed\(error); it is sent again"
    default: return "it waits for its turn"
    }
  }

  private mutating func untold(
    _ change: Row, of instance: InstanceID, _ isToldLater: Bool
  ) throws(JournalError) -> AuditedTarget {
    let position = change["position"]?.integer ?? 0
    let url = try callback(of: instance)
    var isWaiting = isToldLater
    if !isWaiting {
      isWaiting = try snapshot.isTold(
        position, of: change["cause"]?.integer ?? 0, after: head)
    }
    guard !isWaiting else {
      return AuditedTarget(
        url: url, isOwn: true, standing: .open, reason: "its notification is not put together yet")
    }
    untold.append(position)
    return AuditedTarget(
      url: url, isOwn: true, standing: .lost,
      reason: "a fault: no delivery tells of it, and none is to be asked for")
  }

  private mutating func callback(of instance: InstanceID) throws(JournalError) -> String? {
    if let known = callbacks[instance] { return known }
    let found = try snapshot.callback(of: instance, at: head)
    callbacks[instance] = .some(found)
    return found
  }

  /// The row of a change at one URL, by the columns of `RowTable.audit`.
  func row(of change: Row, _ target: AuditedTarget) -> Row {
    let position = change["position"]?.integer ?? 0
    let delivery = target.delivery
    let isAccepted = target.standing == .accepted
    return [
      "position": .integer(position), "recordedAt": times[position].map(Field.moment) ?? .null,
      "instance": change["instance"] ?? .null, "resource": change["resource"] ?? .null,
      "eventType": change["eventType"] ?? .null, "objectId": change["objectId"] ?? .null,
      "title": change["title"] ?? .null, "status": .text(target.standing.rawValue),
      "reason": Field(text: target.reason), "url": Field(text: target.url),
      "delivery": delivery?["position"] ?? .null, "id": delivery?["id"] ?? .null,
      "replay": delivery?["replay"] ?? .null, "attempts": delivery?["attempts"] ?? .null,
      "lastStatus": delivery?["lastStatus"] ?? .null, "attempt": delivery?["attempt"] ?? .null,
      "acceptedAt": isAccepted ? delivery?["finishedAt"] ?? .null : .null,
      "nextAt": target.standing == .open ? delivery?["nextAt"] ?? .null : .null,
      "body": delivery?["body"] ?? .null, "bytes": delivery?["bytes"] ?? .null,
    ]
  }
}
