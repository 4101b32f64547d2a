import ArgumentParser
import Daybook

struct VersionCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Shows versions.",
    discussion: "EXAMPLE\n  daybook version")

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    var record: Record = ["daybook": .text(Version.daybook), "format": .integer(0)]
    for (name, value) in session.extra.libraries {
      let cell: Cell = name == "walResetFix" ? .boolean(value == "true") : .text(value)
      record.fields.append(.init(name, cell))
    }
    record.fields.append(.init("swift", .text(Version.swift)))
    try await session.showOne(record)
  }
}
