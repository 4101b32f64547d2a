package import Events
import Glibc

/// The reading side of a journal: a connection of its own, which changes nothing in the file.
///
/// It never holds a snapshot longer than one page of results, unless a person asks by SQL: rows
/// that were read at several times would be no answer to one SELECT.
package actor JournalReader {
  /// Who else is there to keep the report tables up to date.
  package enum Mode: Sendable {
    /// A writer of this process catches them up before queries.
    case shared
    /// Nobody, and nothing may be written: where they lag behind, a copy of them in a temporary
    /// file is caught up in their place. A folder that cannot be written is read where no
    /// write-ahead log is waiting.
    case readOnly
  }

  package nonisolated let path: String
  package nonisolated let executor: any SerialExecutor
  /// The executor, where callers may take turns at it.
  private nonisolated let turns: TurnExecutor?
  let connection: Connection
  let mode: Mode
  /// The executor that was brought along; nil: one of its own.
  let brought: (any SerialExecutor)?
  private let files: JournalFiles
  /// True where the file is taken as one that nobody changes.
  let isImmutable: Bool
  /// The copy of the report tables, where they lagged behind.
  var copy: ReportCopy?
  /// Where the last export ended.
  var exported: ExportPlace?
  var generation: Int64 = 0
  var dataVersion: Int64 = -1
  /// True where the file is read where the kernel keeps it.
  let isMapped: Bool
  private var views = 0
  /// The event as of which queries answer; nil: as of now.
  package internal(set) var asOf: Int64?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens a journal that exists.
  ///
  /// - Parameters:
  ///   - takesTurns: False where questions take long: they are answered on a thread of its own and
  ///     never on the caller’s.
  ///   - isMapped: Whether the file is read where the kernel keeps it: faster for who reads
  ///   much of it. At the first view after each append SQLite maps all of it anew, which takes
  ///   longer than to read a few pages.
  /// - Throws: `cannotOpen` where there is none, or where a write-ahead log waits in a folder that
  ///   cannot be written; `notAJournal`, `damaged`.
  package init(
    _ path: String, mode: Mode = .shared, executor: (any SerialExecutor)? = nil,
    takesTurns: Bool = true, isMapped: Bool = true
  ) throws(JournalError) {
    self.path = path
    self.isMapped = isMapped
    let own = executor ?? TurnExecutor(label: "daybook.reader")
    self.executor = own
    // A copy of the report tables is caught up when somebody reads, which may take long.
    turns = takesTurns && mode == .shared ? own as? TurnExecutor : nil
    isImmutable = try JournalReader.probe(path, mode: mode)
    let plain = try Connection(path: path, access: isImmutable ? .immutable : .readOnly)
    try JournalFile.check(plain)
    switch mode {
    case .shared: connection = plain
    case .readOnly: connection = try Connection(scratchBeside: path, isImmutable: isImmutable)
    }
    self.mode = mode
    brought = executor
    if isMapped { try connection.map(JournalReader.mappedBytes) }
    files = try JournalFiles(plain)
    try connection.noticeArchives()
  }

  /// How much of the file queries read where the kernel keeps it.
  static let mappedBytes: Int64 = 4 << 30
  /// Views after which it is mapped anew: what was read counts as this process's memory until then.
  private static let viewsPerMapping = 64

  /// Finds out whether the file can only be read as one that nobody changes: SQLite needs shared
  /// memory beside it, which a folder that cannot be written does not take.
  static func probe(_ path: String, mode: Mode) throws(JournalError) -> Bool {
    do {
      try exist(path, rollsBack: mode == .shared)
      return false
    } catch {
      guard mode == .readOnly, access(path, R_OK) == 0 else { throw error }
      switch error {
      case .readOnly, .full, .disk: break
      case .cannotOpen:
        // That says nothing of what is beside it.
        if Connection.isOutOfFiles != nil { throw error }
      default: throw error
      }
    }
    var log = stat()
    guard stat(path + "-wal", &log) != 0 || log.st_size == 0 else {
      throw .cannotOpen(
        path: path,
        why: "nothing can be written beside it, and \(path)-wal still waits to be copied into it."
          + " Copy both files to a folder that can be written, and open them there")
    }
    try exist(path, isImmutable: true)
    return true
  }

  private static func exist(
    _ path: String, isImmutable: Bool = false, rollsBack: Bool = false
  ) throws(JournalError) {
    guard
      try JournalFile.inspect(path, isImmutable: isImmutable, rollsBack: rollsBack) == .journal
    else {
      throw .noJournal(path: path)
    }
  }

  /// True where the journal that it reads was renamed, removed or replaced since it was opened.
  package nonisolated var isMoved: Bool { files.areMoved }

  /// Looks for a journal at a path; nothing or an empty file is none.
  ///
  /// - Throws: `notAJournal` for another kind of file, which is left untouched.
  package static func exists(_ path: String) throws(JournalError) -> Bool {
    try JournalFile.inspect(path, rollsBack: true) == .journal
  }

  /// Looks for anything sealed in this journal: without its key that stays shut.
  package nonisolated func hasSecrets() throws(JournalError) -> Bool {
    let connection = try Connection(path: path, access: .readOnly)
    return try connection.integer(SQL.hasSecrets) == 1
  }

  /// Runs the reading on this actor's connection, over one view of the database: on the thread of
  /// the caller, where nobody else reads.
  package nonisolated(nonsending) func read<Answer: Sendable>(
    _ work: @Sendable (JournalSnapshot) throws(JournalError) -> Answer
  ) async throws(JournalError) -> Answer {
    let answer = turns?.turn { assumeIsolated { reader in reader.result(of: work) } }
    if let answer { return try answer.get() }
    return try await result(of: work).get()
  }

  private func result<Answer: Sendable>(
    of work: @Sendable (JournalSnapshot) throws(JournalError) -> Answer
  ) -> Result<Answer, JournalError> {
    do {
      return .success(try view { snapshot throws(JournalError) in try work(snapshot) })
    } catch {
      return .failure(error)
    }
  }

  /// The same for this actor itself.
  package func view<Answer>(
    _ work: (JournalSnapshot) throws(JournalError) -> Answer
  ) throws(JournalError) -> Answer {
    let answer = try connection.snapshot { () throws(JournalError) in
      try refresh()
      return try work(
        JournalSnapshot(connection: connection, generation: generation, reached: copy?.position))
    }
    views += 1
    if isMapped, views.isMultiple(of: JournalReader.viewsPerMapping) { try mapAnew() }
    return answer
  }

  /// Gives back the pages that were read. SQLite maps the file anew only for another bound.
  private func mapAnew() throws(JournalError) {
    let isOdd = (views / JournalReader.viewsPerMapping) % 2 == 1
    try connection.map(JournalReader.mappedBytes - (isOdd ? 4_096 : 0))
  }

  /// Learns the generation in force, and catches the copy up, where somebody has written.
  func refresh() throws(JournalError) {
    let version = try connection.integer("PRAGMA \(connection.schema).data_version") ?? 0
    guard version != dataVersion else { return }
    let isArchived = try connection.noticeArchives()
    let rows = try connection.projections()
    let now = rows["decisions"]?.generation ?? 1
    let isOther = now != generation
    generation = now
    if connection.schema != "main" {
      // Tables of another program's making are of no use here: the copy begins with nothing.
      let reports = rows["reports"].flatMap { $0.revision == Projector.revision ? $0 : nil }
      try followCopy(reached: reports?.position ?? 0, isOther: isOther)
    }
    if isArchived || isOther && (asOf != nil || connection.schema != "main") { try makeViews() }
    dataVersion = version
  }
}

