import ArgumentParser
import Daybook
import Events

struct CallbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "callback", abstract: "Which URLs take deliveries.",
    subcommands: [List.self, Enable.self, Disable.self])

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
    @Option(help: "Why.") var reason: FreeText = "asked"

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      try await session.writing().callbacks.enable(url.text, reason: reason.text)
      session.remark("\(url) takes deliveries")
    }
  }

  struct Disable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Holds what would go to a URL.",
      discussion: "EXAMPLE\n  daybook callback disable https://example.com/hook")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The URL.") var url: CallbackAddress
    @Option(help: "Why.") var reason: FreeText = "asked"

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      do throws(Refusal) {
        _ = try CallbackURL(url.text)
      } catch {
        throw Failure.failed("\(visible(url.text)): \(error.text)")
      }
      try await session.writing().callbacks.disable(url.text, reason: reason.text)
      session.remark("what would go to \(url) is held")
    }
  }
}
