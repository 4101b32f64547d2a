package import Domain
package import EventStore
import Events
import Webhook

extension Replays {
  /// Freezes what is to be sent as it went: one delivery a notification, the first, whose bytes all
  /// others of that id have.
  ///
  /// What a replay rendered anew tells the same changes once more, under another id: it is sent
  /// only where it is named itself.
  ///
  /// A range takes the deliveries in it, and those after it that tell of a change in it: what
  /// tells of any selected change is sent whole.
  ///
  /// - Parameters:
  ///   - query: Of deliveries.
  ///   - one: A single position: of a delivery, of any event of it, or of what it came of.
  ///   - url: Where to.
  ///   - isMissing: Leaves out what the URL took already, and what is on its way there: a
  ///     notification, or all changes in it.
  /// - Throws: `Refusal` where there is no such position, or more than a replay may hold;
  ///   `JournalError`.
  package static func selectExact(
    _ query: ReportQuery, only one: Int64? = nil, for url: String, isMissing: Bool = false,
    from reader: JournalReader
  ) async throws -> Selection {
    var takesRebuilt = false
    var positions: [Int64]?
    if let one {
      let event = try await event(at: one, from: reader)
      takesRebuilt = event.type.hasPrefix("delivery.") || event.type.hasPrefix("replay.")
      positions = try await deliveries(of: event, from: reader)
    }
    var chosen = Selection()
    var seen: Set<UInt64> = []
    func take(_ rows: [Row]) async throws {
      let ids = rows.compactMap { $0["id"]?.string.map { NotificationID(stored: $0) } }
      let judged = Dictionary(
        try await reader.judge(ids, to: url).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
      let gone = try await reader.goneBodies(rows.compactMap { $0["position"]?.integer })
      let told =
        isMissing ? try await toldDeliveries(in: rows, to: url, from: reader) : ToldDeliveries()
      for row in rows {
        guard let id = row["id"]?.string.map({ NotificationID(stored: $0) }),
          let position = row["position"]?.integer,
          let known = judged[id], takesRebuilt || !known.isRebuilt,
          seen.insert(id.number ?? 0).inserted
        else { continue }
        if let gone = gone[position] {
          chosen.leaveOut(by: gone.by)
          continue
        }
        let isDelivered = known.isDelivered || told.taken.contains(position)
        let isOpen = !isDelivered && (known.isOpen || told.open.contains(position))
        chosen.take(
          row, at: position, isDelivered: isDelivered, isOpen: isOpen, isMissing: isMissing)
      }
      try check(chosen.notifications)
    }
    try await pages(query, at: positions, from: reader, take)
    if one == nil, let before = query.before, before > query.after ?? 0 {
      let later = try await reader.requestsLater(of: (query.after ?? 0)..<before)
      try await pages(query, at: later, from: reader, take)
    }
    if chosen.positions.isEmpty, chosen.gone > 0 {
      throw gone("the bytes of what was selected", chosen.goneBy)
    }
    return chosen
  }

  /// Deliveries whose changes a URL knows by some notification, or is about to.
  struct ToldDeliveries {
    /// It took all of them.
    var taken: Set<Int64> = []
    /// It took them, or they are on their way to it.
    var open: Set<Int64> = []
  }

  static func toldDeliveries(
    in rows: [Row], to url: String, from reader: JournalReader
  ) async throws -> ToldDeliveries {
    var changes: [Int64: [Int64]] = [:]
    for position in rows.compactMap({ $0["position"]?.integer }) {
      guard
        case .deliveryRequested(let body) = try await event(at: position, from: reader).event()
      else { continue }
      changes[position] = body.changes
    }
    let all = changes.values.flatMap(\.self)
    let taken = try await reader.changes(among: all, deliveredTo: url)
    let open = try await reader.changes(among: all, openAt: url)
    var told = ToldDeliveries()
    for (position, changes) in changes where !changes.isEmpty {
      if changes.allSatisfy(taken.contains) {
        told.taken.insert(position)
      } else if changes.allSatisfy({ taken.contains($0) || open.contains($0) }) {
        told.open.insert(position)
      }
    }
    return told
  }

  /// Freezes the changes that are to be put into notifications anew.
  ///
  /// - Parameters:
  ///   - query: Of changes; or of deliveries, for the changes that they tell.
  ///   - one: A single position: of a change, or of what `selectExact` would find deliveries by.
  ///   - url: Where to.
  ///   - isMissing: Leaves out the changes that the URL was told of and took, and those that are
  ///     on their way there.
  /// - Throws: `Refusal` where there is no such position, or more than a replay may hold;
  ///   `JournalError`.
  package static func selectRebuilt(
    _ query: ReportQuery, only one: Int64? = nil, for url: String, isMissing: Bool = false,
    by connector: any Connector, from reader: JournalReader
  ) async throws -> Selection {
    var positions: [Int64]?
    if let one { positions = try await changes(of: one, from: reader) }
    var changes = query
    if query.kind == .deliveries {
      let told = try await self.changes(toldBy: query, from: reader)
      positions = positions?.filter(Set(told).contains) ?? told
      changes = ReportQuery(.changes)
      // Of the notification these all are, but for the object.
      changes.object = query.object
    }
    var chosen = Selection()
    try await pages(changes, at: positions, from: reader) { rows in
      let positions = rows.compactMap { $0["position"]?.integer }
      let gone = try await reader.goneItems(positions)
      for position in positions {
        if let gone = gone[position] {
          chosen.leaveOut(by: gone.by)
        } else {
          chosen.positions.append(position)
        }
      }
      try check(chosen.positions.count / Limits.changesPerNotification)
    }
    if chosen.positions.isEmpty, chosen.gone > 0 {
      throw gone("the bytes of what was selected", chosen.goneBy)
    }
    var measure = try await measure(chosen.positions, for: url, by: connector, from: reader)
    chosen.delivered = measure.delivered
    chosen.open = measure.open
    if isMissing, !measure.told.isEmpty {
      chosen.positions.removeAll { measure.told.contains($0) }
      measure = try await Self.measure(chosen.positions, for: url, by: connector, from: reader)
    }
    chosen.changes = chosen.positions.count
    chosen.notifications = measure.notifications
    chosen.bytes = measure.bytes
    try check(chosen.notifications)
    return chosen
  }

  /// The changes that deliveries tell of which no replay asked for, ascending.
  private static func changes(
    toldBy query: ReportQuery, from reader: JournalReader
  ) async throws -> [Int64] {
    var told: Set<Int64> = []
    try await pages(query, at: nil, from: reader) { rows in
      for row in rows where row["replay"] == .null {
        guard let position = row["position"]?.integer,
          case .deliveryRequested(let body) = try await event(at: position, from: reader).event()
        else { continue }
        told.formUnion(body.changes)
      }
      try check(told.count / Limits.changesPerNotification)
    }
    return told.sorted()
  }

  /// Notifications that are still to be rendered, counted.
  private struct Measure {
    var notifications = 0
    var bytes: Int64 = 0
    /// Those whose changes the URL took, all of them.
    var delivered = 0
    /// Those that have a change which is on its way to the URL.
    var open = 0
    /// Changes that the URL took, or that are on their way to it.
    var told: Set<Int64> = []
  }

  private static func measure(
    _ positions: [Int64], for url: String, by connector: any Connector, from reader: JournalReader
  ) async throws -> Measure {
    var measure = Measure()
    var instances: [InstanceID: Instance] = [:]
    var polls = PollGroups(positions)
    while let groups = try await polls.next(from: reader) {
      let positions = groups.flatMap { $0.map(\.position) }
      let taken = try await reader.changes(among: positions, deliveredTo: url)
      let open = try await reader.changes(among: positions, openAt: url).subtracting(taken)
      measure.told.formUnion(taken)
      measure.told.formUnion(open)
      for group in groups {
        guard let first = group.first?.body else { continue }
        if instances[first.instance] == nil {
          instances[first.instance] = try await reader.instance(first.instance)
        }
        guard let instance = instances[first.instance] else { continue }
        measure.notifications += 1
        measure.bytes += size(of: group, instance, by: connector)
        if group.allSatisfy({ taken.contains($0.position) }) { measure.delivered += 1 }
        if group.contains(where: { open.contains($0.position) }) { measure.open += 1 }
      }
    }
    return measure
  }

  static func check(_ notifications: Int) throws(Refusal) {
    guard notifications > Limits.replayDeliveriesMax else { return }
    throw Refusal(
      .tooLarge,
      "the selection has more than \(Limits.replayDeliveriesMax) notifications, and no more go into"
        + " one replay; narrow it down")
  }

  /// The size of a notification whose id is as long as ids can be.
  private static func size(
    of group: [ObservedChange], _ instance: Instance, by connector: any Connector
  ) -> Int64 {
    let polledAt = Moment(milliseconds: group[0].body.polledAtMs)
    let head = NotificationRenderer.head(
      group, .max >> 1, eventID: String(repeating: "A", count: 20), createdAt: polledAt,
      polledAt: polledAt, of: instance, by: connector)
    return Envelope.render(head, group.map(\.told)).reduce(0) { sum, piece in
      switch piece {
      case .text(let bytes): sum + Int64(bytes.count)
      case .object(let index):
        sum
          + Int64(
            group[index].body.item == nil
              ? Envelope.stub(id: group[index].body.object).count : group[index].body.bytes)
      }
    }
  }

  /// Gives a list page by page, or those of its rows that stand at certain positions.
  private static func pages(
    _ query: ReportQuery, at positions: [Int64]?, from reader: JournalReader,
    _ take: ([Row]) async throws -> Void
  ) async throws {
    var query = query
    query.end = .oldest
    guard let positions else {
      query.limit = pageRows
      while true {
        let rows = try await reader.rows(query)
        guard let last = rows.last?["position"]?.integer else { return }
        try await take(rows)
        query.after = last
      }
    }
    query.limit = 1
    for position in positions {
      query.after = position - 1
      query.before = position + 1
      let rows = try await reader.rows(query)
      if !rows.isEmpty { try await take(rows) }
    }
  }

  private static let pageRows = 500

  /// The delivery that an event belongs to, or those that came of it.
  private static func deliveries(
    of event: RecordedEvent, from reader: JournalReader
  ) async throws(JournalError) -> [Int64] {
    guard event.type.hasPrefix("delivery.") else {
      return try await reader.requests(since: event.position)
    }
    return try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(of: event.stream, limit: 1)
    }.map(\.position)
  }

