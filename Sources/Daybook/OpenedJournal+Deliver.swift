import Domain
import Engine
import EventStore
package import Events

extension OpenedJournal {
  /// Makes the deliveries that are due; where another process works through the journal, waits for
  /// it.
  ///
  /// - Parameters:
  ///   - deadline: nil: what is due now; else also waits for retries that come due until then.
  ///   - report: Told each attempt as it is made, and what comes to rest without one.
  /// - Throws: `Refusal` where another process has not done by then what was due.
  package func deliver(
    until deadline: Moment?, report: @escaping @Sendable (AttemptReport) -> Void
  ) async throws {
    try await repository.writer.checkProjections()
    guard let lock = try await lockOrDelivered(by: deadline, report) else { return }
    defer { lock.release() }
    let worker = worker(under: lock)
    try await worker.recover()
    let until: Worker.Until = deadline.map { .idle(deadline: $0) } ?? .nothingDue
    try await worker.work([.notify, .deliver, .replay], until: until) { done in
      if let made = OpenedJournal.made(done) { report(made) }
    }
  }

  /// The row of `deliver` that a task came to.
  private static func made(_ done: Worker.Report) -> AttemptReport? {
    switch done {
    case .attempt(let report), .settled(let report): report
    case .poll, .requested: nil
    }
  }

  /// Waits while another process delivers, telling what it does.
  ///
  /// - Returns: The lock, where that process ended before it was done; nil where nothing is left.
  private func lockOrDelivered(
    by deadline: Moment?, _ report: @Sendable (AttemptReport) -> Void
  ) async throws -> EngineLock? {
    // What whoever ended the reason was kept from releasing is due as well.
    try await repository.releaseCleared(in: world)
    var after = try await repository.writer.currentHead().position
    let last = deadline ?? world.now() + .seconds(60)
    while true {
      try Task.checkCancellation()
      if let lock = try EngineLock(self) { return lock }
      let start = after
      let (rows, rest) = try await repository.reader.read { snapshot throws(JournalError) in
        (try snapshot.events(after: start, limit: 1_000), try Rest(snapshot))
      }
      for row in rows {
        if let made = try await made(row) { report(made) }
      }
      after = rows.last?.position ?? after
      guard rows.isEmpty else { continue }
      let now = world.now()
      if rest.isOver(now, deadline) { return nil }
      guard now < last else {
        // Whoever gave a deadline asked for no more.
        if deadline != nil { return nil }
        throw Refusal(
          .locked, "process \(EngineLock.holder(path)) has not delivered yet what is due")
      }
      await world.sleep(.milliseconds(50))
    }
  }

  /// Deliveries that are left for a process that makes them.
  private struct Rest {
    let isOpen: Bool
    let isUnderWay: Bool
    let next: Moment?

    init(_ snapshot: JournalSnapshot) throws(JournalError) {
      isOpen = try snapshot.hasOpenDeliveries()
      isUnderWay = try !snapshot.begun(limit: 1).isEmpty
      next = try snapshot.nextDue(
        [.notify, .deliver, .replay], after: Moment(milliseconds: .min))
    }

    /// True where there is nothing to wait for, as `Worker.Until` has it.
    func isOver(_ now: Moment, _ deadline: Moment?) -> Bool {
      if !isOpen { return true }
      if isUnderWay { return false }
      return next.map { $0 > deadline ?? now } ?? true
    }
  }

