import ArgumentParser
import Daybook

struct DeliveriesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries", abstract: "What was sent where, with its attempts.",
    discussion: "EXAMPLE\n  daybook deliveries --status failed exhausted")

  @OptionGroup var shared: SharedOptions
  @OptionGroup var filters: FilterOptions
  @Option(parsing: .upToNextOption, help: "Only these states, such as pending or failed.")
  var status: [DeliveryState] = []

  /// Refuses a word that is no state of a delivery.
  static func check(_ status: [String]) throws(Failure) {
    let states = Journal.Deliveries.states
    for word in status where !states.contains(word) {
      throw .usage("--status: \(visible(word)) is none of \(states.joined(separator: ", "))")
    }
  }

  @MainActor func perform(_ session: Session) async throws {
    let states = status.map(\.text)
    try Self.check(states)
    var part = try await filters.part(of: .deliveries, in: session)
    part.statuses = states
    try await session.report(session.journal().deliveries, part)
  }
}
