import CCurl
import Domain
import Synchronization

/// One exchange that somebody waits for.
struct HTTPJob: Sendable {
  let id: UInt64
  let request: Request
  let names: [String]
  let continuation: CheckedContinuation<Outcome, Never>
}

/// What callers hand to the thread: the only thing that both touch.
///
/// A job is `registered`, then `queued`, then `taken`, then forgotten; a caller may cancel in each
/// of them, and each continuation is resumed exactly once.
final class HTTPQueue: Sendable {
  /// What the thread finds when it looks.
  struct Work {
    var jobs: [HTTPJob] = []
    var cancelled: [UInt64] = []
    var isClosed = false
  }

  private enum Stage { case registered, cancelledEarly, handedOver }

  private struct State {
    var work = Work()
    var stages: [UInt64: Stage] = [:]
    var lastID: UInt64 = 0
    /// The multi handle as a number, which unlike a pointer may be shared; 0 while there is none.
    var multi: UInt = 0

    /// Under the lock, so that the handle cannot be freed meanwhile.
    func wake() {
      // Fails only where there is no handle, and then nobody sleeps on it.
      _ = curl_multi_wakeup(UnsafeMutableRawPointer(bitPattern: multi))
    }
  }

  private let state = Mutex(State())

  /// A number for an exchange to come, by which it can be cancelled already.
  func register() -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      state.stages[state.lastID] = .registered
      return state.lastID
    }
  }

  func submit(_ job: HTTPJob) {
    let isAccepted = state.withLock { state in
      guard state.stages[job.id] == .registered, !state.work.isClosed else {
        state.stages[job.id] = nil
        return false
      }
      state.stages[job.id] = .handedOver
      state.work.jobs.append(job)
      state.wake()
      return true
    }
    if !isAccepted { job.continuation.resume(returning: .failed(stopped())) }
  }

  func cancel(_ id: UInt64) {
    state.withLock { state in
      switch state.stages[id] {
      case .registered:
        state.stages[id] = .cancelledEarly
      case .handedOver:
        state.work.cancelled.append(id)
        state.wake()
      case .cancelledEarly, nil:
        break
      }
    }
  }

  func close() {
    state.withLock { state in
      state.work.isClosed = true
      state.wake()
    }
  }

  /// For the thread: everything new since the last time.
  func takeWork() -> Work {
    state.withLock { state in
      let work = state.work
      state.work = Work(isClosed: work.isClosed)
      return work
    }
  }

  /// For the thread: the exchange is over, and its caller may hear of it.
  func finish(_ job: HTTPJob, _ outcome: Outcome) {
    state.withLock { $0.stages[job.id] = nil }
    job.continuation.resume(returning: outcome)
  }

  /// For the thread: what to wake it by; 0 before the handle is freed.
  func setMulti(_ address: UInt) {
    state.withLock { $0.multi = address }
  }
}

/// The failure of an exchange that we were told to end.
func stopped(after duration: Duration = .zero) -> NetworkFailure {
  NetworkFailure(.cancelled, "The exchange was stopped", duration: duration)
}
