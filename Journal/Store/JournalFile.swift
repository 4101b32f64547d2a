import CSQLite
import Events
import Glibc

/// The file of a journal: telling it from others, making it, checking that it is whole.
enum JournalFile {
  /// `Dayb`, in the header of the file. Source: sqlite.org, “PRAGMA application_id”.
  static let applicationID: Int64 = 0x4461_7962
  /// The form of the file; 0 until the format is released.
  static let format: Int64 = 0
  /// The form of one of which a part stands in files beside it: a program that knows nothing of
  /// them would take what is missing for lost.
  static let formatArchived: Int64 = 1

  /// The finding at a path: a journal, or nothing that could be lost.
  enum Found {
    /// Nothing, or what a program left that was killed before it had made a journal: an empty file
    /// or a database without tables.
    case nothing
    case journal
  }

  /// Looks at a file without changing it, but for what a program left half written that was killed:
  /// that is rolled back where it may be.
  ///
  /// - Parameter rollsBack: Whether the file may be written to for that.
  /// - Throws: `notAJournal` for another kind of file, `unfinished` for one that is to be rolled
  ///   back, `cannotOpen`.
  static func inspect(
    _ path: String, isImmutable: Bool = false, rollsBack: Bool = false
  ) throws(JournalError) -> Found {
    try JournalPath.check(path)
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else {
        throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
      }
      try checkOrphan(path, "there is no such file")
      return .nothing
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .notAJournal(path: path, why: "it is no ordinary file")
    }
    guard status.st_size > 0 else {
      try checkOrphan(path, "it is empty")
      return .nothing
    }
    do {
      return try identify(path, isImmutable)
    } catch .unfinished where rollsBack {
      try HotJournal(of: path).rollBack()
      return try inspect(path)
    } catch .unfinished {
      // Nothing was there before that could be lost.
      if HotJournal(of: path).isOfNothing { return .nothing }
      throw .unfinished(path: path)
    }
  }

  /// SQLite throws a write-ahead log away whose database is empty, with all commits in it.
  private static func checkOrphan(_ path: String, _ why: String) throws(JournalError) {
    var log = stat()
    guard stat(path + "-wal", &log) == 0, log.st_size > 0 else { return }
    throw .cannotOpen(
      path: path,
      why: "\(why), yet its write-ahead log \(path)-wal is there and may hold events."
        + " Bring the journal back; or, for a new one, move that file away")
  }

  private static func identify(
    _ path: String, _ isImmutable: Bool
  ) throws(JournalError) -> Found {
    let connection = try Connection(path: path, access: isImmutable ? .immutable : .readOnly)
    return try identify(connection)
  }

  /// Makes the file readable by its owner alone before SQLite opens it.
  static func touch(_ path: String) throws(JournalError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: path, why: String(cString: strerror(errno)))
    }
    close(descriptor)
  }

  /// Sets a writing connection up; makes the tables and the first event of a new journal.
  static func prepare(
    _ connection: Connection, naming: [UInt8], at now: Moment
  ) throws(JournalError) {
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.execute("PRAGMA synchronous = FULL")
    try connection.execute("PRAGMA secure_delete = ON")
    try connection.keepPages(kilobytes: Bounds.cacheKilobytes)
    let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    guard tables == 0 else {
      // Scratch that a journal of an older program lacks.
      if try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'progress'") == 0 {
        try connection.execute(SQL.schemaPolls)
      }
      return
    }
    precondition(naming.count == 16, "a journal is named by 16 bytes, not \(naming.count)")
    // All of it in one transaction: killed before its end, there is still no journal.
    try connection.transaction { () throws(JournalError) in
      try connection.execute("PRAGMA application_id = \(applicationID)")
      try connection.execute("PRAGMA user_version = \(format)")
      for sql in schema { try connection.execute(sql) }
      try connection.execute(SQL.schemaPolls)
      let projector = Projector(connection: connection, generation: 1)
      try projector.makeTables()
      try connection.execute(projector.named(SQL.reportIndices))
      try connection.execute(projector.named(SQL.liveViews))
      for name in ["decisions", "reports"] {
        try connection.putProjection(name, generation: 1, position: 0)
      }
      let body = JournalCreated(journal: hexadecimal(naming), format: Int(format))
      try connection.insertFirst(body, at: now)
    }
    let number = Folder.sync(holding: connection.path)
    guard number == 0 else {
      throw .disk(path: connection.path, what: "its folder could not be synced", errno: number)
    }
  }

  /// Holds the protected tables against ours, letter by letter, so that a file with foreign
  /// triggers or columns is refused.
  ///
  /// - Parameter firesTriggers: Whether foreign triggers on disposable tables would be fired by
  ///   what is to be written; who only reads, or makes those tables anew, does not fire them.
  /// - Throws: `damaged`; `misfolded` for a foreign trigger on a disposable table.
  static func check(_ connection: Connection, firesTriggers: Bool = false) throws(JournalError) {
    _ = try identify(connection)
    let ours = try schemaTexts(makeReference().schemaObjects())
    let found = try connection.schemaObjects()
    let theirs = schemaTexts(found)
    for (name, text) in ours where theirs[name] != text {
      let how = theirs[name] == nil ? "is missing" : "is not the one that Daybook made"
      throw .damaged(path: connection.path, why: "\(name) \(how)")
    }
    for object in found where object.kind == "trigger" && ours["trigger \(object.name)"] == nil {
      guard Projector.isDisposable(object.owner) else {
        throw .damaged(
          path: connection.path, why: "trigger \(object.name) is not the one that Daybook made")
      }
      if firesTriggers {
        let found = SchemaDifference(object: object, isMissing: false, isSurplus: true)
        throw .misfolded(path: connection.path, why: found.description)
      }
    }
  }

  /// The last event, and the name in the first.
  static func head(_ connection: Connection) throws(JournalError) -> (JournalWriter.Head, String) {
    let first = try connection.events(after: 0, limit: 1).first
    guard let first, case .journalCreated(let created)? = try? first.event() else {
      throw .damaged(path: connection.path, why: "it has no first event")
    }
    let query = try connection.statement(SQL.loadHead)
    defer { query.reset() }
    _ = try query.step()
    let head = JournalWriter.Head(
      position: query.integer(0), recordedAt: Moment(milliseconds: query.integer(1)),
      digest: query.bytes(2))
    return (head, created.journal)
  }

  private static let schema = [
    SQL.schemaEvents, SQL.schemaPayloads, SQL.schemaSecrets, SQL.schemaProjections,
  ]

  static func identify(_ connection: Connection) throws(JournalError) -> Found {
    let found = try connection.integer("PRAGMA application_id") ?? 0
    let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    if found == 0 && tables == 0 { return .nothing }
    guard found == applicationID else {
      throw .notAJournal(path: connection.path, why: "its application id is \(found)")
    }
    let version = try connection.integer("PRAGMA user_version") ?? 0
    guard version <= formatArchived else { throw .newerProgram(path: connection.path) }
    return .journal
  }

  private static func makeReference() throws(JournalError) -> Connection {
    let reference = try Connection(path: "the reference", access: .memory)
    for sql in schema { try reference.execute(sql) }
    return reference
  }

  private static func schemaTexts(_ objects: [SchemaObject]) -> [String: String] {
    Dictionary(objects.map { ("\($0.kind) \($0.name)", $0.text) }) { first, _ in first }
  }
}