  /// The row of `deliver` that an event in the log stands for.
  private func made(_ row: RecordedEvent) async throws -> AttemptReport? {
    guard row.type.hasPrefix("delivery.") else { return nil }
    let stream = row.stream
    let rows = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.events(of: stream)
    }
    return try OpenedJournal.made(row, in: rows)
  }

  /// - Parameter rows: The stream of the delivery.
  private static func made(
    _ row: RecordedEvent, in rows: [RecordedEvent]
  ) throws(JournalError) -> AttemptReport? {
    var report = AttemptReport(
      position: row.cause ?? row.position, id: "", url: "", attempt: 0, duration: .zero,
      outcome: word(row))
    switch try row.event() {
    case .deliverySucceeded(let body):
      report.attempt = body.attempt
      report.status = body.status
      report.duration = .milliseconds(body.durationMs)
    case .deliveryFailed(let body):
      report.attempt = body.attempt
      report.status = body.status
      report.duration = .milliseconds(body.durationMs)
      report.nextAt = body.retryAtMs.map { Moment(milliseconds: $0) }
      // Not tried again: why not was recorded with it.
      if body.retryAtMs == nil, let end = rows.first(where: { $0.cause == row.position }) {
        report.outcome = word(end)
      }
    case .deliveryHeld, .deliverySkipped:
      if let cause = rows.first(where: { $0.position == row.cause }),
        case .deliveryFailed(let body) = try cause.event(), body.retryAtMs == nil
      {
        // It was told with the attempt.
        return nil
      }
      report.position = row.position
      report.isDeliberate = try row.event().isDeliberate
    default: return nil
    }
    for before in rows where before.position < row.position {
      switch try before.event() {
      case .deliveryRequested(let body):
        report.id = body.notification.text
        if let url = body.url { report.url = url }
      case .deliveryAttempted(let body):
        report.url = body.url
        report.attempt = body.attempt
      default: break
      }
    }
    if case .deliveryHeld(let body) = try row.event(), body.kind.known == .callbackDisabled {
      report.url = body.url
    }
    return report
  }

  /// The type without its first word.
  private static func word(_ row: RecordedEvent) -> String { String(row.type.dropFirst(9)) }

  /// Makes the attempt that a redelivery asked for, or waits for the process that runs the journal.
  ///
  /// - Throws: `Refusal` where that process has not made it after a minute.
  package func redeliver(
    _ stream: StreamName, after released: Int64,
    report: @escaping @Sendable (AttemptReport) -> Void
  ) async throws {
    let deadline = world.now() + .seconds(60)
    while world.now() < deadline {
      try Task.checkCancellation()
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.events(of: stream)
      }
      for row in rows where row.position > released {
        if let made = try OpenedJournal.made(row, in: rows) { return report(made) }
      }
      if let lock = try EngineLock(self) {
        defer { lock.release() }
        let worker = worker(under: lock)
        try await worker.recover()
        if let made = try await worker.deliver(stream).flatMap(OpenedJournal.made) {
          return report(made)
        }
        guard try await repository.delivery(stream).status == .pending else { return }
        throw Refusal(
          .conflict,
          "asked for, and sent after an earlier one that tells of the same object, which it may not"
            + " overtake; `deliveries` shows which wait")
      }
      await world.sleep(.milliseconds(50))
    }
    throw Refusal(
      .locked, "asked for, but process \(EngineLock.holder(path)) has not sent it yet")
  }

  /// Makes the attempts that a recovery asked for, or waits for the process that runs the journal.
  ///
  /// - Parameters:
  ///   - positions: Of the deliveries.
  ///   - head: The last event before they were opened again.
  /// - Throws: `Refusal` where that process makes none of them for a minute.
  package func sendRecovered(
    _ positions: [Int64], after head: Int64, report: @escaping @Sendable (AttemptReport) -> Void
  ) async throws {
    var (place, deadline) = (0, world.now() + .seconds(60))
    while place < positions.count {
      try Task.checkCancellation()
      let position = positions[place]
      let rows = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.event(at: position).map { event throws(JournalError) in
          try snapshot.events(of: event.stream)
        } ?? []
      }
      let since = rows.filter { $0.position > head }
      let made = try since.compactMap { try OpenedJournal.made($0, in: rows) }.first
      // One that somebody else was faster with is not waited for.
      if made != nil || since.isEmpty {
        if let made { report(made) }
        (place, deadline) = (place + 1, world.now() + .seconds(60))
      } else if let lock = try EngineLock(self) {
        defer { lock.release() }
        let worker = worker(under: lock)
        try await worker.recover()
        return try await worker.work([.deliver], until: .nothingDue) { done in
          if let made = OpenedJournal.made(done) { report(made) }
        }
      } else {
        guard world.now() < deadline else {
          throw Refusal(
            .locked, "asked for, but process \(EngineLock.holder(path)) sends nothing of it")
        }
        await world.sleep(.milliseconds(50))
      }
    }
  }
}
