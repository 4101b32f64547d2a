import Engine
import EventStore
package import Events

extension OpenedJournal {
  /// Works until a replay has nothing left to do; where another process runs the journal, waits for
  /// it.
  ///
  /// Deliveries that fail keep their retry schedule: no later try is waited for. Nor does it
  /// wait for what is held until a callback is enabled.
  ///
  /// - Parameter progress: Told a few times a second how far it is.
  package func finishReplay(
    _ replay: ReplayID, progress: WorkProgress.Report? = nil
  ) async throws {
    guard let progress else { return try await finish(replay) }
    let telling = Task {
      while !Task.isCancelled {
        await tell(replay, progress)
        await world.sleep(.milliseconds(200))
      }
    }
    defer { telling.cancel() }
    try await finish(replay)
  }

  private func tell(_ replay: ReplayID, _ progress: WorkProgress.Report) async {
    let row = try? await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.replay(replay)
    }
    guard let row else { return }
    progress(
      WorkProgress(done: Int64(row.succeeded + row.failed), total: Int64(row.notifications)))
  }

  private func finish(_ replay: ReplayID) async throws {
    let deadline = world.now() + .seconds(600)
    while try await isWaiting(replay), world.now() < deadline {
      try Task.checkCancellation()
      guard let lock = try EngineLock(self) else {
        // Whoever ran it may have ended right after the last attempt: nobody else would say so.
        try await worker().complete(replay)
        await world.sleep(.milliseconds(50))
        continue
      }
      defer { lock.release() }
      return try await finishHere(replay, under: lock)
    }
  }

  /// The same in this process, which holds the engine lock.
  private func finishHere(_ replay: ReplayID, under lock: EngineLock) async throws {
    let worker = worker(under: lock)
    try await worker.recover()
    try await worker.work([.replay, .deliver], until: .nothingDue) { _ in }
    // With a rate, the rest comes due later.
    while try await isWaiting(replay) {
      try Task.checkCancellation()
      // Where a process ended right after the last attempt.
      try await worker.complete(replay)
      await world.sleep(.milliseconds(20))
      try await worker.work([.replay, .deliver], until: .nothingDue) { _ in }
    }
  }

  /// True while something of a running replay is still to be asked for, waits for its turn, or is
  /// under way.
  private func isWaiting(_ replay: ReplayID) async throws -> Bool {
    let now = world.now()
    return try await repository.reader.read { snapshot throws(JournalError) in
      guard let row = try snapshot.replay(replay), row.state == "running" else { return false }
      if row.requested < row.notifications { return true }
      // The last one has come to an end, and whoever made it is about to say so.
      if row.succeeded + row.failed >= row.notifications { return true }
      return try snapshot.rest(ofReplay: replay, at: now).isWaiting
    }
  }
}
