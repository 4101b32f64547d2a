import ArgumentParser
import Daybook

struct NoticesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices", abstract: "What needs a person.",
    discussion: "EXAMPLE\n  daybook notices --open")

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Only what is not settled.") var open = false
  @Option(help: InstanceID.help) var instance: InstanceID?
  @OptionGroup var range: RangeOptions
  @OptionGroup var extent: ExtentOptions

  @MainActor func perform(_ session: Session) async throws {
    var part = Selection()
    part.isOpen = open
    try await range.narrow(&part, in: session)
    try extent.bound(&part)
    if let instance { part.instance = try await session.instance(instance) }
    try await session.report(session.journal().notices, part)
  }
}
