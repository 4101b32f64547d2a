package import Domain
package import Engine
package import EventStore
import Events
import Google

/// A journal opened for work: what commands, servers and the public library do, they do through
/// this.
package struct Desk: Sendable {
  package let path: String
  package let repository: Repository
  package let connector: any Connector
  package let world: World
  package let settings: EngineSettings
  /// Where the key lies that seals secrets.
  package let keyFile: String

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
  /// - Parameter isMending: Whether it is opened to be rebuilt.
  /// - Throws: `JournalError`; `Refusal` for a Google URL that may not be used.
  package init(
    _ path: String, _ options: Options, world: World, isMending: Bool = false
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
    let reader = try JournalReader(path)
    // A new key would open nothing of what is sealed already: reads work on, secrets stay shut.
    let isNeeded = try reader.hasSecrets()
    let key = try Seal.readKey(keyFile, fresh: isNeeded ? nil : world.bytes(32))
    repository = Repository(
      writer: writer, reader: reader, seal: key.map { Seal(key: $0, journal: writer.journal) })
  }

  /// Creates an instance from the body of `POST /instances`, in a journal that may not exist yet.
  ///
  /// Everything is checked first, also whether there is room for a journal, then the code is
  /// exchanged, then the journal is made: whatever is refused leaves nothing behind. What fails
  /// after the code was exchanged gives back what was granted.
  ///
  /// - Returns: The opened journal, and the instance.
  package static func create(
    _ body: [UInt8], in path: String, _ options: Options, world: World
  ) async throws -> (desk: Desk, created: Instances.Created) {
    let form = try InstanceForm(body, rules: options.engine.rules)
    if let refusal = options.refusal { throw refusal }
    let path = JournalPath.followed(path)
    let opened = try existing(path, options, world: world)
    // A code can be exchanged once: it must not be lost on a journal that cannot be made.
    try checkRoom(for: path, opened, options)
    let google = options.connector
    try Task.checkCancellation()
    let grant = try await Instances.exchange(form, connector: google, world: world)
    do {
      try Instances.check(grant, for: form, by: google)
      let desk = try opened ?? Desk(path, options, world: world)
      return (desk, try await desk.instances.create(form, grant))
    } catch {
      guard let grant else { throw error }
      let client = form.secrets["oauth.api.key"] ?? ""
      throw await givenBack(grant, of: client, opened, google, world, after: error)
    }
  }

  /// Finds out whether a journal and its key can be written.
  static func checkRoom(
    for path: String, _ opened: Desk?, _ options: Options
  ) throws(JournalError) {
    try EventStore.checkRoom(for: path)
    guard opened == nil else { return }
    let key = options.keyFile ?? path + ".key"
    // One that is there and cannot be used is not found out when it is too late.
    if try Seal.readKey(key, fresh: nil) == nil {
      try EventStore.checkRoom(for: JournalPath.followed(key))
    }
  }

  /// Creates an instance that was granted something, or gives that back.
  func create(
    _ form: InstanceForm, _ grant: Grant?
  ) async throws -> Instances.Created {
    do {
      return try await instances.create(form, grant)
    } catch {
      guard let grant else { throw error }
      let client = form.secrets["oauth.api.key"] ?? ""
      throw await Desk.givenBack(grant, of: client, self, connector, world, after: error)
    }
  }

  /// Gives back what was granted for an instance that could not be created.
  ///
  /// - Parameters:
  ///   - client: The client's id.
  ///   - opened: The journal where there was one: another instance may live by the same grant.
  /// - Returns: What is to be thrown: the error, and where it may still be open what to do.
  static func givenBack(
    _ grant: Grant, of client: String, _ opened: Desk?, _ connector: any Connector,
    _ world: World, after error: any Error
  ) async -> any Error {
    let token = grant.refreshToken ?? grant.accessToken
    let obstacle: String?
    if let opened {
      do {
        obstacle = try await opened.instances.giveBack(token, of: client)
      } catch {
        obstacle = "\(error)"
      }
    } else {
      obstacle = await Instances.giveBack(token, connector: connector, world: world)
    }
    guard let obstacle else { return error }
    let refusal = error as? Refusal
    return Refusal(
      refusal?.code ?? .conflict,
      "\(refusal?.text ?? "\(error)"). What was granted may still be open: \(obstacle)."
        + " \(Instances.whereGrantsEnd)", at: refusal?.path)
  }

  /// The journal where there is one, fit to take an instance.
  static func existing(_ path: String, _ options: Options, world: World) throws -> Desk? {
    guard try JournalReader.exists(path) else { return nil }
    let desk = try Desk(path, options, world: world)
    guard desk.repository.seal != nil else { throw desk.keyMissing }
    return desk
  }

  private var keyMissing: Refusal {
    Refusal(
      .keyMissing,
      "\(keyFile) is missing, and the secrets in this journal are sealed with it; bring it back")
  }

  /// What polls and delivers, in this desk's world.
  ///
  /// - Parameter lock: Under which it works; what it does ends where that is lost.
  package func worker(under lock: EngineLock? = nil) -> Worker {
    Worker(repository, connector: connector, world: world, settings: settings, hold: lock?.hold)
  }

  package var instances: Instances {
    Instances(repository, connector: connector, world: world, settings: settings)
  }

  package var replays: Replays {
    Replays(repository, world: world, rules: settings.rules)
  }
}

/// The right to work through the agenda: held by one process at a time, gone with it.
package struct EngineLock {
  private let file: LockFile
  let hold: LockFile.Hold

  /// - Returns: nil where another process works through this journal.
  package init?(_ desk: Desk) throws(JournalError) {
    file = try LockFile(path: EngineLock.path(desk.path))
    guard try file.seize() else { return nil }
    hold = file.hold
    file.sign("\(desk.settings.process)\n")
  }

  /// The lock file of a journal's engine, beside the journal.
  package static func path(_ journal: String) -> String { journal + ".engine" }

  /// The process that holds it, as it signed.
  package static func holder(_ journal: String) -> String {
    guard let file = try? LockFile(path: path(journal)) else { return "unknown" }
    let signature = file.signature.trimmingBlanks()
    return signature.isEmpty ? "unknown" : signature
  }

  /// Lets another process poll and deliver.
  package func release() { file.release() }
}
