package import Daybook
import DaybookLive
import Events
import Glibc
import Logging

/// One sitting with a journal: its settings, where in time it stands, what it has opened.
///
/// Lives on the main actor, where nothing else is: commands run one at a time.
@MainActor
package final class Session {
  package internal(set) var settings: Settings
  /// Format and colour of the command at hand.
  package var output: OutputFormat
  var color: ColorMode
  var isLocal = false
  /// The fields to print, in their order; nil: those of the command at hand.
  var fields: [String]?
  var logFormat: LogFormat
  /// The file that takes results, in place of the screen.
  var usualOutput: OutputTarget?
  /// Scripts that are read in place, one within the other.
  var scriptDepth = 0
  /// True once a word was typed that leaves.
  var isLeaving = false
  /// Set while a line editor is there to ask questions with.
  var editor: LineEditor?
  /// The position that queries answer as of; nil: now.
  var asOf: Int64? { past?.asOf }
  /// The head when the past was entered, for the prompt.
  private(set) var present: Int64?
  /// Where stepping through the log stands.
  var place: Int64?
  /// Visited positions, for `back` and `forward`.
  var visited: [Int64] = []
  var visitedPlace = -1
  static let visitsMax = 1_000
  /// The pager as it was named when the sitting began.
  let usualPager: String?
  private let makeWorld: @Sendable (Settings) -> World
  private var openedWorld: World?
  private var openedJournal: Journal?
  let remarks = Remarks()
  /// The journal as of where the session stands; nil: in the present.
  private var past: Journal?
  /// True where the command that was interrupted last had come to an end of its own: nothing that
  /// it had begun was cut.
  package internal(set) var isStoppedCleanly = false
  /// Commands of the executable alone, such as `sandbox`.
  package let extra: any ExtraCommands

  package init(
    _ settings: Settings, extra: any ExtraCommands,
    world: @escaping @Sendable (Settings) -> World = {
      World.live(callbacks: $0.callbacks, files: $0.files)
    }
  ) {
    self.settings = settings
    usualPager = settings.environment["PAGER"]
    self.extra = extra
    makeWorld = world
    output = settings.output
    color = settings.color
    logFormat = settings.logFormat
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

  // MARK: The journal

  /// The journal as of where the session stands, to be read.
  func journal() throws -> Journal { try past ?? presentJournal() }

  /// The journal as it is now.
  func presentJournal() throws -> Journal {
    if let openedJournal { return openedJournal }
    let journal = try Journal(
      settings.journal, settings.options(process: Int64(getpid()), logger), in: world)
    openedJournal = journal
    return journal
  }

  /// Lines on standard error, about what is at work.
  var logger: Logger {
    let (level, format) = (settings.logLevel, logFormat)
    return Logger(label: "daybook") { _ in ConsoleLog(from: level, as: format, remarks) }
  }

  /// True while a command that appends to the journal is carried out.
  private var mayWrite = false

  /// Judges, before anything is done, a command that appends to the journal.
  ///
  /// - Throws: `Failure` with `--read-only`, and in the past.
  func begin(writing: Bool) throws(Failure) {
    mayWrite = writing
    guard writing else { return }
    if settings.isReadOnly { throw Failure.failed("--read-only: this command writes") }
    if let asOf {
      throw Failure.failed(
        "as of \(asOf) nothing can be written; `now` comes back to the present")
    }
  }

  /// The journal to be changed, for commands that say that they write.
  func writing() throws -> Journal {
    precondition(mayWrite, "a command that writes has to say so in `writes`")
    return try presentJournal()
  }

  /// Goes to a position, or to the present.
  func travel(to position: Int64?) async throws {
    let journal = try presentJournal()
    let head = try await journal.head()
    guard let position else {
      past = nil
      return
    }
    let there = try await journal.at(position)
    if past == nil { present = head }
    past = there
  }

  /// Does something as of a position that was typed, and comes back to where it stood.
  func answering(asOf text: String, _ work: () async throws -> Void) async throws {
    let position = try await position(text, flag: "--at", in: presentJournal())
    let (before, head) = (past, present)
    defer { (past, present) = (before, head) }
    try await travel(to: position)
    try await work()
  }

  /// The first events of a type.
  package func positions(of type: String, limit: Int) async throws -> [Int64] {
    var part = Selection()
    part.types = [type]
    part.after = 0
    return try await journal().events.rows(part, limit: limit).compactMap {
      $0["position"]?.integer
    }
  }

  /// Leaves the journal tidy: what was written is copied into the file itself, where nobody is in
  /// the way.
  package func finish() async {
    await openedJournal?.tidy()
    close()
  }

  /// Lets go of what was opened, so that another journal or another process has it.
  package func close() {
    openedJournal = nil
    past = nil
  }

  // MARK: Output

  /// Where results go; another one while `watch` keeps them.
  var descriptor: Int32 = 1

  var destination: Destination {
    Destination(descriptor: 1, environment: settings.environment)
  }

  /// The width of the terminal, in cells.
  var width: Int { destination.columns ?? 80 }

  /// Its height, in lines.
  var height: Int { destination.rows ?? 24 }

  /// The environment of what is printed: no pager while results are kept.
  var printing: [String: String] {
    descriptor == 1 ? settings.environment : settings.environment.merging(["PAGER": ""]) { $1 }
  }

  var isTerminal: Bool { destination.isTerminal }

  /// Colours for the prompt.
  var palette: Palette {
    Palette(settings.color, destination: destination, environment: settings.environment)
  }

  var presentation: Presentation {
    Presentation(
      format: output, destination: destination,
      moments: isLocal ? .local : .utc, color: color, environment: settings.environment)
  }

  /// Prints records as they come.
  ///
  /// - Parameters:
  ///   - columns: Every name that a record may have, in order.
  ///   - table: The list that they are of; nil: of none.
  ///   - isOne: Whether the result is one record and no list.
  func show(
    _ columns: [String], of table: RowTable? = nil, isOne: Bool = false,
    _ produce: @MainActor (_ write: @MainActor (Record) throws -> Void) async throws -> Void
  ) async throws {
    let chosen = try chosen(of: columns)
    let paged = PagedOutput(
      descriptor: descriptor, destination: destination, environment: printing)
    var writer = writer(to: paged, isOne: isOne)
    try writer.begin(
      columns: OutputColumn.of(chosen ?? columns, in: table, areChosen: chosen != nil))
    try await produce { record in try writer.write(record.choosing(chosen)) }
    try writer.end()
    try paged.finish()
  }

  /// Prints records as they come, without a pager, and those so far at each `flush`.
  func follow(
    _ columns: [String], of table: RowTable,
    _ produce:
      @MainActor (
        _ write: @MainActor (Record) throws -> Void, _ flush: @MainActor () throws -> Void
      ) async throws -> Void
  ) async throws {
    let chosen = try chosen(of: columns)
    let environment = settings.environment.merging(["PAGER": ""]) { $1 }
    let plain = PagedOutput(
      descriptor: descriptor, destination: destination, environment: environment)
    var writer = writer(to: plain, isOne: false)
    try writer.begin(
      columns: OutputColumn.of(chosen ?? columns, in: table, areChosen: chosen != nil))
    try await produce({ record in try writer.write(record.choosing(chosen)) }) {
      try writer.settle()
      Console.erase()
      try plain.flush()
    }
    try writer.end()
    try plain.finish()
  }

  private func writer(to paged: PagedOutput, isOne: Bool) -> RecordWriter {
    RecordWriter(presentation, single: isOne) { text throws(OutputError) in
      Console.erase()
      try paged.write(text)
    }
  }

  func show(_ columns: [String], of table: RowTable? = nil, _ records: [Record]) async throws {
    try await show(columns, of: table) { write in for record in records { try write(record) } }
  }

  func showOne(_ record: Record) async throws {
    try await show(record.names, isOne: true) { write in try write(record) }
  }

  /// Prints text of our own, through the pager where it is longer than the screen.
  func say(_ text: String) throws(Failure) {
    let paged = PagedOutput(
      descriptor: descriptor, destination: destination, environment: printing)
    do {
      try paged.write(text + "\n")
      try paged.finish()
    } catch {
      throw Failure(error)
    }
  }

  /// Writes bytes as they are.
  func write(_ bytes: [UInt8]) throws(Failure) {
    let file = OutputFile(descriptor: descriptor)
    do {
      try file.write(bytes)
      try file.flush()
    } catch {
      throw Failure(error)
    }
  }

  /// The form of an event on this terminal.
  var eventScreen: EventScreen {
    EventScreen(
      palette: presentation.palette, moments: presentation.moments,
      width: presentation.destination.columns ?? 80)
  }

  /// A line for a person; nothing where output goes into a file or pipe.
  func remark(_ text: String) {
    guard isTerminal, descriptor == 1 else { return }
    Console.complain(visible(text))
  }

  /// Asks a person.
  ///
  /// - Throws: `Failure` 4 where nobody can be asked.
  func ask(_ prompt: String) async throws -> String {
    Console.speak()
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
    Console.speak()
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

/// Commands that need more than the library: the executable brings them.
@MainActor
package protocol ExtraCommands {
  /// Starts the sandbox and waits until it is stopped.
  func sandbox(port: Int, seed: UInt64) async throws
  /// Runs the demonstration, and opens the REPL over its journal where a person is there.
  ///
  /// - Parameter keeps: Whether its folder stays when the REPL is left.
  func demo(_ session: Session, opensREPL: Bool, keeps: Bool) async throws
  /// Serves the HTTP API until it is stopped.
  func serve(_ order: ServeOrder) async throws
  /// Waits on a port of loopback for the browser that the provider sends back.
  ///
  /// - Parameter begin: Told the port once it is open; gives back how a request's target is read.
  /// - Returns: nil where the browser did not come in time.
  func redirect(
    within wait: Duration,
    _ begin:
      @MainActor (_ port: Int) async throws -> @Sendable (_ target: String) -> Connecting.Redirect
  ) async throws -> Connecting.Redirect?
  /// Libraries that are linked, with their versions.
  var libraries: [(name: String, value: String)] { get }
}
