import ArgumentParser
import Daybook
import Events

struct RedeliverCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "redeliver", abstract: "One delivery again, under its own id.",
    discussion: """
      N is the position of the delivery or of any event of it. Without --execute it tells what \
      would be sent. Sending to what is not loopback is confirmed on a terminal; elsewhere it \
      needs --yes and --reason.

      EXAMPLE
        daybook redeliver 42
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Argument(help: DeliveryPlace.help) var position: DeliveryPlace
  @Flag(help: "Send, instead of telling what would be sent.") var execute = false
  @OptionGroup var consent: ConsentOptions

  var writes: Bool { execute }

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position.text, flag: "redeliver")
    let journal = try session.journal()
    let row = try await journal.deliveries.row(position)
    guard execute else { return try await session.showOne(Record(row)) }
    try await confirm(row, session)
    let reopened = try await session.writing().deliveries.reopen(
      position, reason: consent.reason.given, askedBy: Session.userName)
    let failures = try await session.attempts("redeliver") { report in
      try await reopened.send(report: report)
    }
    if failures > 0 { throw Failure.partly("it has not arrived; `deliveries` tells why") }
  }

  /// Asks before anything leaves this machine.
  @MainActor private func confirm(_ row: Row, _ session: Session) async throws {
    let url = row["url"]?.string ?? ""
    if !consent.yes, (try? CallbackURL(url))?.isLoopback ?? true { return }
    try await session.confirm(
      "Send it to \(url)", isAgreed: consent.yes, reason: consent.reason
    ) {
      let tries = row["attempts"]?.integer ?? 0
      let status = row["status"]?.string ?? ""
      let changes = counted(row["changes"]?.integer ?? 0, "change")
      return [
        "delivery \(row["id"]?.string ?? "") with \(changes), \(status) after"
          + " \(counted(tries, "attempt")), is sent again under the same id"
      ]
    }
  }
}
