import ArgumentParser
import Daybook
import Events

struct InstanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instance", abstract: "Creates and lists instances.",
    subcommands: [
      Create.self, List.self, Show.self, Update.self, Enable.self, Disable.self, Delete.self,
    ])

  struct Create: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "create",
      abstract: "Creates an instance from the body of POST /instances.",
      discussion: """
        The authorization code in it is exchanged first; a refusal creates nothing. Prints the \
        instance with its id and its token, which is shown this once. Resources that need what was \
        not granted are not watched, and named.

        EXAMPLE
          daybook instance create instance.json
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: InputFile.help) var file: InputFile

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      let body = try readInput(file.text, most: Journal.instanceBytesMax)
      try session.checkOutput()
      try await session.showCreated(try await session.writing().instances.create(body))
    }
  }

  struct List: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists instances.",
      discussion: "EXAMPLE\n  daybook instance list")

    @OptionGroup var shared: SharedOptions
    @Option(help: "Only those that watch it.") var resource: ResourceKey?
    @OptionGroup var extent: ExtentOptions

    @MainActor func perform(_ session: Session) async throws {
      var part = Selection()
      try extent.bound(&part)
      part.resource = resource?.text
      try await session.report(session.journal().instances, part)
    }
  }

  struct Show: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows an instance, its secrets masked.",
      discussion: "EXAMPLE\n  daybook instance show 1")

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID

    @MainActor func perform(_ session: Session) async throws {
      let id = try await session.instance(id)
      let object = try await session.journal().instances.object(id)
      try await session.showOne(Record(object: object))
    }
  }

  struct Update: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "update",
      abstract: "Changes an instance by the body of PATCH /instances/{id}.",
      discussion: """
        What the body does not name stays; in its configuration null takes a setting away. Feeds \
        close and open as their collections change, all in one append. What `instance show` prints \
        may be changed and given back: masked secrets stay as they are.

        EXAMPLE
          echo '{"name": "Team", "tags": ["Docs"]}' | daybook instance update 1 -
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @Argument(help: InputFile.help) var file: InputFile
    @Option(help: "Why; recorded with it.") var reason: ReasonText?

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      let body = try readInput(file.text, most: Journal.instanceBytesMax)
      let id = try await session.instance(id)
      let instances = try session.writing().instances
      let isChanged = try await instances.update(id, body, reason: reason.given)
      try await session.showOne(Record(object: try await instances.object(id)))
      if !isChanged { session.remark("nothing was changed") }
    }
  }

  struct Enable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "enable", abstract: "Resumes polling an instance.",
      discussion: "EXAMPLE\n  daybook instance enable 1")

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @Option(help: "Why; recorded with it.") var reason: ReasonText?

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      let id = try await session.instance(id)
      try await session.writing().instances.enable(id, reason: reason.given)
      session.remark("instance \(id) is enabled")
    }
  }

  struct Disable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Stops polling an instance; deliveries go on.",
      discussion: "EXAMPLE\n  daybook instance disable 1 --reason 'moving'")

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @Option(help: "Why; recorded with it.") var reason: ReasonText?

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      let id = try await session.instance(id)
      try await session.writing().instances.disable(id, reason: reason.given)
      session.remark("instance \(id) is disabled")
    }
  }

  struct Delete: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete",
      abstract: "Ends an instance: its feeds are closed, what is pending is skipped.",
      discussion: """
        Google is given its grant back, unless another instance uses the same client: Google ends \
        all that an account granted a client at once. Where a grant stays open, a line on standard \
        error and a notice say so. On a terminal it says what it will do, and asks; elsewhere it \
        needs --yes and --reason.

        EXAMPLE
          daybook instance delete 1 --yes --reason 'no longer used'
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: InstanceID.help) var id: InstanceID
    @OptionGroup var consent: ConsentOptions
    @Flag(help: "Leaves the grant open, for another program that lives by it.")
    var keepGrant = false

    var writes: Bool { true }

    @MainActor func perform(_ session: Session) async throws {
      let id = try await session.instance(id)
      try await session.confirm(
        "Delete instance \(id)", isAgreed: consent.yes, reason: consent.reason
      ) {
        try await consequences(id, session)
      }
      let open = try await session.writing().instances.delete(
        id, reason: consent.reason.given, keepsGrant: keepGrant)
      session.remark("instance \(id) is deleted")
      if let open { Console.complain("daybook: \(visible(open))") }
    }

    @MainActor private func consequences(
      _ id: Int64, _ session: Session
    ) async throws -> [String] {
      let plan = try await session.writing().instances.deletion(
        of: id, keepsGrant: keepGrant)
      let feeds = plan.feeds == 1 ? "1 feed closes" : "\(grouped(plan.feeds)) feeds close"
      let pending =
        plan.pending == 1
        ? "1 pending delivery is skipped"
        : "\(grouped(plan.pending)) pending deliveries are skipped"
      let grant =
        switch plan.grant {
        case .none: "there is no grant to give back"
        case .kept: "its grant stays open, as asked"
        case .revoked: "Google is asked to revoke its grant"
        case .open(let why): "its grant stays open: \(why)"
        }
      return [
        "instance \(id) (\(plan.name)): \(feeds), \(pending), its secrets are removed, \(grant)."
          + " Its history stays."
      ]
    }
  }
}
