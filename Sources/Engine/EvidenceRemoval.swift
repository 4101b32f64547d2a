import Domain
package import EventStore
import Events

/// Finds evidence, tells how much it is, and removes it, bit by bit.
package struct EvidenceRemoval: Sendable {
  let reader: JournalReader
  private let writer: JournalWriter?
  private let world: World

  package init(_ repository: Repository, world: World) {
    (reader, writer, self.world) = (repository.reader, repository.writer, world)
  }

  /// For a plan alone.
  ///
  /// - Parameter reader: Its report tables are caught up.
  package init(planningBy reader: JournalReader, world: World) {
    (self.reader, writer, self.world) = (reader, nil, world)
  }

  /// The extent of a removal, planned or done.
  package struct Extent: Sendable, Equatable {
    package var counts: [PayloadUse: Int] = [:]
    package var bytes: Int64 = 0
    /// Deliveries that are not done, and polls not told yet, that need some of it.
    package var open = 0
    /// Objects that are forgotten.
    package var objects = 0
    /// Positions of the events that tell what was removed.
    package var positions: [Int64] = []

    package init() {}

    package var payloads: Int { counts.values.reduce(0, +) }
  }

  /// Counts what would be removed.
  package func plan(_ selection: EvidenceSelection) async throws -> Extent {
    var extent = Extent()
    var seen: Set<String> = []
    var open: Set<String> = []
    let things = try await things(of: selection)
    extent.objects = things?.objects.count ?? 0
    var place = Place()
    while let part = try await next(selection, things, &place) {
      for (use, digests) in part.chosen.payloads {
        for digest in digests where seen.insert(digest).inserted {
          let bytes = try await reader.read { snapshot throws(JournalError) in
            try snapshot.evidenceBytes(of: digest)
          }
          guard let bytes else { continue }
          extent.counts[use, default: 0] += 1
          extent.bytes += bytes
        }
      }
      open.formUnion(part.open)
      // Parts next to each other may share a page or a body, those far apart do not.
      if seen.count > Limits.evidencePlannedMax { seen = [] }
    }
    extent.open = open.count
    return extent
  }

  /// Removes what is found, a transaction for some hundred payloads each: ended anywhere, what is
  /// left is found again.
  ///
  /// - Parameters:
  ///   - skipsOpen: Whether deliveries lose what they would send; they are skipped when due.
  ///   - progress: Told how many payloads are gone.
  /// - Throws: `Refusal` where something is still to be delivered, and a replay is under way.
  package func carryOut(
    _ selection: EvidenceSelection, _ order: ExpungeOrder, skipsOpen: Bool,
    progress: @Sendable (Int64) -> Void = { _ in }
  ) async throws -> Extent {
    guard let writer else { preconditionFailure("a plan removes nothing") }
    let things = try await things(of: selection)
    if !skipsOpen, things != nil {
      let open = try await plan(selection).open
      guard open == 0 else { throw Self.stillOpen(open) }
    }
    var extent = Extent()
    extent.objects = things?.objects.count ?? 0
    var place = Place()
    while true {
      try Task.checkCancellation()
      let before = place
      guard let part = try await next(selection, things, &place) else { break }
      guard skipsOpen || part.open.isEmpty else { throw Self.stillOpen(part.open.count) }
      switch try await expunge(part.chosen, order, writer) {
      case .conflict: place = before
      case .nothing: break
      case .removed(let position, let body):
        extent.add(body, at: position)
        progress(Int64(extent.payloads))
      }
    }
    // What polls under way have kept may hold it as well.
    if things != nil { try await writer.dropAllStaging() }
    return extent
  }

  /// Does one part of it, as a policy does: what is in the way stays for another time.
  ///
  /// - Parameter place: Where the log was gone through to; moved on where the part is done.
  func step(
    _ selection: EvidenceSelection, _ order: ExpungeOrder, from place: inout Place
  ) async throws {
    guard let writer else { preconditionFailure("a plan removes nothing") }
    var reached = place
    guard let part = try await next(selection, nil, &reached) else { return }
    if case .conflict = try await expunge(part.chosen, order, writer) { return }
    place = reached
  }

  private enum Outcome {
    /// Something of it went on meanwhile: it is chosen again.
    case conflict
    case nothing
    case removed(Int64, PayloadExpunged)
  }

  private func expunge(
    _ chosen: Expunging, _ order: ExpungeOrder, _ writer: JournalWriter
  ) async throws(JournalError) -> Outcome {
    do throws(JournalError) {
      let done = try await writer.expunge(chosen, order, at: world.now())
      return done.map { .removed($0.position, $0.body) } ?? .nothing
    } catch .conflict {
      return .conflict
    }
  }

  static func stillOpen(_ count: Int) -> Refusal {
    Refusal(
      .conflict,
      "\(count == 1 ? "a delivery is" : "\(count) deliveries are") still to be made of it; deliver"
        + " first, or have what is open skipped")
  }

  /// Takes what was removed out of the files' free space as well.
  ///
  /// - Parameter isRewritten: Whether the file is written anew, which keeps others waiting.
  /// - Returns: False where readers stayed in the way for some seconds.
  package func wipe(isRewritten: Bool) async throws(JournalError) -> Bool {
    guard let writer else { return true }
    for round in 0..<Limits.wipeTries {
      if round > 0 { await world.sleep(.milliseconds(200)) }
      if try await writer.wipe(isRewritten: isRewritten && round == 0) { return true }
    }
    return false
  }
}

