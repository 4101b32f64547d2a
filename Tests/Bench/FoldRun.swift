import Foundation
import Journal

/// Folds a log of polls, changes and deliveries into its tables: onward, and anew.
enum FoldRun {
  static let all = [
    BenchRun(name: "fold", hasLimit: false) { options, folder in
      let path = folder + "/mixed.journal"
      let log = try await MixedLog.build(path, events: min(options.events, 50_000))
      let events = try await Double(log.currentHead().position)
      let onward = Stopwatch()
      try await log.catchUp()
      let catchUp = onward.seconds
      let anew = Stopwatch()
      _ = try await log.rebuild()
      let rebuild = anew.seconds
      try await log.checkpoint()
      let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      return [
        Figure(metric: "catch_up", value: events / catchUp, unit: "events/s"),
        Figure(metric: "rebuild", value: events / rebuild, unit: "events/s"),
        Figure(metric: "size", value: Double(bytes) / events, unit: "bytes/event"),
      ]
    }
  ]
}
