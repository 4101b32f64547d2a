import Foundation

/// The C programs that measure what this machine allows, one round at a time between ours.
struct LimitRuns {
  private let script: String
  private let folder: String
  private let options: BenchOptions

  /// nil where there are none to run.
  init?(_ options: BenchOptions) {
    guard let limits = options.limits else { return nil }
    let script = limits + "/run.py"
    guard FileManager.default.fileExists(atPath: script) else {
      say("no C figures to compare with: there is no \(script)")
      return nil
    }
    self.script = script
    folder = FileManager.default.currentDirectoryPath + "/.build/limits"
    self.options = options
  }

  private struct Row: Decodable {
    let run: String
    let metric: String
    let values: [Double]
  }

  func measure(_ bench: BenchRun, into figures: inout Figures) throws {
    guard let run = bench.limit else { return }
    let file = folder + "/round.json"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["python3", script, "--only", run, "--rounds", "1", "--dir", folder, "--json", file]
      + ["--ms", "\(options.milliseconds)", "--events", "\(options.events)"]
      + (bench.journal.map { ["--journal", $0] } ?? [])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      say("\(run): the C program could not be run; `python3 \(script) --only \(run)` says why")
      return
    }
    let data = try Data(contentsOf: URL(filePath: file))
    for row in try JSONDecoder().decode([Row].self, from: data) where row.run == run {
      for value in row.values { figures.add(limit: value, row.metric, bench.name) }
    }
  }
}
