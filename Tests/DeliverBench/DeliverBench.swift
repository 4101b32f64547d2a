import BenchSupport
import Foundation

/// Measures what an attempt costs with few and with many deliveries waiting.
///
///     DeliverBench [--waiting N[,N…]] [--dead N] [--hanging N] [--seconds N] [--concurrency N]
///                  [--backlog] [--daybook FILE] [--dir DIR]
///
/// A journal gets so many deliveries that are due, of 1 KB each and signed, to a receiver on
/// loopback that answers at once; `daybook deliver` then sends them for some seconds in a process
/// of its own. Prints a table: attempts a second, processor time an attempt, resident memory.
/// With `--dead` so many more wait for a receiver that takes no connection, with `--hanging` for
/// one that takes it and never answers; they are not counted. With `--backlog` it measures what
/// commands take while so many wait.
@main
struct DeliverBench {
  static func main() async throws {
    let options = try DeliverBenchOptions(CommandLine.arguments.dropFirst())
    let receiver = try InstantReceiver()
    if options.measuresCommands { return try await BacklogRun(options, receiver).measure() }
    let silent = try InstantReceiver(answers: false)
    print("waiting      attempts     a second   us of CPU   KiB resident")
    for waiting in options.waiting {
      let measured = try await measure(waiting, options, receiver, silent)
      print(
        String(
          format: "%-12d %8d %12.0f %11.0f %14d", waiting, measured.attempts,
          Double(measured.attempts) / measured.seconds,
          measured.cpuSeconds * 1e6 / Double(max(1, measured.attempts)), measured.memoryKiB))
    }
  }

  /// What sending came to.
  struct Measured {
    var attempts = 0
    var seconds = 0.0
    var cpuSeconds = 0.0
    var memoryKiB = 0
  }

  private static func measure(
    _ waiting: Int, _ options: DeliverBenchOptions, _ receiver: InstantReceiver,
    _ silent: InstantReceiver
  ) async throws -> Measured {
    let path = try options.freshJournal()
    defer { try? FileManager.default.removeItem(atPath: options.folder) }
    try await WaitingLog.write(
      path,
      [
        // Nothing listens there.
        (options.dead, "http://127.0.0.1:1025/hook"), (options.hanging, silent.url),
        (waiting, receiver.url),
      ])
    let before = receiver.answered
    let begun = ContinuousClock.now
    let usage = try DeliverProcess.run(options, journal: path)
    // What waits for others may go on for longer.
    return Measured(
      attempts: receiver.answered - before, seconds: (receiver.lastAnswer - begun) / .seconds(1),
      cpuSeconds: usage.cpuSeconds, memoryKiB: usage.memoryKiB)
  }
}
