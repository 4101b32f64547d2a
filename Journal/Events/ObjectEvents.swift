// Objects that a poll could not have or read. Property by property as in CATALOGUE.md.

/// `object.missed`: One object could not be had or read, while the rest of its feed could.
public struct ObjectMissed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "object.missed"
  /// In which feed.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// The provider’s id of it; of one that shows none, `unnamed/` and a mark of its bytes.
  public var object: String
  /// How often it was tried in a row.
  public var tries: Int
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
  /// The start of the time that a poll by dates looked at, Unix milliseconds.
  public var sinceMs: Int64?
  /// When it is tried again, Unix milliseconds.
  public var nextAtMs: Int64
  /// Takes its fields in the order of the catalogue.
  public init(
    feed: FeedID, instance: InstanceID, object: String, tries: Int, reason: String, text: String,
    status: Int? = nil, asked: String? = nil, answer: String? = nil, sinceMs: Int64? = nil,
    nextAtMs: Int64
  ) {
    self.feed = feed
    self.instance = instance
    self.object = object
    self.tries = tries
    self.reason = reason
    self.text = text
    self.status = status
    self.asked = asked
    self.answer = answer
    self.sinceMs = sinceMs
    self.nextAtMs = nextAtMs
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case object = "object"
    case tries = "tries"
    case reason = "reason"
    case text = "text"
    case status = "status"
    case asked = "asked"
    case answer = "answer"
    case sinceMs = "since_ms"
    case nextAtMs = "next_at_ms"
  }
}

/// `object.settled`: What could not be had was read, or is gone.
public struct ObjectSettled: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "object.settled"
  /// In which feed.
  public var feed: FeedID
  /// The instance's id.
  public var instance: InstanceID
  /// As `object.missed` has it.
  public var object: String
  /// `read` or `gone`.
  public var outcome: String
  /// Takes its fields in the order of the catalogue.
  public init(feed: FeedID, instance: InstanceID, object: String, outcome: String) {
    self.feed = feed
    self.instance = instance
    self.object = object
    self.outcome = outcome
  }

  private enum CodingKeys: String, CodingKey {
    case feed = "feed"
    case instance = "instance"
    case object = "object"
    case outcome = "outcome"
  }
}
