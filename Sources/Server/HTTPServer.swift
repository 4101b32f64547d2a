package import Daybook
import Events
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The HTTP API over a journal, in the process that polls and delivers.
package struct HTTPServer: Sendable {
  private let journal: Journal
  private let world: World
  private let settings: ServerSettings
  private let logger: Logger

  /// - Parameter logger: Told of each request as information, and of what went wrong as an error.
  package init(_ journal: Journal, in world: World, _ settings: ServerSettings, logger: Logger) {
    self.journal = journal
    self.world = world
    self.settings = settings
    self.logger = logger
  }

  /// Polls, delivers and answers until the task is cancelled; then turns away what comes, and ends
  /// when what is under way has ended, within `ServerLimits.stopTime`.
  ///
  /// - Parameters:
  ///   - made: Told the secrets that had to be made, which nobody can be told again.
  ///   - listening: Told the port once it is open.
  /// - Throws: `DaybookError.refused`, with the code `locked`, where another process runs the
  ///   journal; `PortTaken`.
  package func run(
    made: @escaping @Sendable ([ClientSecret: String]) -> Void,
    listening: @escaping @Sendable (_ port: Int) -> Void
  ) async throws {
    try await journal.make()
    let meters = Meters()
    let (began, hasBegun) = AsyncStream<Void>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        // Whoever waits for it goes on also where it never began.
        defer { hasBegun.finish() }
        defer { meters.state.withLock { $0.isWorking = false } }
        try await journal.run(
          report: { meters.count($0) },
          began: {
            meters.state.withLock { $0.isWorking = true }
            hasBegun.yield()
          })
      }
      guard await began.first(where: { _ in true }) != nil else {
        try await group.waitForAll()
        return
      }
      let (secrets, fresh) = try await secrets()
      if !fresh.isEmpty { made(fresh) }
      let site = Site(journal, world, settings, secrets: secrets, logger: logger, meters: meters)
      group.addTask { try await serve(site, listening) }
      group.addTask { await site.watch.run() }
      group.addTask { await site.steps.run() }
      group.addTask { await site.follow() }
      do {
        try await group.next()
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// The secrets that are taken, and those of them that had to be made.
  private func secrets() async throws -> (ClientSecrets, [ClientSecret: String]) {
    var fresh: [ClientSecret: String] = [:]
    let kept = try await journal.clients.secrets()
    for kind in ClientSecret.allCases where settings.secrets[kind] == nil && !kept.has(kind) {
      fresh[kind] = try await journal.clients.rotate(kind)
    }
    var secrets = fresh.isEmpty ? kept : try await journal.clients.secrets()
    for (kind, text) in settings.secrets { secrets.set(text, kind, salt: journal.clients.salt()) }
    return (secrets, fresh)
  }

  private func serve(
    _ site: Site, _ listening: @escaping @Sendable (Int) -> Void
  ) async throws {
    let application = application(site, listening)
    var configuration = ServiceGroupConfiguration(services: [application], logger: quiet)
    configuration.maximumGracefulShutdownDuration = ServerLimits.stopTime
    let group = ServiceGroup(configuration: configuration)
    // Not a child of this task: what it has under way ends of its own where this is cancelled.
    let served = Task { try await group.run() }
    do {
      try await withTaskCancellationHandler {
        try await served.value
      } onCancel: {
        site.stop()
        Task { await group.triggerGracefulShutdown() }
      }
    } catch let error as IOError {
      throw PortTaken(host: settings.host, port: settings.port, reason: "\(error)")
    }
  }

  private func application(
    _ site: Site, _ listening: @escaping @Sendable (Int) -> Void
  ) -> some ApplicationProtocol {
    let router = Router(context: ServerContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: Gate(site: site))
    for route in Routes.all {
      router.on(
        RouterPath(route.path), method: route.method, responder: Endpoint(route: route, site: site))
    }
    let server = HTTPServerBuilder { responder in
      WireChannel(responder: responder, bounds: WireBounds()) {
        site.refusal(of: $0, from: $1)
      }
    }
    return Application(
      router: router, server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: settings.port), serverName: "Daybook",
        backlog: 1_024,
        availableConnectionsDelegate: .maximum(ServerLimits.connectionsMax, logger: quiet)),
      onServerRunning: { channel in listening(channel.localAddress?.port ?? 0) }, logger: quiet)
  }

  /// The library’s own lines are not ours.
  private var quiet: Logger {
    Logger(label: "hummingbird", factory: { _ in SwiftLogNoOpLogHandler() })
  }
}

/// The port cannot be had.
package struct PortTaken: Error, CustomStringConvertible {
  let host: String
  let port: Int
  let reason: String

  package var description: String { "port \(port) on \(host) cannot be had: \(reason)" }
}
