import ArgumentParser
import Daybook

struct AtCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "at", abstract: "Time travel: all queries answer as of that event.",
    discussion: "EXAMPLE\n  daybook -c 'at 3' -c 'instance list'")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.help) var position: EventPlace

  @MainActor func perform(_ session: Session) async throws {
    // Seen from the past, what came after it could not be named.
    let present = try session.presentJournal()
    let position = try await session.position(position.text, flag: "at", in: present)
    try await session.travel(to: position)
    session.visit(position)
  }
}
