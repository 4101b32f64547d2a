import Domain
import EventStore
import Events

/// The one door: a journal at work, in another program or behind a prompt.
///
///     let journal = try Journal("daybook.journal", in: .live())
///     let created = try await journal.instances.create(json)
///     while let outcome = try await journal.step() { print(outcome) }
///     for row in try await journal.changes.rows() { print(row["objectId"]?.string ?? "") }
///
/// What there is in it stands beneath its nouns: `instances`, `polls`, `deliveries`, `replays`,
/// `callbacks`, `cursors`, `notices`, `events`, `changes`.
///
/// Any number of processes may open a journal and ask it for things; one at a time runs it. What
/// the outside world refuses (a 403, a timeout, a 503) is recorded and answered as a value;
/// `DaybookError` is thrown where Daybook itself cannot go on.
public struct Journal: Sendable {
  /// As it was given.
  public let path: String
  /// The event as of which it answers; nil: now.
  public let asOf: Int64?
  let access: JournalAccess

  /// A journal at a path: an SQLite file of mode 0600, with a key file, a lock file and SQLite’s
  /// own `-wal` and `-shm` beside it.
  ///
  /// - Throws: `unusable` for another kind of file, which is left untouched; `failed` where it
  ///   cannot be opened; `refused` for an option that cannot be used.
  public init(
    _ path: String, _ options: JournalOptions = JournalOptions(), in world: World
  ) throws(DaybookError) {
    let access: JournalAccess
    do {
      access = try JournalAccess(JournalPath.followed(path), options, world: world.engine)
    } catch {
      throw DaybookError(error)
    }
    self.init(path, asOf: nil, access)
  }

  private init(_ path: String, asOf: Int64?, _ access: JournalAccess) {
    self.path = path
    self.asOf = asOf
    self.access = access
  }

  /// Authorizations: made, changed, ended.
  public var instances: Instances { Instances(journal: self) }
  /// Asking the provider.
  public var polls: Polls { Polls(journal: self) }
  /// Notifications on their way.
  public var deliveries: Deliveries { Deliveries(journal: self) }
  /// Sending past changes again.
  public var replays: Replays { Replays(journal: self) }
  /// URLs, switched on and off.
  public var callbacks: Callbacks { Callbacks(journal: self) }
  /// How far feeds have read.
  public var cursors: Cursors { Cursors(journal: self) }
  /// Conditions that wait for a person, such as a grant that was taken back.
  public var notices: Notices { Notices(journal: self) }
  /// The facts themselves.
  public var events: EventList { EventList(journal: self) }
  /// Changes that polls observed.
  public var changes: Changes { Changes(journal: self) }

  /// Bytes of the form of an instance, at most.
  public static var instanceBytesMax: Int { Limits.instanceBytesMax }

  /// The path that symbolic links lead to, beside which the journal’s other files lie.
  public static func followed(_ path: String) -> String { JournalPath.followed(path) }

  /// Tells the files of a journal, which nothing else may be written to: the journal itself, its
  /// keys, locks and signed notes, and those of SQLite, whether they are there or not.
  ///
  /// - Parameter keyFile: The key file, where it does not lie beside the journal.
  public static func isOwnFile(
    _ path: String, of journal: String, keyFile: String? = nil
  ) -> Bool {
    JournalPath.isOwn(path, of: journal, keyFile: keyFile)
  }
}

// MARK: Work

extension Journal {
  /// Does the first task that is due: a poll, a round of requests, one attempt.
  ///
  /// - Returns: nil where nothing is due now.
  /// - Throws: `refused`, with the code `locked`, where somebody else runs the journal, in this
  ///   process or another.
  public func step() async throws(DaybookError) -> StepOutcome? {
    try await translated {
      try checkPresent()
      return try await access.step().map { StepOutcome($0) }
    }
  }