  /// A change itself, or the changes told by the deliveries of an event.
  private static func changes(
    of position: Int64, from reader: JournalReader
  ) async throws -> [Int64] {
    let one = try await event(at: position, from: reader)
    if one.type == ChangeObserved.type { return [position] }
    var told: Set<Int64> = []
    for delivery in try await deliveries(of: one, from: reader) {
      guard
        case .deliveryRequested(let body) = try await event(at: delivery, from: reader).event()
      else { continue }
      told.formUnion(body.changes)
    }
    return told.sorted()
  }

  private static func event(
    at position: Int64, from reader: JournalReader
  ) async throws -> RecordedEvent {
    let found = try await reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: position)
    }
    guard let found else { throw Refusal(.notFound(.event), "there is no event \(position)") }
    return found
  }
}

/// Changes as today’s rules put them together: one kind and one poll each.
struct PollGroups {
  private let positions: [Int64]
  private var place = 0
  /// First change of the next poll.
  private var first: ObservedChange?

  /// - Parameter positions: Ascending.
  init(_ positions: [Int64]) {
    self.positions = positions
  }

  /// All notifications of the next poll; nil after the last.
  mutating func next(from reader: JournalReader) async throws(JournalError) -> [[ObservedChange]]? {
    var poll = first.map { [$0] } ?? []
    first = nil
    while place < positions.count {
      let position = positions[place]
      place += 1
      let row = try await reader.read { snapshot throws(JournalError) in
        try snapshot.event(at: position)
      }
      guard let row, let change = try ObservedChange(row) else { continue }
      if let last = poll.last, last.cause != change.cause {
        first = change
        break
      }
      poll.append(change)
    }
    guard !poll.isEmpty else { return nil }
    let byPosition = Dictionary(uniqueKeysWithValues: poll.map { ($0.position, $0) })
    return NotificationPlan.groups(poll.map(\.part)).map { group in
      group.compactMap { byPosition[$0.position] }
    }
  }
}

