// What happens to a delivery and to a callback. Property by property as in CATALOGUE.md.

/// `delivery.requested`: A notification is to be sent.
public struct DeliveryRequested: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.requested"
  /// From the second on it may say what it must not overtake.
  public static let revision = 2
  /// Its id: the notification’s, and the replay’s where it is of one.
  public var delivery: DeliveryID
  /// The decimal id that the receiver sees, the same over retries and exact replays.
  public var notification: NotificationID
  /// The 20 characters of `message.eventId`.
  public var eventId: String
  /// The instance's id.
  public var instance: InstanceID
  /// The feed's id.
  public var feed: FeedID
  /// The `objectType`.
  public var resource: String
  /// The kind of changes that it holds.
  public var action: ChangeKind
  /// Positions of the changes that it tells, 1 to 10.
  public var changes: [Int64]
  /// The position of the poll that found the changes; `Daybook-Sequence`. It only grows; older
  /// journals counted by feed.
  public var sequence: Int64
  /// Digest of the body.
  public var body: String
  /// Length of it.
  public var bytes: Int
  /// `live`, `exact` or `rebuilt`.
  public var mode: StoredWord<DeliveryMode>
  /// The replay that asked for it.
  public var replay: ReplayID?
  /// Where to, for a replay; else the instance’s callback as it is at each attempt.
  public var url: String?
  /// Lets callback credentials and extra headers leave the instance’s own origin.
  public var hasCredentials: Bool
  /// Its place among those of the same poll or replay, from 0.
  public var place: Int
  /// How many those are.
  public var places: Int
  /// When it is due, Unix milliseconds.
  public var dueAtMs: Int64
  /// The others that it may not overtake, by the word of the setting; nil: those of its objects.
  public var order: StoredWord<DeliveryOrder>?
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, notification: NotificationID, eventId: String, instance: InstanceID,
    feed: FeedID,
    resource: String, action: ChangeKind, changes: [Int64], sequence: Int64, body: String,
    bytes: Int, mode: StoredWord<DeliveryMode>, replay: ReplayID? = nil, url: String? = nil,
    hasCredentials: Bool,
    place: Int, places: Int, dueAtMs: Int64, order: StoredWord<DeliveryOrder>? = nil
  ) {
    self.delivery = delivery
    self.notification = notification
    self.eventId = eventId
    self.instance = instance
    self.feed = feed
    self.resource = resource
    self.action = action
    self.changes = changes
    self.sequence = sequence
    self.body = body
    self.bytes = bytes
    self.mode = mode
    self.replay = replay
    self.url = url
    self.hasCredentials = hasCredentials
    self.place = place
    self.places = places
    self.dueAtMs = dueAtMs
    self.order = order
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case notification = "notification"
    case eventId = "event_id"
    case instance = "instance"
    case feed = "feed"
    case resource = "resource"
    case action = "action"
    case changes = "changes"
    case sequence = "sequence"
    case body = "body"
    case bytes = "bytes"
    case mode = "mode"
    case replay = "replay"
    case url = "url"
    case hasCredentials = "credentials"
    case place = "place"
    case places = "places"
    case dueAtMs = "due_at_ms"
    case order = "order"
  }
}

/// `delivery.held`: It waits for its callback to be enabled, its replay to be resumed or the key to
/// come back.
public struct DeliveryHeld: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.held"
  /// From the second on it names the kind.
  public static let revision = 2
  /// Which.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// The kind of thing that it waits for.
  public var kind: StoredWord<HoldKind>
  /// The thing itself: the callback, or the stream of the replay or the instance.
  public var url: String
  /// Why.
  public var reason: String
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, instance: InstanceID, kind: StoredWord<HoldKind>, url: String,
    reason: String
  ) {
    self.delivery = delivery
    self.instance = instance
    self.kind = kind
    self.url = url
    self.reason = reason
  }

  /// Revision 1 has no kind: it follows from what the delivery waits for.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    delivery = try fields.decode(DeliveryID.self, forKey: .delivery)
    instance = try fields.decode(InstanceID.self, forKey: .instance)
    url = try fields.decode(String.self, forKey: .url)
    reason = try fields.decode(String.self, forKey: .reason)
    let named = try fields.decodeIfPresent(StoredWord<HoldKind>.self, forKey: .kind)
    kind = named ?? .known(.ofFirstRevision(waitingFor: url))
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case kind = "kind"
    case url = "url"
    case reason = "reason"
  }
}

/// `delivery.released`: It is due again: what held it is over, or a person asked.
public struct DeliveryReleased: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.released"
  /// From the second on it may say why in words, from the third on who asked.
  public static let revision = 3
  /// Which.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// `enabled`, `resumed`, `moved`, `secrets-readable`, `journal-resumed` or `redelivered`.
  public var reason: StoredWord<ReleaseReason>
  /// When, Unix milliseconds.
  public var dueAtMs: Int64
  /// Why, in the words of who asked.
  public var text: String?
  /// Who asked: a name that the system has for a person, or the door.
  public var askedBy: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, instance: InstanceID, reason: StoredWord<ReleaseReason>, dueAtMs: Int64,
    text: String? = nil, askedBy: String? = nil
  ) {
    self.delivery = delivery
    self.instance = instance
    self.reason = reason
    self.dueAtMs = dueAtMs
    self.text = text
    self.askedBy = askedBy
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case reason = "reason"
    case dueAtMs = "due_at_ms"
    case text = "text"
    case askedBy = "asked_by"
  }
}

/// `delivery.exhausted`: The retry schedule has no more waits.
public struct DeliveryExhausted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.exhausted"
  /// Which.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// How many were made.
  public var attempts: Int
  /// Takes its fields in the order of the catalogue.
  public init(delivery: DeliveryID, instance: InstanceID, attempts: Int) {
    self.delivery = delivery
    self.instance = instance
    self.attempts = attempts
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case attempts = "attempts"
  }
}

/// `delivery.skipped`: It is not sent, for a reason that will not change by itself.
public struct DeliverySkipped: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.skipped"
  /// Which.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// Why, such as `asked`, `blocked`, `no-callback`, `instance-deleted`, `replay-stopped`.
  public var reason: StoredWord<SkipReason>
  /// One sentence.
  public var text: String
  /// The address that was refused.
  public var address: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, instance: InstanceID, reason: StoredWord<SkipReason>, text: String,
    address: String? = nil
  ) {
    self.delivery = delivery
    self.instance = instance
    self.reason = reason
    self.text = text
    self.address = address
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case reason = "reason"
    case text = "text"
    case address = "address"
  }
}

/// `callback.disabled`: A URL takes no more deliveries; they are held.
public struct CallbackDisabled: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "callback.disabled"
  /// From the second on the reason may be absent.
  public static let revision = 2
  /// Which.
  public var url: String
  /// Why, such as `410`; nil where nobody said.
  public var reason: String?
  /// The instance whose delivery showed it.
  public var instance: InstanceID?
  /// Takes its fields in the order of the catalogue.
  public init(url: String, reason: String?, instance: InstanceID? = nil) {
    self.url = url
    self.reason = reason
    self.instance = instance
  }

  private enum CodingKeys: String, CodingKey {
    case url = "url"
    case reason = "reason"
    case instance = "instance"
  }
}

/// `callback.enabled`: It takes them again.
public struct CallbackEnabled: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "callback.enabled"
  /// From the second on the reason may be absent.
  public static let revision = 2
  /// Which.
  public var url: String
  /// Why; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(url: String, reason: String?) {
    self.url = url
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case url = "url"
    case reason = "reason"
  }
}
