import Daybook
import Events
import Synchronization

/// Attempts on their way from whoever makes them to whoever shows them.
///
/// Whoever makes them never waits: where nobody reads in time the newest are kept, and the others
/// are counted. What has not arrived is known of all of them. Whoever shows them takes all that are
/// there at once: to be woken for each costs more than to make the attempt known.
final class AttemptFeed: Sendable {
  /// Rows that wait to be shown at most: a row takes some hundred bytes.
  static let rowsMax = 50_000

  private let rowsMax: Int
  private let state = Mutex(State())

  private struct State {
    var rows: [AttemptReport] = []
    /// Rows at the front that are dropped and not yet removed.
    var passed = 0
    var isFinished = false
    var waiter: CheckedContinuation<Void, Never>?
    /// Those alone: of a queue that drains, few are left.
    var missing: Set<String> = []
    var dropped = 0
    var total = AttemptTotal()

    mutating func add(_ report: AttemptReport, rowsMax: Int) {
      rows.append(report)
      guard rows.count - passed > rowsMax else { return }
      dropped += 1
      passed += 1
      guard passed > rowsMax else { return }
      rows.removeFirst(passed)
      passed = 0
    }

    mutating func take() -> [AttemptReport] {
      defer { (rows, passed) = ([], 0) }
      return Array(rows[passed...])
    }

    /// Whoever waits, to be woken outside of the lock.
    mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
      defer { waiter = nil }
      return waiter
    }
  }

  init(rowsMax: Int = AttemptFeed.rowsMax) { self.rowsMax = rowsMax }

  /// Deliveries that had not arrived after their last attempt.
  var missing: Int { state.withLock { $0.missing.count } }

  /// All that were taken in, counted.
  var total: AttemptTotal { state.withLock { $0.total } }

  /// Rows that nobody read in time, and that are not shown.
  var dropped: Int { state.withLock { $0.dropped } }

  /// Takes an attempt in; returns at once.
  func add(_ report: AttemptReport) {
    let delivery = "\(report.id) \(report.url)"
    let waiter = state.withLock { state in
      state.add(report, rowsMax: rowsMax)
      state.total.add(report)
      if report.outcome == "succeeded" || report.isDeliberate {
        state.missing.remove(delivery)
      } else {
        state.missing.insert(delivery)
      }
      return state.takeWaiter()
    }
    waiter?.resume()
  }

  /// Says that no more come.
  func finish() {
    let waiter = state.withLock { state in
      state.isFinished = true
      return state.takeWaiter()
    }
    waiter?.resume()
  }

  /// All rows that are left to show, in order; waits for one. One caller at a time.
  ///
  /// - Returns: nil where no more come.
  func next() async -> [AttemptReport]? {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        guard state.rows.isEmpty, !state.isFinished else { return true }
        state.waiter = continuation
        return false
      }
      if isReady { continuation.resume() }
    }
    let rows = state.withLock { $0.take() }
    return rows.isEmpty ? nil : rows
  }
}

/// Attempts, counted by what came of them.
struct AttemptTotal: Equatable {
  var succeeded = 0
  /// Those that did not arrive.
  var failed = 0
  /// Deliveries that came to rest without an attempt, because somebody wants it so.
  var deliberate = 0

  var attempts: Int { succeeded + failed }

  mutating func add(_ report: AttemptReport) {
    if report.outcome == "succeeded" {
      succeeded += 1
    } else if report.isDeliberate {
      deliberate += 1
    } else {
      failed += 1
    }
  }

  /// `6,000 attempts: 5,990 succeeded, 10 failed`
  var text: String {
    var text = "\(counted(attempts, "attempt")): \(grouped(succeeded)) succeeded"
    if failed > 0 { text += ", \(grouped(failed)) failed" }
    if deliberate > 0 { text += ", \(grouped(deliberate)) set aside" }
    return text
  }
}
