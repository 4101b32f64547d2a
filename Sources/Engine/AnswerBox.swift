import EventStore
import Synchronization

/// Answers of attempts, until they are taken in. Who sends puts them here, from any thread; the
/// worker takes them out.
final class AnswerBox: Sendable {
  typealias Answer = (task: DueTask, answered: AnsweredAttempt)

  private struct State {
    var answers: [Answer] = []
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func add(_ answers: [Answer]) {
    let waiter = state.withLock { state in
      state.answers += answers
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  /// Everything that has come since the last time.
  func take() -> [Answer] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  /// Waits until there is something to take; one waits at a time, and only while an attempt is
  /// under way, which comes to an end.
  func filled() async {
    await withCheckedContinuation { continuation in
      let isFilled = state.withLock { state in
        guard state.answers.isEmpty else { return true }
        state.waiter = continuation
        return false
      }
      if isFilled { continuation.resume() }
    }
  }
}
