import Engine
import EventStore
public import Events

/// What one `step` did.
public enum StepOutcome: Sendable, Equatable {
  case polled(PolledFeed)
  case attempted(AttemptedDelivery)
  /// So many deliveries were asked for, by the changes of a poll or by a replay.
  case requested(deliveries: Int)
  /// A delivery came to rest without an attempt; the word is its status, such as `held`.
  case settled(status: String)

  init(_ report: Worker.Report) {
    switch report {
    case .poll(let poll): self = .polled(PolledFeed(poll))
    case .attempt(let attempt): self = .attempted(AttemptedDelivery(attempt))
    case .requested(let count): self = .requested(deliveries: count)
    case .settled(let delivery): self = .settled(status: delivery.outcome)
    }
  }
}

/// What came of polling one feed.
public struct PolledFeed: Sendable, Equatable {
  /// `skipped`: the feed could not be polled now; `error` says why.
  public enum Status: String, Sendable { case completed, failed, skipped }

  /// The id of the instance concerned.
  public let instance: Int64
  /// The key in the configuration, such as `calendars/primary/changed-events`.
  public let resource: String
  /// How it ended.
  public let status: Status
  /// Pages that were read.
  public let pages: Int
  /// Objects on these pages, changed or not.
  public let items: Int
  /// Changes recorded; 0 for a baseline, which announces nothing.
  public let changes: Int
  /// Of `poll.completed` or `poll.failed`; nil where it was skipped.
  public let position: Int64?
  /// Why it failed or was skipped, for a person.
  public let error: String?
  /// When it is its turn again; nil where it is not.
  public let nextAt: Moment?

  init(_ report: PollReport) {
    instance = report.instance
    resource = report.resource
    status = Status(rawValue: report.status.rawValue) ?? .failed
    pages = report.pages
    items = report.items
    changes = report.changes
    position = report.position
    error = report.error
    nextAt = report.nextAt
  }
}

/// What came of one attempt to deliver, or why none was made.
public struct AttemptedDelivery: Sendable, Equatable {
  /// Of `delivery.attempted`; of the event that says why, where no attempt was made.
  public let position: Int64
  /// The notification’s id: `webhook-id`, the same over retries and exact replays.
  public let id: String
  /// Where to, in full.
  public let url: String
  /// Counted from 1; without an attempt how many there were before.
  public let attempt: Int
  /// The HTTP status; nil where nobody answered, or nobody was asked.
  public let status: Int?
  /// From the name look-up to the last byte.
  public let duration: Duration
  /// `succeeded`, `failed`, `exhausted`, …: the event that followed.
  public let outcome: String
  /// When it is tried again; nil where it is not.
  public let nextAt: Moment?

  init(_ report: AttemptReport) {
    position = report.position
    id = report.id
    url = report.url
    attempt = report.attempt
    status = report.status
    duration = report.duration
    outcome = report.outcome
    nextAt = report.nextAt
  }
}

/// How far a replay is.
public struct ReplayProgress: Sendable, Equatable {
  /// The position of its `replay.requested`.
  public let replay: Int64
  /// Where to, in full.
  public let url: String
  /// `running`, `stopped` or `completed`.
  public let state: String
  /// Notifications to be sent in all, sent at least once, and how they ended.
  public let total: Int
  /// Notifications tried at least once.
  public let sent: Int
  /// Of these, answered 2xx.
  public let succeeded: Int
  /// Of these, refused, given up or skipped.
  public let failed: Int

  init(_ replay: Int64, _ row: ReplayRow) {
    self.replay = replay
    url = row.url
    state = row.state
    total = row.notifications
    sent = row.sent
    succeeded = row.succeeded
    failed = row.failed
  }
}

/// What a walk through the whole journal found.
public struct VerifiedJournal: Sendable, Equatable {
  /// How many there are, which is the head’s position.
  public let events: Int64
  /// SHA-256 of the chain at its head, 64 hexadecimal digits: keep it elsewhere to compare with
  /// later.
  public let digest: String
  /// One sentence each, at most a hundred; empty where all is well.
  public let problems: [String]
}
