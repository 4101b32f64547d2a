import ArgumentParser
import Daybook

struct ForwardCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "The position visited after this one.",
    discussion: "EXAMPLE\n  daybook -c 'goto 1' -c 'goto 2' -c back -c forward")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.revisit(1)
  }
}
