import Daybook
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Waits on a port of 127.0.0.1 for the browser that the provider sends back.
///
/// One thread serves all connections. Each is answered once and closed; what is not the redirect is
/// turned away, and the wait goes on.
final class RedirectListener: Sendable {
  let port: Int
  private let door: RedirectDoor
  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel
  private let redirects: AsyncStream<Connecting.Redirect>

  private init(
    _ door: RedirectDoor, _ group: MultiThreadedEventLoopGroup, _ channel: any Channel,
    _ redirects: AsyncStream<Connecting.Redirect>
  ) {
    port = channel.localAddress?.port ?? 0
    self.door = door
    self.group = group
    self.channel = channel
    self.redirects = redirects
  }

  /// Opens a port that is free.
  static func start() async throws -> RedirectListener {
    let (redirects, came) = AsyncStream<Connecting.Redirect>.makeStream()
    let door = RedirectDoor(came)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      let channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 16)
        .childChannelInitializer { prepare($0, door) }
        .bind(host: "127.0.0.1", port: 0).get()
      return RedirectListener(door, group, channel, redirects)
    } catch {
      try await group.shutdownGracefully()
      throw error
    }
  }

  /// Takes requests from now on.
  ///
  /// - Parameter read: Tells what a request for a target turns out to be.
  func open(_ read: @escaping @Sendable (String) -> Connecting.Redirect) {
    door.open(port, read)
  }

  /// The redirect; nil where it did not come in time, or the task was cancelled.
  func first(within wait: Duration) async -> Connecting.Redirect? {
    await withTaskGroup(of: Connecting.Redirect?.self) { [redirects] group in
      group.addTask { await redirects.first { _ in true } }
      group.addTask {
        try? await Task.sleep(for: wait)
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
  }

  /// Closes the port and every connection.
  func stop() async throws {
    try await channel.close()
    try await group.shutdownGracefully()
  }

  private static func prepare(
    _ channel: any Channel, _ door: RedirectDoor
  ) -> EventLoopFuture<Void> {
    guard door.enter() else {
      return channel.eventLoop.makeFailedFuture(ChannelError.inputClosed)
    }
    channel.closeFuture.whenComplete { _ in door.leave() }
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(IdleStateHandler(allTimeout: RedirectDoor.patience))
      try pipeline.addHandler(RequestBound())
      try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
      try pipeline.addHandler(RedirectHandler(door))
    }
  }
}

/// State that all connections share: who reads the targets, and whether the redirect has come.
final class RedirectDoor: Sendable {
  /// Bytes of a request: a target of 16 KiB, and the cookies of every other server on this host.
  static let requestBytesMax = 64 << 10
  /// Connections at once; a browser makes two or three.
  static let connectionsMax = 64
  /// How long a connection may be silent.
  static let patience = TimeAmount.seconds(10)

  private struct State {
    var host: String?
    var read: (@Sendable (String) -> Connecting.Redirect)?
    var hasCome = false
    var connections = 0
  }

  private let state = Mutex(State())
  private let came: AsyncStream<Connecting.Redirect>.Continuation

  init(_ came: AsyncStream<Connecting.Redirect>.Continuation) {
    self.came = came
  }

  func open(_ port: Int, _ read: @escaping @Sendable (String) -> Connecting.Redirect) {
    state.withLock { state in
      state.host = "127.0.0.1:\(port)"
      state.read = read
    }
  }

  /// Counts a connection, where there is room for one more.
  func enter() -> Bool {
    state.withLock { state in
      guard state.connections < Self.connectionsMax else { return false }
      state.connections += 1
      return true
    }
  }

  func leave() {
    state.withLock { $0.connections -= 1 }
  }

  /// Reads a request: the page that answers it, and the redirect where it is the one.
  func judge(_ head: HTTPRequestHead) -> (RedirectPage, Connecting.Redirect?) {
    state.withLock { state in
      // Another name for this address is a page of somebody else's in the browser.
      guard let read = state.read, head.headers["Host"] == [state.host] else {
        return (.foreign, nil)
      }
      guard head.method == .GET else { return (.wrongMethod, nil) }
      let redirect = read(head.uri)
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
  func end(_ redirect: Connecting.Redirect) {
    came.yield(redirect)
  }
}
