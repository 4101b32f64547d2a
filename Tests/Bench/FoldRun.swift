import EventStore
import Foundation

/// Folds logs of polls, changes and deliveries into their tables, onward and anew, and verifies
/// them; at three sizes, so that a cost which grows with the journal shows.
enum FoldRun {
  /// Builds the logs first, where one of the runs is wanted.
  static func all(_ options: BenchOptions, in folder: String) async throws -> [BenchRun] {
    var runs: [BenchRun] = []
    if let path = options.journal { runs += journal("given", path) }
    for size in sizes(options) {
      let path = "\(folder)/mixed-\(size).journal"
      let sized = journal("\(size)", path).filter { options.includes($0.name) }
      runs += sized
      guard !sized.isEmpty else { continue }
      try await MixedLog.build(path, events: size).checkpoint()
      say("a log of \(size) polls, changes and deliveries built")
    }
    return runs
  }

  /// Events of the logs that are folded, verified and asked.
  static func sizes(_ options: BenchOptions) -> [Int] {
    let most = min(options.events, 240_000)
    return [most / 16, most / 4, most]
  }

  private static func journal(_ name: String, _ path: String) -> [BenchRun] {
    [
      run("fold.follow", name, path) { try await follow($0) },
      run("fold.tables", name, path) { try await rebuild($0) },
      run("fold.verify", name, path) { try await verify($0) },
    ]
  }

  private static func run(
    _ limit: String, _ size: String, _ path: String,
    _ measure: @escaping @Sendable (String) async throws -> [Figure]
  ) -> BenchRun {
    BenchRun(name: "\(limit).\(size)", limit: limit, journal: path) { _, folder in
      let copy = folder + "/copy.journal"
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      return try await measure(copy)
    }
  }

  private static func follow(_ path: String) async throws -> [Figure] {
    let log = try BenchLog.open(path)
    let used = Stopwatch()
    try await log.catchUp()
    let spent = (used.seconds, used.cpuSeconds)
    return figures("catch_up", spent, try await log.currentHead().position)
      + [try waiting(path, try await log.currentHead().position)]
  }

  /// With nothing in the tables that report; those are as long as a catch-up would make them.
  private static func rebuild(_ path: String) async throws -> [Figure] {
    let log = try BenchLog.open(path)
    let used = Stopwatch()
    let events = try await log.rebuild()
    let spent = (used.seconds, used.cpuSeconds)
    return figures("rebuild", spent, events) + [try waiting(path, events)]
  }

  private static func verify(_ path: String) async throws -> [Figure] {
    let reader = try JournalReader(path)
    let used = Stopwatch()
    let report = try await reader.verify()
    guard report.problems.isEmpty else { throw Skip(reason: report.problems[0]) }
    return figures("verify", (used.seconds, used.cpuSeconds), report.events)
  }

  private static func figures(
    _ metric: String, _ spent: (seconds: Double, cpuSeconds: Double), _ events: Int64
  ) -> [Figure] {
    [
      Figure(metric: metric, value: Double(events) / spent.seconds, unit: "events/s"),
      Figure(metric: "cpu", value: spent.cpuSeconds / Double(events) * 1e6, unit: "us/event"),
    ]
  }

  /// How long the write-ahead log has become.
  private static func waiting(_ path: String, _ events: Int64) throws -> Figure {
    let bytes =
      try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? 0
    return Figure(metric: "wal", value: Double(bytes) / Double(events), unit: "bytes/event")
  }
}
