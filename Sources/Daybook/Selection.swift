import EventStore
public import Events

/// Which part of the log; everything that is set has to fit.
public struct Selection: Sendable, Equatable {
  /// Types of events such as `poll.completed`; of changes `CREATED`, `UPDATED`, `DELETED`.
  public var types: [String] = []
  /// The id of the instance concerned.
  public var instance: Int64?
  /// The key in the configuration.
  public var resource: String?
  /// An `objectId`.
  public var object: String?
  /// Recorded then or later.
  public var since: Moment?
  /// Recorded before then.
  public var until: Moment?
  /// Positions past this one: the last one got, to go on from there.
  public var after: Int64?
  /// Positions below this one.
  public var before: Int64?
  /// States of deliveries, such as `failed`.
  public var statuses: [String] = []
  /// Newest first.
  public var isReversed = false

  /// Everything.
  public init() {}

  /// - Throws: `refused` for a filter that this list does not know.
  func query(_ kind: ReportQuery.Kind, limit: Int?) throws(DaybookError) -> ReportQuery {
    if let limit, limit < 0 { throw .refused(Refusal(at: "limit", "\(limit) is below 0")) }
    var query = ReportQuery(kind)
    query.types = types
    query.instance = instance
    query.resource = resource
    query.object = object
    query.since = since
    query.until = until
    query.after = after
    query.before = before
    query.statuses = statuses
    query.isReversed = isReversed
    query.limit = limit
    let foreign = query.filters.subtracting(kind.filters).map { "\($0)" }.sorted()
    if let first = foreign.first {
      throw .refused(Refusal(at: first, "\(kind) cannot be filtered by it"))
    }
    return query
  }
}

/// One fact as it was written.
public struct LoggedEvent: Sendable, Equatable {
  /// Its place in the log, counted from 1.
  public let position: Int64
  /// `instance/1`, `feed/7`, `delivery/…`.
  public let stream: String
  /// Counted from 1 within the stream.
  public let version: Int64
  /// `poll.completed`; the types stand in Journal/CATALOGUE.md.
  public let type: String
  /// When it was written, which never steps back.
  public let recordedAt: Moment
  /// The fact that led to this one; nil where a person, a program or the clock did.
  public let cause: Int64?
  /// JSON with sorted keys.
  public let body: String

  init?(_ row: Row) {
    guard let position = row["position"]?.integer, let stream = row["stream"]?.string,
      let version = row["version"]?.integer, let type = row["type"]?.string,
      case .moment(let recordedAt)? = row["recordedAt"], let body = row["body"]?.string
    else { return nil }
    self.position = position
    self.stream = stream
    self.version = version
    self.type = type
    self.recordedAt = recordedAt
    cause = row["cause"]?.integer
    self.body = body
  }
}

/// One thing that was created, updated or deleted at the provider.
public struct LoggedChange: Sendable, Equatable {
  /// Of `change.observed`.
  public let position: Int64
  /// The id of the instance concerned.
  public let instance: Int64
  /// The key in the configuration.
  public let resource: String
  /// What became of the object.
  public let kind: ChangeKind
  /// The provider’s id of what changed.
  public let objectID: String
  /// When it happened, as the provider says; for a deletion without such a date, when it was
  /// polled.
  public let date: Moment?
  /// The position of the poll that saw it.
  public let cause: Int64?

  init?(_ row: Row) {
    guard let position = row["position"]?.integer, let instance = row["instance"]?.integer,
      let resource = row["resource"]?.string, let word = row["eventType"]?.string,
      let kind = ChangeKind(rawValue: word), let objectID = row["objectId"]?.string
    else { return nil }
    self.position = position
    self.instance = instance
    self.resource = resource
    self.kind = kind
    self.objectID = objectID
    if case .moment(let moment)? = row["date"] { date = moment } else { date = nil }
    cause = row["cause"]?.integer
  }
}

/// One notification on its way to one URL.
public struct LoggedDelivery: Sendable, Equatable {
  /// Of `delivery.requested`; names the delivery in `redeliver`.
  public let position: Int64
  /// The notification’s id, the same over retries and exact replays.
  public let id: String
  /// The id of the instance concerned.
  public let instance: Int64
  /// Where to, in full.
  public let url: String
  /// `pending`, `attempting`, `succeeded`, `failed`, `unknown`, `held`, `exhausted` or `skipped`.
  public let status: String
  /// Attempts made so far.
  public let attempts: Int
  /// The HTTP status of the last attempt; nil where nobody answered.
  public let lastStatus: Int?
  /// When it is its turn again; nil where it is not.
  public let nextAt: Moment?
  /// Changes in the notification, 1 to 10.
  public let changes: Int
  /// The replay that asked for it; nil for the delivery that the poll led to.
  public let replay: Int64?

  init?(_ row: Row) {
    guard let position = row["position"]?.integer, let id = row["id"]?.string,
      let instance = row["instance"]?.integer, let url = row["url"]?.string,
      let status = row["status"]?.string
    else { return nil }
    self.position = position
    self.id = id
    self.instance = instance
    self.url = url
    self.status = status
    attempts = Int(row["attempts"]?.integer ?? 0)
    lastStatus = row["lastStatus"]?.integer.map { Int($0) }
    if case .moment(let moment)? = row["nextAt"] { nextAt = moment } else { nextAt = nil }
    changes = Int(row["changes"]?.integer ?? 0)
    replay = row["replay"]?.integer
  }
}
