import Daybook
import Events
import Synchronization

/// Attempts on their way from whoever makes them to whoever shows them.
///
/// Whoever makes them never waits: where nobody reads in time the newest are kept, and the others
/// are counted. What has not arrived is known of all of them.
final class AttemptFeed: Sendable {
  /// Rows that wait to be shown at most: a row takes some hundred bytes.
  static let rowsMax = 50_000

  /// The rows that are left to show, in order.
  let rows: AsyncStream<AttemptReport>
  private let made: AsyncStream<AttemptReport>.Continuation
  private let state = Mutex(State())

  private struct State {
    /// Those alone: of a queue that drains, few are left.
    var missing: Set<String> = []
    var dropped = 0
  }

  init(rowsMax: Int = AttemptFeed.rowsMax) {
    (rows, made) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(rowsMax))
  }

  /// Deliveries that had not arrived after their last attempt.
  var missing: Int { state.withLock { $0.missing.count } }

  /// Rows that nobody read in time, and that are not shown.
  var dropped: Int { state.withLock { $0.dropped } }

  /// Takes an attempt in; returns at once.
  func add(_ report: AttemptReport) {
    let isDropped = if case .dropped = made.yield(report) { true } else { false }
    let delivery = "\(report.id) \(report.url)"
    state.withLock { state in
      if isDropped { state.dropped += 1 }
      if report.outcome == "succeeded" || report.isDeliberate {
        state.missing.remove(delivery)
      } else {
        state.missing.insert(delivery)
      }
    }
  }

  func finish() { made.finish() }
}

extension Session {
  /// Shows attempts as they are made.
  ///
  /// - Returns: How many deliveries had not arrived after their last attempt.
  func attempts(
    _ work: @escaping @Sendable (@escaping @Sendable (AttemptReport) -> Void) async throws -> Void
  ) async throws -> Int {
    let feed = AttemptFeed()
    let task = Task {
      defer { feed.finish() }
      try await work { feed.add($0) }
    }
    // Not stopped with the work: what was under way then is shown as well.
    let shown = Task { () async throws -> Int in
      do {
        try await show(RowTable.attempts.names) { write in
          for await report in feed.rows { try write(Record(Row(report))) }
        }
      } catch {
        // Nobody reads on; what is under way is recorded all the same.
        task.cancel()
        _ = await task.result
        throw error
      }
      if feed.dropped > 0 {
        Console.complain(
          "\(feed.dropped) attempts are not shown, because nobody read them in time;"
            + " `deliveries` has all of them")
      }
      try await task.value
      return feed.missing
    }
    return try await withTaskCancellationHandler {
      try await shown.value
    } onCancel: {
      task.cancel()
    }
  }
}
