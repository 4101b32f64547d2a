// What a poll comes to, and what it finds. Property by property as in CATALOGUE.md.

/// `poll.requested`: A person or program asked for a poll now.
public struct PollRequested: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "poll.requested"
  /// From the second on it may say why.
  public static let revision = 2
  /// The feed's id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// When it is due, Unix milliseconds.
  public var atMs: Int64
  /// Why; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(feed: FeedID, instance: InstanceID, atMs: Int64, reason: String? = nil) {
    self.feed = feed
    self.instance = instance
    self.atMs = atMs
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case atMs = "at_ms"
    case reason = "reason"
  }
}

/// `poll.completed`: A poll was read to its end; its changes follow in the same append.
///
/// Most polls find nothing, so that revision 2 leaves out what a poll usually has: a cursor that
/// stays, one page, no items, no changes, no payloads.
public struct PollCompleted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "poll.completed"
  /// From the second on it leaves out what a poll usually has.
  public static let revision = 2
  /// The feed's id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// `baseline`, `changes` or `comparison`.
  public var mode: StoredWord<FeedMode>
  /// The cursor it began from; absent: there was none, or it has not moved.
  public var cursorBefore: String?
  /// The cursor from now on; absent: it has not moved.
  public var cursorAfter: String?
  /// Pages read.
  public var pages: Int
  /// Items on them.
  public var items: Int
  /// Changes that follow.
  public var changes: Int
  /// Digests of the state payloads that list id, revision and series of what a baseline saw.
  public var manifests: [String]
  /// Digests of the pages, where kept.
  public var evidence: [String]
  /// When it began, Unix milliseconds.
  public var startedAtMs: Int64
  /// When its last page was read; the `pollDate`.
  public var polledAtMs: Int64
  /// When the next is due; absent: not on a schedule.
  public var nextAtMs: Int64?
  /// SHA-256 of the pages that held nothing, which are not kept; absent: there was none.
  public var unkept: [String]?
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, mode: StoredWord<FeedMode>, cursorBefore: String? = nil,
    cursorAfter: String?,
    pages: Int, items: Int, changes: Int, manifests: [String], evidence: [String],
    startedAtMs: Int64, polledAtMs: Int64, nextAtMs: Int64? = nil, unkept: [String]? = nil
  ) {
    self.feed = feed
    self.instance = instance
    self.mode = mode
    self.cursorBefore = cursorBefore
    self.cursorAfter = cursorAfter
    self.pages = pages
    self.items = items
    self.changes = changes
    self.manifests = manifests
    self.evidence = evidence
    self.startedAtMs = startedAtMs
    self.polledAtMs = polledAtMs
    self.nextAtMs = nextAtMs
    self.unkept = unkept
  }

  /// A field that was left out has the value that a poll usually has.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    feed = try fields.decode(FeedID.self, forKey: .feed)
    instance = try fields.decode(InstanceID.self, forKey: .instance)
    mode = try fields.decode(StoredWord<FeedMode>.self, forKey: .mode)
    cursorBefore = try fields.decodeIfPresent(String.self, forKey: .cursorBefore)
    cursorAfter = try fields.decodeIfPresent(String.self, forKey: .cursorAfter)
    pages = try fields.decodeIfPresent(Int.self, forKey: .pages) ?? 1
    items = try fields.decodeIfPresent(Int.self, forKey: .items) ?? 0
    changes = try fields.decodeIfPresent(Int.self, forKey: .changes) ?? 0
    manifests = try fields.decodeIfPresent([String].self, forKey: .manifests) ?? []
    evidence = try fields.decodeIfPresent([String].self, forKey: .evidence) ?? []
    startedAtMs = try fields.decode(Int64.self, forKey: .startedAtMs)
    polledAtMs = try fields.decode(Int64.self, forKey: .polledAtMs)
    nextAtMs = try fields.decodeIfPresent(Int64.self, forKey: .nextAtMs)
    unkept = try fields.decodeIfPresent([String].self, forKey: .unkept)
  }

  /// Leaves out what a poll usually has; in the order of the stored names, which saves sorting.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encodeIfPresent(changes == 0 ? nil : changes, forKey: .changes)
    try fields.encodeIfPresent(cursorAfter, forKey: .cursorAfter)
    try fields.encodeIfPresent(cursorBefore, forKey: .cursorBefore)
    try fields.encodeIfPresent(evidence.isEmpty ? nil : evidence, forKey: .evidence)
    try fields.encode(feed, forKey: .feed)
    try fields.encode(instance, forKey: .instance)
    try fields.encodeIfPresent(items == 0 ? nil : items, forKey: .items)
    try fields.encodeIfPresent(manifests.isEmpty ? nil : manifests, forKey: .manifests)
    try fields.encode(mode, forKey: .mode)
    try fields.encodeIfPresent(nextAtMs, forKey: .nextAtMs)
    try fields.encodeIfPresent(pages == 1 ? nil : pages, forKey: .pages)
    try fields.encode(polledAtMs, forKey: .polledAtMs)
    try fields.encode(startedAtMs, forKey: .startedAtMs)
    try fields.encodeIfPresent(unkept, forKey: .unkept)
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case mode = "mode"
    case cursorBefore = "cursor_before"
    case cursorAfter = "cursor_after"
    case pages = "pages"
    case items = "items"
    case changes = "changes"
    case manifests = "manifests"
    case evidence = "evidence"
    case startedAtMs = "started_at_ms"
    case polledAtMs = "polled_at_ms"
    case nextAtMs = "next_at_ms"
    case unkept = "unkept"
  }
}

