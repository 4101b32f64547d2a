import Domain
import Engine
import EventStore
import Events
import Synchronization

/// The end of the play: nothing goes wrong any more, and everything has to come right.
extension Simulation {
  /// Does what a person would who reads the notices, then runs the engine until it is quiet.
  func heal() async throws {
    let (process, repository) = try open()
    try await worker(repository, process).recover()
    try await enableCallbacks(repository)
    try await resumeReplays(repository)
    try await redeliver(repository) { !$0.isOpen && $0.status != .succeeded }
    for instance in InstanceID.all(through: InstanceID(Int64(traits.feeds.count))) {
      let folded = try await repository.instance(instance)
      let events = try folded.enable(reason: "healed")
      try await append(events, to: folded.stream, repository)
    }
    try await enableFeeds(repository)
    let watcher = Task(executorPreference: executor) { await self.watch(repository) }
    await live(process, repository)
    await watcher.value
  }

  /// Enables the feeds that failed too often.
  ///
  /// - Parameter others: Feeds that stay as they are.
  /// - Returns: Those that were enabled.
  @discardableResult
  private func enableFeeds(
    _ repository: Repository, but others: Set<FeedID> = []
  ) async throws -> Set<FeedID> {
    let disabled = try await feeds(repository).filter {
      $0.state == .disabled && !others.contains($0.feed)
    }
    for feed in disabled {
      let enabled = FeedEnabled(
        feed: feed.feed, instance: feed.instance, nextAtMs: world.now.milliseconds)
      try await append([.feedEnabled(enabled)], to: .feed(feed.feed), repository)
    }
    return Set(disabled.map(\.feed))
  }

  func feeds(_ repository: Repository) async throws(JournalError) -> [FeedRow] {
    try await repository.reader.read { snapshot throws(JournalError) in try snapshot.feeds(of: nil)
    }
  }

  /// Stops the engine once every feed was polled well and every delivery is closed.
  private func watch(_ repository: Repository) async {
    defer { stop() }
    do {
      let healedAt = world.uptime
      var start = try await repository.writer.currentHead().position
      // Twice: the first may end a poll that had begun before, and knows nothing newer.
      var rounds = 0
      var enabled: Set<FeedID> = []
      repeat {
        await world.sleep(.seconds(60))
        // A listing that was noted half read while things went wrong is found out only now, and
        // may be one failure too many; once a feed.
        enabled.formUnion(try await enableFeeds(repository, but: enabled))
        let isOpen = try await repository.reader.read { snapshot throws(JournalError) in
          try snapshot.hasOpenDeliveries()
        }
        let after = start
        let waiting = try await feeds(repository).filter {
          $0.state != .closed && ($0.moved <= after || $0.mode != .changes)
        }
        // What could not be had while things went wrong is tried again, at last once a day.
        let missed = try await repository.reader.read { snapshot throws(JournalError) in
          var count = 0
          for feed in try snapshot.feeds(of: nil) {
            count += try snapshot.missed(of: feed.feed).count
          }
          return count
        }
        guard !isOpen, waiting.isEmpty, missed == 0 else { continue }
        rounds += 1
        if rounds == 2 { return }
        start = try await repository.writer.currentHead().position
      } while world.uptime - healedAt < .seconds(3 * 86_400)
      note("three days after it healed, not everything is polled and delivered")
    } catch {
      note("the watcher failed: \(error)")
    }
  }

  /// Polls once more, finds nothing, and holds the journal against the world.
  func examine() async throws {
    world.state.withLock { $0.google.isExamined = true }
    let (process, repository) = try open()
    let worker = worker(repository, process)
    for feed in try await feeds(repository) where feed.state != .closed {
      let report = try await worker.poll(feed.feed, isForced: true)
      if report.status != .completed || report.changes != 0 {
        note("a poll of feed/\(feed.feed) after everything was announced came to \(report)")
      }
    }
    _ = try await repository.writer.catchUp()
    let rows = try await rows(repository)
    keep(rows.map(\.digest))
    for problem in try await Invariants(self, repository, rows).check() { note(problem) }
  }
}
