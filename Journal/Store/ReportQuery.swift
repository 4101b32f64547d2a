package import Events

/// A question of a person: which list, which part of it, in which direction.
///
/// Without `limit` it is everything. With it, so many rows from one end of the part, given in the
/// order of the log, or the newest first where `isReversed`:
///
///     end      isReversed   of 1, 2, 3, 4, 5 with a limit of 2
///     oldest   false        1, 2
///     oldest   true         2, 1
///     newest   false        4, 5
///     newest   true         5, 4
package struct ReportQuery: Sendable, Equatable {
  /// The rows with which a limit begins to count.
  package enum End: Sendable { case oldest, newest }

  /// Which list.
  package enum Kind: String, Sendable, CaseIterable {
    case events, changes, deliveries, instances, cursors, callbacks, notices, replays
  }

  /// A way to narrow a list down.
  package enum Filter: Sendable, CaseIterable {
    case types, instance, resource, object, since, until, after, before, statuses, isOpen
  }

  package var kind: Kind
  /// Types of events, or kinds of changes (`CREATED`, …); empty: all.
  package var types: [String] = []
  package var instance: InstanceID?
  /// The key in the configuration.
  package var resource: String?
  /// An `objectId`.
  package var object: String?
  /// Recorded then or later.
  package var since: Moment?
  /// Recorded before then.
  package var until: Moment?
  /// Positions past this one; of lists without positions, ids.
  package var after: Int64?
  /// Positions below this one.
  package var before: Int64?
  /// Rows at most.
  package var limit: Int?
  /// Where the limit begins to count; nil: with the row that is given first.
  package var end: End?
  /// Newest first.
  package var isReversed = false
  /// States of deliveries; empty: all.
  package var statuses: [String] = []
  /// Only what is open: of notices.
  package var isOpen = false

  package init(_ kind: Kind) { self.kind = kind }

  /// The filters that are used.
  package var filters: Set<Filter> {
    var used: Set<Filter> = []
    if !types.isEmpty { used.insert(.types) }
    if instance != nil { used.insert(.instance) }
    if resource != nil { used.insert(.resource) }
    if object != nil { used.insert(.object) }
    if since != nil { used.insert(.since) }
    if until != nil { used.insert(.until) }
    if after != nil { used.insert(.after) }
    if before != nil { used.insert(.before) }
    if !statuses.isEmpty { used.insert(.statuses) }
    if isOpen { used.insert(.isOpen) }
    return used
  }
}

extension ReportQuery.Kind {
  /// The filters that a list knows; any other is refused by whoever asks, never passed over.
  package var filters: Set<ReportQuery.Filter> {
    let range: Set<ReportQuery.Filter> = [.since, .until, .after, .before]
    switch self {
    case .events: return range.union([.types, .instance, .resource, .object])
    case .changes: return range.union([.types, .instance, .resource, .object])
    case .deliveries: return range.union([.instance, .resource, .object, .statuses])
    case .instances: return [.instance, .resource, .after, .before]
    case .cursors: return [.instance, .resource, .after, .before]
    case .callbacks: return []
    case .notices: return range.union([.instance, .isOpen])
    case .replays: return range
    }
  }
}

/// The text of a query put together from its files, and what is bound to it.
struct ComposedQuery: Equatable {
  /// The kinds of answers: the rows, their number, or the key of the last.
  enum Purpose { case rows, count, lastKey }

  var text: String
  var values: [String: Binding]

  /// - Parameters:
  ///   - query: Its times are positions by now.
  ///   - range: Keys between which the page lies, both outside.
  ///   - limit: Rows of the page, in the direction of the query.
  ///   - purpose: The rows of the page, their number, or the key of the last of them, which is
  ///     there only where the page is full.
  init(
    _ query: ReportQuery, after: Binding, before: Binding, limit: Int, for purpose: Purpose = .rows
  ) {
    let isFound =
      query.kind == .events
      && !query.filters.isDisjoint(with: [.types, .instance, .resource, .object])
    let names = Names(query.kind, isFound: isFound)
    let filters = Self.filters(query).map(\.text).joined()
    let isDown = query.isReversed
    let page = (isDown ? SQL.pageDown : .pageUp).text
    let whole =
      switch purpose {
      case .rows: names.select.text + filters + page
      case .count: SQL.countRows.text.replacing("@rows", with: names.from + filters + page)
      case .lastKey:
        SQL.lastKey.text.replacing(
          "@rows", with: names.from + filters + (isDown ? SQL.lastDown : .lastUp).text)
      }
    text = whole.replacing("@key", with: names.key)
      .replacing("@type", with: names.type).replacing("@table", with: names.table)
      .replacing("@object", with: names.object)
    values = ["after": after, "before": before, "limit": .integer(Int64(limit))]
    values["type"] = query.types.count == 1 ? .text(query.types[0]) : nil
    values["types"] = .text(Self.array(query.types))
    values["instance"] = Binding(query.instance)
    values["resource"] = Binding(query.resource)
    values["object"] = Binding(query.object)
    values["status"] = query.statuses.count == 1 ? .text(query.statuses[0]) : nil
    values["statuses"] = .text(Self.array(query.statuses))
  }

  private static func filters(_ query: ReportQuery) -> [SQL] {
    var fragments: [SQL] = []
    if !query.types.isEmpty {
      fragments.append(query.types.count == 1 ? .whereType : .whereTypes)
    }
    if query.instance != nil { fragments.append(.whereInstance) }
    if query.resource != nil {
      switch query.kind {
      case .events: fragments.append(.whereResourceOfEvent)
      case .instances: fragments.append(.whereResourceOfInstance)
      default: fragments.append(.whereResource)
      }
    }
    if query.object != nil {
      fragments.append(
        query.kind == .deliveries ? .whereObjectOfDelivery : .whereObject)
    }
    if query.statuses.count == 1 {
      fragments.append(.whereStatus)
    } else if !query.statuses.isEmpty {
      let isMost = query.statuses.contains("succeeded")
      fragments.append(isMost ? .whereMostStatuses : .whereStatuses)
    }
    if query.isOpen { fragments.append(.whereOpen) }
    return fragments
  }

  private static func array(_ words: [String]) -> String {
    JSONBody.array(words)
  }

  /// The words that take the place of the placeholders of the files in one list.
  private struct Names {
    var select: SQL
    var key: String
    var table: String
    var type = "type"
    var object = "object_id"

    /// The list without its columns: its own FROM is the one that begins a line.
    var from: String {
      let text = select.text
      guard let place = text.firstRange(of: "\nFROM ") else {
        preconditionFailure("\(select) has no line that begins with FROM")
      }
      return String(text[place.lowerBound...])
    }

    init(_ kind: ReportQuery.Kind, isFound: Bool) {
      table = kind.rawValue
      key = "\(kind.rawValue).position"
      switch kind {
      case .events where isFound:
        (select, table, key) = (.findEvents, "entries", "entries.position")
        (type, object) = ("entries.type", "entries.object")
      case .events: select = .listEvents
      case .changes: (select, type) = (.listChanges, "kind")
      case .deliveries: select = .listDeliveries
      case .instances: (select, key) = (.listInstances, "instances.instance")
      case .cursors: (select, key) = (.listCursors, "cursors.feed")
      case .callbacks: (select, key) = (.listCallbacks, "listed.url")
      case .notices: select = .listNotices
      case .replays: (select, key) = (.listReplays, "replays.replay")
      }
    }
  }
}
