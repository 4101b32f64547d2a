import Domain
import Engine
import EventStore
import RawJSON

/// A journal at work inside another program: opens it, registers instances, polls, delivers,
/// answers.
///
///     let keeper = try Bookkeeper("daybook.journal", in: .live())
///     let created = try await keeper.createInstance(json)
///     while let outcome = try await keeper.step() { print(outcome) }
///
/// Any number of processes may open a journal and ask it for things; one at a time runs it. What
/// the outside world refuses (a 403, a timeout, a 503) is recorded and answered as a value;
/// `DaybookError` is thrown where Daybook itself cannot go on.
public actor Bookkeeper {
  let desk: Desk
  /// Kept over the steps, because it tells a jump of the clock from the passing of time.
  private lazy var worker = desk.worker()

  /// Opens a journal, and makes it where there is none: an SQLite file of mode 0600, with a key
  /// file, a lock file and SQLite’s own `-wal` and `-shm` beside it.
  ///
  /// - Throws: `unusable` for another kind of file, which is left untouched; `failed` where it
  ///   cannot be opened; `refused` for an option that cannot be used.
  public init(
    _ path: String, _ options: BookkeeperOptions = BookkeeperOptions(),
    in surroundings: Surroundings
  ) throws(DaybookError) {
    do {
      desk = try Desk(path, try options.desk, world: surroundings.world)
    } catch {
      throw DaybookError(error)
    }
  }

  // MARK: Instances

  /// Creates an instance from the JSON that `POST /instances` takes.
  ///
  /// An authorization code in it is exchanged last, because it can be used once; whatever is
  /// refused creates nothing, and what was granted for nothing is given back.
  ///
  /// - Returns: Its id, and the element token, which is shown once and kept under seal.
  /// - Throws: `refused` for a bad form, and where the provider refuses the code.
  public func createInstance(
    _ json: String
  ) async throws(DaybookError) -> (id: Int64, token: String) {
    try await translated {
      let form = try InstanceForm(Array(json.utf8), rules: desk.settings.rules)
      let grant = try await Instances.exchange(
        form, connector: desk.connector, world: desk.world)
      let created = try await desk.create(form, grant)
      return (created.instance, created.token)
    }
  }

  /// The instance as `GET /instances/{id}` answers it, its secrets as eight asterisks.
  ///
  /// - Throws: `refused` where there is no such instance.
  public func instance(_ id: Int64) async throws(DaybookError) -> String {
    try await translated {
      String(decoding: try await desk.instanceObject(id).bytes(), as: UTF8.self)
    }
  }

  /// Lets an instance be polled again, or stops its polls; pending deliveries go on either way.
  ///
  /// - Throws: `refused` where there is no such instance, or it is deleted.
  public func setEnabled(
    _ isEnabled: Bool, instance id: Int64, reason: String
  ) async throws(DaybookError) {
    try await translated {
      if isEnabled {
        try await desk.instances.enable(id, reason: reason)
      } else {
        try await desk.instances.disable(id, reason: reason)
      }
    }
  }

  /// Ends an instance: its feeds close, its secrets go, its pending deliveries are skipped. Its
  /// history stays.
  ///
  /// Google is given its grant back, unless another instance uses the same client; a notice says
  /// where that cannot be.
  ///
  /// - Throws: `refused` where there is no such instance, or it is deleted.
  public func deleteInstance(_ id: Int64, reason: String) async throws(DaybookError) {
    try await translated { _ = try await desk.delete(id, reason: reason) }
  }

  // MARK: Work

  /// Does the first task that is due: a poll, a round of requests, one attempt.
  ///
  /// - Returns: nil where nothing is due now.
  /// - Throws: `busy` where somebody else runs the journal, in this process or another.
  public func step() async throws(DaybookError) -> StepOutcome? {
    try await translated {
      guard let lock = try EngineLock(desk) else { throw someoneRunsIt }
      defer { lock.release() }
      try await worker.recover()
      return try await worker.step().map { StepOutcome($0) }
    }
  }

  /// Polls and delivers as things come due, a bounded number at once, until the task is cancelled:
  /// then nothing new is begun, and it returns when what is under way has ended and is recorded,
  /// which takes no longer than one exchange may. So do `step`, `poll`, `deliver` and `replay`.
  ///
  /// - Parameter report: Told what each task came to, from any thread.
  /// - Throws: `busy` where somebody else runs the journal.
  public func run(
    report: @escaping @Sendable (StepOutcome) -> Void = { _ in }
  ) async throws(DaybookError) {
    try await translated {
      guard let lock = try EngineLock(desk) else { throw someoneRunsIt }
      defer { lock.release() }
      try await desk.worker(under: lock).run { report(StepOutcome($0)) }
    }
  }

  private var someoneRunsIt: DaybookError {
    .busy("process \(EngineLock.holder(desk.path)) runs \(desk.path) already")
  }

  /// Polls an instance’s feeds, or one of them, once, due or not; where another process runs the
  /// journal, that one polls.
  ///
  /// - Parameter resource: The key in the configuration; nil: all of them.
  /// - Throws: `refused` where there is no such instance or resource.
  public func poll(
    instance: Int64, resource: String? = nil
  ) async throws(DaybookError) -> [PolledFeed] {
    try await translated {
      try await desk.poll(.instance(instance, resource: resource), isForced: false)
        .map { PolledFeed($0) }
    }
  }

  /// Makes the deliveries that are due, one attempt each; where another process runs the journal,
  /// waits for it.
  ///
  /// - Parameter report: Told each attempt as it is made, from any thread.
  public func deliver(
    report: @escaping @Sendable (AttemptedDelivery) -> Void = { _ in }
  ) async throws(DaybookError) {
    try await translated {
      try await desk.deliver(until: nil) { report(AttemptedDelivery($0)) }
    }
  }

  // MARK: The log

  /// Facts in the order in which they were written; the newest first where the selection says so.
  ///
  /// - Parameter limit: Rows at most; go on with `after` set to the last position got.
  /// - Throws: `refused` for `statuses`, which events do not have.
  public func events(
    _ selection: Selection = Selection(), limit: Int = 1_000
  ) async throws(DaybookError) -> [LoggedEvent] {
    try await rows(selection.query(.events, limit: limit)).compactMap { LoggedEvent($0) }
  }

  /// What was observed, in order.
  ///
  /// - Parameter limit: Rows at most; go on with `after` set to the last position got.
  /// - Throws: `refused` for `statuses`, which changes do not have.
  public func changes(
    _ selection: Selection = Selection(), limit: Int = 1_000
  ) async throws(DaybookError) -> [LoggedChange] {
    try await rows(selection.query(.changes, limit: limit)).compactMap { LoggedChange($0) }
  }

  /// What was sent where, and how it stands.
  ///
  /// - Parameter limit: Rows at most; go on with `after` set to the last position got.
  /// - Throws: `refused` for `types`, which deliveries do not have.
  public func deliveries(
    _ selection: Selection = Selection(), limit: Int = 1_000
  ) async throws(DaybookError) -> [LoggedDelivery] {
    try await rows(selection.query(.deliveries, limit: limit)).compactMap { LoggedDelivery($0) }
  }

  func rows(_ query: ReportQuery) async throws(DaybookError) -> [Row] {
    try await translated {
      do {
        try await desk.repository.writer.catchUp(patience: .short)
      } catch let error as JournalError where error.isOfWriting {
        // Read all the same, from a copy of the tables that lag behind.
        return try await JournalReader(desk.path, mode: .readOnly).rows(query)
      }
      return try await desk.repository.reader.rows(query)
    }
  }

  /// Walks the chain of digests and every invariant of the log.
  public func verify() async throws(DaybookError) -> VerifiedJournal {
    try await translated {
      let found = try await desk.repository.reader.verify()
      let secrets = try await desk.repository.reader.secretProblems(desk.repository.seal)
      return VerifiedJournal(
        events: found.events, digest: found.digest, problems: found.problems + secrets)
    }
  }
}
