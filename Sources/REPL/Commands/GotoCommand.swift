import ArgumentParser
import Daybook

struct GotoCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "goto", abstract: "Stands at a position and shows it.",
    discussion: "EXAMPLE\n  daybook goto head")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.help) var position: EventPlace

  @MainActor func perform(_ session: Session) async throws {
    try await session.stepping(
      { _ in try await session.position(position.text, flag: "goto") }, arrived: session.visit)
  }
}
