import BenchSupport
import Foundation

/// What commands take while more and more deliveries wait, each in a process of its own.
///
/// Those that change something follow each other on one journal: what waits is sent for a while,
/// asked for again by a replay, held, released, and in the end skipped with its instance.
struct BacklogRun {
  private let options: DeliverBenchOptions
  private let receiver: InstantReceiver

  init(_ options: DeliverBenchOptions, _ receiver: InstantReceiver) {
    (self.options, self.receiver) = (options, receiver)
  }

  func measure() async throws {
    print("command                              waiting    seconds  us of CPU each   KiB resident")
    for waiting in options.waiting {
      let path = try options.freshJournal()
      defer { try? FileManager.default.removeItem(atPath: options.folder) }
      try await WaitingLog.write(path, [(waiting, receiver.url)])
      for words in looking { try run(words, waiting, path) }
      for (words, isEach) in changing { try run(words, waiting, path, isEach: isEach) }
    }
  }

  /// They change nothing.
  private let looking = [
    ["deliveries", "--limit", "10"], ["deliveries", "--status", "pending", "--limit", "10"],
    ["callback", "list"], ["instance", "list"], ["notices"], ["stats"],
  ]

  /// Commands, and whether they have to do with all that wait.
  private var changing: [(words: [String], isEach: Bool)] {
    let some = "\(options.seconds)s"
    return [
      (["deliver", "--until-idle", "--for", some], false),
      (["replay", "1..head", "--to", receiver.url], true),
      (["replay", "1..head", "--to", receiver.url, "--execute"], true),
      (["deliver", "--until-idle", "--for", some], false),
      (["replay", "stop", "1"], false),
      (["callback", "disable", receiver.url, "--yes", "--reason", "bench"], false),
      (["deliver", "--until-idle", "--for", some], false),
      (["callback", "enable", receiver.url], false),
      (["deliver", "--until-idle", "--for", some], false),
      (["instance", "delete", "1", "--keep-grant", "--yes", "--reason", "bench"], true),
    ]
  }

  /// - Parameter isEach: Whether its cost is for each that waits, and not for each that was sent.
  private func run(
    _ words: [String], _ waiting: Int, _ path: String, isEach: Bool = false
  ) throws {
    let before = receiver.answered
    let usage = try MeasuredProcess.run(
      [options.daybook, "--journal", path] + words, environment: options.environment,
      lookingEvery: 2_000)
    let sent = receiver.answered - before
    let count = isEach ? waiting : sent
    let each = count == 0 ? "–" : String(Int(usage.cpuSeconds * 1e6 / Double(count)))
    let name = words.joined(separator: " ").replacing(receiver.url, with: "URL")
    let status = usage.status == 0 ? "" : "  status \((usage.status >> 8) & 0xFF)"
    print(
      name.padding(toLength: 34, withPad: " ", startingAt: 0)
        + String(format: "%10d %10.2f", waiting, usage.seconds)
        + String(repeating: " ", count: max(1, 16 - each.count)) + each
        + String(format: "%15d", usage.memoryKiB) + status + (sent > 0 ? "  \(sent) sent" : ""))
  }
}
