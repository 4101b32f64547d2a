import Domain
import Engine
import EventStore
import Events
import Foundation
import Synchronization

/// What holds after every seed, by the names that the design gives.
struct Invariants {
  let simulation: Simulation
  let repository: Repository
  let rows: [RecordedEvent]
  let events: [Event]

  init(_ simulation: Simulation, _ repository: Repository, _ rows: [RecordedEvent]) throws {
    self.simulation = simulation
    self.repository = repository
    self.rows = rows
    events = try rows.map { row throws(JournalError) in try row.event() }
  }

  /// Everything that does not hold, one sentence each.
  func check() async throws -> [String] {
    var problems: [String] = []
    problems += positionsHaveNoGaps()
    problems += versionsHaveNoGaps()
    problems += timeNeverStepsBack()
    problems += causesPrecede()
    problems += try await theChainVerifies()
    let dump = try JournalDump(simulation.path)
    problems += try await cursorKnownObjectsAndChangesCommitTogether(dump)
    problems += aDeliveryIsOpenOrClosed(dump)
    problems += aLaneSaysWhenItsFirstDeliveryIsDue(dump)
    problems += try await whatIsOpenIsOnTheAgenda(dump)
    problems += nothingIsSentWithoutARecordedAttempt()
    problems += noSecretIsInTheFile()
    problems += noClockStepIsMadeUp()
    problems += theSameIdHasTheSameBytes()
    problems += noObjectGoesBackAtTheReceiver()
    problems += aNoticeIsOpenOnceAtATime()
    problems += everyChangeIsAnnouncedOnce()
    problems += try await everyChangeIsExplained()
    problems += try await theReceiverKnowsWhatIsThere()
    problems += try await theRosterIsWatched()
    problems += try await rebuiltEqualsIncremental(dump)
    return problems
  }

  // MARK: The log by itself

  func positionsHaveNoGaps() -> [String] {
    rows.map(\.position) == Array(1...Int64(rows.count)) ? [] : ["positions have gaps"]
  }

  func versionsHaveNoGaps() -> [String] {
    var versions: [StreamName: Int64] = [:]
    return rows.compactMap { row in
      versions[row.stream, default: 0] += 1
      return versions[row.stream] == row.version ? nil : "\(row.stream) has a gap before it"
    }
  }

  func timeNeverStepsBack() -> [String] {
    zip(rows, rows.dropFirst()).compactMap { before, after in
      after.recordedAt < before.recordedAt ? "time steps back at \(after.position)" : nil
    }
  }

  func causesPrecede() -> [String] {
    rows.compactMap { row in
      guard let cause = row.cause else { return nil }
      return (1..<row.position).contains(cause) ? nil : "\(row.position) is before its cause"
    }
  }

  func theChainVerifies() async throws -> [String] { try await repository.reader.verify().problems }

  // MARK: Tables against events

  func cursorKnownObjectsAndChangesCommitTogether(_ dump: JournalDump) async throws -> [String] {
    var problems: [String] = []
    let folded = try await fold()
    if try await fold() != folded { problems.append("folding is not deterministic") }
    let objects = folded.flatMap { $0.value.rows(of: $0.key) }.sorted()
    let found = (dump.tables["objects"] ?? []).sorted()
    if objects != found {
      let odd = Set(objects).symmetricDifference(found).sorted().prefix(3)
      problems.append("known objects are not those of the events: \(odd)")
    }
    for row in try await simulation.feeds(repository) {
      guard let feed = folded[row.feed] else { continue }
      let table = [row.mode.rawValue, row.cursor ?? "", row.state.rawValue, "\(row.failures)"]
      let events = [feed.mode, feed.cursor ?? "", feed.state, "\(feed.failures)"]
      if table != events { problems.append("feed/\(row.feed) is \(table), not \(events)") }
    }
    for (row, event) in zip(rows, events) {
      guard case .pollCompleted(let poll) = event else { continue }
      let following = rows.dropFirst(Int(row.position)).prefix(poll.changes)
      let isWhole =
        following.count == poll.changes
        && following.allSatisfy { $0.type == ChangeObserved.type && $0.cause == row.position }
      if !isWhole { problems.append("the changes of poll \(row.position) do not follow it") }
    }
    return problems
  }

