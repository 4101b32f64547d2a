import EventStore
import Events
import Foundation

/// Reads a long log of 1 KB events: every column of every row, and the walk that verifies it.
enum ScanRun {
  /// Builds the log first, where one of its runs is wanted.
  static func all(_ options: BenchOptions, in folder: String) async throws -> [BenchRun] {
    let path = folder + "/long.journal"
    let runs = [
      BenchRun(name: "read.scan_mmap", limit: "read.scan_mmap") { _, _ in try await scan(path) },
      BenchRun(name: "read.verify", limit: "read.verify") { _, _ in try await verify(path) },
    ].filter { options.includes($0.name) }
    if !runs.isEmpty { try await build(path, events: options.events) }
    return runs
  }

  private static func build(_ path: String, events: Int) async throws {
    let used = Stopwatch()
    let log = try BenchLog.open(path)
    for first in stride(from: 0, to: events, by: 10_000) {
      let newEvents = (first..<min(first + 10_000, events)).map { number in
        BenchLog.newEvent(StreamName(stored: "notice/\(number % 1_000)"))
      }
      _ = try await log.append(AppendRequest(newEvents, at: BenchLog.start + .milliseconds(first)))
    }
    try await log.checkpoint()
    say("a log of \(events) events built in \(Int(used.seconds)) s")
  }

  private static func scan(_ path: String) async throws -> [Figure] {
    let reader = try JournalReader(path)
    let used = Stopwatch()
    var position: Int64 = 0
    var mix: Int64 = 0
    while true {
      let after = position
      let rows = try await reader.read { snapshot throws(JournalError) in
        try snapshot.events(after: after, limit: 1_000)
      }
      guard let last = rows.last else { break }
      for row in rows {
        mix &+= row.version ^ row.recordedAt.milliseconds ^ Int64(row.revision)
        mix &+= Int64(row.stream.text.utf8.count + row.type.utf8.count + row.body.utf8.count)
        mix &+= Int64(row.digest[0]) &+ (row.cause ?? 0)
      }
      position = last.position
    }
    guard mix != 0 else { throw Skip(reason: "it is empty") }
    let events = Double(position)
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    return [
      Figure(metric: "scan", value: events / used.seconds, unit: "events/s"),
      Figure(metric: "cpu", value: used.cpuSeconds / events * 1e6, unit: "us/event"),
      Figure(metric: "size", value: Double(bytes) / events, unit: "bytes/event"),
    ]
  }

  private static func verify(_ path: String) async throws -> [Figure] {
    let used = Stopwatch()
    let report = try await JournalReader(path).verify()
    guard report.problems.isEmpty else { throw Skip(reason: report.problems[0]) }
    return [
      Figure(metric: "verify", value: Double(report.events) / used.seconds, unit: "events/s")
    ]
  }
}
