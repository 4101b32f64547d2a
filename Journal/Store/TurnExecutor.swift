import Dispatch
import Glibc
import Synchronization

/// Runs the jobs of an actor one after another on a thread of their own, and lets a caller who
/// finds it idle take a turn on its own thread.
///
/// A turn spares a short piece of work two changes of threads, which take longer than a commit that
/// the disk acknowledges at once. Long work belongs into jobs: a turn holds the caller's thread.
package final class TurnExecutor: SerialExecutor {
  private struct Line {
    /// True while a job or a turn is under way.
    var isTaken = false
    var jobs: [UnownedJob] = []
    /// The thread that has a turn, where no job runs.
    var guest: pthread_t?
  }

  private let line = Mutex(Line())
  private let queue: DispatchQueue

  package init(label: String) {
    queue = DispatchQueue(label: label)
  }

  /// Runs the job after those before it; the queue's thread may block meanwhile.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = line.withLock { line in
      line.jobs.append(job)
      defer { line.isTaken = true }
      return !line.isTaken
    }
    if isFirst { serve() }
  }

  /// Does the work here and now, as if it were a job.
  ///
  /// - Returns: nil where a job or another turn is under way: nothing was done.
  func turn<Answer>(_ work: () -> Answer) -> Answer? {
    let isMine = line.withLock { line in
      guard !line.isTaken else { return false }
      line.isTaken = true
      line.guest = pthread_self()
      return true
    }
    guard isMine else { return nil }
    defer { endTurn() }
    return work()
  }

  /// Holds for whoever has the turn; for jobs the runtime knows by itself.
  package func checkIsolated() {
    let guest = line.withLock(\.guest)
    precondition(guest == pthread_self(), "neither a job of this actor nor a turn at it")
  }

  private func endTurn() {
    let hasJobs = line.withLock { line in
      line.guest = nil
      line.isTaken = !line.jobs.isEmpty
      return line.isTaken
    }
    if hasJobs { serve() }
  }

  private func serve() {
    queue.async { [self] in
      while let job = next() { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }

  private func next() -> UnownedJob? {
    line.withLock { line in
      line.isTaken = !line.jobs.isEmpty
      return line.jobs.isEmpty ? nil : line.jobs.removeFirst()
    }
  }
}
