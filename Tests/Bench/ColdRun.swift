import BenchSupport
import EventStore
import Foundation

/// How soon a new process answers, and how much memory it takes, at three sizes: lists, which
/// should not grow with the journal, and `verify`, which reads all of it.
enum ColdRun {
  private static let lists: [(name: String, words: [String])] = [
    ("deliveries", ["deliveries", "--limit", "10"]),
    ("instance", ["deliveries", "--instance", "7", "--limit", "10"]),
    ("changes", ["changes", "--limit", "10"]),
    ("events", ["events", "--limit", "10"]),
    ("cursors", ["cursor", "list"]),
  ]
  /// How often a list is asked for in a round.
  private static let times = 9

  /// Builds the journals first, where one of the runs is wanted.
  static func all(_ options: BenchOptions, in folder: String) async throws -> [BenchRun] {
    var runs: [BenchRun] = []
    for size in FoldRun.sizes(options) {
      let path = "\(folder)/cold-\(size).journal"
      var sized = lists.map { list in
        BenchRun(name: "cold.\(list.name).\(size)", limit: nil) { options, _ in
          try measure(options, path, list.words, times: times)
        }
      }
      sized.append(
        BenchRun(name: "cold.verify.\(size)", limit: nil) { options, _ in
          try measure(options, path, ["verify"], times: 1)
        })
      sized = sized.filter { options.includes($0.name) }
      runs += sized
      guard !sized.isEmpty else { continue }
      let log = try await MixedLog.build(path, events: size)
      try await log.catchUp()
      try await log.checkpoint()
      let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      say("a journal of \(size) events and \(bytes / 1_000_000) MB built")
    }
    return runs
  }

  private static func measure(
    _ options: BenchOptions, _ path: String, _ words: [String], times: Int
  ) throws -> [Figure] {
    guard FileManager.default.isExecutableFile(atPath: options.daybook) else {
      throw Skip(reason: "there is no \(options.daybook); `make build` makes it")
    }
    let command = [options.daybook, "--journal", path] + words
    var usages: [MeasuredProcess.Usage] = []
    for _ in 0..<times { usages.append(try MeasuredProcess.run(command)) }
    // To look at it takes time.
    let looked = try MeasuredProcess.run(command, lookingEvery: 500)
    guard (usages + [looked]).allSatisfy({ $0.status == 0 }) else {
      throw Skip(reason: "\(command.joined(separator: " ")) did not end as it should")
    }
    func median(_ value: (MeasuredProcess.Usage) -> Double) -> Double {
      usages.map(value).sorted()[times / 2]
    }
    return [
      Figure(metric: "answer", value: median { $0.seconds * 1_000 }, unit: "ms"),
      Figure(metric: "cpu", value: median { $0.cpuSeconds * 1_000 }, unit: "ms"),
      Figure(metric: "memory", value: Double(looked.memoryKiB) / 1_024, unit: "MiB at most"),
    ]
  }
}
