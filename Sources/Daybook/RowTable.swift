import EventStore
public import Events

/// A list as every door shows it: its columns by name, order and kind.
///
///     instance list    id, name, element, state, reason, callback, resources, …
///
/// The names are those of the JSON keys; programs rely on them, so one is added and none renamed.
public struct RowTable: Sendable, Equatable {
  /// One column of a list.
  public struct Column: Sendable, Equatable {
    /// The types of values that a column can have beside null.
    public enum Kind: Sendable { case text, integer, flag, moment, json, hex }

    /// The same in every form, such as `recordedAt`.
    public let name: String
    /// The type of its values, where they are not null.
    public let kind: Kind
  }

  /// Such as `deliveries`.
  public let name: String
  /// In the order in which they are shown.
  public let columns: [Column]
  /// Columns that a person looks for first, in the order of a narrow table.
  public let main: [String]

  /// The names of all columns, in order.
  public var names: [String] { columns.map(\.name) }

  init(_ name: String, _ columns: KeyValuePairs<String, Column.Kind>, main: [String] = []) {
    self.name = name
    self.columns = columns.map { Column(name: $0.key, kind: $0.value) }
    self.main = main.isEmpty ? columns.map(\.key) : main
  }

  /// The store's word for it; nil for what is no list of the store's.
  var kind: ReportQuery.Kind? { ReportQuery.Kind(rawValue: name) }
}

extension RowTable {
  /// The facts, as they were written.
  public static let events = RowTable(
    "events",
    [
      "position": .integer, "stream": .text, "version": .integer, "type": .text,
      "recordedAt": .moment, "cause": .integer, "body": .json, "digest": .hex,
      "revision": .integer, "key": .text, "summary": .text,
    ], main: ["position", "recordedAt", "type", "stream", "cause", "summary"])

  /// One row a change, as a poll observed it at the provider.
  public static let changes = RowTable(
    "changes",
    [
      "position": .integer, "instance": .integer, "resource": .text, "eventType": .text,
      "objectId": .text, "objectType": .text, "date": .moment, "pollDate": .moment,
      "cause": .integer, "object": .text, "item": .hex, "bytes": .integer, "title": .text,
    ], main: ["position", "eventType", "title", "resource", "objectId", "date", "cause"])

  /// One row a delivery: where it goes, and how it stands.
  public static let deliveries = RowTable(
    "deliveries",
    [
      "position": .integer, "id": .text, "instance": .integer, "url": .text, "status": .text,
      "attempts": .integer, "lastStatus": .integer, "nextAt": .moment, "changes": .integer,
      "mode": .text, "replay": .integer, "resource": .text, "bytes": .integer, "error": .text,
      "requestedAt": .moment, "lastAttemptAt": .moment, "finishedAt": .moment,
      "durationMs": .integer, "waitsFor": .text, "title": .text, "trigger": .text, "reason": .text,
      "askedBy": .text, "errorClass": .text, "address": .text, "times": .json,
    ],
    main: [
      "position", "title", "status", "attempts", "lastStatus", "lastAttemptAt", "nextAt", "url",
    ])

  /// Authorizations with their configuration.
  public static let instances = RowTable(
    "instances",
    [
      "id": .integer, "name": .text, "element": .text, "state": .text, "reason": .text,
      "callback": .text, "resources": .json, "lastPollAt": .moment, "nextPollAt": .moment,
      "authorization": .text, "createdAt": .moment,
    ], main: ["id", "name", "state", "callback", "nextPollAt"])

  /// How far each feed has read.
  public static let cursors = RowTable(
    "cursors",
    [
      "instance": .integer, "resource": .text, "cursor": .text, "movedAt": .moment,
      "failures": .integer, "nextAt": .moment, "state": .text, "mode": .text,
      "collection": .text, "reason": .text, "feed": .integer,
    ], main: ["instance", "resource", "state", "movedAt", "failures", "nextAt"])

  /// Which URLs take deliveries.
  public static let callbacks = RowTable(
    "callbacks",
    [
      "url": .text, "state": .text, "reason": .text, "since": .moment, "pending": .integer,
      "held": .integer, "breaker": .text, "nextAt": .moment,
    ],
    main: ["url", "state", "reason", "since", "pending", "held", "breaker", "nextAt"])

  /// One row a condition that waits, or waited, for a person.
  public static let notices = RowTable(
    "notices",
    [
      "position": .integer, "kind": .text, "subject": .text, "text": .text, "openedAt": .moment,
      "closedAt": .moment, "instance": .integer,
    ], main: ["position", "openedAt", "kind", "subject", "text"])

  /// One row a replay, with the counts of its deliveries.
  public static let replays = RowTable(
    "replays",
    [
      "replay": .integer, "url": .text, "mode": .text, "state": .text, "total": .integer,
      "sent": .integer, "succeeded": .integer, "failed": .integer, "requestedAt": .moment,
      "reason": .text, "selection": .text, "askedBy": .text,
    ],
    main: [
      "replay", "requestedAt", "url", "mode", "state", "total", "sent", "succeeded", "failed",
      "reason",
    ])

  /// The lists of what is in the journal.
  public static let lists = [
    events, changes, deliveries, instances, cursors, callbacks, notices, replays,
  ]

  /// Why an event happened, and what came of it.
  public static let trace = RowTable(
    "trace",
    [
      "position": .integer, "type": .text, "stream": .text, "cause": .integer,
      "depth": .integer, "summary": .text, "recordedAt": .moment, "title": .text,
      "causes": .json,
    ])

