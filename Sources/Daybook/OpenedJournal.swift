package import Domain
package import Engine
package import EventStore
import Events
import Google
import Logging

/// A journal opened for work: both sides, the provider, a world. What the door’s nouns do, they do
/// through this.
package struct OpenedJournal: Sendable {
  package let path: String
  package let repository: Repository
  package let connector: any Connector
  package let world: Engine.World
  package let settings: EngineSettings
  /// Where the key lies that seals secrets.
  package let keyFile: String
  /// The key file as it was read.
  let keyMark: KeyFileMark

  /// How a journal is opened.
  package struct Options: Sendable {
    /// nil: `<journal>.key`.
    package var keyFile: String?
    /// In place of all of Google’s hosts.
    package var googleURL: String?
    package var engine: EngineSettings

    package init(keyFile: String? = nil, googleURL: String? = nil, engine: EngineSettings) {
      self.keyFile = keyFile
      self.googleURL = googleURL
      self.engine = engine
    }

    /// The provider, which is asked nothing yet.
    package var connector: any Connector { GoogleSuite(baseURL: googleURL) }

    /// Why Google’s URL may not be used; nil where it may.
    var refusal: Refusal? {
      guard let googleURL, let refusal = engine.rules.refusal(ofProviderURL: googleURL) else {
        return nil
      }
      return Refusal(at: "googleURL", refusal)
    }
  }

  /// Opens the journal, and makes it where there is none.
  ///
  /// - Parameter isMending: Opens it to be rebuilt.
  /// - Throws: `JournalError`; `Refusal` for a Google URL that may not be used.
  package init(
    _ path: String, _ options: Options, world: Engine.World, isMending: Bool = false
  ) throws {
    if let refusal = options.refusal { throw refusal }
    let path = JournalPath.followed(path)
    self.path = path
    keyFile = options.keyFile ?? path + ".key"
    self.world = world
    settings = options.engine
    connector = options.connector
    let writer = try JournalWriter(
      path, naming: world.bytes(16), at: world.now(), isMending: isMending)
    // Who works looks at a few rows after each append.
    let reader = try JournalReader(path, isMapped: false)
    // A new key would open nothing of what is sealed already: reads work on, secrets stay shut.
    let isNeeded = try reader.hasSecrets()
    let rotation = KeyRotation(keyFile)
    if rotation.isPending, let lock = try EngineLock(path, process: settings.process) {
      defer { lock.release() }
      try rotation.settle(reader)
    }
    let key = try rotation.key(of: reader, fresh: isNeeded ? nil : world.bytes(32))
    keyMark = KeyFileMark(keyFile)
    repository = Repository(
      writer: writer, reader: reader, seal: key.map { Seal(key: $0, journal: writer.journal) })
  }

  /// Waits until tables that an older program has folded are made anew: nothing is decided by them.
  ///
  /// - Parameter logger: Told once, where it takes longer than a moment.
  /// - Throws: `stopped` where the task was cancelled; what was made is gone on with the next time.
  func replaceOlderTables(_ logger: Logger) async throws {
    let older = try await repository.reader.read { snapshot throws(JournalError) in
      try snapshot.olderTables()
    }
    guard let older else { return }
    if older.head - older.rebuilt > JournalWriter.eventsRebuiltMeanwhile {
      logger.notice(
        """
        the tables of \(path) are made anew for this Daybook, of \(older.head) events; nothing is \
        polled, sent or changed before
        """)
    }
    while try await !repository.writer.rebuildOlder() { try Task.checkCancellation() }
  }

  /// Finds out whether a journal and its key can be written.
  static func checkRoom(
    for path: String, _ opened: OpenedJournal?, _ options: Options
  ) throws(JournalError) {
    try EventStore.checkRoom(for: path)
    guard opened == nil else { return }
    let key = options.keyFile ?? path + ".key"
    // One that is there and cannot be used is not found out when it is too late.
    if try Seal.readKey(key, fresh: nil) == nil {
      try EventStore.checkRoom(for: JournalPath.followed(key))
    }
  }

  var keyMissing: Refusal {
    Refusal(
      .keyMissing,
      "\(keyFile) is missing, and the secrets in this journal are sealed with it; bring it back")
  }

  /// The refusal where another process works through the journal; it names that process.
  var runElsewhere: Refusal {
    Refusal(
      .locked,
      "process \(EngineLock.holder(path)) is already running \(path). Other commands still work:"
        + " it carries out what they ask. To take over, stop it first"
        + " (kill \(EngineLock.holder(path)))")
  }

  /// Makes a worker that polls and delivers in this world.
  ///
  /// - Parameter lock: The lock under which it works; its work ends where that is lost.
  package func worker(under lock: EngineLock? = nil) -> Worker {
    Worker(repository, connector: connector, world: world, settings: settings, hold: lock?.hold)
  }

  package var instances: Engine.Instances {
    Engine.Instances(repository, connector: connector, world: world, settings: settings)
  }

  package var replays: Engine.Replays {
    Engine.Replays(repository, world: world, rules: settings.rules)
  }
}

/// The right to work through the agenda: held by one process at a time, gone with it.
package struct EngineLock {
  private let file: LockFile
  let hold: LockFile.Hold

  /// - Returns: nil where another process works through this journal.
  package init?(_ journal: OpenedJournal) throws(JournalError) {
    try self.init(journal.path, process: journal.settings.process)
  }

  /// The same for a journal that is not opened, by its path.
  init?(_ path: String, process: Int64) throws(JournalError) {
    file = try LockFile(path: EngineLock.path(path))
    guard try file.seize() else { return nil }
    hold = file.hold
    file.sign("\(process)\n")
  }

  /// The lock file of a journal's engine, beside the journal.
  package static func path(_ journal: String) -> String { journal + ".engine" }

  /// The process that holds it, as it signed.
  package static func holder(_ journal: String) -> String {
    guard let file = try? LockFile(path: path(journal)) else { return "unknown" }
    let signature = file.signature.trimmingBlanks()
    return signature.isEmpty ? "unknown" : signature
  }

  /// The process that works through a journal, as far as can be told from outside.
  package static func runner(_ journal: String) -> Int64? {
    LockFile.livingHolder(path(JournalPath.followed(journal)))
  }

  /// Lets another process poll and deliver.
  package func release() { file.release() }
}
