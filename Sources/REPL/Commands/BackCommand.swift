import ArgumentParser
import Daybook

struct BackCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "back", abstract: "The position visited before this one.",
    discussion: "EXAMPLE\n  daybook -c 'goto 1' -c 'goto 2' -c back")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.revisit(-1)
  }
}
