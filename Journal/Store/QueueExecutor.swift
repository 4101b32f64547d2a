import Dispatch

/// A serial queue of its own for an actor, so that SQLite never blocks the shared threads.
package final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  package init(label: String) {
    queue = DispatchQueue(label: label)
  }

  /// Runs the job after those before it; the queue's thread may block meanwhile.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { @Sendable in
      job.runSynchronously(on: self.asUnownedSerialExecutor())
    }
  }
}
