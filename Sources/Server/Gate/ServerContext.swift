import Hummingbird
import NIOCore

/// What goes along with a request.
struct ServerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The address that asks.
  let address: String
  /// The port that it came in by.
  let port: Int
  var requestID = ""

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    address = source.channel.remoteAddress?.ipAddress ?? ""
    port = source.channel.localAddress?.port ?? 0
  }

  var isLoopback: Bool { HostRule.isLoopback(address) }
}
