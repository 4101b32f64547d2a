import ArgumentParser
import Daybook

struct EventsCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "The event log.",
    discussion: "EXAMPLE\n  daybook events --type poll.completed --limit 5 --reverse")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @MainActor func perform(_ session: Session) async throws {
    let part = try await filters.part(of: .events, in: session)
    try await session.report(session.journal().events, part)
  }
}
