import ArgumentParser
import Daybook
import Events

struct ShowCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "One event, with its payloads; of an attempt every byte sent and received.",
    discussion: "EXAMPLE\n  daybook show head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.help) var position: EventPlace

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position.text, flag: "show")
    try await session.showOne(Record(try await session.journal().events.row(position)))
    session.visit(position)
  }
}
