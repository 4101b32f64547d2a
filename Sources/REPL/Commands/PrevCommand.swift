import ArgumentParser
import Daybook
import Events

struct PrevCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "prev", abstract: "The event before.",
    discussion: "EXAMPLE\n  daybook -c prev -c prev")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Option(parsing: .upToNextOption, help: "Only events of these types.") var type: [EventType] = []

  @MainActor func perform(_ session: Session) async throws {
    try await session.step(forward: false, types: type.map(\.text))
  }
}
