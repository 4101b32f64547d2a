import ArgumentParser
import Daybook

struct SecretCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secret", abstract: "Secrets that clients of `serve` show.",
    subcommands: [SecretRotate.self])
}

struct SecretRotate: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Makes another secret, and prints it once; the one before is not taken any more.",
    discussion: """
      A `serve` that is at work takes the new one within a few seconds.

      EXAMPLE
        daybook secret rotate user
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "user or organization.") var kind: SecretKind

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    guard let secret = ClientSecret(rawValue: kind.text) else {
      throw Failure.usage("there is no secret \(visible(kind.text)); use user or organization")
    }
    let journal = try session.writing()
    try await journal.make()
    let text = try await journal.clients.rotate(secret)
    try await session.showOne(["secret": .text(secret.rawValue), "value": .text(text)])
  }
}
