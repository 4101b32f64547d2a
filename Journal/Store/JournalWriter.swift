package import Events
import Synchronization

/// The writing side of a journal: one connection on a thread of its own.
///
/// Any number of processes may each have one open on the same file. Position, version and the
/// previous digest are read inside the transaction that appends; a remembered head is trusted only
/// while `PRAGMA data_version` says that nobody else wrote. The transaction runs under a lock
/// between processes that checkpoints take as well, because up to SQLite 3.51.2 a checkpoint that
/// meets a writer on another connection can lose commits. Source: sqlite.org/wal.html, section 11.
package actor JournalWriter {
  package nonisolated let path: String
  /// 128 random bits as hexadecimal digits, from position 1.
  package nonisolated let journal: String
  package nonisolated let executor: any SerialExecutor
  /// The executor, where callers may take turns at it.
  nonisolated let turns: TurnExecutor?
  let connection: Connection
  let lock: LockFile
  let files: JournalFiles
  let hooks: Hooks
  var head: Head
  var dataVersion: Int64 = -1
  var projector: Projector
  var isStale = false
  /// True while the tables in force are an older program’s: nothing is folded into them.
  var isBehind = false
  /// The generation whose tables were looked at; nil: none yet.
  var checkedGeneration: Int64?
  var link = Chain.Link()
  let mailbox = Mutex(Mailbox())
  private let counted = Mutex(Counts())

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Appends since it was opened.
  package struct Counts: Sendable, Equatable {
    package var commits = 0
    package var appends = 0
    package var events = 0
  }

  package nonisolated var counts: Counts { counted.withLock { $0 } }

  /// Counts what a transaction has made durable.
  nonisolated func count(_ results: [Result<AppendResult, JournalError>]) {
    var counts = Counts()
    for case .success(let result) in results where !result.isRepeated {
      counts.appends += 1
      counts.events += result.positions.count
    }
    guard counts.appends > 0 else { return }
    counted.withLock { all in
      all.commits += 1
      all.appends += counts.appends
      all.events += counts.events
    }
  }

  /// The last event.
  package struct Head: Sendable, Equatable {
    package var position: Int64
    package var recordedAt: Moment
    package var digest: [UInt8]
  }

  /// Where a simulation may step in; both do nothing otherwise.
  package struct Hooks: Sendable {
    /// On which side of the commit that makes an append durable.
    package enum Place: Sendable { case beforeCommit, afterCommit }
    /// True where the process "dies": nothing more is written, and whoever waits gets an error.
    package var dies: @Sendable (Place) -> Bool

    package init(dies: @escaping @Sendable (Place) -> Bool = { _ in false }) { self.dies = dies }
  }

  /// Batches that wait for the next commit.
  struct Mailbox {
    var waiting: [Waiting] = []
    var isFlushPlanned = false
    /// True where the last commit was of several: their callers will soon be back.
    var isCrowded = false
  }

  /// An append with its bodies as JSON, in the order of the drafts: written by its caller, so that
  /// only what needs the connection is done where others wait.
  final class Entry: Sendable {
    let append: AppendRequest
    let bodies: [StoredBody]

    init(_ append: AppendRequest) {
      self.append = append
      bodies = append.newEvents.map { StoredBody($0.event.body) }
    }
  }

  struct Waiting {
    let entries: [Entry]
    let answer: CheckedContinuation<[Result<AppendResult, JournalError>], Never>
  }

  /// Opens the journal for writing, and makes it where there is none.
  ///
  /// Tables that an older program has folded stay as they are: nothing is appended until
  /// `rebuildOlder` has led everybody over to this program's.
  ///
  /// - Parameters:
  ///   - naming: 16 random bytes that name a new journal.
  ///   - patience: How long to wait for who holds the journal's locks; reading has a short one.
  ///   - executor: The thread; a simulation brings its own.
  ///   - isMending: Whether it is opened to be rebuilt, which foreign triggers on disposable tables
  ///     do not stand in the way of.
  /// - Throws: `notAJournal` for another kind of file, which is left untouched; `damaged`,
  ///   `misfolded` for such triggers, `cannotOpen`, `full`.
  package init(
    _ path: String, naming: [UInt8], at now: Moment, executor: (any SerialExecutor)? = nil,
    hooks: Hooks = Hooks(), patience: Patience = .long, isMending: Bool = false
  ) throws(JournalError) {
    let path = JournalPath.followed(path)
    self.path = path
    self.hooks = hooks
    let executor = executor ?? TurnExecutor(label: "daybook.log")
    self.executor = executor
    turns = executor as? TurnExecutor
    let opened = try Opened(path, naming: naming, at: now, patience, isMending)
    lock = opened.lock
    files = opened.files
    connection = opened.connection
    head = opened.head
    journal = opened.journal
    projector = Projector(connection: opened.connection, generation: opened.generation)
    isStale = opened.revision > Projector.revision
    isBehind = opened.revision < Projector.revision
  }

  /// A journal that was opened under its lock, and found to be whole.
  private struct Opened {
    let lock: LockFile
    let files: JournalFiles
    let connection: Connection
    let head: Head
    let journal: String
    let generation: Int64
    let revision: Int64

    init(
      _ path: String, naming: [UInt8], at now: Moment, _ patience: Patience, _ isMending: Bool
    ) throws(JournalError) {
      let isNew = try JournalFile.inspect(path, rollsBack: true) == .nothing
      let lock = try LockFile(path: path + ".lock")
      self.lock = lock
      try lock.wait(patience)
      defer { lock.release() }
      if isNew { try JournalFile.touch(path) }
      let connection = try Connection(path: path, access: .readWrite)
      self.connection = connection
      connection.wait(patience)
      defer { connection.wait(.long) }
      if try connection.backupTime() != nil { throw .backup(path: path) }
      try JournalFile.prepare(connection, naming: naming, at: now)
      try JournalFile.check(connection, firesTriggers: !isMending)
      try connection.noticeArchives()
      (head, journal) = try JournalFile.head(connection)
      files = try JournalFiles(connection)
      let decisions = try connection.projections()["decisions"]
      generation = decisions?.generation ?? 1
      revision = decisions?.revision ?? 0
    }
  }

  /// Copies the write-ahead log back when there is something to copy. For idle moments.
  package func checkpoint() throws(JournalError) {
    guard connection.hasBacklog else { return }
    // The write-ahead log may be another file's by now.
    try files.check()
    guard lock.take() else { return }
    defer { lock.release() }
    try connection.checkpoint()
  }

  /// Bounds the file's size, so that a simulation meets a full disk; nil takes the bound away.
  ///
  /// - Parameter pages: How many pages the file may still grow by.
  package func bound(growth pages: Int64?) throws(JournalError) {
    let most = try pages.map { pages throws(JournalError) in
      try (connection.integer("PRAGMA page_count") ?? 0) + pages
    }
    try connection.execute("PRAGMA max_page_count = \(most ?? 0xFFFF_FFFE)")
  }

  /// Finds out whether what is written here would be seen.
  ///
  /// - Throws: `moved` where the journal was renamed, removed or replaced since it was opened.
  package nonisolated func checkPlace() throws(JournalError) { try files.check() }

  /// Does the work in one transaction that no other process meets.
  func write<Answer>(
    _ patience: Patience = .long, _ work: () throws(JournalError) -> Answer
  ) throws(JournalError) -> Answer {
    try files.check()
    try lock.wait(patience)
    defer { lock.release() }
    connection.wait(patience)
    defer { connection.wait(.long) }
    return try connection.transaction { () throws(JournalError) in
      let answer = try work()
      if hooks.dies(.beforeCommit) { throw .died }
      return answer
    }
  }

  /// The last event as of now.
  package func currentHead() throws(JournalError) -> Head {
    try refresh()
    return head
  }

  /// Reads the head anew where another connection has written.
  func refresh() throws(JournalError) {
    let version = try connection.integer("PRAGMA data_version") ?? 0
    guard version != dataVersion else { return }
    dataVersion = version
    try connection.noticeArchives()
    let query = try connection.statement(SQL.loadHead)
    defer { query.reset() }
    guard try query.step() else {
      throw .damaged(path: path, why: "it has no first event")
    }
    head = Head(
      position: query.integer(0), recordedAt: Moment(milliseconds: query.integer(1)),
      digest: query.bytes(2))
    let decisions = try connection.projections()["decisions"]
    isStale = (decisions?.revision ?? 0) > Projector.revision
    isBehind = (decisions?.revision ?? 0) < Projector.revision
    projector = Projector(connection: connection, generation: decisions?.generation ?? 1)
  }
}
