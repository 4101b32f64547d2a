import ArgumentParser
import Daybook
import Events

struct SkipCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "skip", abstract: "Ends one delivery without sending it.",
    discussion: """
      N is the position of the delivery or of any event of it. What waits behind it goes on: the \
      way out where the order is strict and one cannot arrive. On a terminal it says what will not \
      be sent, and asks; elsewhere it needs --yes and --reason. `redeliver` sends it after all.

      EXAMPLE
        daybook skip 42 --yes --reason 'sent by mail'
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: DeliveryPlace.help) var position: DeliveryPlace
  @OptionGroup var consent: ConsentOptions

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position.text, flag: "skip")
    let row = try await session.journal().deliveries.row(position)
    let name = "delivery \(row["id"]?.string ?? "")"
    try await session.confirm("Skip \(name)", isAgreed: consent.yes, reason: consent.reason) {
      let changes = counted(row["changes"]?.integer ?? 0, "change")
      let tries = counted(row["attempts"]?.integer ?? 0, "attempt")
      return [
        "\(changes) to \(row["url"]?.string ?? "no URL"), \(row["status"]?.string ?? "") after"
          + " \(tries), will not be sent"
      ]
    }
    let skipped = try await session.writing().deliveries.skip(
      position, reason: consent.reason.given)
    session.remark("\(name) is skipped, as event \(skipped) says")
  }
}
