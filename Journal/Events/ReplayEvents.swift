// What happens to a replay. Property by property as in CATALOGUE.md.

/// `replay.requested`: Past changes are to be sent again; its position is the id of the replay.
public struct ReplayRequested: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "replay.requested"
  /// From the second on it tells the frozen positions in words, and who asked.
  public static let revision = 2
  /// The URL.
  public var to: String
  /// `exact` or `rebuilt`.
  public var mode: StoredWord<DeliveryMode>
  /// The selection, as typed.
  public var selection: String
  /// Digests of the state payloads with the positions, frozen: of deliveries for `exact`, of
  /// changes for `rebuilt`.
  public var selected: [String]
  /// How many notifications that makes.
  public var notifications: Int
  /// How many changes they hold.
  public var changes: Int
  /// At most so many a second.
  public var ratePerSecond: Int?
  /// At most so many at once.
  public var concurrency: Int?
  /// Lets callback credentials and extra headers leave the instance’s own origin.
  public var hasCredentials: Bool
  /// Why.
  public var reason: String?
  /// When it begins, Unix milliseconds.
  public var dueAtMs: Int64
  /// The frozen positions as a person reads them, the first twenty ranges.
  public var frozen: String?
  /// Who asked: a name that the system has for a person, or the door.
  public var askedBy: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    to: String, mode: StoredWord<DeliveryMode>, selection: String, selected: [String],
    notifications: Int,
    changes: Int, ratePerSecond: Int? = nil, concurrency: Int? = nil, hasCredentials: Bool,
    reason: String? = nil, dueAtMs: Int64, frozen: String? = nil, askedBy: String? = nil
  ) {
    self.to = to
    self.mode = mode
    self.selection = selection
    self.selected = selected
    self.notifications = notifications
    self.changes = changes
    self.ratePerSecond = ratePerSecond
    self.concurrency = concurrency
    self.hasCredentials = hasCredentials
    self.reason = reason
    self.dueAtMs = dueAtMs
    self.frozen = frozen
    self.askedBy = askedBy
  }

  private enum CodingKeys: String, CodingKey {
    case to = "to"
    case mode = "mode"
    case selection = "selection"
    case selected = "selected"
    case notifications = "notifications"
    case changes = "changes"
    case ratePerSecond = "rate_per_second"
    case concurrency = "concurrency"
    case hasCredentials = "credentials"
    case reason = "reason"
    case dueAtMs = "due_at_ms"
    case frozen = "frozen"
    case askedBy = "asked_by"
  }
}

/// `replay.stopped`: A person stopped it; what was not sent is skipped.
public struct ReplayStopped: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "replay.stopped"
  /// From the second on the reason may be absent.
  public static let revision = 2
  /// Which.
  public var replay: ReplayID
  /// Why; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(replay: ReplayID, reason: String?) {
    self.replay = replay
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case replay = "replay"
    case reason = "reason"
  }
}

/// `replay.resumed`: A person let a stopped replay go on.
public struct ReplayResumed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "replay.resumed"
  /// From the second on the reason may be absent.
  public static let revision = 2
  /// Which.
  public var replay: ReplayID
  /// Why; nil where nobody said.
  public var reason: String?
  /// When, Unix milliseconds.
  public var dueAtMs: Int64
  /// Takes its fields in the order of the catalogue.
  public init(replay: ReplayID, reason: String?, dueAtMs: Int64) {
    self.replay = replay
    self.reason = reason
    self.dueAtMs = dueAtMs
  }

  private enum CodingKeys: String, CodingKey {
    case replay = "replay"
    case reason = "reason"
    case dueAtMs = "due_at_ms"
  }
}

/// `replay.completed`: Every delivery of it is closed.
public struct ReplayCompleted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "replay.completed"
  /// Which.
  public var replay: ReplayID
  /// Deliveries that arrived.
  public var succeeded: Int
  /// Deliveries that did not.
  public var failed: Int
  /// Takes its fields in the order of the catalogue.
  public init(replay: ReplayID, succeeded: Int, failed: Int) {
    self.replay = replay
    self.succeeded = succeeded
    self.failed = failed
  }

  private enum CodingKeys: String, CodingKey {
    case replay = "replay"
    case succeeded = "succeeded"
    case failed = "failed"
  }
}
