import EventStore
public import Events

/// Which part of a list; everything that is set has to fit.
///
/// A limit leaves the newest rows; where the part says with which it begins, the first ones from
/// there. Their order is that of the log either way, unless it is turned around:
///
///                                of events 1 to 9
///     limit 3                    7, 8, 9
///     limit 3, after 2           3, 4, 5     go on with after 5
///     limit 3, before 7          4, 5, 6     go back with before 4
///     limit 3, reversed          9, 8, 7
public struct Selection: Sendable, Equatable {
  /// Types of events such as `poll.completed`; of changes `CREATED`, `UPDATED`, `DELETED`.
  public var types: [String] = []
  /// The id of the instance concerned.
  public var instance: Int64?
  /// The key in the configuration.
  public var resource: String?
  /// An `objectId`.
  public var object: String?
  /// Recorded then or later; a limit counts from there.
  public var since: Moment?
  /// Recorded before then.
  public var until: Moment?
  /// Positions past this one, from which a limit counts: the last one got, to go on from there; 0
  /// to begin with the first.
  public var after: Int64?
  /// Positions below this one.
  public var before: Int64?
  /// States of deliveries, such as `failed`.
  public var statuses: [String] = []
  /// Leaves out the notices that are settled.
  public var isOpen = false
  /// Rows at most, the newest, or the first from `after` or `since`; nil: all.
  public var limit: Int?
  /// The same rows, the newest first.
  public var isReversed = false

  /// Everything.
  public init() {}

  /// True where no filter narrows it down; order and limit do not count.
  public var isEverything: Bool { query(.events).filters.isEmpty }

  /// The first filter in it that a list does not know; nil where it knows all.
  public func filter(unknownTo table: RowTable) -> String? {
    guard let kind = table.kind else { return nil }
    return query(kind).filters.subtracting(kind.filters).map { "\($0)" }.sorted().first
  }

  /// - Throws: `Refusal` with the path of a filter that the list does not know.
  func checked(for kind: ReportQuery.Kind) throws(Refusal) -> ReportQuery {
    if let limit, limit < 0 { throw Refusal(at: "limit", "\(limit) is below 0") }
    let query = query(kind)
    let unknown = query.filters.subtracting(kind.filters).map { "\($0)" }.sorted().first
    if let unknown { throw Refusal(at: unknown, "\(kind) cannot be filtered by it") }
    return query
  }

  private func query(_ kind: ReportQuery.Kind) -> ReportQuery {
    var query = ReportQuery(kind)
    query.types = types
    query.instance = instance.map { InstanceID($0) }
    query.resource = resource
    query.object = object
    query.since = since
    query.until = until
    query.after = after
    query.before = before
    query.statuses = statuses
    query.isOpen = isOpen
    query.isReversed = isReversed
    query.limit = limit
    // URLs are in the order of texts, where nothing is newer.
    if kind != .callbacks { query.end = after == nil && since == nil ? .newest : .oldest }
    return query
  }
}
