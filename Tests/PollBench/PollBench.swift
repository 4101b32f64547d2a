import BenchSupport
import Daybook
import DaybookLive
import Domain
import Engine
import EventStore
import Events
import Foundation

/// Measures whether many instances keep their schedule, against the sandbox in a process of its
/// own.
///
///     PollBench [--instances N] [--seconds N] [--daybook FILE] [--dir DIR]
///
/// Every instance has one feed and an interval of a minute. The first minutes, in which all of them
/// get their tokens and baselines at once, are not counted. Prints a table.
@main
struct PollBench {
  static func main() async throws {
    let options = try PollBenchOptions(CommandLine.arguments.dropFirst())
    try? FileManager.default.removeItem(atPath: options.folder)
    try FileManager.default.createDirectory(
      atPath: options.folder, withIntermediateDirectories: true)
    let sandbox = try SandboxProcess(options.daybook)
    defer {
      sandbox.stop()
      try? FileManager.default.removeItem(atPath: options.folder)
    }
    if options.includes("costs") {
      print(try await PollCosts.measure(options, sandbox), terminator: "")
    }
    guard options.includes("instances") else { return }
    let desk = try await options.desk(google: sandbox.url, name: "polls")
    try await register(options.instances, in: desk, token: try await sandbox.refreshToken())
    let run = Task { try await desk.run() }
    let settled = try await settle(desk, options.instances)
    let measured = try await measure(desk, seconds: options.seconds)
    run.cancel()
    try await run.value
    print(text(options, settled, measured), terminator: "")
    try await desk.repository.writer.catchUp()
    let list = try MeasuredProcess.run(
      [options.daybook, "--journal", desk.path, "instance", "list"], lookingEvery: 1_000)
    guard list.status == 0 else {
      throw PollBenchFailure(text: "instance list ended with \(list.status)")
    }
    print(
      row("list", list.cpuSeconds * 1_000, "ms of CPU of `instance list`")
        + row("memory", Double(list.memoryKiB), "KiB of it at most"), terminator: "")
  }

  static func register(_ count: Int, in desk: OpenedJournal, token: String) async throws {
    let body = """
      {"element": {"key": "googlesuite"}, "externalAuthentication": "initial", "name": "Team",
       "configuration": {"oauth.api.key": "sandbox-client", "oauth.api.secret": "sandbox-secret",
        "oauth.user.refresh_token": "\(token)", "event.notification.enabled": true,
        "event.poller.refresh_interval": 1, "event.poller.configuration": {
         "calendars/primary/changed-events": {
          "url": "/hubs/general/calendars/primary/changed-events", "idField": ""}}}}
      """
    let form = try InstanceForm(
      Array(body.utf8), rules: desk.settings.rules, connector: desk.connector)
    for _ in 0..<count { _ = try await desk.instances.create(form, nil) }
  }

  /// Waits until every feed has its baseline.
  ///
  /// - Returns: How long that took.
  private static func settle(_ desk: OpenedJournal, _ count: Int) async throws -> Duration {
    let begun = ContinuousClock.now
    while ContinuousClock.now - begun < .seconds(900) {
      let done = try await desk.repository.reader.read { snapshot throws(JournalError) in
        try snapshot.feeds(of: nil).count { $0.mode == .changes }
      }
      if done == count {
        let taken = ContinuousClock.now - begun
        // The first regular poll of each, which the burst of the beginning may still delay.
        try await Task.sleep(for: .seconds(75))
        return taken
      }
      try await Task.sleep(for: .seconds(1))
    }
    throw PollBenchFailure(text: "after 15 minutes not every feed has its baseline")
  }

  /// What a stretch of regular polling came to.
  struct Measured {
    var polls = 0
    var lags: [Double] = []
    var cpuSeconds = 0.0
    var bytes = 0.0
    var memoryBefore = 0
    var memoryAfter = 0
  }

  private static func measure(_ desk: OpenedJournal, seconds: Int) async throws -> Measured {
    var measured = Measured()
    let head = try await desk.repository.writer.currentHead().position
    let bytes = size(of: desk.path)
    let used = cpu()
    measured.memoryBefore = memory()
    try await Task.sleep(for: .seconds(seconds))
    measured.cpuSeconds = cpu() - used
    measured.memoryAfter = memory()
    measured.bytes = Double(size(of: desk.path) - bytes)
    // When each was due says the poll before it.
    var due: [FeedID: Int64] = [:]
    var after = max(0, head - 40_000)
    while true {
      let start = after
      let rows = try await desk.repository.reader.read { snapshot throws(JournalError) in
        try snapshot.events(after: start, limit: 2_000)
      }
      guard let last = rows.last else { return measured }
      after = last.position
      for row in rows {
        guard case .pollCompleted(let body) = try row.event() else { continue }
        if row.position > head, let dueAt = due[body.feed] {
          measured.polls += 1
          measured.lags.append(Double(body.startedAtMs - dueAt))
        }
        due[body.feed] = body.nextAtMs
      }
    }
  }

  private static func text(
    _ options: PollBenchOptions, _ settled: Duration, _ measured: Measured
  ) -> String {
    let lags = measured.lags.sorted()
    func part(_ share: Double) -> Double {
      lags.isEmpty ? .nan : lags[min(lags.count - 1, Int(share * Double(lags.count)))]
    }
    let rate = Double(measured.polls) / Double(options.seconds)
    let rows: [(String, Double, String)] = [
      ("instances", Double(options.instances), "at an interval of a minute"),
      ("baselines", settled / .seconds(1), "s until all had one"),
      ("polls", rate, "a second; \(options.instances / 60) are due"),
      ("lag p50", part(0.5), "ms behind the schedule"),
      ("lag p99", part(0.99), "ms"), ("lag most", lags.last ?? .nan, "ms"),
      ("CPU", measured.cpuSeconds / Double(options.seconds) * 100, "% of one core"),
      ("CPU a poll", measured.cpuSeconds / Double(max(1, measured.polls)) * 1e6, "us"),
      ("journal", measured.bytes / Double(max(1, measured.polls)), "bytes a poll"),
      ("memory", Double(measured.memoryBefore), "KiB before"),
      ("memory", Double(measured.memoryAfter), "KiB after"),
    ]
    return rows.map { row($0, $1, $2) }.joined()
  }
}

/// A line of the table.
func row(_ name: String, _ value: Double, _ unit: String) -> String {
  name.padding(toLength: 12, withPad: " ", startingAt: 0)
    + String(format: "%12.1f  %@\n", value, unit)
}
