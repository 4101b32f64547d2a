import Daybook
import REPL
import Server

extension Live {
  func serve(_ order: ServeOrder) async throws {
    var secrets: [ClientSecret: String] = [:]
    secrets[.user] = order.settings.userSecret
    secrets[.organization] = order.settings.organizationSecret
    var settings = ServerSettings(
      host: order.host, port: order.port, outsideHosts: order.settings.hosts, secrets: secrets,
      version: Version.daybook)
    settings.versions = [("libedit", EditorLibrary.version), ("swift", Version.swift)]
    if !settings.isLoopback {
      let missing = try await order.journal.clients.missing(besides: secrets)
      guard missing.isEmpty else {
        throw Failure.failed(
          "--host: \(order.host) can be reached from outside, and there is no secret yet; set"
            + " DAYBOOK_USER_SECRET and DAYBOOK_ORGANIZATION_SECRET, or make them with"
            + " `secret rotate user` and `secret rotate organization`")
      }
      Console.complain(
        "daybook: listening on \(order.host), which is not loopback: whoever reaches it and has the"
          + " secrets can see and do everything, and nothing is encrypted without a proxy in front")
    }
    do {
      try await serve(order, settings)
    } catch let error as PortTaken {
      throw Failure.failed("\(error)")
    }
  }

  private func serve(_ order: ServeOrder, _ settings: ServerSettings) async throws {
    let server = HTTPServer(order.journal, in: order.world, settings, logger: order.logger)
    let notice = SystemdNotice(order.settings.environment)
    let journal = order.journal
    // A journal that cannot be read is no life.
    let watch = Task { await notice.watch { (try? await journal.head()) != nil } }
    defer { watch.cancel() }
    try await withTaskCancellationHandler {
      try await server.run(
        made: { fresh in
          for kind in ClientSecret.allCases {
            guard let secret = fresh[kind] else { continue }
            Console.say("DAYBOOK_\(kind.rawValue.uppercased())_SECRET=\(secret)")
          }
        },
        listening: { port in
          let host = order.host.contains(":") ? "[\(order.host)]" : order.host
          Console.say("http://\(host):\(port)")
          notice.tell("READY=1")
          order.listening()
        })
    } onCancel: {
      notice.tell("STOPPING=1")
    }
  }
}
