import Foundation
import Glibc

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
  /// What the process took.
  struct Usage {
    var seconds: Double
    var cpuSeconds: Double
    var memoryKiB: Int
  }

  /// Runs it until nothing is due, or the time is over.
  static func run(_ options: DeliverBenchOptions, journal: String) throws -> Usage {
    guard FileManager.default.isExecutableFile(atPath: options.daybook) else {
      throw DeliverBenchFailure(text: "there is no \(options.daybook); `make build` makes it")
    }
    let words = [
      options.daybook, "--journal", journal, "deliver", "--until-idle", "--for",
      "\(options.seconds)s",
    ]
    let variables = [
      "DAYBOOK_CONCURRENCY=\(options.concurrency)", "DAYBOOK_ALLOW_CALLBACKS=127.0.0.1",
      "DAYBOOK_GOOGLE_URL=http://127.0.0.1:9",
    ]
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    for (descriptor, mode) in [(0, O_RDONLY), (1, O_WRONLY)] {
      posix_spawn_file_actions_addopen(&files, Int32(descriptor), "/dev/null", mode, 0)
    }
    var arguments = words.map { strdup($0) } + [nil]
    var environment = variables.map { strdup($0) } + [nil]
    defer { (arguments + environment).forEach { free($0) } }
    var process: pid_t = 0
    let begun = ContinuousClock.now
    guard
      posix_spawn(&process, options.daybook, &files, nil, &arguments, &environment) == 0
    else { throw DeliverBenchFailure(text: "\(options.daybook) cannot be started") }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    let taken = (ContinuousClock.now - begun) / .seconds(1)
    // It says so where something has not arrived, as nothing does at a dead receiver.
    let exit = (status >> 8) & 0xFF
    guard status & 0x7F == 0, exit == 0 || options.dead > 0 && exit == 5 else {
      throw DeliverBenchFailure(text: "deliver ended with \(status)")
    }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Usage(
      seconds: taken, cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      memoryKiB: usage.ru_maxrss)
  }
}
