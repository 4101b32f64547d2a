/// The outcome of polling one feed: one row of `poll run`.
public struct PollReport: Sendable, Equatable {
  /// How it ended; `skipped`: the feed could not be polled now, and `error` says why.
  public enum Status: String, Sendable { case completed, failed, skipped }

  /// The id of the instance concerned.
  public var instance: Int64
  /// The key in the configuration, such as `calendars/primary/changed-events`.
  public var resource: String
  /// How it ended.
  public var status: Status
  /// Pages that were read.
  public var pages = 0
  /// Objects on these pages, changed or not.
  public var items = 0
  /// Changes recorded; 0 for a baseline, which announces nothing.
  public var changes = 0
  /// The place of `poll.completed` or `poll.failed`; nil where it was skipped.
  public var position: Int64?
  /// Why it failed or was skipped, for a person.
  public var error: String?
  /// When it is its turn again; nil where it is not.
  public var nextAt: Moment?

  /// One that has counted nothing yet.
  public init(instance: Int64, resource: String, status: Status) {
    self.instance = instance
    self.resource = resource
    self.status = status
  }
}

/// The outcome of one attempt to deliver, or why none was made: one row of `deliver`.
public struct AttemptReport: Sendable, Equatable {
  /// The place of `delivery.attempted`, or of the event that says why no attempt was made.
  public var position: Int64
  /// The notification’s id: `webhook-id`, the same over retries and exact replays.
  public var id: String
  /// Where to, in full.
  public var url: String
  /// Which it was, counted from 1; without one how many there were before.
  public var attempt: Int
  /// The HTTP status; nil where nobody answered, or nobody was asked.
  public var status: Int?
  /// From the name look-up to the last byte.
  public var duration: Duration
  /// `succeeded`, `failed`, `exhausted`, …: the type of the event that followed, without its first
  /// word.
  public var outcome: String
  /// When it is tried again; nil where it is not.
  public var nextAt: Moment?
  /// Nothing was sent because somebody wants it so: the instance names no callback, or the replay
  /// is stopped. Then nothing has failed.
  public var isDeliberate: Bool

  /// The parts as given.
  public init(
    position: Int64, id: String, url: String, attempt: Int, status: Int? = nil,
    duration: Duration, outcome: String, nextAt: Moment? = nil, isDeliberate: Bool = false
  ) {
    self.position = position
    self.id = id
    self.url = url
    self.attempt = attempt
    self.status = status
    self.duration = duration
    self.outcome = outcome
    self.nextAt = nextAt
    self.isDeliberate = isDeliberate
  }
}
