import Daybook
import DaybookLive
import Glibc
import REPL
import Sandbox
import Server

/// Commands that only the executable can do: the sandbox, the demonstration, and the versions of
/// the libraries that it is linked with.
@MainActor
final class Live: ExtraCommands {
  func sandbox(port: Int, seed: UInt64) async throws {
    let server = SandboxServer(seed: seed, now: { LiveClock.now() })
    let bound: Int
    do {
      bound = try await server.start(port: port)
    } catch {
      throw Failure.failed("port \(port) on 127.0.0.1 cannot be had: \(error)")
    }
    Console.say("http://127.0.0.1:\(bound)")
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    try await server.stop()
    throw Failure(status: 130, "")
  }

  func demo(_ session: Session, opensREPL: Bool, keeps: Bool) async throws {
    var settings = session.settings
    settings.output = session.output
    let isTalking = opensREPL && isatty(0) == 1 && isatty(1) == 1
    try await Demonstration(settings).run(opensREPL: isTalking, keeps: keeps)
  }

  func redirect(
    within wait: Duration,
    _ begin:
      @MainActor (_ port: Int) async throws -> @Sendable (_ target: String) -> Connecting.Redirect
  ) async throws -> Connecting.Redirect? {
    let listener = try await RedirectListener.start()
    do {
      listener.open(try await begin(listener.port))
    } catch {
      await listener.stop()
      throw error
    }
    let redirect = await withTaskGroup(of: Connecting.Redirect?.self) { group in
      group.addTask { await listener.first() }
      group.addTask {
        try? await Task.sleep(for: wait)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    await listener.stop()
    // Ctrl-C ends the wait, and what comes after it.
    try Task.checkCancellation()
    return redirect
  }

  var libraries: [(name: String, value: String)] {
    [
      ("sqlite", Journal.sqliteVersion), ("walResetFix", Journal.hasWALResetFix ? "true" : "false"),
      ("libcurl", HTTPClient.libcurlVersion), ("libedit", EditorLibrary.version),
    ]
  }
}
