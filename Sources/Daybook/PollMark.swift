import EventStore
public import Events

/// One thing that the log says of a feed’s polls: enough for a picture of them.
public struct PollMark: Sendable, Equatable {
  /// Kinds of what is recorded of polls.
  public enum Kind: Sendable, Equatable {
    /// A poll came to its end with so many changes.
    case completed(changes: Int)
    case failed
    /// The cursor expired, or somebody reset it.
    case reset
    /// The feed began: its resource, and how often it is polled.
    case opened(resource: String, every: Duration)
    /// Nothing is due from here on: the feed was closed or disabled.
    case ended
    /// The feed goes on.
    case resumed
  }

  /// The feed’s id.
  public let feed: Int64
  /// The instance that it is of.
  public let instance: Int64
  /// When it was recorded.
  public let at: Moment
  /// When the next poll was due then; nil where none was.
  public let nextAt: Moment?
  /// The kind of mark.
  public let kind: Kind

  /// Made by hand, for pictures of what was not recorded.
  public init(feed: Int64, instance: Int64, at: Moment, nextAt: Moment?, kind: Kind) {
    self.feed = feed
    self.instance = instance
    self.at = at
    self.nextAt = nextAt
    self.kind = kind
  }
}

/// A feed as pictures of polls name it.
public struct WatchedFeed: Sendable, Equatable {
  /// Its id.
  public let feed: Int64
  /// The instance that it is of.
  public let instance: Int64
  /// The resource, with the collection where one resource stands for several.
  public let name: String
  /// When its next poll is due; nil where none is.
  public let nextAt: Moment?

  /// Made by hand, as `Journal.watchedFeeds` makes it.
  public init(feed: Int64, instance: Int64, name: String, nextAt: Moment?) {
    self.feed = feed
    self.instance = instance
    self.name = name
    self.nextAt = nextAt
  }
}

extension PollMark {
  private static let types: Set = [
    PollCompleted.type, PollFailed.type, CursorExpired.type, CursorReset.type, FeedOpened.type,
    FeedUpdated.type, FeedClosed.type, FeedDisabled.type, FeedEnabled.type,
  ]

  /// nil for an event that says nothing of polls.
  init?(_ row: RecordedEvent) throws(JournalError) {
    guard PollMark.types.contains(row.type) else { return nil }
    let (feed, instance, next, kind): (FeedID, InstanceID, Int64?, Kind)
    switch try row.event() {
    case .pollCompleted(let body):
      (feed, instance, next) = (body.feed, body.instance, body.nextAtMs)
      kind = .completed(changes: body.changes)
    case .pollFailed(let body):
      (feed, instance, next, kind) = (body.feed, body.instance, body.nextAtMs, .failed)
    case .cursorExpired(let body):
      (feed, instance, next, kind) = (body.feed, body.instance, body.nextAtMs, .reset)
    case .cursorReset(let body):
      (feed, instance, next, kind) = (body.feed, body.instance, body.nextAtMs, .reset)
    case .feedOpened(let body):
      (feed, instance, next) = (body.feed, body.instance, body.nextAtMs)
      kind = .opened(resource: body.resource, every: .milliseconds(body.intervalMs))
    case .feedUpdated(let body):
      (feed, instance, next, kind) = (body.feed, body.instance, body.nextAtMs, .resumed)
    case .feedClosed(let body):
      (feed, instance, next, kind) = (body.feed, body.instance, nil, .ended)
    case .feedDisabled(let body):
      (feed, instance, next, kind) = (body.feed, body.instance, nil, .ended)
    case .feedEnabled(let body):
      (feed, instance, next, kind) = (body.feed, body.instance, body.nextAtMs, .resumed)
    default: return nil
    }
    self.init(
      feed: feed.number, instance: instance.number, at: row.recordedAt,
      nextAt: next.map { Moment(milliseconds: $0) }, kind: kind)
  }
}
