import Crypto
import Domain
import Engine
import EventStore
import Events
import Google
import Logging
import RawJSON

/// Keeps the open sides of a journal: each is opened when it is first needed, and shared by all
/// that ask.
actor JournalAccess {
  nonisolated let path: String
  nonisolated let settings: OpenedJournal.Options
  nonisolated let world: Engine.World
  private let access: JournalOptions.Access
  /// True where nothing may be written.
  nonisolated var isReadOnly: Bool { access == .readOnly }
  nonisolated let logger: Logger
  /// True where what is asked takes long, and is answered on threads of its own.
  private let isApart: Bool
  private var opened: OpenedJournal?
  private var openedReader: JournalReader?
  private var openedWriter: JournalWriter?
  /// The reader that was asked for last as of a past event.
  private var past: (position: Int64, reader: JournalReader)?
  /// Kept over the steps, because it tells a jump of the clock from the passing of time.
  private var stepping: Worker?
  /// Consents that others end.
  var consents = ConsentMemory()

  init(_ path: String, _ options: JournalOptions, world: Engine.World) throws {
    self.path = path
    settings = try options.opened
    self.world = world
    access = options.access
    logger = options.logger
    isApart = false
    if access == .making { opened = try OpenedJournal(path, settings, world: world) }
  }

  /// The same journal; nothing of it is opened yet.
  init(apartFrom other: JournalAccess) {
    path = other.path
    settings = other.settings
    world = other.world
    access = other.access == .readOnly ? .readOnly : .whenNeeded
    logger = other.logger
    isApart = true
  }

  /// The journal opened for work; here the worker comes from. Tables of an older program are made
  /// anew first.
  ///
  /// - Parameter isMending: Opens it to be rebuilt, which foreign triggers on disposable tables do
  ///   not stand in the way of.
  func work(isMending: Bool = false) async throws -> OpenedJournal {
    let journal = try openForWork(isMending: isMending)
    if !isMending { try await journal.replaceOlderTables(logger) }
    return journal
  }

  private func openForWork(isMending: Bool) throws -> OpenedJournal {
    try checkWritable()
    leaveMoved()
    if let opened { return opened }
    guard try JournalPath.isThere(path) else { throw JournalError.noJournal(path: path) }
    let fresh = try OpenedJournal(path, settings, world: world, isMending: isMending)
    opened = fresh
    return fresh
  }

  /// Does the first task that is due.
  ///
  /// - Throws: `Refusal` where somebody else runs the journal.
  func step() async throws -> Worker.Report? {
    let journal = try await work()
    guard let lock = try EngineLock(journal) else { throw journal.runElsewhere }
    defer { lock.release() }
    let worker = stepping ?? journal.worker()
    stepping = worker
    try await worker.recover()
    return try await worker.step()
  }

  private func checkWritable() throws(Refusal) {
    if access == .readOnly {
      throw Refusal(.readOnly, "the journal was opened to be read, and this writes")
    }
  }

  // MARK: Reading

  /// The journal to read, its report tables caught up with the log.
  ///
  /// - Parameter isCaughtUp: False where they are wanted as they are, by who compares them.
  func reader(isCaughtUp: Bool = true) async throws -> JournalReader {
    guard try JournalPath.isThere(path) else { throw JournalError.noJournal(path: path) }
    leaveMoved()
    let reader = try openedReader ?? openReader()
    openedReader = reader
    guard isCaughtUp, access != .readOnly else { return reader }
    let older = try await reader.read { snapshot throws(JournalError) in
      try snapshot.olderTables()
    }
    if let older { return try await readOlder(reader, older) }
    let lag = try await reader.read { snapshot throws(JournalError) in try snapshot.lag() }
    guard lag > 0 else { return reader }
    do {
      try await writer().catchUp(patience: .short)
      return reader
    } catch let error as JournalError where error.isOfWriting {
      return try await readAside(reader, lag: lag, error)
    }
  }

  /// The journal as of a past event.
  func reader(asOf position: Int64) async throws -> JournalReader {
    guard try JournalPath.isThere(path) else { throw JournalError.noJournal(path: path) }
    // What has a past is what the tables have taken in; those of an older program go on being made
    // anew also while somebody stays in the past.
    _ = try await reader()
    if let past, past.position == position, !past.reader.isMoved { return past.reader }
    let fresh = try openReader()
    try await fresh.travel(to: position)
    past = (position, fresh)
    return fresh
  }

  /// Tables of an older program are made anew a little further; until they are, they answer where
  /// their columns do, and that is said.
  private func readOlder(
    _ reader: JournalReader, _ found: OlderTables
  ) async throws -> JournalReader {
    do {
      let isDone = try await writer().rebuildOlder(
        events: JournalWriter.eventsRebuiltMeanwhile, patience: .short)
      if isDone { return reader }
    } catch let error as JournalError where error.isOfWriting {
      if case .busy = error {
        // Another process is at it.
      } else {
        return try await readAside(reader, lag: found.head - found.reached, error)
      }
    }
    let older = try await reader.read { snapshot throws(JournalError) in
      try snapshot.olderTables()
    }
    guard let older else { return reader }
    logger.notice(
      """
      lists are an older Daybook's and reach to event \(older.reached) of \(older.head); they are \
      made anew as commands are given, or at once by `daybook rebuild`
      """)
    return reader
  }

  /// Whoever cannot write gets the same answers from a copy of the tables; where there is no room
  /// for one either, what the tables have, and that is said.
  private func readAside(
    _ reader: JournalReader, lag: Int64, _ obstacle: JournalError
  ) async throws -> JournalReader {
    if let copy = try? JournalReader(path, mode: .readOnly),
      (try? await copy.read { snapshot throws(JournalError) in try snapshot.lag() }) != nil
    {
      openedReader = copy
      return copy
    }
    let head = try await reader.read { snapshot throws(JournalError) in try snapshot.head().position
    }
    logger.notice("lists reach to event \(head - lag) of \(head), because \(obstacle)")
    return reader
  }

  /// Whoever may not write beside the journal reads it as one that is only read.
  private func openReader() throws -> JournalReader {
    guard access != .readOnly else { return try JournalReader(path, mode: .readOnly) }
    do {
      return try JournalReader(path, takesTurns: !isApart)
    } catch let error where error.isOfWriting {
      return try JournalReader(path, mode: .readOnly)
    }
  }

  /// The writing side alone, for folding reports: whoever cannot write reads what is there.
  private func writer() throws -> JournalWriter {
    if let opened { return opened.repository.writer }
    if let openedWriter { return openedWriter }
    let writer = try JournalWriter(
      path, naming: world.bytes(16), at: world.now(), patience: .short)
    openedWriter = writer
    return writer
  }

  /// Lets go of a journal that was renamed, removed or replaced, or whose key was: what is asked
  /// next has the one that is there now. Who opened one at once stays with it, and is told where it
  /// writes.
  private func leaveMoved() {
    guard access != .making else { return }
    let isMoved = openedReader?.isMoved == true || opened?.repository.reader.isMoved == true
    if isMoved || opened.map({ $0.keyMark.isReplaced(at: $0.keyFile) }) == true { close() }
  }

  /// Lets go of what was opened, so that another journal or another process has it.
  func close() {
    (opened, openedReader, openedWriter) = (nil, nil, nil)
    (past, stepping) = (nil, nil)
  }

  /// Appends that were made here, counted; nil where it was not opened for work.
  func appendCounts() -> JournalWriter.Counts? { opened?.repository.writer.counts }

  /// Copies what was written into the file itself, where nobody is in the way.
  func tidy() async {
    // Nothing is lost where this does not work: the write-ahead log is part of the journal.
    if let writer = opened?.repository.writer ?? openedWriter { try? await writer.checkpoint() }
  }
}

