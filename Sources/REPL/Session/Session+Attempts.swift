import Daybook
import Events

extension Session {
  /// Shows attempts as they are made.
  ///
  ///     into a file or pipe     a row an attempt, at once
  ///     on a terminal           a count that moves, rows for what did not arrive, a total
  ///
  /// - Parameters:
  ///   - name: The command, for the count.
  ///   - due: Deliveries that are due, as far as that is known.
  /// - Returns: How many deliveries had not arrived after their last attempt.
  func attempts(
    _ name: String, due: Int? = nil,
    _ work: @escaping @Sendable (@escaping @Sendable (AttemptReport) -> Void) async throws -> Void
  ) async throws -> Int {
    let feed = AttemptFeed()
    let gauge = ProgressGauge()
    gauge.set(WorkProgress(done: 0, total: due.map { Int64($0) }))
    let start = world.now()
    let task = Task {
      defer { feed.finish() }
      try await work {
        feed.add($0)
        gauge.add(1)
      }
    }
    // Not stopped with the work: what was under way then is shown as well.
    let shown = Task { () async throws -> Int in
      do {
        try await showing(name, "attempt", gauge) { try await show(feed) }
      } catch {
        // Nobody reads on; what is under way is recorded all the same.
        task.cancel()
        _ = await task.result
        throw error
      }
      if feed.dropped > 0 {
        let rows = feed.dropped == 1 ? "1 attempt is" : "\(grouped(feed.dropped)) attempts are"
        Console.complain(
          "\(rows) not shown, because nobody read in time; `deliveries` has all of them")
      }
      let seconds = (world.now() - start).wholeMilliseconds / 1_000
      remark("\(feed.total.text), in \(ProgressText.text(seconds: seconds))")
      try await task.value
      return feed.missing
    }
    let missing = try await withTaskCancellationHandler {
      try await shown.value
    } onCancel: {
      task.cancel()
    }
    if Task.isCancelled {
      throw Failure(
        status: 130,
        "interrupted after \(feed.total.text); what is due is left for the next `deliver` or `run`")
    }
    return missing
  }

  private func show(_ feed: AttemptFeed) async throws {
    let names = RowTable.attempts.names
    if isTerminal, output == .auto { return try await showFailures(feed, names) }
    // A table is measured by its first rows, so that it waits for them.
    let isMeasured = [.table, .markdown].contains(output)
    try await follow(names, of: .attempts) { write, flush in
      while let reports = await feed.next() {
        for report in reports { try write(Record(Row(report))) }
        if !isMeasured { try flush() }
      }
    }
  }

  /// No heading where nothing failed.
  private func showFailures(_ feed: AttemptFeed, _ names: [String]) async throws {
    while let reports = await feed.next() {
      let failed = reports.filter(Session.hasNotArrived)
      guard !failed.isEmpty else { continue }
      try await follow(names, of: .attempts) { write, flush in
        for report in failed { try write(Record(Row(report))) }
        try flush()
        while let reports = await feed.next() {
          let failed = reports.filter(Session.hasNotArrived)
          guard !failed.isEmpty else { continue }
          for report in failed { try write(Record(Row(report))) }
          try flush()
        }
      }
    }
  }

  nonisolated private static func hasNotArrived(_ report: AttemptReport) -> Bool {
    report.outcome != "succeeded"
  }
}