  func fold() async throws -> [FeedID: FoldedFeed] {
    try await FoldedFeed.fold(rows) { digest in
      try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.payload(digest)
      }
    }
  }

  func rebuiltEqualsIncremental(_ before: JournalDump) async throws -> [String] {
    var problems: [String] = []
    _ = try await repository.writer.rebuild()
    if let difference = try JournalDump(simulation.path).difference(from: before) {
      problems.append("rebuilt projections differ: \(difference)")
    }
    // Once more, on a copy that has lost all its evidence.
    let copy = simulation.path + ".copy"
    try JournalDump.execute("VACUUM INTO '\(copy)'", on: simulation.path)
    try JournalDump.execute(
      """
      DROP TRIGGER payloads_never_go;
      DELETE FROM payloads WHERE kind = 'evidence';
      CREATE TRIGGER payloads_never_go BEFORE DELETE ON payloads
      BEGIN
        SELECT RAISE(ABORT, 'payloads: bytes are not deleted');
      END;
      """, on: copy)
    let writer = try JournalWriter(
      copy, naming: [UInt8](repeating: 7, count: 16), at: simulation.world.now,
      executor: SeededExecutor.Lane(of: simulation.executor))
    _ = try await writer.rebuild()
    if let difference = try JournalDump(copy).difference(from: before) {
      problems.append("projections rebuilt without evidence differ: \(difference)")
    }
    return problems
  }

  // MARK: Deliveries

  private var deliveries: [StreamName: Delivery] {
    var folded: [StreamName: Delivery] = [:]
    for (row, event) in zip(rows, events) where row.stream.text.hasPrefix("delivery/") {
      folded[row.stream, default: Delivery()].evolve(event, at: row.recordedAt)
    }
    return folded
  }

  func aDeliveryIsOpenOrClosed(_ dump: JournalDump) -> [String] {
    let agenda = Set(
      (dump.tables["agenda"] ?? []).filter { $0.hasPrefix("3 deliver |") }
        .map { $0.split(separator: " | ")[1].dropFirst(2) }.map(String.init))
    let open = Set(deliveries.filter(\.value.isOpen).keys.map(\.text))
    let odd = agenda.symmetricDifference(open).sorted()
    return odd.map { "\($0) is open by \(open.contains($0) ? "events" : "agenda") alone" }
  }

  func aLaneSaysWhenItsFirstDeliveryIsDue(_ dump: JournalDump) -> [String] {
    var first: [String: Int] = [:]
    for row in dump.tables["agenda"] ?? [] where row.hasPrefix("3 deliver |") {
      let columns = row.split(separator: " | ").map { String($0.dropFirst(2)) }
      guard columns[2] == "due", let dueAt = Int(columns[3]) else { continue }
      first[columns[7]] = min(first[columns[7]] ?? dueAt, dueAt)
    }
    var told: [String: Int] = [:]
    for row in dump.tables["lanes"] ?? [] {
      let columns = row.split(separator: " | ").map { String($0.dropFirst(2)) }
      if columns.count > 1, let dueAt = Int(columns[1]) { told[columns[0]] = dueAt }
    }
    return first == told ? [] : ["lanes say \(told), the agenda \(first)"]
  }

  func whatIsOpenIsOnTheAgenda(_ dump: JournalDump) async throws -> [String] {
    let polls = Set(
      (dump.tables["agenda"] ?? []).filter { $0.hasPrefix("3 poll |") }
        .map { $0.split(separator: " | ")[1].dropFirst(2) }.map(String.init))
    let open = try await simulation.feeds(repository).filter { $0.state == .open }
      .map { "feed/\($0.feed)" }
    return polls.symmetricDifference(open).sorted().map {
      "\($0) is \(polls.contains($0) ? "polled and not open" : "open and never polled again")"
    }
  }

  func nothingIsSentWithoutARecordedAttempt() -> [String] {
    var attempted: Set<String> = []
    for event in events {
      guard case .deliveryAttempted(let body) = event else { continue }
      attempted.insert("\(body.delivery) attempt \(body.attempt) to \(body.url)")
    }
    return arrivals.compactMap { arrival in
      let delivery = DeliveryID(of: arrival.notification, in: arrival.replay)
      let name = "\(delivery) attempt \(arrival.attempt) to \(arrival.url)"
      return attempted.contains(name) ? nil : "\(name) arrived and is not recorded"
    }
  }

  var arrivals: [SimulatedReceiver.Arrival] {
    simulation.world.state.withLock { $0.receiver.arrivals }
  }

  func theSameIdHasTheSameBytes() -> [String] {
    var bodies: [NotificationID: [UInt8]] = [:]
    return arrivals.compactMap { arrival in
      defer { bodies[arrival.notification] = arrival.body }
      guard let body = bodies[arrival.notification], body != arrival.body else { return nil }
      return "notification \(arrival.notification) came with two bodies"
    }
  }

  func aNoticeIsOpenOnceAtATime() -> [String] {
    var open: Set<StreamName> = []
    return rows.compactMap { row in
      switch row.type {
      case NoticeRaised.type: open.insert(row.stream).inserted ? nil : "\(row.stream) is open twice"
      case NoticeClosed.type: open.remove(row.stream) != nil ? nil : "\(row.stream) closes twice"
      default: nil
      }
    }
  }

  // MARK: The clock

  func noClockStepIsMadeUp() -> [String] {
    let jumps = simulation.world.state.withLock { $0.clock.jumps }
    let back = jumps.filter { $0 < .zero }.reduce(Duration.zero, +)
    var recorded = Duration.zero
    for event in events {
      if case .clockStepped(let body) = event, body.byMs < 0 {
        recorded += .milliseconds(body.byMs)
      }
    }
    return recorded >= back - .seconds(1) ? [] : ["the log stepped back \(recorded), not \(back)"]
  }
}
