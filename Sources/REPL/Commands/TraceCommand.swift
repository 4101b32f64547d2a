import ArgumentParser
import Daybook
import Events

struct TraceCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Why: the chain of causes before an event, and everything that came of it.",
    discussion: "EXAMPLE\n  daybook trace head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.help) var position: EventPlace

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position.text, flag: "trace")
    let journal = try session.journal()
    // One that is not there is refused before anything is shown.
    _ = try await journal.events.glance(position)
    try await session.show(RowTable.trace.names, of: .trace) { write in
      try await journal.trace(position) { @MainActor rows in
        for row in rows { try write(Record(row)) }
        return true
      }
    }
  }
}
