import Domain
import Engine
import Events
import Journal
import Synchronization

/// The end of the play: nothing goes wrong any more, and everything has to come right.
extension Simulation {
  /// Does what a person would who reads the notices, then runs the engine until it is quiet.
  func heal() async throws {
    let (process, book) = try open()
    try await runner(book, process).recover()
    try await enableCallbacks(book)
    try await resumeReplays(book)
    try await redeliver(book) { !$0.isOpen && $0.status != .succeeded }
    for instance in 1...Int64(traits.feeds.count) {
      let folded = try await book.instance(instance)
      let events = try folded.enable(reason: "healed")
      try await append(events, to: folded.stream, book)
    }
    try await enableFeeds(book)
    let watcher = Task(executorPreference: executor) { await self.watch(book) }
    await live(process, book)
    await watcher.value
  }

  /// Enables the feeds that failed too often.
  ///
  /// - Parameter others: Feeds that stay as they are.
  /// - Returns: Those that were enabled.
  @discardableResult
  private func enableFeeds(_ book: Book, but others: Set<Int64> = []) async throws -> Set<Int64> {
    let disabled = try await feeds(book).filter {
      $0.state == .disabled && !others.contains($0.feed)
    }
    for feed in disabled {
      let enabled = FeedEnabled(
        feed: feed.feed, instance: feed.instance, nextAtMs: world.now.milliseconds)
      try await append([.feedEnabled(enabled)], to: "feed/\(feed.feed)", book)
    }
    return Set(disabled.map(\.feed))
  }

  func feeds(_ book: Book) async throws(LogError) -> [FeedRow] {
    try await book.reader.read { reading throws(LogError) in try reading.feeds(of: nil) }
  }

  /// Stops the engine once every feed was polled well and every delivery is closed.
  private func watch(_ book: Book) async {
    defer { stop() }
    do {
      let healedAt = world.uptime
      var start = try await book.log.currentHead().position
      // Twice: the first may end a poll that had begun before, and knows nothing newer.
      var rounds = 0
      var enabled: Set<Int64> = []
      repeat {
        await world.sleep(.seconds(60))
        // A listing that was noted half read while things went wrong is found out only now, and
        // may be one failure too many; once a feed.
        enabled.formUnion(try await enableFeeds(book, but: enabled))
        let isOpen = try await book.reader.read { reading throws(LogError) in
          try reading.hasOpenDeliveries()
        }
        let after = start
        let waiting = try await feeds(book).filter {
          $0.state != .closed && ($0.moved <= after || $0.mode != .changes)
        }
        // What could not be had while things went wrong is tried again, at last once a day.
        let missed = try await book.reader.read { reading throws(LogError) in
          var count = 0
          for feed in try reading.feeds(of: nil) {
            count += try reading.missed(of: feed.feed).count
          }
          return count
        }
        guard !isOpen, waiting.isEmpty, missed == 0 else { continue }
        rounds += 1
        if rounds == 2 { return }
        start = try await book.log.currentHead().position
      } while world.uptime - healedAt < .seconds(3 * 86_400)
      note("three days after it healed, not everything is polled and delivered")
    } catch {
      note("the watcher failed: \(error)")
    }
  }

  /// Polls once more, finds nothing, and holds the journal against the world.
  func examine() async throws {
    world.state.withLock { $0.google.isExamined = true }
    let (process, book) = try open()
    let runner = runner(book, process)
    for feed in try await feeds(book) where feed.state != .closed {
      let report = try await runner.poll(feed.feed, isForced: true)
      if report.status != .completed || report.changes != 0 {
        note("a poll of feed/\(feed.feed) after everything was announced came to \(report)")
      }
    }
    _ = try await book.log.catchUp()
    let rows = try await rows(book)
    keep(rows.map(\.digest))
    for problem in try await Invariants(self, book, rows).check() { note(problem) }
  }
}
