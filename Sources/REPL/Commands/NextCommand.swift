import ArgumentParser
import Daybook
import Events

struct NextCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "The next event of the log.",
    discussion: "EXAMPLE\n  daybook -c 'at 1' -c 'next --type feed.opened'")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Option(parsing: .upToNextOption, help: "Only events of these types.") var type: [EventType] = []

  @MainActor func perform(_ session: Session) async throws {
    try await session.step(forward: true, types: type.map(\.text))
  }
}
