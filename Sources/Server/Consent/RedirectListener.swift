package import Daybook
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization

/// Waits on a port of 127.0.0.1 for the browser that the provider sends back.
///
/// Each connection is answered once and closed; what is not the redirect is turned away, and the
/// wait goes on.
package final class RedirectListener: Sendable {
  package let port: Int
  private let door: RedirectDoor
  private let group: ServiceGroup
  private let serving: Task<Void, any Error>
  private let redirects: AsyncStream<Connecting.Redirect>

  private init(
    _ port: Int, _ door: RedirectDoor, _ group: ServiceGroup, _ serving: Task<Void, any Error>,
    _ redirects: AsyncStream<Connecting.Redirect>
  ) {
    self.port = port
    self.door = door
    self.group = group
    self.serving = serving
    self.redirects = redirects
  }

  /// Opens a port that is free.
  package static func start() async throws -> RedirectListener {
    let (redirects, came) = AsyncStream<Connecting.Redirect>.makeStream()
    let (ports, opened) = AsyncStream<Int>.makeStream()
    let door = RedirectDoor(came)
    let application = Application(
      responder: RedirectResponder(door: door), server: server,
      configuration: ApplicationConfiguration(
        address: .hostname("127.0.0.1", port: 0), backlog: 16,
        availableConnectionsDelegate: .maximum(RedirectDoor.connectionsMax, logger: quiet)),
      onServerRunning: { opened.yield($0.localAddress?.port ?? 0) }, logger: quiet)
    var configuration = ServiceGroupConfiguration(services: [application], logger: quiet)
    configuration.maximumGracefulShutdownDuration = RedirectDoor.stopTime
    let group = ServiceGroup(configuration: configuration)
    // Not a child of the task that waits: it has to end in good order where that is cancelled.
    let serving = Task {
      defer { opened.finish() }
      try await group.run()
    }
    guard let port = await ports.first(where: { _ in true }) else {
      try await serving.value
      throw CancellationError()
    }
    return RedirectListener(port, door, group, serving, redirects)
  }

  /// Takes requests from now on.
  ///
  /// - Parameter read: Tells what a request for a target turns out to be.
  package func open(_ read: @escaping @Sendable (String) -> Connecting.Redirect) {
    door.open(port, read)
  }

  /// The redirect, once its page is written; nil where the task was cancelled before.
  package func first() async -> Connecting.Redirect? { await redirects.first { _ in true } }

  /// Closes the port and every connection.
  package func stop() async {
    await group.triggerGracefulShutdown()
    // The answer is had: it makes no difference to it how the last connection ends.
    _ = await serving.result
  }

  private static let server = HTTPServerBuilder { responder in
    let bounds = WireBounds(
      headBytesMax: RedirectDoor.headBytesMax, idleTime: RedirectDoor.patience,
      isOfOneRequest: true)
    return WireChannel(responder: responder, bounds: bounds) { _, _ in
      let page = RedirectPage.foreign
      let body = ByteBuffer(string: page.text + "\n")
      let headers: HTTPHeaders = [
        "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.readableBytes)",
        "Cache-Control": "no-store", "Connection": "close",
      ]
      return (HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers), body)
    }
  }

  /// The library’s own lines are not ours.
  private static var quiet: Logger {
    Logger(label: "hummingbird", factory: { _ in SwiftLogNoOpLogHandler() })
  }
}

/// State that all connections share: who reads the targets, and whether the redirect has come.
private final class RedirectDoor: Sendable {
  /// Bytes of a head: a target of 16 KiB, and the cookies of every other server on this host.
  static let headBytesMax = 64 << 10
  /// Connections at once; a browser makes two or three.
  static let connectionsMax = 64
  /// How long a connection may be silent.
  static let patience = TimeAmount.seconds(10)
  /// For pages under way to be written.
  static let stopTime = Duration.seconds(2)

  private struct State {
    var host: String?
    var read: (@Sendable (String) -> Connecting.Redirect)?
    var hasCome = false
  }

  private let state = Mutex(State())
  private let came: AsyncStream<Connecting.Redirect>.Continuation

  init(_ came: AsyncStream<Connecting.Redirect>.Continuation) { self.came = came }

  func open(_ port: Int, _ read: @escaping @Sendable (String) -> Connecting.Redirect) {
    state.withLock { state in
      state.host = "127.0.0.1:\(port)"
      state.read = read
    }
  }

  /// Reads a request: the page that answers it, and the redirect where it is the one.
  func judge(_ request: Request) -> (RedirectPage, Connecting.Redirect?) {
    state.withLock { state in
      // Another name for this address is a page of somebody else’s in the browser; the first is
      // taken out of the headers.
      guard let read = state.read, request.head.authority == state.host,
        request.headers[.host] == nil
      else { return (.foreign, nil) }
      guard request.method == .get else { return (.wrongMethod, nil) }
      let redirect = read(request.head.path ?? "")
      switch redirect {
      case .elsewhere: return (.elsewhere, nil)
      case .foreign: return (.foreign, nil)
      case .agreed, .refused:
        guard !state.hasCome else { return (.elsewhere, nil) }
        state.hasCome = true
        return (RedirectPage(redirect), redirect)
      }
    }
  }

  /// Ends the wait.
  func end(_ redirect: Connecting.Redirect) { came.yield(redirect) }
}

/// Answers whatever comes to the port.
private struct RedirectResponder: HTTPResponder {
  typealias Context = ServerContext

  let door: RedirectDoor

  func respond(to request: Request, context: Context) async throws -> Response {
    let (page, redirect) = door.judge(request)
    let text = ByteBuffer(string: page.text + "\n")
    var response = Response(
      status: page.status,
      headers: [
        .contentType: "text/plain; charset=utf-8", .contentLength: "\(text.readableBytes)",
        .cacheControl: "no-store", .referrerPolicy: "no-referrer",
        .xContentTypeOptions: "nosniff",
      ])
    let isShown = request.method != .head
    response.body = ResponseBody { [door] writer in
      if isShown { try await writer.write(text) }
      try await writer.finish(nil)
      // Only now, so that the port is not closed under the page.
      if let redirect { door.end(redirect) }
    }
    return response
  }
}

/// An answer for a browser: plain text, nothing that runs.
private struct RedirectPage {
  var status: HTTPResponse.Status
  var text: String

  static let elsewhere = RedirectPage(status: .notFound, text: "There is nothing here.")
  static let foreign = RedirectPage(
    status: .badRequest, text: "This is not the answer that Daybook waits for.")
  static let wrongMethod = RedirectPage(status: .methodNotAllowed, text: "Only GET is served here.")

  init(_ redirect: Connecting.Redirect) {
    status = .ok
    if case .agreed = redirect {
      text = "Daybook has the answer, and says what came of it where it was started."
    } else {
      text = "Nothing was granted."
    }
    text += " This window may be closed."
  }

  private init(status: HTTPResponse.Status, text: String) {
    self.status = status
    self.text = text
  }
}
