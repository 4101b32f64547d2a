import ArgumentParser
import Daybook
import Events

struct DeliverCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver", abstract: "Sends what is due.",
    discussion: """
      Into a file or pipe it prints a row for each attempt, at once. On a terminal it counts, \
      prints what did not arrive, and ends with a total; --output gives all rows there too.

      EXAMPLE
        daybook deliver --until-idle --for 30s
      """)

  static let isWork = true

  @OptionGroup var shared: SharedOptions
  @Flag(help: "Also waits for retries that come due.") var untilIdle = false
  @Option(help: "After which nothing new is begun, such as 30s; default 1h.")
  var `for`: DurationText?

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let journal = try session.writing()
    try await journal.open()
    var deadline: Moment?
    let most = `for`?.text
    if untilIdle || most != nil {
      guard let wait = Duration(unit: most ?? "1h") else {
        throw Failure.usage("--for: \(visible(most ?? "")) is no duration such as 30s or 5m")
      }
      deadline = session.world.now() + wait
    }
    let due = session.showsProgress ? try await journal.gauges().pending : nil
    let failures = try await session.attempts("deliver", due: due) { [deadline] report in
      try await journal.deliveries.deliver(until: deadline, report: report)
    }
    if failures > 0 {
      let which = failures == 1 ? "1 delivery has" : "\(failures) deliveries have"
      throw Failure.partly("\(which) not arrived; `deliveries` tells why")
    }
  }
}
