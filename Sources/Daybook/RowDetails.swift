import Domain
import Engine
import EventStore
import Events

/// Adds to rows what no table keeps, when they are read: what an event says in a line, and what the
/// objects are called. Titles are personal data and stay in the payloads alone.
struct RowDetails: Sendable {
  let reader: JournalReader
  let connector: any Connector

  /// The rows of a list by the columns of its `RowTable`.
  func added(to rows: [Row], of kind: ReportQuery.Kind) async throws(JournalError) -> [Row] {
    switch kind {
    case .events: return rows.adding("summary") { Self.summary(of: $0) }
    case .changes:
      return try await titled(rows) { snapshot, row throws(JournalError) in
        try snapshot.title(ofItem: row["item"]?.string, connector.title)
      }
    case .deliveries:
      let titled = try await titled(rows) { snapshot, row throws(JournalError) in
        Self.told(
          try snapshot.title(ofDelivery: row["position"]?.integer ?? 0, connector.title))
      }
      return try await attempted(titled)
    case .replays: return try await frozen(rows)
    case .instances, .cursors, .callbacks, .notices: return rows
    }
  }

  /// The rows of a trace by the columns of `RowTable.trace`.
  func traced(_ rows: [Row]) async throws(JournalError) -> [Row] {
    let connector = connector
    return try await reader.read { snapshot throws(JournalError) in
      var titles = DeliveryTitles(connector: connector)
      var traced: [Row] = []
      for row in rows {
        let event = row.event
        var title: String?
        if case .changeObserved(let body)? = event {
          title = try snapshot.title(ofItem: body.item, connector.title)
        } else if let stream = row["stream"]?.string, stream.hasPrefix("delivery/") {
          title = try titles.title(of: stream, in: snapshot)
        }
        let summary = Self.summary(of: event, at: row["recordedAt"]?.moment)
        traced.append(row.traced(event, summary: summary, title: title))
      }
      return traced
    }
  }

  /// The title of what a replay would send; nil where its first notification or change has none.
  func title(
    of selection: Replays.Selection, _ mode: ReplayMode
  ) async throws(JournalError) -> String? {
    guard let first = selection.positions.first else { return nil }
    let connector = connector
    return try await reader.read { snapshot throws(JournalError) in
      let title =
        switch mode {
        case .exact: try snapshot.title(ofDelivery: first, connector.title)?.first
        case .rebuilt: try snapshot.title(ofChange: first, connector.title)
        }
      return Self.told(title.map { ($0, selection.changes - 1) })
    }
  }

  /// Replays with the positions that were frozen when they were asked for, and who asked.
  private func frozen(_ rows: [Row]) async throws(JournalError) -> [Row] {
    try await reader.read { snapshot throws(JournalError) in
      var told: [Row] = []
      for row in rows {
        let event = try snapshot.event(at: row["replay"]?.integer ?? 0)?.event()
        var (selection, askedBy): (String?, String?)
        if case .replayRequested(let body)? = event {
          (selection, askedBy) = (try snapshot.selection(of: body), body.askedBy)
        }
        told.append(
          row.adding("selection", Field(text: selection)).adding("askedBy", Field(text: askedBy)))
      }
      return told
    }
  }

  /// Deliveries with what their last attempts tell beyond their rows.
  private func attempted(_ rows: [Row]) async throws(JournalError) -> [Row] {
    guard let first = rows.first else { return [] }
    let names = first.names + LastAttempt.names
    let limit = await reader.asOf ?? .max
    return try await reader.read { snapshot throws(JournalError) in
      var told: [Row] = []
      told.reserveCapacity(rows.count)
      for row in rows {
        let last = try LastAttempt(
          ofDelivery: row["position"]?.integer ?? 0, until: limit, in: snapshot)
        told.append(Row(names: names, values: row.values + last.values))
      }
      return told
    }
  }

  private func titled(
    _ rows: [Row],
    _ title: @Sendable (JournalSnapshot, Row) throws(JournalError) -> String?
  ) async throws(JournalError) -> [Row] {
    try await reader.read { snapshot throws(JournalError) in
      try rows.adding("title") { row throws(JournalError) in
        Field(text: try title(snapshot, row))
      }
    }
  }

  /// The title of several changes, by the first that has one and how many others there are.
  ///
  ///     Planning        Planning +2
  static func told(_ title: (first: String, others: Int)?) -> String? {
    title.map { $0.others > 0 ? "\($0.first) +\($0.others)" : $0.first }
  }

  /// One line on the event of a row; null where a newer program wrote it.
  static func summary(of row: Row) -> Field {
    summary(of: row.event, at: row["recordedAt"]?.moment)
  }

  private static func summary(of event: Event?, at recordedAt: Moment?) -> Field {
    Field(text: event?.summary(at: recordedAt ?? Moment(milliseconds: 0)))
  }
}

/// Titles of deliveries, each looked for once: a delivery has many events.
private struct DeliveryTitles {
  let connector: any Connector
  private var known: [String: String?] = [:]

  init(connector: any Connector) { self.connector = connector }

  mutating func title(
    of stream: String, in snapshot: JournalSnapshot
  ) throws(JournalError) -> String? {
    if let title = known[stream] { return title }
    var title: String?
    if let first = try snapshot.beginning(of: StreamName(stored: stream)) {
      title = RowDetails.told(try snapshot.title(ofDelivery: first, connector.title))
    }
    known.updateValue(title, forKey: stream)
    return title
  }
}

extension [Row] {
  /// The rows of one list with a column more, all of the same names.
  fileprivate func adding<Failure: Error>(
    _ name: String, _ value: (Row) throws(Failure) -> Field
  ) throws(Failure) -> [Row] {
    guard let first else { return [] }
    let names = first.names + [name]
    var rows: [Row] = []
    rows.reserveCapacity(count)
    for row in self { rows.append(Row(names: names, values: row.values + [try value(row)])) }
    return rows
  }
}

extension Row {
  func adding(_ name: String, _ value: Field) -> Row {
    Row(names: names + [name], values: values + [value])
  }

  /// By the columns of `RowTable.trace`.
  fileprivate func traced(_ event: Event?, summary: Field, title: String?) -> Row {
    var causes = self["cause"]?.integer.map { [$0] } ?? []
    // A notification comes of its poll or replay, and of each change that it tells.
    if case .deliveryRequested(let body)? = event { causes += body.changes }
    let list = Set(causes).sorted().map(String.init).joined(separator: ",")
    let known = ["position", "type", "stream", "cause", "depth"].map { self[$0] ?? .null }
    return Row(
      names: RowTable.trace.names,
      values: known + [
        summary, self["recordedAt"] ?? .null, Field(text: title), .json("[\(list)]"),
      ])
  }
}

extension Field {
  /// Null where there is no text.
  init(text: String?) { self = text.map { .text($0) } ?? .null }
}
