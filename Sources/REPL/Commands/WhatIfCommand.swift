import ArgumentParser
import Daybook
import Events

struct WhatIfCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "what-if",
    abstract: "A recorded notification by today's rules, and what would be other.",
    discussion: """
      N is a change or any event of a delivery. Id and times are the recorded ones, so that what \
      differs comes of settings and rules. Nothing is written or sent.

      EXAMPLE
        daybook what-if 42
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.help) var position: EventPlace

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position.text, flag: "what-if")
    let rows = try await session.journal().whatIf(position)
    if rows.isEmpty {
      session.remark("today's rules make the same of it, byte for byte")
      if session.isTerminal { return }
    }
    try await session.show(RowTable.whatIf.names, of: .whatIf, rows.map { Record($0) })
  }
}
