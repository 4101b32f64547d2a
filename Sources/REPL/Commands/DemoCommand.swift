import ArgumentParser
import Daybook

struct DemoCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Shows the main job, end to end, against the sandbox.",
    discussion: """
      It plays in a folder of its own, which is removed when the REPL is left, unless --keep says \
      otherwise. With --no-repl it stays.

      EXAMPLE
        daybook demo --no-repl
      """)

  static let isWork = true
  var waitsForOthers: Bool { true }

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Flag(name: .customLong("no-repl"), help: "Ends instead of opening the REPL.")
  var noREPL = false
  @Flag(help: "Keeps the folder when the REPL is left.") var keep = false

  @MainActor func perform(_ session: Session) async throws {
    try await session.extra.demo(session, opensREPL: !noREPL, keeps: keep)
  }
}
