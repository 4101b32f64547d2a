// What happens to a feed and to its cursor. Property by property as in CATALOGUE.md.

/// `feed.opened`: An instance watches one collection of the provider.
public struct FeedOpened: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "feed.opened"
  /// Its id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// The key in the configuration; the `objectType` of its changes.
  public var resource: String
  /// The `url` in the configuration.
  public var url: String
  /// The kind of collection; absent where the feed is unsupported.
  public var collectionKind: String?
  /// The provider’s id of it.
  public var collection: String?
  /// True where this version can poll it.
  public var isSupported: Bool
  /// Dotted path to the `objectId`; absent: the provider’s own id.
  public var idField: String?
  /// Dotted path to the date of a change.
  public var updatedField: String?
  /// Wait between two polls, milliseconds.
  public var intervalMs: Int64
  /// When it is polled first, Unix milliseconds; absent: not on a schedule.
  public var nextAtMs: Int64?
  /// How it reads dates and filters by them; absent: nothing of it is configured.
  public var rules: PollingRules?
  /// The feed whose poll found this collection, where it was not configured by itself.
  public var roster: FeedID?
  /// Its id in that roster.
  public var member: String?
  /// The baseline announces what was created since then, Unix milliseconds; absent: nothing.
  public var announceFromMs: Int64?
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, resource: String, url: String,
    collectionKind: String? = nil,
    collection: String? = nil, isSupported: Bool, idField: String? = nil,
    updatedField: String? = nil, intervalMs: Int64, nextAtMs: Int64? = nil,
    rules: PollingRules? = nil, roster: FeedID? = nil, member: String? = nil,
    announceFromMs: Int64? = nil
  ) {
    self.feed = feed
    self.instance = instance
    self.resource = resource
    self.url = url
    self.collectionKind = collectionKind
    self.collection = collection
    self.isSupported = isSupported
    self.idField = idField
    self.updatedField = updatedField
    self.intervalMs = intervalMs
    self.nextAtMs = nextAtMs
    self.rules = rules
    self.roster = roster
    self.member = member
    self.announceFromMs = announceFromMs
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case resource = "resource"
    case url = "url"
    case collectionKind = "collection_kind"
    case collection = "collection"
    case isSupported = "supported"
    case idField = "id_field"
    case updatedField = "updated_field"
    case intervalMs = "interval_ms"
    case nextAtMs = "next_at_ms"
    case rules = "rules"
    case roster = "roster"
    case member = "member"
    case announceFromMs = "announce_from_ms"
  }
}

/// `feed.updated`: How the same collection is watched was changed by the operator.
public struct FeedUpdated: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "feed.updated"
  /// Its id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// The `url` in the configuration.
  public var url: String
  /// Dotted path to the `objectId`; absent: the provider’s own id.
  public var idField: String?
  /// Dotted path to the date of a change.
  public var updatedField: String?
  /// Wait between two polls, milliseconds.
  public var intervalMs: Int64
  /// When it is polled next, Unix milliseconds; absent: not on a schedule.
  public var nextAtMs: Int64?
  /// How it reads dates and filters by them; absent: nothing of it is configured.
  public var rules: PollingRules?
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, url: String, idField: String? = nil,
    updatedField: String? = nil, intervalMs: Int64, nextAtMs: Int64? = nil,
    rules: PollingRules? = nil
  ) {
    self.feed = feed
    self.instance = instance
    self.url = url
    self.idField = idField
    self.updatedField = updatedField
    self.intervalMs = intervalMs
    self.nextAtMs = nextAtMs
    self.rules = rules
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case url = "url"
    case idField = "id_field"
    case updatedField = "updated_field"
    case intervalMs = "interval_ms"
    case nextAtMs = "next_at_ms"
    case rules = "rules"
  }
}

/// `feed.closed`: It is watched no longer.
public struct FeedClosed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "feed.closed"
  /// Its id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// Why.
  public var reason: String
  /// Takes its fields in the order of the catalogue.
  public init(feed: FeedID, instance: InstanceID, reason: String) {
    self.feed = feed
    self.instance = instance
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case reason = "reason"
  }
}

/// `feed.disabled`: It is polled no longer, after too many failures.
public struct FeedDisabled: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "feed.disabled"
  /// Its id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// Why.
  public var reason: String
  /// Takes its fields in the order of the catalogue.
  public init(feed: FeedID, instance: InstanceID, reason: String) {
    self.feed = feed
    self.instance = instance
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case reason = "reason"
  }
}

/// `feed.enabled`: It is polled again.
public struct FeedEnabled: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "feed.enabled"
  /// Its id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// When, Unix milliseconds; absent: not on a schedule.
  public var nextAtMs: Int64?
  /// Takes its fields in the order of the catalogue.
  public init(feed: FeedID, instance: InstanceID, nextAtMs: Int64? = nil) {
    self.feed = feed
    self.instance = instance
    self.nextAtMs = nextAtMs
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case nextAtMs = "next_at_ms"
  }
}

/// `cursor.expired`: The provider no longer takes the cursor; the next poll compares everything.
public struct CursorExpired: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "cursor.expired"
  /// The feed's id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// The dead cursor.
  public var cursor: String?
  /// The provider’s reason.
  public var reason: String
  /// When the comparison is due, Unix milliseconds; absent: not on a schedule.
  public var nextAtMs: Int64?
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, cursor: String? = nil, reason: String,
    nextAtMs: Int64? = nil
  ) {
    self.feed = feed
    self.instance = instance
    self.cursor = cursor
    self.reason = reason
    self.nextAtMs = nextAtMs
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case cursor = "cursor"
    case reason = "reason"
    case nextAtMs = "next_at_ms"
  }
}

/// `cursor.reset`: A person dropped the cursor.
public struct CursorReset: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "cursor.reset"
  /// The feed's id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// The mode of the next poll: `baseline` or `comparison`.
  public var mode: StoredWord<FeedMode>
  /// Why.
  public var reason: String
  /// When it is due, Unix milliseconds; absent: not on a schedule.
  public var nextAtMs: Int64?
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, mode: StoredWord<FeedMode>, reason: String,
    nextAtMs: Int64? = nil
  ) {
    self.feed = feed
    self.instance = instance
    self.mode = mode
    self.reason = reason
    self.nextAtMs = nextAtMs
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case mode = "mode"
    case reason = "reason"
    case nextAtMs = "next_at_ms"
  }
}
