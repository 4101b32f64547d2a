import Synchronization

/// Runs all jobs on one thread, one at a time; which of those that could run is next, the seed
/// says.
///
/// Actors with an executor of their own take a `Lane` of it, everything else prefers it as its task
/// executor. So `Runner.run()` itself runs here, in every order that real threads could make of it.
final class SeededExecutor: TaskExecutor {
  private enum Job {
    case free(UnownedJob)
    case pinned(UnownedJob, Lane)
  }

  private struct State {
    var jobs: [Job] = []
    var random: SeededRandom
  }

  private let state: Mutex<State>

  init(random: SeededRandom) { state = Mutex(State(random: random)) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(.free(job)) }
  }

  /// Runs the job that is drawn next.
  ///
  /// - Returns: Whether there was one.
  func runNext() -> Bool {
    let job: Job? = state.withLock { state in
      guard !state.jobs.isEmpty else { return nil }
      let place = Int(state.random.next() % UInt64(state.jobs.count))
      return state.jobs.remove(at: place)
    }
    switch job {
    case nil: return false
    case .free(let job)?: job.runSynchronously(on: asUnownedTaskExecutor())
    case .pinned(let job, let lane)?: job.runSynchronously(on: lane.asUnownedSerialExecutor())
    }
    return true
  }

  /// The executor of one actor.
  final class Lane: SerialExecutor {
    private let all: SeededExecutor

    init(of all: SeededExecutor) { self.all = all }

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      all.state.withLock { $0.jobs.append(.pinned(job, self)) }
    }
  }
}
