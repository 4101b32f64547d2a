import ArgumentParser
import Daybook
import Glibc
import RawJSON

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
    @Argument(help: "A file with JSON, or - for standard input.") var file: String

    @MainActor func perform(_ session: Session) async throws {
      let body = try readInput(file, most: Journal.instanceBytesMax)
      try session.checkOutput()
      try await session.showCreated(try await session.writing().instances.create(body))
    }
  }

  struct List: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Lists instances.",
      discussion: "EXAMPLE\n  daybook instance list")

    @OptionGroup var shared: SharedOptions

    @MainActor func perform(_ session: Session) async throws {
      try await session.report(session.journal().instances)
    }
  }

  struct Show: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Shows an instance, its secrets masked.",
      discussion: "EXAMPLE\n  daybook instance show 1")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "Its id.") var id: Int64

    @MainActor func perform(_ session: Session) async throws {
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
    @Argument(help: "Its id.") var id: Int64
    @Argument(help: "A file with JSON, or - for standard input.") var file: String

    @MainActor func perform(_ session: Session) async throws {
      let body = try readInput(file, most: Journal.instanceBytesMax)
      let instances = try session.writing().instances
      let isChanged = try await instances.update(id, body)
      try await session.showOne(Record(object: try await instances.object(id)))
      if !isChanged { session.remark("nothing was changed") }
    }
  }

  struct Enable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "enable", abstract: "Lets an instance's polls go on.",
      discussion: "EXAMPLE\n  daybook instance enable 1")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "Its id.") var id: Int64
    @Option(help: "Why.") var reason = "asked"

    @MainActor func perform(_ session: Session) async throws {
      try await session.writing().instances.enable(id, reason: reason)
      session.remark("instance \(id) is enabled")
    }
  }

  struct Disable: SessionCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Stops an instance's polls; deliveries go on.",
      discussion: "EXAMPLE\n  daybook instance disable 1 --reason 'moving'")

    @OptionGroup var shared: SharedOptions
    @Argument(help: "Its id.") var id: Int64
    @Option(help: "Why.") var reason = "asked"

    @MainActor func perform(_ session: Session) async throws {
      try await session.writing().instances.disable(id, reason: reason)
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
        error and a notice say so.

        EXAMPLE
          daybook instance delete 1 --reason 'no longer used'
        """)

    @OptionGroup var shared: SharedOptions
    @Argument(help: "Its id.") var id: Int64
    @Option(help: "Why.") var reason = "asked"
    @Flag(help: "Leaves the grant open, for another program that lives by it.")
    var keepGrant = false

    @MainActor func perform(_ session: Session) async throws {
      let open = try await session.writing().instances.delete(
        id, reason: reason, keepsGrant: keepGrant)
      session.remark("instance \(id) is deleted")
      if let open { Console.complain("daybook: \(visible(open))") }
    }
  }
}

extension Record {
  /// The members of a JSON object, those that are values by themselves as such.
  init(object: String) {
    let members = (try? JSON.parse(Array(object.utf8)))?.members ?? Members()
    self.init(
      members.map { member in
        let cell: Cell =
          switch member.value {
          case .null: .null
          case .bool(let flag): .boolean(flag)
          case .number(let digits):
            Int64(digits).map(Cell.integer) ?? .json(digits)
          case .string(let text): .text(text)
          case .array, .object: .json(String(decoding: member.value.bytes(), as: UTF8.self))
          }
        return Field(member.name, cell)
      })
  }
}

/// The bytes of a file, or of standard input for `-`.
///
/// - Throws: `Failure` that names the file, where it cannot be read or has more bytes than allowed.
package func readInput(_ name: String, most: Int) throws(Failure) -> [UInt8] {
  let descriptor = name == "-" ? 0 : open(name, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw .failed("\(visible(name)): \(String(cString: strerror(errno)))")
  }
  defer { if descriptor != 0 { Glibc.close(descriptor) } }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0 {
      if errno == EINTR { continue }
      throw .failed("\(visible(name)): \(String(cString: strerror(errno)))")
    }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
    guard bytes.count <= most else {
      throw .failed("\(visible(name)): more than \(most) bytes")
    }
  }
}
