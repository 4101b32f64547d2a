import ArgumentParser
import Daybook
import Events
import Synchronization

struct SQLCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql", abstract: "Read-only SQL over the journal and its projections.",
    discussion: """
      At the prompt and in a script a statement needs no quotes and goes on to its `;`; one that \
      begins with SELECT, WITH, EXPLAIN or VALUES needs no `sql` either. `tables` lists what there \
      is to read.

      EXAMPLE
        daybook sql 'SELECT type, count(*) AS n FROM events GROUP BY type'
      """)

  @OptionGroup var shared: SharedOptions
  @Option(help: "How long it may take.") var timeout: DurationText = "60s"
  @Option(help: "Rows it may give at most.") var rows: Int = 1_000_000
  @Argument(help: "One statement.") var statement: FreeText

  /// Its flags, and whether a value follows.
  static let flags = Completer.flags(of: SQLCommand.self).merging(["-o": true, "-h": false]) {
    known, _ in known
  }

  @MainActor func perform(_ session: Session) async throws {
    guard let most = Duration(unit: timeout.text), most > .zero else {
      throw Failure.usage("--timeout: \(visible(timeout.text)) is no duration such as 30s or 5m")
    }
    guard rows > 0 else { throw Failure.usage("--rows: \(rows) is below 1") }
    let journal = try session.journal()
    let names = try await columns(in: journal)
    let watch = SQLWatch(most)
    do {
      try await show(names, of: journal, watch, in: session)
    } catch {
      guard error is DaybookError, watch.isOver, !Task.isCancelled else { throw error }
      throw Failure.failed(
        "stopped after \(visible(timeout.text)); narrow it down, or --timeout gives it more time")
    }
  }

  private func columns(in journal: Journal) async throws -> [String] {
    do throws(DaybookError) {
      return try await journal.columns(of: statement.text)
    } catch {
      guard case .failed(let why) = error else { throw error }
      throw Failure.failed(why + SQLCommand.hint(for: why))
    }
  }

  @MainActor private func show(
    _ names: [String], of journal: Journal, _ watch: SQLWatch, in session: Session
  ) async throws {
    let bound = rows
    var count = 0
    try await session.show(names) { write in
      // The next rows are read when those before are printed.
      try await journal.sql(statement.text, stop: { watch.isOver }) { @MainActor _, rows in
        watch.pause()
        defer { watch.resume() }
        for row in rows {
          count += 1
          if count > bound { return false }
          try write(Record(row))
        }
        return !Task.isCancelled
      }
    }
    // Those that it may give are shown all the same.
    if count > bound { throw SQLCommand.tooMany(bound) }
  }

  /// The way on from what SQLite says.
  private static func hint(for fault: String) -> String {
    if fault.hasPrefix("no such table: ") { return "; `tables` lists them" }
    if fault.hasPrefix("no such column: ") { return "; `schema NAME` lists those of a table" }
    return ""
  }

  private static func tooMany(_ bound: Int) -> Failure {
    .failed("stopped after \(bound) rows; narrow it down, or --rows N gives more of them")
  }
}

/// The time that a statement takes, without that of whoever reads what it finds.
private final class SQLWatch: Sendable {
  private struct State {
    var deadline: ContinuousClock.Instant
    var pausedAt: ContinuousClock.Instant?
  }

  private let state: Mutex<State>

  init(_ most: Duration) { state = Mutex(State(deadline: .now + most)) }

  var isOver: Bool {
    state.withLock { ($0.pausedAt ?? .now) >= $0.deadline }
  }

  func pause() { state.withLock { $0.pausedAt = .now } }

  func resume() {
    state.withLock { state in
      guard let pausedAt = state.pausedAt else { return }
      state.deadline += .now - pausedAt
      state.pausedAt = nil
    }
  }
}
