import Daybook
import DaybookLive
package import Domain
package import Engine
import EventStore
import Events
import Glibc

/// One sitting with a journal: its settings, where in time it stands, what it has opened.
///
/// Lives on the main actor, where nothing else is: commands run one at a time.
@MainActor
package final class Session {
  package let settings: Settings
  /// Format and colour of the command at hand.
  package var output: OutputFormat
  var color: ColorMode
  var isLocal = false
  /// Set while a line editor is there to ask questions with.
  var editor: LineEditor?
  /// The position that queries answer as of; nil: now.
  private(set) var asOf: Int64?
  /// The head when the past was entered, for the prompt.
  private(set) var present: Int64?
  /// Where stepping through the log stands.
  var place: Int64?
  /// Visited positions, for `back` and `forward`.
  var visited: [Int64] = []
  var visitedPlace = -1
  static let visitsMax = 1_000
  private let makeWorld: @Sendable (Settings) -> World
  private var openedWorld: World?
  private var openedDesk: Desk?
  private var openedReader: JournalReader?
  /// Whether the command that was interrupted last had come to an end of its own: nothing that it
  /// had begun was cut.
  package internal(set) var isStoppedCleanly = false
  /// Commands of the executable alone, such as `sandbox`.
  package let extra: any ExtraCommands

  package init(
    _ settings: Settings, extra: any ExtraCommands,
    world: @escaping @Sendable (Settings) -> World = { World.live(rules: $0.rules) }
  ) {
    self.settings = settings
    self.extra = extra
    makeWorld = world
    output = settings.output
    color = settings.color
    OutputFile.ignoreBrokenPipes()
  }

  package var world: World {
    if let openedWorld { return openedWorld }
    let world = makeWorld(settings)
    openedWorld = world
    return world
  }

  /// Ends what is under way; whether it arrived is not known then.
  package func cut() { openedWorld?.cut() }

  package var engineSettings: EngineSettings { settings.engine(process: Int64(getpid())) }

  /// What a running engine says of its work.
  var log: WorkLog { WorkLog(level: settings.logLevel) }

  // MARK: The journal

  /// The journal opened for work.
  ///
  /// - Parameter isMending: Whether it is opened to be rebuilt.
  func desk(isMending: Bool = false) throws -> Desk {
    try checkWritable()
    leaveMoved()
    if let openedDesk { return openedDesk }
    guard try JournalPath.isThere(settings.journal) else {
      throw JournalError.noJournal(path: settings.journal)
    }
    let desk = try Desk(settings.journal, options, world: world, isMending: isMending)
    openedDesk = desk
    return desk
  }

  /// What is wrong with the sealed secrets; each is opened where the key is at hand.
  func secretProblems() async throws -> [String] {
    let reader = try await reader(isCaughtUp: false)
    let keyFile = settings.keyFile ?? JournalPath.followed(settings.journal) + ".key"
    var problems: [String] = []
    var seal: Seal?
    do {
      seal = try await reader.seal(keyFile)
    } catch {
      guard case .key(let path, let why) = error else { throw error }
      problems.append("the key file \(path): \(why)")
    }
    return problems + (try await reader.secretProblems(seal))
  }

  /// The provider, also where the journal is only read.
  var connector: any Connector { options.connector }

  /// Creates an instance, and the journal where there is none.
  func create(_ body: [UInt8]) async throws -> (desk: Desk, created: Instances.Created) {
    try checkWritable()
    let made = try await Desk.create(body, in: settings.journal, options, world: world)
    openedDesk = made.desk
    return made
  }

  /// Prepares a consent; nobody is asked yet, and nothing is written.
  func connecting(_ form: ConnectForm, secret: String, port: Int) throws -> Connecting {
    try checkWritable()
    return try Connecting(
      form, secret: secret, port: port, in: settings.journal, options, world: world)
  }

  /// Goes on with a journal that a command has opened.
  func keep(_ desk: Desk) { openedDesk = desk }

  private var options: Desk.Options {
    Desk.Options(
      keyFile: settings.keyFile, googleURL: settings.googleURL, engine: engineSettings)
  }

  private func checkWritable() throws(Failure) {
    if settings.isReadOnly { throw .failed("--read-only: this command writes") }
    if let asOf {
      throw .failed("as of \(asOf) nothing can be written; `now` comes back to the present")
    }
  }

  /// The journal to read, its report tables caught up with the log, as of the position at hand.
  ///
  /// - Parameter isCaughtUp: Whether these tables are to be caught up; who compares them wants them
  ///   as they are.
  func reader(isCaughtUp: Bool = true) async throws -> JournalReader {
    guard try JournalPath.isThere(settings.journal) else {
      throw JournalError.noJournal(path: settings.journal)
    }
    leaveMoved()
    let reader: JournalReader
    if let openedReader {
      reader = openedReader
    } else {
      reader = try openReader()
      openedReader = reader
      if let asOf { try await reader.travel(to: asOf) }
    }
    guard isCaughtUp, !settings.isReadOnly, asOf == nil else { return reader }
    let lag = try await reader.read { snapshot throws(JournalError) in try snapshot.lag() }
    guard lag > 0 else { return reader }
    do {
      try await writer().catchUp(patience: .short)
      return reader
    } catch let error as JournalError where error.isOfWriting {
      return try await readAside(reader, lag: lag, error)
    }
  }

  /// Whoever cannot write gets the same answers from a copy of the tables; where there is no room
  /// for one either, what the tables have, and that is said.
  private func readAside(
    _ reader: JournalReader, lag: Int64, _ obstacle: JournalError
  ) async throws -> JournalReader {
    if let copy = try? JournalReader(settings.journal, mode: .readOnly),
      (try? await copy.read { snapshot throws(JournalError) in try snapshot.lag() }) != nil
    {
      openedReader = copy
      return copy
    }
    let head = try await reader.read { snapshot throws(JournalError) in try snapshot.head().position
    }
    let why = visible("\(obstacle)")
    Console.complain("daybook: lists reach to event \(head - lag) of \(head), because \(why)")
    return reader
  }

  /// Lets go of a journal that was renamed, removed or replaced: the next command has the one that
  /// is there now.
  private func leaveMoved() {
    if openedReader?.isMoved == true || openedDesk?.repository.reader.isMoved == true { close() }
  }

  /// Whoever may not write beside the journal reads it as with `--read-only`.
  private func openReader() throws -> JournalReader {
    guard !settings.isReadOnly else { return try JournalReader(settings.journal, mode: .readOnly) }
    do {
      return try JournalReader(settings.journal)
    } catch let error where error.isOfWriting {
      return try JournalReader(settings.journal, mode: .readOnly)
    }
  }

  /// The writing side alone, for folding reports: a session that cannot write reads what is there.
  private func writer() throws -> JournalWriter {
    if let openedDesk { return openedDesk.repository.writer }
    if let openedWriter { return openedWriter }
    let log = try JournalWriter(
      settings.journal, naming: world.bytes(16), at: world.now(), patience: .short)
    openedWriter = log
    return log
  }
  private var openedWriter: JournalWriter?

  /// Goes to a position, or to the present.
  func travel(to position: Int64?) async throws {
    let reader = try await reader()
    // In the past even the head is that of then.
    if asOf == nil {
      present = try await reader.read { snapshot throws(JournalError) in
        try snapshot.head().position
      }
    }
    try await reader.travel(to: position)
    asOf = position
  }

  /// The first event of a type, or nil where there is none.
  package func firstPosition(of type: String) async throws -> Int64? {
    var query = ReportQuery(.events)
    query.types = [type]
    query.limit = 1
    return try await reader().rows(query).first?["position"]?.integer
  }

  /// Leaves the journal tidy: what was written is copied into the file itself, where nobody is in
  /// the way.
  package func finish() async {
    // Nothing is lost where this does not work: the write-ahead log is part of the journal.
    if let log = openedDesk?.repository.writer ?? openedWriter { try? await log.checkpoint() }
    close()
  }

  /// Lets go of what was opened, so that another journal or another process has it.
  package func close() {
    openedDesk = nil
    openedReader = nil
    openedWriter = nil
  }

  // MARK: Output

  private var destination: Destination {
    Destination(descriptor: 1, environment: settings.environment)
  }

  var isTerminal: Bool { destination.isTerminal }

  private var presentation: Presentation {
    Presentation(
      format: output, destination: destination,
      moments: isLocal ? .local : .utc, color: color, environment: settings.environment)
  }

  /// Prints records as they come.
  ///
  /// - Parameters:
  ///   - columns: Every name that a record may have, in order.
  ///   - isOne: Whether the result is one record and no list.
  func show(
    _ columns: [String], isOne: Bool = false,
    _ produce: @MainActor (_ write: @MainActor (Record) throws -> Void) async throws -> Void
  ) async throws {
    let paged = PagedOutput(destination: destination, environment: settings.environment)
    var writer = writer(to: paged, isOne: isOne)
    try writer.begin(columns: columns)
    try await produce { record in try writer.write(record) }
    try writer.end()
    try paged.finish()
  }

  /// Prints records as they come, without a pager, and those so far at each `flush`.
  func follow(
    _ columns: [String],
    _ produce:
      @MainActor (
        _ write: @MainActor (Record) throws -> Void, _ flush: @MainActor () throws -> Void
      ) async throws -> Void
  ) async throws {
    let environment = settings.environment.merging(["PAGER": ""]) { $1 }
    let plain = PagedOutput(destination: destination, environment: environment)
    var writer = writer(to: plain, isOne: false)
    try writer.begin(columns: columns)
    try await produce({ record in try writer.write(record) }) {
      try writer.settle()
      try plain.flush()
    }
    try writer.end()
    try plain.finish()
  }

  private func writer(to paged: PagedOutput, isOne: Bool) -> RecordWriter {
    RecordWriter(presentation, single: isOne) { text throws(OutputError) in
      try paged.write(text)
    }
  }

  func show(_ columns: [String], _ records: [Record]) async throws {
    try await show(columns) { write in for record in records { try write(record) } }
  }

  func showOne(_ record: Record) async throws {
    try await show(record.names, isOne: true) { write in try write(record) }
  }

  /// A line for a person; nothing where output goes into a file or pipe.
  func remark(_ text: String) {
    guard isTerminal else { return }
    Console.complain(visible(text))
  }

  /// Asks a person.
  ///
  /// - Throws: `Failure` 4 where nobody can be asked.
  func ask(_ prompt: String) async throws -> String {
    if let editor { return try Session.line(await editor.readAnswer(prompt: prompt)) }
    guard isatty(0) == 1, isatty(1) == 1 else {
      throw Failure.answerNeeded(
        "this needs an answer, and there is no terminal to ask on; see --help for the flags"
          + " that answer it")
    }
    let editor = try await LineEditor.open(LineEditorSettings(environment: settings.environment))
    let input = await editor.readAnswer(prompt: prompt)
    await editor.close()
    return try Session.line(input)
  }

  /// Asks a person for a secret, of which the terminal shows nothing.
  ///
  /// - Throws: `Failure` 4 where nobody can be asked.
  func askSecret(_ prompt: String) async throws -> String {
    if let editor { return try Session.line(await editor.readSecret(prompt: prompt)) }
    guard isatty(0) == 1, isatty(1) == 1 else {
      throw Failure.answerNeeded(
        "a secret is needed, and there is no terminal to ask on; --client-secret-file names a file")
    }
    let editor = try await LineEditor.open(LineEditorSettings(environment: settings.environment))
    let input = await editor.readSecret(prompt: prompt)
    await editor.close()
    return try Session.line(input)
  }

  private static func line(_ input: LineInput) throws(Failure) -> String {
    switch input {
    case .line(let line): return line
    case .interrupted, .ended: throw Failure(status: 130, "")
    }
  }
}

/// What the executable adds to the grammar: commands that need more than the library.
@MainActor
package protocol ExtraCommands {
  /// Starts the sandbox and waits until it is stopped.
  func sandbox(port: Int, seed: UInt64) async throws
  /// Runs the demonstration, and opens the REPL over its journal where a person is there.
  func demo(_ session: Session, opensREPL: Bool) async throws
  /// Waits on a port of loopback for the browser that the provider sends back.
  ///
  /// - Parameter begin: Told the port once it is open; gives back how a request's target is read.
  /// - Returns: nil where the browser did not come in time.
  func redirect(
    within wait: Duration,
    _ begin: (_ port: Int) throws -> @Sendable (_ target: String) -> Redirect
  ) async throws -> Redirect?
  /// What is linked: names and versions.
  var libraries: [(name: String, value: String)] { get }
}
