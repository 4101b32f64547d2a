import ArgumentParser
import Daybook
import Events

struct DiffCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What changed in instances, cursors and deliveries between two events.",
    discussion: "EXAMPLE\n  daybook diff 1 head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The earlier position.") var from: EventPlace
  @Argument(help: "The later position; where nothing is said, where you stand, else the head.")
  var to: EventPlace?

  @MainActor func perform(_ session: Session) async throws {
    let start = try await session.position(from.text, flag: "diff")
    let end = try await session.position(to?.text ?? session.standing, flag: "diff")
    let rows = try await session.journal().difference(from: start, to: end)
    try await session.show(
      RowTable.difference.names, of: .difference, rows.map { Record($0) })
  }
}