extension EvidenceRemoval.Extent {
  mutating func add(_ body: PayloadExpunged, at position: Int64) {
    let lists: [(PayloadUse, [String])] = [
      (.pages, body.pages), (.items, body.items), (.bodies, body.bodies),
      (.requests, body.requests), (.responses, body.responses),
    ]
    for (use, digests) in lists where !digests.isEmpty { counts[use, default: 0] += digests.count }
    bytes += body.bytes
    positions.append(position)
  }
}

extension EvidenceRemoval {
  /// How far the log was looked through.
  struct Place: Sendable {
    var position: Int64 = 0
    /// By the bytes in which somebody was found the others are found again, after a crash: they go
    /// in a second walk.
    var isSecondWalk = false
    /// True where the rest is at hand, which no event names: it goes last, in parts.
    var isPastLog = false
    var rest: [String]?
  }

  struct Part: Sendable {
    var chosen: Expunging
    var open: Set<String>
  }

  /// The next part of what was selected; nil where there is no more.
  func next(
    _ selection: EvidenceSelection, _ things: ForgottenThings?, _ place: inout Place
  ) async throws -> Part? {
    // Which notifications tell of a change is asked of tables that follow.
    try await writer?.catchUp()
    while !place.isPastLog {
      let before = place.position
      var walked = things
      walked?.sparesFound = !place.isSecondWalk
      let (part, reached) = try await reader.read { [walked] view throws(JournalError) in
        try Self.part(of: selection, walked, after: before, in: view)
      }
      if reached > before {
        place.position = reached
        return part
      }
      place.isPastLog = things == nil || place.isSecondWalk
      if !place.isPastLog { (place.position, place.isSecondWalk) = (0, true) }
    }
    guard let things else { return nil }
    let rest = place.rest ?? Array(things.found).sorted()
    guard !rest.isEmpty else { return nil }
    place.rest = Array(rest.dropFirst(Limits.evidencePerPart))
    var chosen = Expunging(
      head: try await reader.read { view throws(JournalError) in try view.head().position })
    chosen.payloads[.items] = Array(rest.prefix(Limits.evidencePerPart))
    return Part(chosen: chosen, open: [])
  }

  private static func part(
    of selection: EvidenceSelection, _ things: ForgottenThings?, after: Int64,
    in view: JournalSnapshot
  ) throws(JournalError) -> (Part, Int64) {
    var gatherer = try EvidenceGatherer(view)
    var reached = after
    for row in try view.events(after: after, limit: Limits.evidenceEventsPerPart) {
      if gatherer.chosen.count >= Limits.evidencePerPart { break }
      if case .aged(_, let before) = selection, row.recordedAt >= before { break }
      reached = row.position
      // What a later program wrote is not known here, and stays.
      guard let event = try? row.event() else { continue }
      if case .aged(let kinds, _) = selection {
        try gatherer.take(aged: kinds, row, event)
      } else if let things {
        try gatherer.take(things, row, event)
      }
    }
    return (Part(chosen: gatherer.chosen, open: gatherer.open), reached)
  }
}