/// `poll.failed`: A poll came to nothing; the cursor stays.
public struct PollFailed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "poll.failed"
  /// The feed's id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// `baseline`, `changes` or `comparison`.
  public var mode: StoredWord<FeedMode>
  /// The provider’s machine-readable reason, or ours.
  public var reason: String
  /// One sentence.
  public var text: String
  /// The HTTP status, where there was an answer.
  public var status: Int?
  /// Method and URL of the request that failed.
  public var asked: String?
  /// Digest of the answer’s bytes, where kept.
  public var answer: String?
  /// Failures in a row, this one counted.
  public var failures: Int
  /// When it began, Unix milliseconds.
  public var startedAtMs: Int64
  /// When it is tried again.
  public var nextAtMs: Int64?
  /// The wait that the provider asked for, milliseconds.
  public var retryAfterMs: Int64?
  /// Jitter that chance added to the wait, milliseconds.
  public var jitterMs: Int64
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, mode: StoredWord<FeedMode>, reason: String, text: String,
    status: Int? = nil,
    asked: String? = nil, answer: String? = nil, failures: Int, startedAtMs: Int64,
    nextAtMs: Int64? = nil, retryAfterMs: Int64? = nil, jitterMs: Int64
  ) {
    self.feed = feed
    self.instance = instance
    self.mode = mode
    self.reason = reason
    self.text = text
    self.status = status
    self.asked = asked
    self.answer = answer
    self.failures = failures
    self.startedAtMs = startedAtMs
    self.nextAtMs = nextAtMs
    self.retryAfterMs = retryAfterMs
    self.jitterMs = jitterMs
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case mode = "mode"
    case reason = "reason"
    case text = "text"
    case status = "status"
    case asked = "asked"
    case answer = "answer"
    case failures = "failures"
    case startedAtMs = "started_at_ms"
    case nextAtMs = "next_at_ms"
    case retryAfterMs = "retry_after_ms"
    case jitterMs = "jitter_ms"
  }
}

/// `poll.discarded`: A poll by hand was looked at and dropped; the cursor stays.
public struct PollDiscarded: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "poll.discarded"
  /// The feed's id.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// `baseline`, `changes` or `comparison`.
  public var mode: StoredWord<FeedMode>
  /// The cursor it began from.
  public var cursorBefore: String?
  /// Pages read.
  public var pages: Int
  /// Items on them.
  public var items: Int
  /// Changes that would have followed.
  public var changes: Int
  /// Digests of the pages.
  public var evidence: [String]
  /// Why.
  public var reason: String
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, mode: StoredWord<FeedMode>, cursorBefore: String? = nil,
    pages: Int, items: Int,
    changes: Int, evidence: [String], reason: String
  ) {
    self.feed = feed
    self.instance = instance
    self.mode = mode
    self.cursorBefore = cursorBefore
    self.pages = pages
    self.items = items
    self.changes = changes
    self.evidence = evidence
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case mode = "mode"
    case cursorBefore = "cursor_before"
    case pages = "pages"
    case items = "items"
    case changes = "changes"
    case evidence = "evidence"
    case reason = "reason"
  }
}

/// `change.observed`: One object was created, updated or deleted between two polls.
public struct ChangeObserved: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "change.observed"
  /// In which feed.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// The key in the configuration; the `objectType`, where that is no other.
  public var resource: String
  /// The `objectType` of a key with a literal `{calendarId}`: the key with the calendar’s id.
  public var objectType: String?
  /// The change: `CREATED`, `UPDATED` or `DELETED`.
  public var kind: ChangeKind
  /// The provider’s own id.
  public var object: String
  /// The value at `idField`, where it is another.
  public var objectId: String?
  /// The state that is known of the object from now on.
  public var revision: String
  /// The series that it is an occurrence of.
  public var series: String?
  /// When it happened as far as the provider says, Unix milliseconds; else the poll’s time.
  public var dateMs: Int64
  /// The poll’s time.
  public var polledAtMs: Int64
  /// Digest of the object’s bytes; absent for a deletion found by absence.
  public var item: String?
  /// Length of them.
  public var bytes: Int
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, resource: String, objectType: String? = nil,
    kind: ChangeKind, object: String, objectId: String? = nil, revision: String,
    series: String? = nil, dateMs: Int64,
    polledAtMs: Int64, item: String? = nil, bytes: Int
  ) {
    self.feed = feed
    self.instance = instance
    self.resource = resource
    self.objectType = objectType
    self.kind = kind
    self.object = object
    self.objectId = objectId
    self.revision = revision
    self.series = series
    self.dateMs = dateMs
    self.polledAtMs = polledAtMs
    self.item = item
    self.bytes = bytes
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case resource = "resource"
    case objectType = "object_type"
    case kind = "kind"
    case object = "object"
    case objectId = "object_id"
    case revision = "revision"
    case series = "series"
    case dateMs = "date_ms"
    case polledAtMs = "polled_at_ms"
    case item = "item"
    case bytes = "bytes"
  }
}
