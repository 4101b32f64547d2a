import ArgumentParser
import Daybook
import Events

struct CursorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cursor", abstract: "How far each feed has read.",
    subcommands: [List.self, Show.self, Reset.self])

  struct List: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists the cursors of all feeds.",
      discussion: "EXAMPLE\n  daybook cursor list")

    @OptionGroup var shared: SharedOptions
    @Option(help: InstanceID.help) var instance: InstanceID?
    @Option(help: ResourceKey.help) var resource: ResourceKey?
    @OptionGroup var extent: ExtentOptions

    @MainActor func perform(_ session: Session) async throws {
      var part = Selection()
      try extent.bound(&part)
      if let instance { part.instance = try await session.instance(instance) }
      part.resource = resource?.text
      try await session.report(session.journal().cursors, part)
    }
  }

  struct Show: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows one cursor.",
      discussion: "EXAMPLE\n  daybook cursor show 1 calendars/primary/changed-events")

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @Argument(help: ResourceKey.help) var resource: ResourceKey

    @MainActor func perform(_ session: Session) async throws {
      let instance = try await session.instance(id)
      try await session.showOne(
        Record(try await session.journal().cursors.row(of: instance, resource.text)))
    }
  }

  struct Reset: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "reset", abstract: "Drops a cursor, for the next poll to look at everything.",
      discussion: """
        The next poll compares all that there is with what is known and announces the differences. \
        With --baseline it learns everything anew and announces nothing: what changed before is \
        passed over. A poll under way is thrown away. On a terminal it says so and asks, unless \
        --yes is given; elsewhere the reason is enough.

        EXAMPLE
          daybook cursor reset 1 calendars/primary/changed-events --reason 'restored from the bin'
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @Argument(help: ResourceKey.help) var resource: ResourceKey
    @Option(help: "Why; kept with the reset.") var reason: ReasonText
    @Flag(help: "Do not ask.") var yes = false
    @Flag(help: "Learns everything anew and announces nothing.") var baseline = false

    var writes: Bool { true }

    func validate() throws {
      if reason.text.trimmedBlanks.isEmpty { throw ValidationError("--reason: say why") }
    }

    @MainActor func perform(_ session: Session) async throws {
      let instance = try await session.instance(id)
      let cursors = try session.writing().cursors
      if !yes, session.canAsk {
        let row = try await cursors.row(of: instance, resource.text)
        let question = "Reset \(resource.text) of instance \(instance)"
        try await session.confirm(question) { consequences(row) }
      }
      try await cursors.reset(
        of: instance, resource.text, toBaseline: baseline, reason: reason.text)
      try await session.showOne(Record(try await cursors.row(of: instance, resource.text)))
    }

    private func consequences(_ row: Row) -> [String] {
      let moved = row["movedAt"]?.moment.map { ", which stands at \($0.isoSeconds)" } ?? ""
      let next =
        baseline
        ? "the next poll learns everything anew and announces nothing: what changed since is passed"
          + " over"
        : "the next poll compares everything with what is known, and announces the differences"
      return ["the cursor of \(resource.text)\(moved), is dropped; \(next)"]
    }
  }
}
