import ArgumentParser
package import Daybook
import Glibc
package import Logging

struct ServeCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Polls and delivers as `run` does, and answers over HTTP.",
    discussion: """
      Prints its address. The first time it also makes the two secrets that clients show, and \
      prints them this once, unless DAYBOOK_USER_SECRET and DAYBOOK_ORGANIZATION_SECRET give them; \
      `secret rotate` makes others. docs/http.md says what can be asked. Stopping is as with \
      `run`: what is under way ends, nothing new is begun. With --repl the prompt opens beside it, \
      and leaving it stops the server.

      EXAMPLE
        daybook serve --port 8080
      """)

  static let isWork = true
  var waitsForOthers: Bool { true }

  @OptionGroup var shared: SharedOptions
  @Option(help: "The address to listen on.") var host: HostAddress = "127.0.0.1"
  @Option(help: "The port; 0 takes a free one.") var port = 8_080
  @Option(help: "text or json: the form of the lines on standard error.") var logFormat: LogForm?

  @Flag(help: "Opens the prompt beside it; leaving that stops the server.") var repl = false

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    guard (0...65_535).contains(port) else {
      throw Failure.usage("--port: \(port) is no port from 0 to 65535")
    }
    if let text = logFormat?.text {
      var settings = session.settings
      try Setting.logFormat.read(text, from: "--log-format", into: &settings)
      session.logFormat = settings.logFormat
    }
    let order = ServeOrder(
      journal: try session.writing(), world: session.world, settings: session.settings,
      host: host.text, port: port, logger: session.logger)
    if repl {
      try await serve(order, beside: session)
    } else {
      try await session.extra.serve(order)
    }
    if Task.isCancelled { throw Failure(status: 130, "") }
  }

  /// Serves for as long as a person talks at the prompt, each over connections of its own.
  @MainActor private func serve(_ order: ServeOrder, beside session: Session) async throws {
    guard session.editor == nil else { throw Failure.usage("--repl: this is a prompt already") }
    guard isatty(0) == 1, isatty(1) == 1 else {
      throw Failure.answerNeeded("--repl needs a terminal to open the prompt on")
    }
    let (doors, open) = AsyncStream<Void>.makeStream()
    var order = order
    order.listening = { open.yield() }
    let serving = Task { [order] in
      defer { open.finish() }
      try await session.extra.serve(order)
    }
    try await withTaskCancellationHandler {
      // Where the server does not start there is no prompt either.
      for await _ in doors {
        let talking = Session(session.settings, extra: session.extra)
        _ = await Conversation(talking).run()
        talking.close()
        break
      }
      serving.cancel()
      try await serving.value
    } onCancel: {
      serving.cancel()
    }
  }
}

/// A journal to be served, and where.
package struct ServeOrder: Sendable {
  package let journal: Journal
  package let world: World
  package let settings: Settings
  package let host: String
  package let port: Int
  package let logger: Logger
  /// Told once requests are answered.
  package var listening: @Sendable () -> Void = {}
}
