import Daybook
import Synchronization

/// Looks whether the log has grown, once for all streams: a hundred that wait cost what one does.
final class HeadWatch: Sendable {
  enum News: Sendable, Equatable {
    case grown(to: Int64)
    /// Nothing for as long as a stream may be silent.
    case quiet
    /// Secrets have changed: whoever waits may be let in no longer.
    case changed
    /// The server stops, or whoever waited went away.
    case stopped
    case unreadable(String)
  }

  /// Between two looks, as `tail -f` has it.
  private static let pause = Duration.milliseconds(200)

  private struct Waiter {
    let seen: Int64
    var looksLeft: Int
    let answer: CheckedContinuation<News, Never>
  }

  private struct State {
    var waiters: [Int: Waiter] = [:]
    var lastTicket = 0
    var isStopped = false
  }

  private let journal: Journal
  private let world: World
  private let looksOfSilence: Int
  private let state = Mutex(State())

  /// - Parameter silence: For which a stream may say nothing.
  init(_ journal: Journal, in world: World, silence: Duration) {
    self.journal = journal
    self.world = world
    looksOfSilence = max(1, Int(silence / HeadWatch.pause))
  }

  /// Looks until the task is cancelled, wherever somebody waits; then nobody waits any more.
  func run() async {
    while !Task.isCancelled {
      await world.sleep(HeadWatch.pause)
      guard state.withLock({ !$0.waiters.isEmpty }) else { continue }
      await look()
    }
    let waiting = state.withLock { state in
      state.isStopped = true
      defer { state.waiters = [:] }
      return state.waiters.values.map(\.answer)
    }
    for answer in waiting { answer.resume(returning: .stopped) }
  }

  /// Waits until the log goes on past a position.
  func news(past seen: Int64) async -> News {
    let ticket = state.withLock { state in
      state.lastTicket += 1
      return state.lastTicket
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        let isTaken = state.withLock { state in
          // Asked under the lock: whoever is cancelled from here on finds the waiter.
          if state.isStopped || Task.isCancelled { return false }
          state.waiters[ticket] = Waiter(seen: seen, looksLeft: looksOfSilence, answer: answer)
          return true
        }
        if !isTaken { answer.resume(returning: .stopped) }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
      waiter?.answer.resume(returning: .stopped)
    }
  }

  /// Has all that wait look after themselves.
  func wake() {
    let waiting = state.withLock { state in
      defer { state.waiters = [:] }
      return state.waiters.values.map(\.answer)
    }
    for answer in waiting { answer.resume(returning: .changed) }
  }

  private func look() async {
    var head: Int64 = 0
    var obstacle: String?
    do {
      head = try await journal.head()
    } catch {
      obstacle = error.description
    }
    let told = state.withLock { state in
      var told: [(CheckedContinuation<News, Never>, News)] = []
      for (ticket, waiter) in state.waiters {
        let news: News? =
          if let obstacle { .unreadable(obstacle) } else if head > waiter.seen {
            .grown(to: head)
          } else { waiter.looksLeft <= 1 ? .quiet : nil }
        if let news {
          told.append((waiter.answer, news))
          state.waiters[ticket] = nil
        } else {
          state.waiters[ticket]?.looksLeft -= 1
        }
      }
      return told
    }
    for (answer, news) in told { answer.resume(returning: news) }
  }
}
