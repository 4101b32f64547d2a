import ArgumentParser
import Daybook

struct GotoCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "goto", abstract: "Stands at a position and shows it.",
    discussion: "EXAMPLE\n  daybook goto head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.help) var position: EventPlace

  @MainActor func perform(_ session: Session) async throws {
    try await session.stepping(
      { try await session.position(position.text, flag: "goto", in: $0) }, arrived: session.visit)
  }
}
