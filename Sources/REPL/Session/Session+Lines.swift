import Daybook
import Events

// What is told in lines of its own shape, where a table would say less.

extension Session {
  /// True where a person reads the output and asked for no format that programs read.
  var isForPeople: Bool { isTerminal && fields == nil && (output == .auto || output == .table) }

  /// Prints lines as they come, through the pager where they are many.
  func showLines(
    _ produce: @MainActor (_ write: @MainActor ([String]) throws -> Void) async throws -> Void
  ) async throws {
    let paged = PagedOutput(
      descriptor: descriptor, destination: destination, environment: printing)
    try await produce { lines in
      for line in lines { try paged.write(line + "\n") }
    }
    try paged.finish()
  }

  /// Writes the lines of a trace.
  ///
  /// - Parameter last: The highest position in it.
  func traceLines(upTo last: Int64) -> TraceLines {
    TraceLines(
      presentation.palette, presentation.moments, last: last,
      columns: presentation.destination.columns)
  }

  /// Writes the lines of a history.
  var historyLines: HistoryLines {
    HistoryLines(
      presentation.palette, presentation.moments, columns: presentation.destination.columns)
  }

  /// The zone in which instants are shown.
  var moments: MomentStyle { presentation.moments }

  /// The file's own name, without its folders.
  var journalName: String {
    settings.journal.split(separator: "/").last.map(String.init) ?? settings.journal
  }

  /// Prints one event as a trace has it.
  func show(traced row: Row) async throws {
    guard isForPeople, let event = TracedEvent(row) else { return try await showOne(Record(row)) }
    var lines = traceLines(upTo: event.position)
    try await showLines { write in
      for node in TraceTree([event]).nodes { try write(lines.lines(node)) }
    }
  }
}
