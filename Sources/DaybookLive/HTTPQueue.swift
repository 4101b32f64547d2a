import CCurl
import Domain
import Events
import Synchronization

/// One exchange that somebody wants to know the outcome of.
struct HTTPJob: Sendable {
  let request: Request
  var names: [String] = []
  /// Its place among those that were asked for together.
  var place = 0
  let receiver: HTTPReceiver
}

/// Who asked for exchanges, and is told what came of each, once; of several at a time where they
/// end together.
final class HTTPReceiver: Sendable {
  let receive: @Sendable ([(place: Int, outcome: Outcome)]) -> Void

  init(_ receive: @escaping @Sendable ([(place: Int, outcome: Outcome)]) -> Void) {
    self.receive = receive
  }
}

/// Exchanges that callers hand to the thread: the only thing that both touch.
final class HTTPQueue: Sendable {
  /// Everything that came in since the thread looked last.
  struct Work {
    var jobs: [HTTPJob] = []
    /// Ends everything that was begun before these jobs.
    var isCut = false
    var isClosed = false
  }

  private struct State {
    var work = Work()
    /// The multi handle as a number, which unlike a pointer may be shared; 0 while there is none.
    var multi: UInt = 0
    /// True once the thread was woken since it looked last: once is enough.
    var isWoken = false

    /// Under the lock, so that the handle cannot be freed meanwhile.
    mutating func wake() {
      guard !isWoken else { return }
      isWoken = true
      // Fails only where there is no handle, and then nobody sleeps on it.
      _ = curl_multi_wakeup(UnsafeMutableRawPointer(bitPattern: multi))
    }
  }

  private let state = Mutex(State())

  /// - Parameter jobs: All of one receiver.
  func submit(_ jobs: [HTTPJob]) {
    let isAccepted = state.withLock { state in
      guard !state.work.isClosed else { return false }
      state.work.jobs += jobs
      state.wake()
      return true
    }
    if !isAccepted {
      jobs.first?.receiver.receive(jobs.map { ($0.place, .failed(stopped())) })
    }
  }

  func cut() {
    state.withLock { state in
      state.work.isCut = true
      state.wake()
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
      state.isWoken = false
      return work
    }
  }

  /// For the thread: what to wake it by; 0 before the handle is freed.
  func setMulti(_ address: UInt) {
    state.withLock { $0.multi = address }
  }
}

/// The failure of an exchange that we were told to end.
func stopped(
  after duration: Duration = .zero, _ times: ExchangeTimes = ExchangeTimes()
) -> NetworkFailure {
  NetworkFailure(.cancelled, "The exchange was stopped", duration: duration, times: times)
}
