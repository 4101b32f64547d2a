import ArgumentParser
import Daybook
import Events

struct CallbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "callback", abstract: "Which URLs take deliveries, and what they answer.",
    subcommands: [List.self, Probe.self, Enable.self, Disable.self])

  struct List: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists callbacks.",
      discussion: "EXAMPLE\n  daybook callback list")

    @OptionGroup var shared: SharedOptions
    @OptionGroup var extent: ExtentOptions

    @MainActor func perform(_ session: Session) async throws {
      var part = Selection()
      try extent.bound(&part)
      try await session.report(session.journal().callbacks, part)
    }
  }

  struct Enable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "enable", abstract: "Lets a URL take deliveries again; what is held is due.",
      discussion: "EXAMPLE\n  daybook callback enable https://example.com/hook")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The URL.") var url: CallbackAddress
    @Option(help: "Why; recorded with it.") var reason: ReasonText?

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      try await session.writing().callbacks.enable(url.text, reason: reason.given)
      session.remark("\(url) takes deliveries")
    }
  }

  struct Disable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Holds what would go to a URL.",
      discussion: """
        On a terminal it says what will wait, and asks; elsewhere it needs --yes and --reason.

        EXAMPLE
          daybook callback disable https://example.com/hook --yes --reason 'moving'
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The URL.") var url: CallbackAddress
    @OptionGroup var consent: ConsentOptions

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      do throws(Refusal) {
        _ = try CallbackURL(url.text)
      } catch {
        throw Failure.failed("\(visible(url.text)): \(error.text)")
      }
      let callbacks = try session.writing().callbacks
      // What nobody names is refused as such, without a question.
      if try await callbacks.knows(url.text) {
        try await session.confirm(
          "Disable \(url.text)", isAgreed: consent.yes, reason: consent.reason
        ) { try await consequences(callbacks) }
      }
      try await callbacks.disable(url.text, reason: consent.reason.given)
      session.remark("what would go to \(url) is held; `callback enable \(url)` sends it")
    }

    private func consequences(_ callbacks: Journal.Callbacks) async throws -> [String] {
      let row = try await callbacks.rows().first { $0["url"]?.string == url.text }
      let pending = row?["pending"]?.integer ?? 0
      let waiting =
        pending == 1
        ? "1 delivery that waits is held" : "\(grouped(pending)) deliveries that wait are held"
      return ["\(waiting), and what comes later as well, until `callback enable \(url)`"]
    }
  }

  struct Probe: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "probe", abstract: "Sends one request to a URL, to see what it answers.",
      discussion: """
        The request is a POST with the headers of a delivery and a body without changes, signed \
        by the key of the instance that sends to the URL and with its credentials; unsigned where \
        none does. It is recorded and counts neither for nor against the callback, and goes out \
        also where that is disabled. Exits with 5 where the receiver did not answer 2xx; `show` \
        with the position has every byte.

        EXAMPLE
          daybook callback probe http://127.0.0.1:9000/hook
        """)

    static let isWork = true

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The URL.") var url: CallbackAddress
    @Option(help: "The instance that it goes under, where several send there.")
    var instance: InstanceID?
    @Option(help: "Why; recorded with it.") var reason: ReasonText?

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      var sender: Int64?
      if let instance { sender = try await session.instance(instance) }
      let row = try await session.writing().callbacks.probe(
        url.text, as: sender, reason: reason.given, askedBy: Session.userName)
      try await session.showOne(Record(row))
      guard row["outcome"]?.string == "succeeded" else {
        let why = row["error"]?.string ?? "it failed"
        throw Failure.partly("\(visible(url.text)): \(visible(why))")
      }
    }
  }
}
