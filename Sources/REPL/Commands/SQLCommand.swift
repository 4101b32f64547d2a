import ArgumentParser
import Daybook
import Events

struct SQLCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql", abstract: "Read-only SQL over the journal and its projections.",
    discussion: "EXAMPLE\n  daybook sql 'SELECT type, count(*) AS n FROM events GROUP BY type'")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "One SELECT.") var statement: FreeText

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.journal()
    let names = try await journal.columns(of: statement.text)
    try await session.show(names) { write in
      // The next rows are read when those before are printed.
      try await journal.sql(statement.text) { @MainActor _, rows in
        for row in rows { try write(Record(row)) }
        return !Task.isCancelled
      }
    }
  }
}
