import ArgumentParser
import Daybook

struct DemoCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Shows the main job, end to end, against the sandbox.",
    discussion: """
      EXAMPLE
        daybook demo --no-repl
      """)

  static let isWork = true

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Flag(name: .customLong("no-repl"), help: "Ends instead of opening the REPL.")
  var noREPL = false

  @MainActor func perform(_ session: Session) async throws {
    try await session.extra.demo(session, opensREPL: !noREPL)
  }
}
