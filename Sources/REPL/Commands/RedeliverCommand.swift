import ArgumentParser
import Daybook
import Events

struct RedeliverCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "redeliver", abstract: "One delivery again, under its own id.",
    discussion: """
      N is the position of the delivery or of any event of it. Without --execute it tells what \
      would be sent.

      EXAMPLE
        daybook redeliver 42
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Argument(help: DeliveryPlace.help) var position: DeliveryPlace
  @Flag(help: "Send, instead of telling what would be sent.") var execute = false

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position.text, flag: "redeliver")
    let journal = try session.journal()
    let row = try await journal.deliveries.row(position)
    guard execute else { return try await session.showOne(Record(row)) }
    let reopened = try await session.writing().deliveries.reopen(position)
    let failures = try await session.attempts { report in
      try await reopened.send(report: report)
    }
    if failures > 0 { throw Failure.partly("it has not arrived; `deliveries` tells why") }
  }
}
