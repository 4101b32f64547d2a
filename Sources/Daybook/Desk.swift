package import Domain
package import Engine
import Events
import Google
package import Journal

/// A journal opened for work: what commands, servers and the public library do, they do through
/// this.
package struct Desk: Sendable {
  package let path: String
  package let book: Book
  package let connector: any Connector
  package let world: World
  package let settings: EngineSettings

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
  }

  /// Opens the journal, and makes it where there is none.
  ///
  /// - Throws: `LogError`; `Refusal` for a Google URL that may not be used.
  package init(_ path: String, _ options: Options, world: World) throws {
    if let url = options.googleURL, let refusal = options.engine.rules.refusal(ofProviderURL: url) {
      throw Refusal("DAYBOOK_GOOGLE_URL: \(refusal)")
    }
    self.path = path
    self.world = world
    settings = options.engine
    connector = GoogleSuite(baseURL: options.googleURL)
    let log = try EventLog(path, naming: world.bytes(16), at: world.now())
    let reader = try LogReader(path)
    let key = try Seal.readKey(options.keyFile ?? path + ".key", fresh: world.bytes(32))
    book = Book(log: log, reader: reader, seal: Seal(key: key, journal: log.journal))
  }

  /// What polls and delivers, in this desk's world.
  package func runner() -> Runner {
    Runner(book, connector: connector, world: world, settings: settings)
  }

  package var registrar: Registrar {
    Registrar(book, connector: connector, world: world, rules: settings.rules)
  }

  package var replayer: Replayer {
    Replayer(book, world: world, rules: settings.rules)
  }
}

/// The right to work through the agenda: held by one process at a time, gone with it.
package struct EngineLock {
  private let file: LockFile

  /// - Returns: nil where another process works through this journal.
  package init?(_ desk: Desk) throws(LogError) {
    file = try LockFile(path: EngineLock.path(desk.path))
    guard file.take() else { return nil }
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
