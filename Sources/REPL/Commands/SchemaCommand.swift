import ArgumentParser
import Daybook

struct SchemaCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Explains one table or view, column by column.",
    discussion: "EXAMPLE\n  daybook schema deliveries")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The table or view; `tables` lists them.") var name: TableName

  @MainActor func perform(_ session: Session) async throws {
    let tables = try await session.journal().tables()
    guard let table = tables.first(where: { $0.name == name.text.lowercased() }) else {
      let hint = suggestion(for: name.text, among: tables.map(\.name))
      throw Failure.failed(
        "there is no table \(visible(name.text)); "
          + (hint.map { "did you mean \($0)? " } ?? "") + "`tables` lists them")
    }
    try await session.show(
      ["column", "type", "about"],
      table.columns.map { column in
        [
          "column": .text(column.name), "type": column.type.isEmpty ? .null : .text(column.type),
          "about": column.comment.map { .text($0) } ?? .null,
        ]
      })
  }
}

/// A table or a view of the journal.
struct TableName: TextOperand {
  static let kind = OperandKind.table
  let text: String
}
