import Synchronization

/// Runs all jobs on one thread, one at a time; which of those that could run is next, the seed
/// says.
///
/// Actors with an executor of their own take a `Lane` of it, everything else prefers it as its task
/// executor. So `Worker.run()` itself runs here, in every order that real threads could make of it.
final class SeededExecutor: TaskExecutor {
  private enum Job {
    case free(UnownedJob)
    case pinned(UnownedJob, Lane)
  }

  private struct State {
    /// Jobs with the step before which they are left aside.
    var jobs: [(job: Job, from: Int)] = []
    var steps = 0
    var random: SeededRandom

    /// Takes a job in. One in thirty is left aside for long, as a thread is that loses its turn: so
    /// much else can happen meanwhile that drawing alone would hardly ever let it.
    mutating func add(_ job: Job) {
      let isSlow = random.happens(permille: 33)
      jobs.append((job, isSlow ? steps + random.number(1...200) : 0))
    }

    mutating func take() -> Job? {
      guard !jobs.isEmpty else { return nil }
      steps += 1
      let ready = jobs.indices.filter { jobs[$0].from <= steps }
      let place = random.pick(ready) ?? random.number(0...jobs.count - 1)
      return jobs.remove(at: place).job
    }
  }

  private let state: Mutex<State>

  init(random: SeededRandom) { state = Mutex(State(random: random)) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.add(.free(job)) }
  }

  /// Runs the job that is drawn next.
  ///
  /// - Returns: Whether there was one.
  func runNext() -> Bool {
    switch state.withLock({ $0.take() }) {
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
      all.state.withLock { $0.add(.pinned(job, self)) }
    }
  }
}
