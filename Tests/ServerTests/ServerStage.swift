import Daybook
import DaybookLive
import Foundation
import Logging
import RawJSON
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Server

/// A server over a journal of its own, with a sandbox to poll and deliver to.
final class ServerStage: Sendable {
  let port: Int
  let journal: Journal
  let google: Int
  static let secrets: [ClientSecret: String] = [.user: "user-secret", .organization: "org-secret"]
  static let owner = [("Authorization", "User user-secret, Organization org-secret")]

  private init(_ port: Int, _ journal: Journal, _ google: Int) {
    self.port = port
    self.journal = journal
    self.google = google
  }

  /// Serves while a test does its work.
  static func with(
    _ settings: ServerSettings = ServerSettings(port: 0, secrets: secrets, version: "test"),
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ work: @escaping @Sendable (ServerStage) async throws -> Void
  ) async throws {
    let folder = try Folder()
    let sandbox = SandboxServer(seed: 7, now: { LiveClock.now() })
    let google = try await sandbox.start(port: 0)
    var options = JournalOptions()
    options.access = .whenNeeded
    options.googleURL = "http://127.0.0.1:\(google)"
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    options.retries = .waits([.milliseconds(100), .seconds(1)])
    let world = World.live(callbacks: options.callbacks)
    let journal = try Journal("\(folder.path)/daybook.journal", options, in: world)
    let server = HTTPServer(journal, in: world, settings, logger: logger)
    let (ports, opened) = AsyncStream<Int>.makeStream()
    let serving = Task {
      defer { opened.finish() }
      try await server.run(made: { _ in }, listening: { opened.yield($0) })
    }
    do {
      guard let port = await ports.first(where: { _ in true }) else {
        try await serving.value
        throw NotServed()
      }
      try await work(ServerStage(port, journal, google))
    } catch {
      serving.cancel()
      try? await serving.value
      try await sandbox.stop()
      throw error
    }
    serving.cancel()
    try await serving.value
    try await sandbox.stop()
  }

  /// Asks with both secrets.
  func ask(
    _ method: String, _ path: String, _ body: String? = nil, headers: [(String, String)] = owner
  ) async throws -> RawReply {
    try await request(port, method, path, headers: headers, body: body)
  }

  /// The JSON of an answer that has to be a success.
  func json(
    _ method: String, _ path: String, _ body: String? = nil, headers: [(String, String)] = owner,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSON {
    let reply = try await ask(method, path, body, headers: headers)
    try #require(
      reply.status == 200, "\(method) \(path): \(reply.status) \(reply.text)",
      sourceLocation: sourceLocation)
    return try JSON.parse(reply.body)
  }

  /// Tells the sandbox something.
  @discardableResult
  func tell(_ method: String, _ path: String, _ body: String? = nil) async throws -> JSON {
    let reply = try await request(google, method, path, body: body)
    return reply.body.isEmpty ? .null : try JSON.parse(reply.body)
  }

  /// The body of `POST /instances` for one calendar.
  func form() async throws -> String {
    let code = try await tell("POST", "/sandbox/codes", "{}")["code"]?.text ?? ""
    return """
      {"element": {"key": "googlesuite"}, "name": "Team", "tags": ["Docs"],
        "providerData": {"code": "\(code)"},
        "configuration": {
          "oauth.api.key": "sandbox-client", "oauth.api.secret": "sandbox-secret",
          "oauth.callback.url": "http://127.0.0.1/", "event.notification.enabled": true,
          "event.notification.callback.url": "http://127.0.0.1:\(google)/receiver/hook",
          "event.poller.refresh_interval": "15",
          "event.poller.configuration": {
            "calendars/primary/changed-events": {
              "url": "/hubs/general/calendars/primary/changed-events", "idField": ""}}}}
      """
  }
}

/// The server ended before it had a port.
private struct NotServed: Error {}

/// A folder that goes with the test.
private final class Folder: Sendable {
  let path: String

  init() throws {
    let name = "daybook-server-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appending(path: name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