extension Connection {
  /// A row of the table `projections`.
  struct ProjectionRow: Equatable {
    let generation: Int64
    let revision: Int64
    let position: Int64
  }

  func projections() throws(JournalError) -> [String: ProjectionRow] {
    var rows: [String: ProjectionRow] = [:]
    let query = try statement(SQL.loadProjections)
    while try query.step() {
      rows[query.text(0)] = ProjectionRow(
        // Whatever stands there: less than nothing is nothing.
        generation: query.integer(1), revision: query.integer(2),
        position: max(-1, query.integer(3)))
    }
    return rows
  }

  func putProjection(_ name: String, generation: Int64, position: Int64) throws(JournalError) {
    try statement(SQL.putProjection).run([
      "name": .text(name), "generation": .integer(generation),
      "revision": .integer(Projector.revision), "position": .integer(position),
    ])
  }

  /// - Parameter link: The row as its digest covers it.
  func insert(_ row: RecordedEvent, _ link: Chain.Link) throws(JournalError) {
    let insert = try statement(SQL.appendEvent)
    let code = link.bytes.withUnsafeBytes { bytes in
      row.digest.withUnsafeBytes { digest in
        insert.bind(1, row.position)
        insert.bind(2, there: bytes[link.stream])
        insert.bind(3, row.version)
        insert.bind(4, there: bytes[link.type])
        insert.bind(5, Int64(row.revision))
        insert.bind(6, row.recordedAt.milliseconds)
        insert.bind(7, row.cause)
        insert.bind(8, there: link.key.map { bytes[$0] })
        insert.bind(9, there: bytes[link.body])
        insert.bind(10, blobThere: digest)
        return insert.finish()
      }
    }
    guard code == SQLITE_OK else { throw failure(code, SQL.appendEvent.text) }
  }

  func insertFirst(_ body: JournalCreated, at now: Moment) throws(JournalError) {
    var row = RecordedEvent(
      position: 1, stream: .journal, version: 1, type: JournalCreated.type,
      revision: JournalCreated.revision, recordedAt: now, cause: nil, key: nil,
      body: JSONBody.text(of: body), digest: [])
    var link = Chain.Link()
    link.write(row, after: Chain.start)
    row.digest = link.digest
    try insert(row, link)
  }
}
