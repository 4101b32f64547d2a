import BenchSupport
import Foundation

/// Why the measurement cannot be made.
struct DeliverBenchFailure: Error, CustomStringConvertible {
  let text: String

  var description: String { text }
}

/// What the command line asks for.
struct DeliverBenchOptions {
  var waiting = [300, 10_000, 100_000]
  /// Deliveries to a receiver that takes no connection.
  var dead = 0
  /// Deliveries to a receiver that never answers.
  var hanging = 0
  var measuresCommands = false
  var seconds = 10
  var concurrency = 64
  var daybook = ".build/release/daybook"
  var folder = ".build/bench/deliver"

  init(_ arguments: some Sequence<String>) throws {
    var words = Array(arguments).makeIterator()
    while let flag = words.next() {
      if flag == "--backlog" {
        measuresCommands = true
        continue
      }
      guard let value = words.next() else {
        throw DeliverBenchFailure(text: "\(flag) wants a value")
      }
      switch flag {
      case "--waiting": waiting = value.split(separator: ",").compactMap { Int($0) }
      case "--dead": dead = max(0, Int(value) ?? dead)
      case "--hanging": hanging = max(0, Int(value) ?? hanging)
      case "--seconds": seconds = max(1, Int(value) ?? seconds)
      case "--concurrency": concurrency = max(1, Int(value) ?? concurrency)
      case "--daybook": daybook = value
      case "--dir": folder = value
      default: throw DeliverBenchFailure(text: "there is no \(flag)")
      }
    }
  }
}

extension DeliverBenchOptions {
  /// The path of a journal in a folder that has nothing else in it.
  func freshJournal() throws -> String {
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder + "/deliver.journal"
  }

  /// Variables of the processes that are measured.
  var environment: [String] {
    [
      "DAYBOOK_CONCURRENCY=\(concurrency)", "DAYBOOK_ALLOW_CALLBACKS=127.0.0.1",
      "DAYBOOK_GOOGLE_URL=http://127.0.0.1:9", "HOME=\(folder)",
    ]
  }
}

/// `daybook deliver` in a process of its own.
enum DeliverProcess {
  /// Runs it until nothing is due, or the time is over.
  static func run(
    _ options: DeliverBenchOptions, journal: String
  ) throws -> MeasuredProcess.Usage {
    let words = [
      options.daybook, "--journal", journal, "deliver", "--until-idle", "--for",
      "\(options.seconds)s",
    ]
    let usage = try MeasuredProcess.run(
      words, environment: options.environment, lookingEvery: 10_000)
    // It says so where something has not arrived, as nothing does at a dead receiver.
    let exit = (usage.status >> 8) & 0xFF
    guard usage.status & 0x7F == 0, exit == 0 || options.dead + options.hanging > 0 && exit == 5
    else {
      throw DeliverBenchFailure(text: "deliver ended with \(usage.status)")
    }
    return usage
  }
}
