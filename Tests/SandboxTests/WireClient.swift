import NIOCore
import NIOPosix

/// What came over one connection until it ended, and how it ended.
struct WireReply: Sendable {
  var text: String
  var wasReset: Bool

  var status: Int? { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

  var body: String {
    text.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
  }
}

/// Sends one request as text over a connection of its own and reads until the other side ends it.
func exchange(
  _ port: Int, _ method: String, _ path: String, _ body: String = "", headers: [String] = [],
  bytesMax: Int = .max
) async throws -> WireReply {
  let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  let lines =
    ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers
    + ["Content-Length: \(body.utf8.count)", "", body]
  return try await channel.executeThenClose { inbound, outbound in
    try await outbound.write(ByteBuffer(string: lines.joined(separator: "\r\n")))
    var received = ByteBuffer()
    do {
      for try await part in inbound {
        received.writeImmutableBuffer(part)
        if received.readableBytes > bytesMax { break }
      }
    } catch {
      return WireReply(text: String(buffer: received), wasReset: true)
    }
    return WireReply(text: String(buffer: received), wasReset: false)
  }
}