extension Replays.Selection {
  fileprivate mutating func leaveOut(by position: Int64?) {
    gone += 1
    goneBy = goneBy ?? position
  }

  /// Counts what the URL knows of a delivery, and takes it unless only what is missing is wanted.
  fileprivate mutating func take(
    _ row: Row, at position: Int64, isDelivered: Bool, isOpen: Bool, isMissing: Bool
  ) {
    if isDelivered { delivered += 1 }
    if isOpen { open += 1 }
    if isMissing, isDelivered || isOpen { return }
    positions.append(position)
    notifications += 1
    changes += Int(row["changes"]?.integer ?? 0)
    bytes += row["bytes"]?.integer ?? 0
  }
}

/// Bytes that are not kept, and the event that removed them.
struct GoneBytes: Sendable {
  let by: Int64?
}

extension JournalReader {
  /// The deliveries whose bodies are not kept, by position.
  fileprivate func goneBodies(_ positions: [Int64]) throws(JournalError) -> [Int64: GoneBytes] {
    try gone(positions) { event in
      if case .deliveryRequested(let body) = event { body.body } else { nil }
    }
  }

  /// The changes whose objects are not kept, by position; a deletion may never have had one.
  fileprivate func goneItems(_ positions: [Int64]) throws(JournalError) -> [Int64: GoneBytes] {
    try gone(positions) { event in
      if case .changeObserved(let body) = event { body.item } else { nil }
    }
  }

  private func gone(
    _ positions: [Int64], _ named: (Event) -> String?
  ) throws(JournalError) -> [Int64: GoneBytes] {
    try view { snapshot throws(JournalError) in
      var gone: [Int64: GoneBytes] = [:]
      for position in positions {
        guard let event = try snapshot.event(at: position)?.event(), let name = named(event),
          try !snapshot.isKept(name)
        else { continue }
        gone[position] = GoneBytes(by: try snapshot.expunger(of: name))
      }
      return gone
    }
  }
}
