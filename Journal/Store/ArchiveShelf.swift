import CSQLite
import Events

/// The archives of a journal as one connection knows them.
///
/// Events that were archived are asked under the name that they had: tables of this connection
/// alone stand before the journal’s `events` and fill its gaps from the files, which are opened
/// when somebody asks for what is in them.
final class ArchiveShelf {
  unowned let connection: Connection
  /// The event as of which the log is asked; nil: as of now.
  var bound: Int64?
  private var known: [RecordedArchive] = []
  private var opened: [String: ArchiveFile] = [:]
  private var failure: JournalError?
  private var idle: [SQL: [Statement]] = [:]
  private let module = EventsModule.make()

  /// A file as the log names it.
  private struct RecordedArchive {
    let position: Int64
    let path: String
    let body: JournalArchived
  }

  init(_ connection: Connection) throws(JournalError) {
    self.connection = connection
    let place = Unmanaged.passUnretained(self).toOpaque()
    let code = sqlite3_create_module_v2(
      connection.handle, EventsModule.name, module, place, nil)
    guard code == SQLITE_OK else { throw connection.failure(code, EventsModule.name) }
  }

  deinit {
    module.deinitialize(count: 1)
    module.deallocate()
  }

  /// Gives back all statements, before the connection is closed.
  func finalize() {
    for statements in idle.values { for statement in statements { statement.finalize() } }
    idle = [:]
  }

  /// Reads anew which archives there are.
  func refresh() throws(JournalError) {
    let folder = ArchiveName.folder(of: connection.path)
    let query = try take(.listArchives)
    defer { giveBack(query, .listArchives) }
    var found: [RecordedArchive] = []
    while try query.step() {
      let row = RecordedEvent(query)
      guard case .journalArchived(let body) = try row.event() else { continue }
      found.append(
        RecordedArchive(
          position: row.position, path: folder + ArchiveName.plain(body.file), body: body))
    }
    known = found
  }

  /// The error behind an answer of SQLite that says no more than that there was one.
  func takeFailure() -> JournalError? {
    defer { failure = nil }
    return failure
  }

  /// Does what SQLite asks for, and remembers what goes wrong.
  func answer(_ work: () throws(JournalError) -> Void) -> Int32 {
    do throws(JournalError) {
      try work()
      return SQLITE_OK
    } catch {
      failure = error
      return SQLITE_ERROR
    }
  }

  // A statement is used by one walk at a time; several may be under way.

  func take(_ query: SQL) throws(JournalError) -> Statement {
    if let statement = idle[query]?.popLast() { return statement }
    return try connection.own(query)
  }

  func giveBack(_ statement: Statement, _ query: SQL) {
    statement.reset()
    idle[query, default: []].append(statement)
  }

  /// The block that holds a position which the journal itself does not.
  ///
  /// - Throws: `noArchive` where its file is not at hand.
  func block(at position: Int64) throws(JournalError) -> ArchiveBlock {
    var missing: RecordedArchive?
    for archive in known where archive.body.first <= position && position <= archive.body.last {
      if let file = try file(of: archive) { return try file.block(at: position) }
      missing = missing ?? archive
    }
    if let missing { throw Self.absent(missing) }
    throw .damaged(path: connection.path, why: "event \(position) is missing")
  }

  /// The block that holds a version of a stream which the journal itself does not, and its place.
  ///
  /// - Throws: `noArchive` where it is not in the files at hand, and others are not.
  func block(
    of stream: String, version: Int64
  ) throws(JournalError) -> (block: ArchiveBlock, place: Int) {
    var missing: RecordedArchive?
    for archive in known {
      guard let file = try file(of: archive) else {
        missing = missing ?? archive
        continue
      }
      guard let block = try file.block(of: stream, version: version),
        let place = block.place(of: stream, version: version)
      else { continue }
      return (block, place)
    }
    if let missing { throw Self.absent(missing) }
    throw .damaged(path: connection.path, why: "version \(version) of \(stream) is missing")
  }

  private static func absent(_ archive: RecordedArchive) -> JournalError {
    .noArchive(path: archive.path, first: archive.body.first, last: archive.body.last)
  }

  /// - Returns: nil where there is no such file.
  /// - Throws: `damaged` where it is not the one that the log names.
  private func file(of archive: RecordedArchive) throws(JournalError) -> ArchiveFile? {
    if let file = opened[archive.path] { return file }
    guard ArchiveFile.isThere(archive.path) else { return nil }
    let file = try ArchiveFile(archive.path)
    let (label, body) = (file.label, archive.body)
    guard label.first == body.first, label.last == body.last,
      hexadecimal(label.previous) == body.previous, hexadecimal(label.digest) == body.digest
    else {
      throw .damaged(
        path: archive.path, why: "it is not the archive that event \(archive.position) names")
    }
    opened[archive.path] = file
    return file
  }
}

/// Where files of archived events stand: beside the journal.
enum ArchiveName {
  /// The folder of a journal, with a slash; empty: the one at work in.
  static func folder(of journal: String) -> String {
    let path = JournalPath.followed(journal)
    return path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// A name without a folder, whatever the log says.
  static func plain(_ name: String) -> String {
    name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
  }

  /// The path of an archive up to an event.
  static func path(of journal: String, last: Int64) -> String {
    JournalPath.followed(journal) + ".archive-\(last)"
  }
}

extension Connection {
  /// Has the log answer with what was archived, where anything was.
  ///
  /// - Returns: True where it did not until now.
  @discardableResult
  func noticeArchives() throws(JournalError) -> Bool {
    guard try integer("PRAGMA \(schema).user_version") == JournalFile.formatArchived else {
      return false
    }
    let shelf: ArchiveShelf
    let isNew = archives == nil
    if let archives {
      shelf = archives
    } else {
      shelf = try ArchiveShelf(self)
      archives = shelf
      // A name of the past, which is made anew.
      try execute(SQL.dropPastLog)
    }
    try shelf.refresh()
    try standBeforeEvents()
    return isNew
  }

  /// Makes the names that stand before the log’s, where they are not there.
  func standBeforeEvents() throws(JournalError) {
    try execute(SQL.standBeforeEvents)
    try execute(SQL.standForAllEvents)
  }
}