  /// One row a version of one object, with what is other in it and who was told.
  public static let history = RowTable(
    "history",
    [
      "position": .integer, "recordedAt": .moment, "date": .moment, "eventType": .text,
      "title": .text, "changes": .json, "deliveries": .json, "note": .text,
      "instance": .integer, "resource": .text, "objectId": .text,
    ])

  /// One row a change and URL that it goes to: when that took it, as which bytes, or why not.
  public static let audit = RowTable(
    "audit",
    [
      "position": .integer, "recordedAt": .moment, "instance": .integer, "resource": .text,
      "eventType": .text, "objectId": .text, "title": .text, "status": .text, "reason": .text,
      "url": .text, "delivery": .integer, "id": .text, "replay": .integer, "attempts": .integer,
      "lastStatus": .integer, "attempt": .integer, "acceptedAt": .moment, "nextAt": .moment,
      "body": .hex, "bytes": .integer,
    ],
    main: ["position", "recordedAt", "eventType", "title", "status", "acceptedAt", "url"])

  /// One row a value that is other at one event than at another; the values are of many kinds.
  public static let difference = RowTable(
    "difference",
    ["kind": .text, "id": .text, "field": .text, "before": .text, "after": .text])

  /// One row a poll that was just made: its counts, or why it failed.
  public static let polls = RowTable(
    "polls",
    [
      "instance": .integer, "resource": .text, "status": .text, "pages": .integer,
      "items": .integer, "changes": .integer, "position": .integer, "error": .text,
      "nextAt": .moment,
    ])

  /// One row an attempt that was just made: its outcome, and when the next follows.
  public static let attempts = RowTable(
    "attempts",
    [
      "position": .integer, "id": .text, "url": .text, "attempt": .integer, "status": .integer,
      "durationMs": .integer, "outcome": .text, "nextAt": .moment,
    ])

  /// One row a probe of a URL, and what came of it.
  public static let probes = RowTable(
    "probes",
    [
      "position": .integer, "id": .text, "url": .text, "instance": .integer, "status": .integer,
      "durationMs": .integer, "outcome": .text, "errorClass": .text, "error": .text,
      "address": .text, "times": .json,
    ])

  /// The phases of a poll by hand.
  public static let pollSteps = RowTable(
    "pollSteps",
    [
      "phase": .text, "page": .integer, "item": .integer, "verdict": .text, "reason": .text,
      "objectId": .text, "revision": .text, "method": .text, "url": .text, "mode": .text,
      "items": .integer, "bytes": .integer, "error": .text, "position": .integer,
      "changes": .integer, "nextAt": .moment, "title": .text,
    ],
    main: [
      "phase", "page", "item", "verdict", "title", "reason", "objectId", "method", "url", "mode",
      "items", "bytes", "error", "position", "changes", "nextAt",
    ])

  /// One row a value of a notification that today’s rules make other than it was recorded.
  public static let whatIf = RowTable(
    "whatIf", ["field": .text, "recorded": .text, "today": .text])

  /// One row an hour, and an instance, resource or callback where it is asked for by them.
  ///
  /// `attemptsUntilSuccess` is the mean over the deliveries that arrived in that hour; the
  /// percentiles are of all attempts that ended in it, in milliseconds.
  public static let activity = RowTable(
    "activity",
    [
      "hour": .moment, "instance": .integer, "resource": .text, "callback": .text,
      "changes": .integer, "deliveries": .integer, "attempts": .integer, "succeeded": .integer,
      "failed": .integer, "p50Ms": .integer, "p90Ms": .integer, "p99Ms": .integer,
      "attemptsUntilSuccess": .text, "polls": .integer, "pollsFailed": .integer,
      "cursorResets": .integer,
    ])

  /// One row a plan: how much a URL has not accepted, by what became of it, and what is left out.
  public static let recoveryPlans = RowTable(
    "recoveryPlans",
    [
      "url": .text, "notifications": .integer, "changes": .integer, "bytes": .integer,
      "exhausted": .integer, "retrying": .integer, "held": .integer, "skipped": .integer,
      "alreadyDelivered": .integer, "open": .integer, "stillHeld": .integer,
    ])

  /// One row a plan: the range, the counts and the URL of a replay that was not asked for yet.
  public static let replayPlans = RowTable(
    "replayPlans",
    [
      "changes": .integer, "notifications": .integer, "bytes": .integer, "url": .text,
      "alreadyDelivered": .integer, "gone": .integer, "estimate": .text, "title": .text,
      "open": .integer,
    ])
}

extension Row {
  /// A poll’s report by the columns of `RowTable.polls`.
  public init(_ report: PollReport) {
    self = [
      "instance": .integer(report.instance), "resource": .text(report.resource),
      "status": .text(report.status.rawValue), "pages": .integer(Int64(report.pages)),
      "items": .integer(Int64(report.items)), "changes": .integer(Int64(report.changes)),
      "position": report.position.map(Field.integer) ?? .null,
      "error": report.error.map(Field.text) ?? .null,
      "nextAt": report.nextAt.map(Field.moment) ?? .null,
    ]
  }

  /// An attempt’s report by the columns of `RowTable.attempts`.
  public init(_ report: AttemptReport) {
    self = [
      "position": .integer(report.position), "id": .text(report.id), "url": .text(report.url),
      "attempt": .integer(Int64(report.attempt)),
      "status": report.status.map { .integer(Int64($0)) } ?? .null,
      "durationMs": .integer(report.duration.wholeMilliseconds),
      "outcome": .text(report.outcome), "nextAt": report.nextAt.map(Field.moment) ?? .null,
    ]
  }
}