  /// Polls and delivers as things come due, a bounded number at once, until the task is cancelled:
  /// then nothing new is begun, and it returns when what is under way has ended and is recorded,
  /// which takes no longer than one exchange may. So do `step`, `polls.run`, `deliveries.deliver`
  /// and `replays.send`.
  ///
  /// - Parameters:
  ///   - report: Told what each task came to, from any thread, as is the logger of the options.
  ///   - isLogged: False where the logger of the options is told nothing of them.
  ///   - began: Called once nobody else can run the journal, and before anything is done.
  /// - Throws: `refused`, with the code `locked`, where somebody else runs the journal.
  public func run(
    report: @escaping @Sendable (StepOutcome) -> Void = { _ in }, isLogged: Bool = true,
    began: @escaping @Sendable () -> Void = {}
  ) async throws(DaybookError) {
    let logger = access.logger
    try await translated {
      try await tellHeld()
      let opened = try await working()
      let beacon = try await beacon(of: opened)
      defer { beacon?.end() }
      try await opened.run {
        if let process = beacon?.begin() { Self.tellCopy(process, logger) }
        began()
      } report: { done in
        let outcome = StepOutcome(done)
        if isLogged { logger.tell(outcome) }
        report(outcome)
      }
    }
  }

  /// Makes the journal where there is none, and its key; one that is there is opened for work.
  ///
  /// - Throws: `refused`, with the code `keyMissing`, where it is there without its key.
  public func make() async throws(DaybookError) {
    try await translated {
      try checkPresent()
      try await access.make()
    }
  }

  /// Opens the file for work now, rather than when something is asked of it.
  public func open() async throws(DaybookError) { try await translated { _ = try await working() } }

  /// The journal opened for work.
  func working(isMending: Bool = false) async throws -> OpenedJournal {
    try checkPresent()
    return try await access.work(isMending: isMending)
  }

  private func checkPresent() throws(Refusal) {
    if let asOf { throw Refusal(.readOnly, "as of \(asOf) nothing can be written") }
  }

  /// Copies what was written into the file itself, where nobody is in the way.
  public func tidy() async { await access.tidy() }

  /// Lets go of the file; whatever is asked next opens it anew.
  public func close() async { await access.close() }
}

// MARK: Time

extension Journal {
  /// The position of the last event.
  public func head() async throws(DaybookError) -> Int64 {
    try await translated {
      try await reader().read { snapshot throws(JournalError) in try snapshot.head().position }
    }
  }

  /// The same journal as of a past event: every list answers as it would have then, and nothing
  /// can be written.
  ///
  /// - Throws: `refused` where there is no such event.
  public func at(_ position: Int64) async throws(DaybookError) -> Journal {
    try await translated {
      guard position > 0 else {
        throw Refusal(
          .notFound(.event), "nothing had been recorded by then; the log begins with event 1")
      }
      let head = try await access.reader().read { snapshot throws(JournalError) in
        try snapshot.head().position
      }
      guard position <= head else {
        throw Refusal(
          .notFound(.event), "there is no event \(position); the log ends at \(head)")
      }
      return Journal(path, asOf: position, access)
    }
  }

  /// The same journal as of now.
  var present: Journal { Journal(path, asOf: nil, access) }

  /// The same journal with connections of its own: what takes long there keeps nobody waiting here.
  public func apart() -> Journal {
    Journal(path, asOf: asOf, JournalAccess(apartFrom: access))
  }

  /// The journal to read, as of where it stands.
  ///
  /// - Parameter isCaughtUp: False where the report tables are wanted as they are.
  func reader(isCaughtUp: Bool = true) async throws -> JournalReader {
    if let asOf { return try await access.reader(asOf: asOf) }
    return try await access.reader(isCaughtUp: isCaughtUp)
  }

  /// The knowledge that rows get when they are read.
  func details(_ reader: JournalReader) -> RowDetails {
    RowDetails(reader: reader, connector: access.settings.connector)
  }
}
