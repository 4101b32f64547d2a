package import Events
import GoogleFake
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The sandbox on a port of 127.0.0.1, over real HTTP/1.1.
///
/// One thread serves all connections; it never waits, so a slow answer holds up no other.
///
///     let server = SandboxServer(now: { clock.now() })
///     let port = try await server.start()        // http://127.0.0.1:<port>
///     server.withWorld { world in … }            // the same model, from inside
///     try await server.stop()
package actor SandboxServer {
  private let state: SandboxState
  private var group: MultiThreadedEventLoopGroup?
  private var channel: (any Channel)?

  /// - Parameters:
  ///   - seed: Draws ids, codes and tokens.
  ///   - now: The clock that the stand-ins go by; called once a request, from the server's thread.
  package init(seed: UInt64 = 1, now: @escaping @Sendable () -> Moment) {
    state = SandboxState(SandboxWorld(seed: seed), now: now)
  }

  /// Opens the port and begins to answer.
  ///
  /// - Parameter port: 0 for one that is free.
  /// - Returns: The port.
  /// - Throws: What the system says where the port cannot be had.
  package func start(port: Int = 0) async throws -> Int {
    precondition(channel == nil, "the server runs already")
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let state = self.state
    do {
      let channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 1_024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { SandboxServer.prepare($0, state) }
        .bind(host: "127.0.0.1", port: port).get()
      (self.group, self.channel) = (group, channel)
      return channel.localAddress?.port ?? port
    } catch {
      try await group.shutdownGracefully()
      throw error
    }
  }

  /// Closes the port and every connection.
  package func stop() async throws {
    let (group, channel) = (self.group, self.channel)
    (self.group, self.channel) = (nil, nil)
    try await channel?.close()
    try await group?.shutdownGracefully()
  }

  /// Looks at the model or changes it, between two requests.
  package nonisolated func withWorld<Result: Sendable>(
    _ body: (inout SandboxWorld) -> Result
  ) -> Result {
    state.world.withLock { body(&$0) }
  }

  /// The time that the stand-ins go by.
  package nonisolated var now: Moment { state.now() }

  private static func prepare(
    _ channel: any Channel, _ state: SandboxState
  ) -> EventLoopFuture<Void> {
    guard state.enter() else {
      return channel.eventLoop.makeFailedFuture(TooManyConnections())
    }
    channel.closeFuture.whenComplete { _ in state.leave() }
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      let idle = TimeAmount.seconds(SandboxLimits.idleSeconds)
      try pipeline.addHandler(IdleStateHandler(allTimeout: idle))
      try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true)
      try pipeline.addHandler(SandboxHandler(state))
    }
  }
}

/// Why a connection was closed as soon as it was accepted.
private struct TooManyConnections: Error {}

/// The state that all connections share: the model behind a lock, the clock, and their number.
final class SandboxState: Sendable {
  let world: Mutex<SandboxWorld>
  let now: @Sendable () -> Moment
  private let connections = Atomic<Int>(0)

  init(_ world: SandboxWorld, now: @escaping @Sendable () -> Moment) {
    self.world = Mutex(world)
    self.now = now
  }

  func answer(_ request: FakeRequest) -> FakeAnswer {
    let moment = now()
    return world.withLock { $0.answer(request, at: moment) }
  }

  /// Counts a connection, where there is room for one more.
  func enter() -> Bool {
    let (_, count) = connections.add(1, ordering: .relaxed)
    guard count > SandboxLimits.connectionsMax else { return true }
    leave()
    return false
  }

  func leave() {
    connections.subtract(1, ordering: .relaxed)
  }
}
