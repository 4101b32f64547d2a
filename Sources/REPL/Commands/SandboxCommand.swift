import ArgumentParser
import Daybook

struct SandboxCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "A stand-in for Google and a receiver, on loopback.",
    discussion: """
      Prints its address, and serves until it is stopped. Point Daybook at it with \
      DAYBOOK_GOOGLE_URL; what it can be told is in docs/sandbox.md.

      EXAMPLE
        daybook sandbox --port 8081
      """)

  static let isWork = true
  var waitsForOthers: Bool { true }

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Option(help: "The port; 0 takes a free one.") var port = 0
  @Option(help: "Draws ids and tokens.") var seed: UInt64 = 1

  @MainActor func perform(_ session: Session) async throws {
    guard (0...65_535).contains(port) else {
      throw Failure.usage("--port: \(port) is no port from 0 to 65535")
    }
    try await session.extra.sandbox(port: port, seed: seed)
  }
}
