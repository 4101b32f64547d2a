import Daybook
import Events

extension Session {
  /// Shows attempts as they are made.
  ///
  /// - Returns: How many deliveries had not arrived after their last attempt.
  func attempts(
    _ work: @escaping @Sendable (@escaping @Sendable (AttemptReport) -> Void) async throws -> Void
  ) async throws -> Int {
    let (reports, made) = AsyncStream<AttemptReport>.makeStream()
    let task = Task {
      defer { made.finish() }
      try await work { made.yield($0) }
    }
    // Not stopped with the work: what was under way then is shown as well.
    let shown = Task { () async throws -> Int in
      // Those alone: of a queue that drains, few are left.
      var missing: Set<String> = []
      do {
        try await show(RowTable.attempts.names) { write in
          for await report in reports {
            let delivery = "\(report.id) \(report.url)"
            if report.outcome == "succeeded" || report.isDeliberate {
              missing.remove(delivery)
            } else {
              missing.insert(delivery)
            }
            try write(Record(Row(report)))
          }
        }
      } catch {
        // Nobody reads on; what is under way is recorded all the same.
        task.cancel()
        _ = await task.result
        throw error
      }
      try await task.value
      return missing.count
    }
    return try await withTaskCancellationHandler {
      try await shown.value
    } onCancel: {
      task.cancel()
    }
  }
}
