package import Engine
import Events
import Journal

extension Desk {
  /// Works until a replay has nothing left to do; where another process runs the journal, waits for
  /// it.
  ///
  /// Deliveries that fail stay on their ladder: this does not wait for later rungs.
  package func finishReplay(_ replay: Int64) async throws {
    let deadline = world.now() + .seconds(600)
    while try await isOpen(replay), world.now() < deadline, !Task.isCancelled {
      guard let lock = try EngineLock(self) else {
        await world.sleep(.milliseconds(50))
        continue
      }
      defer { lock.release() }
      return try await finishHere(replay)
    }
  }

  /// The same in this process, which holds the engine lock.
  private func finishHere(_ replay: Int64) async throws {
    let runner = runner()
    try await runner.recover()
    try await runner.work([.replay, .deliver], until: .nothingDue) { _ in }
    // With a rate, the rest comes due later.
    while try await isDueSoon(replay) {
      await world.sleep(.milliseconds(20))
      try await runner.work([.replay, .deliver], until: .nothingDue) { _ in }
    }
  }

  /// Whether deliveries of the replay are still to be made for the first time.
  private func isDueSoon(_ replay: Int64) async throws -> Bool {
    if Task.isCancelled { return false }
    let row = try await book.reader.read { reading throws(LogError) in
      try reading.replay(replay)
    }
    guard let row, row.state == "running" else { return false }
    return row.sent < row.notifications && row.succeeded + row.failed < row.notifications
      && row.sent < row.requested
  }

  private func isOpen(_ replay: Int64) async throws -> Bool {
    let (row, begun) = try await book.reader.read { reading throws(LogError) in
      (try reading.replay(replay), try reading.begun(limit: 1_000))
    }
    guard let row, row.state == "running" else { return false }
    // Also while the outcome of an attempt is not known yet.
    return row.sent < row.notifications || begun.contains { $0.hasSuffix("/replay/\(replay)") }
  }

  /// Makes the attempt that a redelivery asked for, or waits for the process that runs the journal.
  package func redeliver(
    _ stream: String, after released: Int64,
    report: @escaping @Sendable (AttemptReport) -> Void
  ) async throws {
    let deadline = world.now() + .seconds(60)
    while world.now() < deadline {
      let rows = try await book.reader.read { reading throws(LogError) in
        try reading.events(of: stream)
      }
      for row in rows where row.position > released {
        if let attempt = try await attempt(row) { return report(attempt) }
      }
      if let lock = try EngineLock(self) {
        defer { lock.release() }
        let runner = runner()
        try await runner.recover()
        if case .attempt(let attempt)? = try await runner.deliver(stream) { report(attempt) }
        return
      }
      await world.sleep(.milliseconds(50))
    }
  }
}
