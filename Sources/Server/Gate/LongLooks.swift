import Daybook
import Synchronization

/// Connections to the journal for questions that may take long, so that these keep no short one
/// waiting: where all are taken, whoever comes waits for a turn, in order.
final class LongLooks: Sendable {
  private struct State {
    var free: [Journal]
    var line: [CheckedContinuation<Journal, Never>] = []
  }

  private let state: Mutex<State>

  /// - Parameter count: Connections; each is opened when it is first needed, and has a thread.
  init(_ journal: Journal, _ count: Int) {
    state = Mutex(State(free: (0..<count).map { _ in journal.apart() }))
  }

  func with<Answer>(_ work: (Journal) async throws -> Answer) async throws -> Answer {
    let journal = await take()
    defer { give(journal) }
    // Whoever asked may be gone.
    try Task.checkCancellation()
    return try await work(journal)
  }

  private func take() async -> Journal {
    await withCheckedContinuation { turn in
      let free = state.withLock { state -> Journal? in
        if let free = state.free.popLast() { return free }
        state.line.append(turn)
        return nil
      }
      if let free { turn.resume(returning: free) }
    }
  }

  private func give(_ journal: Journal) {
    let next = state.withLock { state -> CheckedContinuation<Journal, Never>? in
      guard !state.line.isEmpty else {
        state.free.append(journal)
        return nil
      }
      return state.line.removeFirst()
    }
    next?.resume(returning: journal)
  }
}

/// Tells once, to whoever waits for it, that the server stops.
final class StopSignal: Sendable {
  private struct State {
    var isTold = false
    var lastTicket = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  func tell() {
    let waiters = state.withLock { state in
      state.isTold = true
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Waits for it, or until the task is cancelled.
  func wait() async {
    let ticket = state.withLock { state in
      state.lastTicket += 1
      return state.lastTicket
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let waits = state.withLock { state in
          // Asked under the lock: whoever is cancelled from here on finds the waiter.
          if state.isTold || Task.isCancelled { return false }
          state.waiters[ticket] = waiter
          return true
        }
        if !waits { waiter.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
    }
  }
}

extension Call {
  /// Asks the journal something whose answer takes longer the more there is.
  ///
  /// - Throws: `Trouble` where too much of that is under way, or the server stops.
  func lookLong<Answer: Sendable>(
    _ work: @escaping @Sendable (Journal) async throws -> Answer
  ) async throws -> Answer {
    let permit = try Permit(self, .looks)
    defer { withExtendedLifetime(permit) {} }
    return try await untilStop { try await site.looks.with(work) }
  }

  /// Walks through the whole journal, on connections of its own.
  ///
  /// - Throws: `Trouble` where too much of that is under way, or the server stops.
  func walk<Answer: Sendable>(
    _ journal: Journal, _ work: @escaping @Sendable (Journal) async throws -> Answer
  ) async throws -> Answer {
    let permit = try Permit(self, .walks)
    defer { withExtendedLifetime(permit) {} }
    let apart = journal.apart()
    return try await untilStop { try await work(apart) }
  }

  /// Does something long, and breaks it off once the server stops.
  private func untilStop<Answer: Sendable>(
    _ work: @escaping @Sendable () async throws -> Answer
  ) async throws -> Answer {
    try await withThrowingTaskGroup(of: Answer?.self) { [stopping = site.stopping] group in
      group.addTask { try await work() }
      group.addTask {
        await stopping.wait()
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let answer = first else {
        throw CancellationError()
      }
      return answer
    }
  }
}
