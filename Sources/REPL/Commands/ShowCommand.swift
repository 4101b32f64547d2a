import ArgumentParser
import Daybook
import Events

struct ShowCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "One event, with its payloads; of an attempt every byte sent and received.",
    discussion: """
      On a terminal an attempt is shown as the HTTP exchange that it was, secrets masked, and \
      other events with their body and payloads indented; --output line or json shows the \
      fields. --raw writes the bytes: of an attempt request and answer in the form of HTTP/1.1, \
      of other events their payloads. --curl prints a command that sends an attempt again.

      EXAMPLE
        daybook show head
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: EventPlace.helpWithDefault) var position: EventPlace?
  @Flag(help: "The bytes alone, as escapes where a terminal shows them.") var raw = false
  @Flag(help: "A curl command that sends an attempt again, with placeholders for secrets.")
  var curl = false

  func validate() throws {
    if raw && curl { throw ValidationError("--raw and --curl exclude each other") }
  }

  @MainActor func perform(_ session: Session) async throws {
    let position = try await session.position(position?.text ?? session.standing, flag: "show")
    let events = try session.journal().events
    if curl {
      try await session.showCurl(position, events)
    } else if raw {
      try await session.showRaw(position, events)
    } else if session.isTerminal, session.output == .auto, session.fields == nil {
      try await session.showText(position, events)
    } else {
      try await session.showOne(Record(try await events.row(position)))
    }
    session.visit(position)
  }
}

extension Session {
  fileprivate func showCurl(_ position: Int64, _ events: Journal.EventList) async throws {
    guard let exchange = try await events.exchange(position) else {
      throw Failure.failed("event \(position) is no attempt of a delivery; `trace` shows those")
    }
    guard let command = CurlCommand(exchange: exchange, isTerminal: isTerminal).text else {
      throw Failure.failed("the body of attempt \(exchange.position) is not kept any more")
    }
    try write(Array(command.utf8))
  }

  fileprivate func showRaw(_ position: Int64, _ events: Journal.EventList) async throws {
    var bytes: [UInt8] = []
    if let exchange = try await events.exchange(position) {
      bytes = exchange.rawBytes
    } else {
      let payloads = try await events.payloads(position)
      guard payloads.contains(where: { $0.bytes != nil }) else {
        throw Failure.failed("event \(position) has no payload; `show \(position)` shows its body")
      }
      // One is written as it is; between several stands the end of a line.
      bytes = Array(payloads.compactMap(\.bytes).joined(separator: [10]))
    }
    guard isTerminal else { return try write(bytes) }
    try say(visible(String(decoding: bytes, as: UTF8.self), keepingLines: true))
  }

  fileprivate func showText(_ position: Int64, _ events: Journal.EventList) async throws {
    let row = Record(try await events.row(position))
    let screen = eventScreen
    let lines =
      if let exchange = try await events.exchange(position) {
        screen.lines(row, exchange)
      } else {
        screen.lines(row, payloads: try await events.payloads(position))
      }
    try say(lines.joined(separator: "\n"))
  }
}
