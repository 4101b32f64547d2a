import CSQLite
import Events

/// One connection to a database. Not `Sendable`: the compiler keeps it inside the actor that opened
/// it.
///
/// A foreign file is hostile: views and triggers may call only what is innocuous, and nothing may
/// write to the schema behind SQLite's back. Source: sqlite.org, “Defense Against The Dark Arts”.
package final class Connection {
  let handle: OpaquePointer
  let path: String
  private var named = StatementShelf()
  /// Statements of generations; two at once while one is built beside another.
  private var projected: [StatementShelf] = []
  private var folds: Fold?
  /// The archives of the journal, where there are any.
  var archives: ArchiveShelf?

  /// The write-ahead log after the last commit of this connection.
  private let backlog: UnsafeMutablePointer<Backlog> = {
    let place = UnsafeMutablePointer<Backlog>.allocate(capacity: 1)
    place.initialize(to: Backlog())
    return place
  }()

  /// Pages in the write-ahead log, and how many of them have been copied back.
  private struct Backlog {
    var pages: Int32 = 0
    var copied: Int32 = 0
  }

  /// How a file is opened.
  enum Access {
    case create, readWrite, readOnly, immutable
    /// A temporary file of this connection alone; it goes with it.
    case scratch
    /// Without any file.
    case memory
  }

  /// The journal's name on this connection: `main`, or `journal` beside a scratch database.
  private(set) var schema = "main"

  init(path: String, access: Access) throws(JournalError) {
    var opened: OpaquePointer?
    let base = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE
    let flags: Int32 =
      switch access {
      case .create, .scratch, .memory: base | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readWrite: base | SQLITE_OPEN_READWRITE
      case .readOnly, .immutable: base | SQLITE_OPEN_READONLY
      }
    let name =
      switch access {
      case .scratch: ""
      case .memory: ":memory:"
      case .immutable: Connection.uri(path) + "?immutable=1"
      case .create, .readWrite, .readOnly: Connection.uri(path)
      }
    let code = sqlite3_open_v2(name, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let why = Connection.obstacle(opened)
      sqlite3_close_v2(opened)
      throw .cannotOpen(path: path, why: why)
    }
    // SQLite takes a file that it cannot open for writing as one that may only be read.
    if access == .readWrite, sqlite3_db_readonly(opened, "main") == 1 {
      let refusal = Connection.refusal(toWrite: path)
      sqlite3_close_v2(opened)
      throw refusal
    }
    handle = opened
    self.path = path
    csqlite_configure(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
    csqlite_configure(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    csqlite_configure(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    wait(.long)
    registerFunctions()
    sqlite3_wal_hook(
      handle,
      { place, _, _, pages in
        guard let backlog = place?.assumingMemoryBound(to: Backlog.self) else { return SQLITE_OK }
        // Fewer than before: the log is written over from its beginning.
        if pages < backlog.pointee.copied { backlog.pointee.copied = 0 }
        backlog.pointee.pages = pages
        return SQLITE_OK
      }, backlog)
  }

  /// A scratch database with the journal beside it, read only: names that the scratch database does
  /// not have are the journal’s.
  convenience init(scratchBeside path: String, isImmutable: Bool) throws(JournalError) {
    try self.init(path: path, access: .scratch)
    // What stands here can be made again at any time.
    try execute("PRAGMA main.journal_mode = OFF")
    try execute("PRAGMA main.synchronous = OFF")
    let name = Connection.uri(path) + (isImmutable ? "?immutable=1" : "?mode=ro")
    try statement(SQL.attachJournal).run(["name": .text(name)])
    schema = "journal"
  }

  /// Says how long SQLite is to wait for another connection.
  func wait(_ patience: Patience) {
    sqlite3_busy_timeout(handle, Int32(patience.microseconds / 1_000))
  }

  var pagesWaiting: Int { Int(backlog.pointee.pages - backlog.pointee.copied) }

  /// True while the write-ahead log holds pages, copied back or not.
  var hasBacklog: Bool { backlog.pointee.pages > 0 }

  /// Copies the write-ahead log back into the file and empties it. The caller holds the journal's
  /// lock.
  ///
  /// A reader in the way is not waited for: what it still needs stays, and the next one tries
  /// again.
  func checkpoint() throws(JournalError) {
    sqlite3_busy_timeout(handle, 0)
    defer { wait(.long) }
    try execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backlog.pointee = Backlog()
  }

  /// The same, waiting a second for readers; false where one stays in the way.
  func emptyLog() throws(JournalError) -> Bool {
    sqlite3_busy_timeout(handle, 1_000)
    defer { wait(.long) }
    // The row says first whether somebody was in the way.
    guard try integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else { return false }
    backlog.pointee = Backlog()
    return true
  }

  /// Sets how much memory SQLite keeps pages in.
  func keepPages(kilobytes: Int) throws(JournalError) {
    try execute("PRAGMA cache_size = -\(kilobytes)")
  }

  /// Sets how much of the file is read where the kernel keeps it. What is mapped counts as this
  /// process's memory: who reads all of a journal maps nothing.
  func map(_ bytes: Int64) throws(JournalError) {
    try execute("PRAGMA \(schema).mmap_size = \(bytes)")
  }

  /// Copies back what no reader needs, without waiting for any. The log keeps its length and is
  /// written over from its beginning: a sync of a file that does not grow takes a fraction of the
  /// time. The caller holds the journal's lock.
  func copyBack() throws(JournalError) {
    try execute("PRAGMA wal_checkpoint(PASSIVE)")
    backlog.pointee.copied = backlog.pointee.pages
  }

  deinit {
    named.finalize()
    for shelf in projected { shelf.finalize() }
    archives?.finalize()
    sqlite3_close_v2(handle)
    backlog.deallocate()
  }

  /// The statement, prepared once and reset.
  func statement(_ query: SQL) throws(JournalError) -> Statement {
    if let known = named[query] { return known }
    let made = try prepare(query.text)
    named[query] = made
    return made
  }

  /// The statement of a text that is put together, prepared once and reset.
  func statement(_ text: String) throws(JournalError) -> Statement {
    if let known = named[text] { return known }
    let made = try prepare(text)
    named[text] = made
    return made
  }

  /// The statement for one generation of the projections, whose number is put into it once.
  func projection(_ query: SQL, _ generation: Int64) throws(JournalError) -> Statement {
    let shelf = shelf(of: generation)
    if let known = shelf[query] { return known }
    let made = try prepare(SQL.naming(query.text, generation: generation), of: generation)
    shelf[query] = made
    return made
  }

  /// The same of a text that is put together.
  func projection(_ text: String, _ generation: Int64) throws(JournalError) -> Statement {
    let shelf = shelf(of: generation)
    if let known = shelf[text] { return known }
    let made = try prepare(SQL.naming(text, generation: generation), of: generation)
    shelf[text] = made
    return made
  }

  private func shelf(of generation: Int64) -> StatementShelf {
    for shelf in projected where shelf.generation == generation { return shelf }
    let made = StatementShelf(generation: generation)
    projected.append(made)
    return made
  }

  /// A statement that belongs to its caller, who finalizes it; `main.` in it gives way to the
  /// journal’s name here.
  func own(_ query: SQL) throws(JournalError) -> Statement {
    try prepare(query.replacing("main.", with: "\(schema)."))
  }

  private func prepare(_ text: String) throws(JournalError) -> Statement {
    // What stays in the journal is asked under its own name, which a scratch database has, too.
    let text = schema == "main" ? text : text.replacing("main.events", with: "\(schema).events")
    var pointer: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
    guard code == SQLITE_OK, let pointer else { throw failure(code, text) }
    return Statement(pointer, of: self, sql: text)
  }

  private func prepare(_ text: String, of generation: Int64) throws(JournalError) -> Statement {
    do throws(JournalError) {
      return try prepare(text)
    } catch {
      throw errorOfShape(error, of: generation)
    }
  }

  /// Folds events into the disposable tables of a generation; remembers how until it is asked for
  /// another.
  func fold(_ generation: Int64) -> Fold {
    if let folds, folds.generation == generation { return folds }
    let made = Fold(self, generation: generation)
    folds = made
    return made
  }

  /// Forgets the rows in force that folding has in memory.
  func forgetFold() { folds?.forget() }

  /// Rows changed since the connection was opened.
  var changes: Int32 { sqlite3_total_changes(handle) }

  /// The number of the row inserted last.
  var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// Runs statements that answer nothing, one after the other.
  func execute(_ query: SQL) throws(JournalError) { try execute(query.text) }

  /// The same of a text that is put together.
  func execute(_ sql: String) throws(JournalError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code, sql) }
  }

  /// The number that a query answers first, or nil where it answers nothing.
  func integer(_ query: SQL) throws(JournalError) -> Int64? { try first(of: statement(query)) }

  /// The number that a pragma answers first, or nil where it answers nothing.
  func integer(_ sql: String) throws(JournalError) -> Int64? { try first(of: statement(sql)) }

  private func first(of query: Statement) throws(JournalError) -> Int64? {
    defer { query.reset() }
    return try query.step() ? query.integer(0) : nil
  }

  /// Runs the work in one transaction that holds the write lock from its start.
  func transaction<Answer>(_ work: () throws(JournalError) -> Answer) throws(JournalError) -> Answer
  {
    try statement("BEGIN IMMEDIATE").run()
    do {
      let answer = try work()
      try statement("COMMIT").run()
      return answer
    } catch {
      forgetFold()
      // The error that matters is the one at hand; a rollback after a failed commit may have
      // nothing left to do.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      // The names that stand before the log’s may have been made in it.
      if archives != nil { try standBeforeEvents() }
      throw error
    }
  }

  /// Runs the work over one unchanging view of the database.
  func snapshot<Answer>(_ work: () throws(JournalError) -> Answer) throws(JournalError) -> Answer {
    if sqlite3_get_autocommit(handle) == 0 { return try work() }
    try statement("BEGIN").run()
    // There may be nothing left to end where SQLite could not read on.
    defer { try? statement("COMMIT").run() }
    return try work()
  }

  /// The path as a `file:` name, everything that has a meaning there escaped.
  private static func uri(_ path: String) -> String {
    var name = path.hasPrefix("/") ? "file://" : "file:"
    for byte in path.utf8 {
      let isPlain = byte < 128 && !"%?#".utf8.contains(byte)
      name += isPlain ? String(Unicode.Scalar(byte)) : "%" + hexadecimal([byte]).uppercased()
    }
    return name
  }
}
