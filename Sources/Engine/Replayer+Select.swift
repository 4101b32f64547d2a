package import Domain
import Events
package import Journal
import Webhook

extension Replayer {
  /// Freezes what is to be sent as it went: one delivery a notification, the first, whose bytes all
  /// others of that id have.
  ///
  /// What a replay rendered anew tells the same changes once more, under another id: it is sent
  /// only where it is named itself.
  ///
  /// - Parameters:
  ///   - query: Of deliveries.
  ///   - one: A single position: of a delivery, of any event of it, or of what it came of.
  ///   - url: Where to.
  /// - Throws: `Refusal` where there is no such position; `LogError`.
  package static func selectExact(
    _ query: ReportQuery, only one: Int64? = nil, for url: String, from reader: LogReader
  ) async throws -> Selection {
    var rows: [Row]
    if let one {
      rows = try await deliveries(query, of: one, from: reader)
    } else {
      rows = try await reader.rows(query).filter { $0["mode"]?.string != "rebuilt" }
    }
    var ids: Set<String> = []
    rows = rows.filter { row in row["id"]?.string.map { ids.insert($0).inserted } ?? false }
    let taken = try await reader.notifications(deliveredTo: url)
    func sum(_ name: String) -> Int64 { rows.reduce(0) { $0 + ($1[name]?.integer ?? 0) } }
    return Selection(
      positions: rows.compactMap { $0["position"]?.integer }.sorted(), notifications: rows.count,
      changes: Int(sum("changes")), bytes: sum("bytes"),
      delivered: ids.count(where: taken.contains),
      text: "\(rows.count) positions")
  }

  /// Freezes the changes that are to be put into notifications anew.
  ///
  /// - Parameters:
  ///   - query: Of changes.
  ///   - one: A single position: of a change, or of what `selectExact` would find deliveries by.
  /// - Throws: `Refusal` where there is no such position; `LogError`.
  package static func selectRebuilt(
    _ query: ReportQuery, only one: Int64? = nil, for url: String, by connector: any Connector,
    from reader: LogReader
  ) async throws -> Selection {
    var positions = try await reader.rows(query).compactMap { $0["position"]?.integer }.sorted()
    if let one {
      let told = try await changes(toldOf: one, from: reader)
      positions = positions.filter(told.contains)
    }
    let groups = try await groups(positions, from: reader)
    let taken = try await reader.changes(deliveredTo: url)
    return Selection(
      positions: positions, notifications: groups.count, changes: positions.count,
      bytes: try await bytes(of: groups, by: connector, from: reader),
      delivered: groups.count { group in group.allSatisfy { taken.contains($0.position) } },
      text: "\(positions.count) positions")
  }

  /// The changes as today’s rules put them together: one kind and one poll each.
  static func groups(
    _ positions: [Int64], from reader: LogReader
  ) async throws(LogError) -> [[Runner.Changed]] {
    var groups: [[Runner.Changed]] = []
    var poll: [Runner.Changed] = []
    func close() {
      let byPosition = Dictionary(uniqueKeysWithValues: poll.map { ($0.position, $0) })
      groups += NotificationPlan.groups(poll.map(\.part)).map { group in
        group.compactMap { byPosition[$0.position] }
      }
      poll = []
    }
    for position in positions {
      let row = try await reader.read { reading throws(LogError) in
        try reading.event(at: position)
      }
      guard let row, let change = try Runner.changed(row) else { continue }
      if let last = poll.last, last.cause != change.cause { close() }
      poll.append(change)
    }
    close()
    return groups
  }

  /// The size of the notifications, with ids as long as ids can be.
  private static func bytes(
    of groups: [[Runner.Changed]], by connector: any Connector, from reader: LogReader
  ) async throws(LogError) -> Int64 {
    var instances: [Int64: Instance] = [:]
    var sum: Int64 = 0
    for group in groups {
      guard let first = group.first?.body else { continue }
      let instance: Instance
      if let known = instances[first.instance] {
        instance = known
      } else {
        instance = try await reader.instance(first.instance)
        instances[first.instance] = instance
      }
      let polledAt = Moment(milliseconds: first.polledAtMs)
      let head = Runner.head(
        group, .max >> 1, eventID: String(repeating: "A", count: 20), polledAt, polledAt,
        of: instance, by: connector)
      for piece in Envelope.render(head, group.map(\.told)) {
        switch piece {
        case .text(let bytes): sum += Int64(bytes.count)
        case .object(let index):
          let body = group[index].body
          let count = body.item == nil ? Envelope.stub(id: body.object).count : body.bytes
          sum += Int64(count)
        }
      }
    }
    return sum
  }

  /// Of one event: the delivery that it belongs to, or those that came of it.
  private static func deliveries(
    _ query: ReportQuery, of position: Int64, from reader: LogReader
  ) async throws -> [Row] {
    let event = try await event(at: position, from: reader)
    if event.type.hasPrefix("delivery.") {
      let first = try await reader.read { reading throws(LogError) in
        try reading.events(of: event.stream, limit: 1)
      }
      return try await rows(query, at: Set(first.map(\.position)), from: reader)
    }
    let effects = Set(try await reader.requests(since: position))
    let rows = try await rows(query, at: effects, from: reader)
    if event.type.hasPrefix("replay.") { return rows }
    return rows.filter { $0["mode"]?.string != "rebuilt" }
  }

  /// Those rows of a list that stand at these positions.
  private static func rows(
    _ query: ReportQuery, at positions: Set<Int64>, from reader: LogReader
  ) async throws -> [Row] {
    guard let first = positions.min(), let last = positions.max() else { return [] }
    var query = query
    query.after = first - 1
    query.before = last + 1
    return try await reader.rows(query).filter { row in
      row["position"]?.integer.map(positions.contains) ?? false
    }
  }

  /// A change itself, or the changes told by the deliveries of an event.
  private static func changes(
    toldOf position: Int64, from reader: LogReader
  ) async throws -> Set<Int64> {
    if try await event(at: position, from: reader).type == ChangeObserved.type { return [position] }
    let rows = try await deliveries(ReportQuery(.deliveries), of: position, from: reader)
    var told: Set<Int64> = []
    for position in rows.compactMap({ $0["position"]?.integer }) {
      guard case .deliveryRequested(let body) = try await event(at: position, from: reader).event()
      else { continue }
      told.formUnion(body.changes)
    }
    return told
  }

  private static func event(at position: Int64, from reader: LogReader) async throws -> Recorded {
    let found = try await reader.read { reading throws(LogError) in
      try reading.event(at: position)
    }
    guard let found else { throw Refusal("there is no event \(position)") }
    return found
  }
}
