import EventStore
import Foundation

/// How soon a new process answers on a journal of 100 MB.
enum ColdRun {
  static let all = [
    BenchRun(name: "cold.deliveries", limit: nil) { options, folder in
      guard FileManager.default.isExecutableFile(atPath: options.daybook) else {
        throw Skip(reason: "there is no \(options.daybook); `make build` makes it")
      }
      let path = folder + "/cold.journal"
      let log = try await MixedLog.build(path, events: 100_000)
      try await log.catchUp()
      try await log.checkpoint()
      let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      var times: [Double] = []
      for _ in 0..<9 {
        let used = Stopwatch()
        try answer(options.daybook, ["--journal", path, "deliveries", "--limit", "10"])
        times.append(used.seconds * 1_000)
      }
      return [
        Figure(metric: "answer", value: times.sorted()[4], unit: "ms"),
        Figure(metric: "size", value: Double(bytes) / 1e6, unit: "MB"),
      ]
    }
  ]

  private static func answer(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Skip(reason: "\(program) deliveries ended with \(process.terminationStatus)")
    }
  }
}
