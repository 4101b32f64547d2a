import EventStore
import Foundation

/// Measures the log beside plain C programs that do the same work in the same minutes.
///
///     Bench [--events N] [--rounds N] [--ms N] [--only NAME …]
///           [--dir DIR] [--limits DIR] [--daybook FILE] [--journal FILE]
///
/// Prints a table, and writes `ours.tsv` (run, metric, median) into the folder.
@main
struct Bench {
  static func main() async throws {
    let options = try BenchOptions(CommandLine.arguments.dropFirst())
    let work = options.folder + "/work"
    try? FileManager.default.removeItem(atPath: work)
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: work) }
    var figures = Figures()
    let runs = [
      AppendRun.all, try await ScanRun.all(options, in: work),
      try await FoldRun.all(options, in: work),
      try await ColdRun.all(options, in: work),
    ].joined().filter { options.includes($0.name) }
    let limits = LimitRuns(options)
    for round in 1...options.rounds {
      for run in runs {
        try limits?.measure(run, into: &figures)
        let place = work + "/\(run.name)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        do {
          for figure in try await run.measure(options, place) {
            figures.add(ours: figure, run.name)
          }
        } catch let skip as Skip {
          if round == 1 { say("\(run.name) skipped: \(skip.reason)") }
        }
        try FileManager.default.removeItem(atPath: place)
      }
      say("round \(round) of \(options.rounds)")
    }
    print(figures.table(), terminator: "")
    try figures.lines().write(
      toFile: options.folder + "/ours.tsv", atomically: true, encoding: .utf8)
  }
}

/// One thing that is measured, under the name of the C program that does the same.
struct BenchRun: Sendable {
  let name: String
  /// What the C program is called that does the same; nil where none does.
  let limit: String?
  /// What it reads, where it does not make its own.
  var journal: String?
  /// Works inside the folder given, which is empty before and goes afterwards.
  let measure: @Sendable (BenchOptions, String) async throws -> [Figure]
}

/// One number that a round came to.
struct Figure {
  let metric: String
  let value: Double
  let unit: String
}

/// Why a run cannot be made here.
struct Skip: Error {
  let reason: String
}

/// Tells on standard error what goes on, so that standard output is the table alone.
func say(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
