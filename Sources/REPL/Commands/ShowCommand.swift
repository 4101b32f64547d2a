import ArgumentParser
import Daybook
import RawJSON

struct ShowCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "One event, with its payloads; of an attempt every byte sent and received.",
    discussion: "EXAMPLE\n  daybook show head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A position.") var position: String

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position, flag: "show")
    try await session.showOne(Record(try await session.journal().events.row(position)))
    session.visit(position)
  }
}

/// A string as JSON, for cells that hold JSON.
func quotedJSON(_ text: String) -> String { quoted(text) }
