import BenchSupport

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
  var seconds = 10
  var concurrency = 64
  var daybook = ".build/release/daybook"
  var folder = ".build/bench/deliver"

  init(_ arguments: some Sequence<String>) throws {
    var words = Array(arguments).makeIterator()
    while let flag = words.next() {
      guard let value = words.next() else {
        throw DeliverBenchFailure(text: "\(flag) wants a value")
      }
      switch flag {
      case "--waiting": waiting = value.split(separator: ",").compactMap { Int($0) }
      case "--dead": dead = max(0, Int(value) ?? dead)
      case "--seconds": seconds = max(1, Int(value) ?? seconds)
      case "--concurrency": concurrency = max(1, Int(value) ?? concurrency)
      case "--daybook": daybook = value
      case "--dir": folder = value
      default: throw DeliverBenchFailure(text: "there is no \(flag)")
      }
    }
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
    let variables = [
      "DAYBOOK_CONCURRENCY=\(options.concurrency)", "DAYBOOK_ALLOW_CALLBACKS=127.0.0.1",
      "DAYBOOK_GOOGLE_URL=http://127.0.0.1:9",
    ]
    let usage = try MeasuredProcess.run(words, environment: variables, lookingEvery: 10_000)
    // It says so where something has not arrived, as nothing does at a dead receiver.
    let exit = (usage.status >> 8) & 0xFF
    guard usage.status & 0x7F == 0, exit == 0 || options.dead > 0 && exit == 5 else {
      throw DeliverBenchFailure(text: "deliver ended with \(usage.status)")
    }
    return usage
  }
}
