import Daybook
import Engine
import EventStore
import Events

/// Measures what polls cost by themselves, one after the other in one process, the sandbox in
/// another: such as find nothing, and such as find so many changes, which become notifications.
///
/// Processor time is that of all threads here. Bytes are those of the file, its write-ahead log
/// copied back and everything folded.
enum PollCosts {
  /// Feeds that are polled by turns.
  private static let feeds = 200
  /// Polls after which the cost of the last ones is told: it should not grow with the journal.
  private static let sizes = [1_000, 10_000, 50_000]
  private static let changes = [10, 100, 1_000]

  static func measure(_ options: PollBenchOptions, _ sandbox: SandboxProcess) async throws -> String
  {
    let desk = try await options.desk(google: sandbox.url, name: "costs")
    let token = try await sandbox.refreshToken()
    try await PollBench.register(feeds, in: desk, token: token)
    let worker = desk.worker()
    let ids = try await desk.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.feeds(of: nil).map(\.feed)
    }
    // Its token, its baseline, and what the first poll after it warms.
    for _ in 0..<2 { for id in ids { _ = try await worker.poll(id) } }
    var text = ""
    var polls = 0
    for size in sizes where size <= options.pollsMax {
      let (start, bytes, used) = (polls, try await length(of: desk), cpu())
      while polls < size {
        _ = try await worker.poll(ids[polls % ids.count])
        polls += 1
      }
      let spent = cpu() - used
      let count = Double(polls - start)
      text += row("empty poll", spent / count * 1e6, "us of CPU, up to \(size) polls")
      text += row("empty poll", Double(try await length(of: desk) - bytes) / count, "bytes")
    }
    for count in changes {
      try await sandbox.makeEvents(count)
      let used = cpu()
      _ = try await worker.poll(ids[0])
      let polled = cpu()
      while try await worker.step([.notify]) != nil {}
      let spent = (polled - used, cpu() - polled)
      text += row(
        "change", (spent.0 + spent.1) / Double(count) * 1e6, "us of CPU, \(count) at once")
      text += row("", spent.1 / Double(count) * 1e6, "us of it for its notification")
    }
    return text
  }

  /// Bytes of the journal with nothing left to fold or to copy back.
  private static func length(of desk: OpenedJournal) async throws -> Int {
    try await desk.repository.writer.catchUp()
    try await desk.repository.writer.checkpoint()
    return size(of: desk.path)
  }
}
