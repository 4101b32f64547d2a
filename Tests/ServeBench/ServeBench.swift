import Foundation
import Glibc
import HTTPTypes
import Hummingbird

/// Measures `serve` beside a bare route of the same server library, both in processes of their own,
/// by turns, under the same clients.
///
///     ServeBench --daybook .build/release/daybook --clients 64 --seconds 3 --rounds 3
@main
enum ServeBench {
  static func main() async throws {
    let words = Array(CommandLine.arguments.dropFirst())
    if words.first == "--bare" { return try await Bare.serve() }
    let options = try ServeBenchOptions(words)
    let folder = ".build/bench/serve"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let bare = try ServedProcess(
      CommandLine.arguments[0], ["--bare"], environment: [:])
    let daybook = try ServedProcess(
      options.daybook, ["--journal", "\(folder)/bench.journal", "serve", "--port", "0"],
      environment: [
        "DAYBOOK_USER_SECRET": "user", "DAYBOOK_ORGANIZATION_SECRET": "organization",
      ])
    defer {
      bare.stop()
      daybook.stop()
    }
    var figures: [String: [Figures]] = [:]
    for _ in 0..<options.rounds {
      figures["bare", default: []].append(try Load(options).run(bare, "/"))
      figures["health", default: []].append(try Load(options).run(daybook, "/daybook/v1/health"))
      figures["list", default: []].append(
        try Load(options).run(daybook, "/daybook/v1/events?limit=10"))
    }
    print("| route | answers a second | processor time | 99 % within |\n|---|---|---|---|")
    for name in ["bare", "health", "list"] {
      let rounds = figures[name] ?? []
      print(
        "| \(name) | \(median(rounds.map(\.rate))) | \(median(rounds.map(\.microseconds))) µs"
          + " | \(median(rounds.map(\.slowest))) ms |")
    }
    print("\n| pages | half within | 99 % within | processor time | resident after each walk |")
    print("|---|---|---|---|---|\n\(try Pages.measure(daybook))")
  }

  private static func median(_ values: [Double]) -> Int {
    values.isEmpty ? 0 : Int(values.sorted()[values.count / 2].rounded())
  }
}

/// What the command line asks for.
struct ServeBenchOptions {
  var daybook = ".build/release/daybook"
  var clients = 64
  var seconds = 3.0
  var rounds = 3

  init(_ words: [String]) throws {
    var words = words.makeIterator()
    while let flag = words.next() {
      guard let value = words.next() else { throw ServeBenchFailure("\(flag) wants a value") }
      switch flag {
      case "--daybook": daybook = value
      case "--clients": clients = max(1, Int(value) ?? clients)
      case "--seconds": seconds = max(1, Double(value) ?? seconds)
      case "--rounds": rounds = max(1, Int(value) ?? rounds)
      default: throw ServeBenchFailure("there is no \(flag)")
      }
    }
  }
}

/// Why the measurement cannot be made.
struct ServeBenchFailure: Error, CustomStringConvertible {
  let description: String

  init(_ text: String) { description = text }
}

/// The server library alone: one route that answers two bytes.
enum Bare {
  static func serve() async throws {
    let router = Router()
    router.get("/") { _, _ in "ok" }
    let application = Application(
      router: router, configuration: ApplicationConfiguration(address: .hostname(port: 0)),
      onServerRunning: { channel in
        print("http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
        fflush(nil)
      })
    try await application.run()
  }
}
