import ArgumentParser
import Daybook

struct TablesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "tables", abstract: "Lists the tables and views that SQL may ask.",
    discussion: "EXAMPLE\n  daybook tables")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    let tables = try await session.journal().tables()
    try await session.show(
      ["table", "kind", "columns", "about"],
      tables.map { table in
        [
          "table": .text(table.name), "kind": .text(table.isView ? "view" : "table"),
          "columns": .integer(Int64(table.columns.count)),
          "about": table.comment.map { .text($0) } ?? .null,
        ]
      })
  }
}
