import ArgumentParser
import Daybook

struct NowCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "now", abstract: "Comes back to the present, and stands at the head.",
    discussion: "EXAMPLE\n  daybook -c 'at 3' -c now -c 'instance list'")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.travel(to: nil)
    let head = try await session.presentJournal().head()
    if head > 0 { session.visit(head) }
  }
}
