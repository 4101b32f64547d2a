import ArgumentParser
import Daybook

struct ChangesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "What was observed.",
    discussion: "EXAMPLE\n  daybook changes --type DELETED")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions

  @MainActor func perform(_ session: Session) async throws {
    let part = try await filters.part(of: .changes, in: session)
    try await session.report(session.journal().changes, part)
  }
}