extension JournalAccess {
  /// The one way in which an instance is made, in a journal that may not exist yet.
  ///
  /// Everything is checked first, also the key and whether there is room for a journal, then the
  /// code is exchanged, which works once, then the journal is made: whatever is refused leaves
  /// nothing behind. What fails after the code was exchanged gives back what was granted.
  ///
  /// - Parameters:
  ///   - verifier: Of the consent that the code came from, where it was asked for here.
  ///   - request: Its key as the log keeps it, and the digest of its body.
  ///   - settle: Judges what was granted, makes of the form what is to be created, and names what
  ///     it left out.
  func create(
    _ form: InstanceForm, verifier: String? = nil, request: Engine.Instances.RequestName? = nil,
    _ settle: @Sendable (inout Grant?) throws(Refusal) -> (form: InstanceForm, leftOut: [String])
  ) async throws -> CreatedInstance {
    let known = try prepare()
    try await known?.replaceOlderTables(logger)
    let connector = settings.connector
    try Task.checkCancellation()
    var grant = try await Engine.Instances.exchange(
      form, connector: connector, world: world
    ) { code, clientID, redirectURL in
      if let verifier { return [CodeProof(verifier: verifier)] }
      return await self.proofs(of: code, clientID, redirectURL)
    }
    let journal: OpenedJournal
    let created: Engine.Instances.Created
    let leftOut: [String]
    do {
      let settled = try settle(&grant)
      leftOut = settled.leftOut
      journal = try known ?? OpenedJournal(path, settings, world: world)
      created = try await journal.instances.create(settled.form, grant, request: request)
    } catch {
      guard let grant else { throw error }
      throw await givenBack(grant, of: form.secrets["oauth.api.key"] ?? "", known, after: error)
    }
    opened = journal
    return try await CreatedInstance(
      created.instance, token: created.token, leftOut: leftOut + created.leftOut, in: journal,
      showsObjects: form.wantsObjects)
  }

