import EventStore
import Events

/// Appends at full durability: one caller, and many that wait together.
enum AppendRun {
  static let all = [
    BenchRun(name: "append.chain.full", limit: "append.chain.full") { options, folder in
      try await measure(callers: 1, options, folder)
    },
    BenchRun(name: "group.full.64", limit: "group.full.64") { options, folder in
      try await measure(callers: 64, options, folder)
    },
  ]

  private static func measure(
    callers: Int, _ options: BenchOptions, _ folder: String
  ) async throws -> [Figure] {
    let log = try BenchLog.open(folder + "/append.journal")
    let used = Stopwatch()
    let end = ContinuousClock.now + .milliseconds(options.milliseconds)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<callers {
        group.addTask { try await call(log, caller, until: end) }
      }
      try await group.waitForAll()
    }
    let events = try await Double(log.currentHead().position - 1)
    return [
      Figure(metric: "append", value: events / used.seconds, unit: "events/s"),
      Figure(metric: "cpu", value: used.cpuSeconds / events * 1e6, unit: "us/event"),
    ]
  }

  /// Each event with the version expected, a key, and a body of 1 KB; a thousand streams by turns.
  private static func call(
    _ log: JournalWriter, _ caller: Int, until end: ContinuousClock.Instant
  ) async throws {
    var number = 0
    while ContinuousClock.now < end {
      let stream = StreamName(stored: "notice/\(caller)-\(number % 1_000)")
      let append = AppendRequest(
        [BenchLog.newEvent(stream)], expecting: [stream: Int64(number / 1_000)],
        key: "\(caller)-\(number)", at: BenchLog.start + .milliseconds(number))
      _ = try await log.append(append)
      number += 1
    }
  }
}
