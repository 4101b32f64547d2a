import ArgumentParser
import Daybook

struct NoticesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices", abstract: "What needs a person.",
    discussion: "EXAMPLE\n  daybook notices --open")

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Only what is not settled.") var open = false

  @MainActor func perform(_ session: Session) async throws {
    var part = Selection()
    part.isOpen = open
    try await session.report(session.journal().notices, part)
  }
}
