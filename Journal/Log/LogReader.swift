import Events

/// The reading side of a journal: a connection of its own, read only.
///
/// It never holds a snapshot longer than one page of results.
package actor LogReader {
  package nonisolated let path: String
  package nonisolated let executor: any SerialExecutor
  let connection: Connection
  var generation: Int64 = 0
  var dataVersion: Int64 = -1
  /// nil: as of now.
  package internal(set) var asOf: Int64?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens a journal that exists.
  ///
  /// - Parameter isQuiet: Never touches the file's surroundings where that cannot be: a folder that
  ///   cannot be written, with no write-ahead log waiting.
  package init(
    _ path: String, isQuiet: Bool = false, executor: (any SerialExecutor)? = nil
  ) throws(LogError) {
    self.path = path
    self.executor = executor ?? QueueExecutor(label: "daybook.reader")
    guard try !JournalFile.inspect(path, isImmutable: isQuiet) else {
      throw .cannotOpen(path: path, why: "there is no journal yet; `instance create` makes one")
    }
    connection = try Connection(path: path, access: isQuiet ? .immutable : .readOnly)
    try JournalFile.check(connection)
    try connection.execute("PRAGMA mmap_size = 4294967296")
    try connection.execute(SQL.makeSightings)
  }

  /// Runs the reading on this actor's connection, over one view of the database.
  package func read<Answer: Sendable>(
    _ work: @Sendable (Reading) throws(LogError) -> Answer
  ) throws(LogError) -> Answer {
    try connection.snapshot { () throws(LogError) in
      try refresh()
      return try work(Reading(connection: connection, generation: generation))
    }
  }

  func refresh() throws(LogError) {
    let version = try connection.integer("PRAGMA data_version") ?? 0
    guard version != dataVersion else { return }
    dataVersion = version
    generation = try connection.projections()["decisions"]?.generation ?? 1
  }
}

/// What can be asked of a journal inside one view of it.
package struct Reading {
  let connection: Connection
  let generation: Int64

  func query(
    _ sql: String, _ values: KeyValuePairs<String, Binding> = [:]
  ) throws(LogError)
    -> Statement
  {
    let statement = try connection.projection(sql, generation)
    for (name, value) in values { try statement.bind(name, value) }
    return statement
  }

  package func events(after position: Int64, limit: Int) throws(LogError) -> [Recorded] {
    try connection.events(after: position, limit: limit)
  }

  package func events(of stream: String, limit: Int = 10_000) throws(LogError) -> [Recorded] {
    try connection.events(of: stream, after: 0, limit: limit)
  }

  package func event(at position: Int64) throws(LogError) -> Recorded? {
    let row = try connection.events(after: position - 1, limit: 1).first
    return row?.position == position ? row : nil
  }

  package func payload(_ digest: String) throws(LogError) -> [UInt8] {
    guard let bytes = bytesOf(hexadecimal: digest) else { throw .noPayload(digest: digest) }
    return try connection.payload(bytes)
  }

  package func secrets(of owner: String) throws(LogError) -> [String: SealedSecret] {
    try connection.secrets(of: owner)
  }

  package func head() throws(LogError) -> EventLog.Head {
    let query = try connection.statement(SQL.loadHead)
    defer { query.reset() }
    guard try query.step() else { throw .damaged(path: connection.path, why: "it is empty") }
    return EventLog.Head(
      position: query.integer(0), recordedAt: Moment(milliseconds: query.integer(1)),
      digest: query.bytes(2))
  }

  /// How many events the report tables are behind.
  package func lag() throws(LogError) -> Int64 {
    let reached = try connection.projections()["reports"]?.position ?? 0
    return try head().position - reached
  }

  package func instance(holding tokenHash: [UInt8]) throws(LogError) -> String? {
    let query = try connection.statement(SQL.findSecretOwner)
    defer { query.reset() }
    try query.bind("look_up", .bytes(tokenHash))
    return try query.step() ? query.text(0) : nil
  }

  package func lastIDs() throws(LogError) -> (instance: Int64, feed: Int64) {
    let query = try query(SQL.lastIds)
    defer { query.reset() }
    return try query.step() ? (query.integer(0), query.integer(1)) : (0, 0)
  }
}

extension Reading {
  /// The version that a stream is at; 0 where it does not exist.
  package func version(of stream: String) throws(LogError) -> Int64 {
    let query = try connection.statement(SQL.loadVersion)
    defer { query.reset() }
    try query.bind("stream", .text(stream))
    return try query.step() ? query.integer(0) : 0
  }
}