/// One unchanging view of a journal, and the questions that it answers.
package struct JournalSnapshot {
  let connection: Connection
  let generation: Int64
  /// How far a copy of the report tables has read; nil where there is none.
  let reached: Int64?

  func query(
    _ sql: SQL, _ values: KeyValuePairs<String, Binding> = [:]
  ) throws(JournalError)
    -> Statement
  {
    let statement = try connection.projection(sql, generation)
    for (name, value) in values { try statement.bind(name, value) }
    return statement
  }

  /// A page of the log in order of writing; empty once it has reached the head.
  package func events(after position: Int64, limit: Int) throws(JournalError) -> [RecordedEvent] {
    try connection.events(after: position, limit: limit)
  }

  /// A stream from its first version on, at most so many; all of it where no bound is given: what
  /// is folded of a part is not the state.
  package func events(
    of stream: StreamName, limit: Int = .max
  ) throws(JournalError) -> [RecordedEvent] {
    try connection.events(of: stream, after: 0, limit: limit)
  }

  /// The last event of a stream, however long it is; nil where it does not exist.
  package func lastEvent(of stream: StreamName) throws(JournalError) -> RecordedEvent? {
    let version = try version(of: stream)
    return try connection.events(of: stream, after: version - 1, limit: 1).first
  }

  /// The event of that position; nil beyond the head and below 1.
  package func event(at position: Int64) throws(JournalError) -> RecordedEvent? {
    let row = try connection.events(after: position - 1, limit: 1).first
    return row?.position == position ? row : nil
  }

  /// The bytes that a digest in a body stands for, put together where they are a recipe.
  package func payload(_ digest: String) throws(JournalError) -> [UInt8] {
    guard let bytes = bytesOf(hexadecimal: digest) else { throw .noPayload(digest: digest) }
    return try connection.payload(bytes)
  }

  /// The bytes of a payload with the salt that its digest covers before them; nil where they are
  /// not kept.
  package func keptPayload(_ digest: String) throws(JournalError) -> KeptPayload? {
    guard let name = bytesOf(hexadecimal: digest) else { return nil }
    let query = try connection.statement(SQL.loadPayload)
    try query.bind("digest", .bytes(name))
    guard try query.step() else { return nil }
    let salt = query.bytes(0)
    query.reset()
    return KeptPayload(digest: name, salt: salt, bytes: try connection.payload(name))
  }

  /// The sealed secrets of a stream by name; opening them takes the key.
  package func secrets(of owner: StreamName) throws(JournalError) -> [String: SealedSecret] {
    try connection.secrets(of: owner)
  }

  /// One of them; nil where there is none of that name.
  package func secret(
    _ name: String, of owner: StreamName
  ) throws(JournalError) -> SealedSecret? {
    try connection.secret(name, of: owner)
  }

  /// The last event as this view of the database has it.
  package func head() throws(JournalError) -> JournalWriter.Head {
    let query = try connection.statement(SQL.loadHead)
    defer { query.reset() }
    guard try query.step() else { throw .damaged(path: connection.path, why: "it is empty") }
    return JournalWriter.Head(
      position: query.integer(0), recordedAt: Moment(milliseconds: query.integer(1)),
      digest: query.bytes(2))
  }

  /// The newest `clock.stepped`; nil where the clock never did.
  package func lastClockStep() throws(JournalError) -> RecordedEvent? {
    let query = try connection.statement(SQL.lastClockStep)
    defer { query.reset() }
    return try query.step() ? RecordedEvent(query) : nil
  }

  /// How many events the report tables are behind.
  package func lag() throws(JournalError) -> Int64 {
    if reached != nil { return 0 }
    let position = try connection.projections()["reports"]?.position ?? 0
    return try max(0, head().position - position)
  }

  /// The stream whose element token has this SHA-256; nil where none has.
  package func instance(holding tokenHash: [UInt8]) throws(JournalError) -> StreamName? {
    let query = try connection.statement(SQL.findSecretOwner)
    defer { query.reset() }
    try query.bind("look_up", .bytes(tokenHash))
    return try query.step() ? StreamName(stored: query.text(0)) : nil
  }

  /// The highest ids given so far, 0 where none was; the next instance or feed takes the one after.
  package func lastIDs() throws(JournalError) -> (instance: InstanceID, feed: FeedID) {
    let query = try query(SQL.lastIds)
    defer { query.reset() }
    return try query.step() ? (InstanceID(query.integer(0)), FeedID(query.integer(1))) : (0, 0)
  }
}

extension JournalSnapshot {
  /// The version that a stream is at; 0 where it does not exist.
  package func version(of stream: StreamName) throws(JournalError) -> Int64 {
    let query = try connection.statement(SQL.loadVersion)
    defer { query.reset() }
    try query.bind("stream", .text(stream.text))
    return try query.step() ? query.integer(0) : 0
  }
}