  /// The instance that an earlier request with this key made; nil where there was none.
  ///
  /// - Throws: `Refusal` where that request had another body, where the instance is deleted, or its
  ///   token cannot be read any more.
  func created(by request: Engine.Instances.RequestName) async throws -> CreatedInstance? {
    guard let known = try prepare() else { return nil }
    let event = try await known.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.event(keyed: request.key)
    }
    guard case .instanceCreated(let made)? = try event?.event() else { return nil }
    let (instance, secrets) = try await known.repository.withSecrets(made.instance)
    _ = try instance.changeable()
    // One from before digests were kept is taken at its key.
    if let digest = secrets[SecretNames.requestDigest], digest != request.digest {
      throw Refusal(
        .keyReused, "was given to another request, which made instance \(made.instance)", at: "key")
    }
    guard let token = secrets[SecretNames.elementToken] else { throw known.keyMissing }
    return try await CreatedInstance(made.instance, token: token, leftOut: [], in: known)
  }

  /// Makes the journal where there is none, once it is known that it and its key can be written.
  func make() async throws {
    if try prepare() == nil { opened = try OpenedJournal(path, settings, world: world) }
    try await opened?.replaceOlderTables(logger)
  }

  /// Finds out whether an instance can be made: the journal where there is one has its key, and
  /// where there is none there is room for both.
  ///
  /// - Returns: The journal where there is one.
  @discardableResult
  func prepare() throws -> OpenedJournal? {
    try checkWritable()
    if let refusal = settings.refusal { throw refusal }
    leaveMoved()
    if opened == nil, try JournalReader.exists(path) {
      opened = try OpenedJournal(path, settings, world: world)
    }
    if let opened, opened.repository.seal == nil { throw opened.keyMissing }
    try OpenedJournal.checkRoom(for: path, opened, settings)
    return opened
  }

  /// Gives back what was granted for an instance that could not be created.
  ///
  /// - Parameters:
  ///   - client: The client's id.
  ///   - known: The journal where there was one: another instance may live by the same grant.
  /// - Returns: What is to be thrown: the error, and where it may still be open what to do.
  private func givenBack(
    _ grant: Grant, of client: String, _ known: OpenedJournal?, after error: any Error
  ) async -> any Error {
    let token = grant.refreshToken ?? grant.accessToken
    let obstacle: String?
    if let known {
      do {
        obstacle = try await known.instances.giveBack(token, of: client)
      } catch {
        obstacle = "\(error)"
      }
    } else {
      obstacle = await Engine.Instances.giveBack(
        token, connector: settings.connector, world: world)
    }
    guard let obstacle else { return error }
    let refusal = error as? Refusal
    return Refusal(
      refusal?.code ?? .conflict,
      "\(refusal?.text ?? "\(error)"). What was granted may still be open: \(obstacle)."
        + " \(Engine.Instances.whereGrantsEnd)", at: refusal?.path)
  }
}

/// An instance that was just created.
public struct CreatedInstance: Sendable, Equatable {
  /// By which it is named from now on.
  public let id: Int64
  /// The element token, which is shown once and kept under seal.
  public let token: String
  /// Resources that are not watched, because what they need was not granted.
  public let leftOut: [String]
  /// The JSON that `POST /instances` answers, the token in it.
  public private(set) var object: String

  /// Adds the signature key that was made for it, which is shown this once as well.
  mutating func show(signatureKey: String) {
    guard case .object(var members)? = try? JSON.parse(Array(object.utf8)) else { return }
    members["signatureKey"] = .string(signatureKey)
    object = String(decoding: JSON.object(members).bytes(), as: UTF8.self)
  }

  /// - Parameter showsObjects: Adds the resources that can be read, as `objects`.
  init(
    _ id: InstanceID, token: String, leftOut: [String], in journal: OpenedJournal,
    showsObjects: Bool = false
  ) async throws {
    var object = try await journal.instanceObject(id, token: token)
    if showsObjects, case .object(var members) = object {
      members["objects"] = .array(GoogleSuite().readable.map { .string($0) })
      object = .object(members)
    }
    self.id = id.number
    self.token = token
    self.leftOut = leftOut
    self.object = String(decoding: object.bytes(), as: UTF8.self)
  }
}

/// Keys under which the log keeps the requests that may be repeated.
enum RequestKey {
  /// Tells bodies apart that mean other things: blanks between their parts do not count.
  static func digest(of body: [UInt8]) -> String {
    hexadecimal(Array(SHA256.hash(data: (try? JSON.parse(body))?.bytes() ?? body)))
  }

  /// The key of a request that creates an instance.
  static func create(_ key: String) throws(Refusal) -> String {
    guard (1...Limits.requestKeyMax).contains(key.utf8.count),
      key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Refusal(
        at: "key", "has to be 1 to \(Limits.requestKeyMax) visible characters of ASCII")
    }
    return "instance.create/\(key)"
  }
}
