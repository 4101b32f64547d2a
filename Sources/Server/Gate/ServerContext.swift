import Hummingbird
import NIOCore
import Synchronization

/// What goes along with a request.
struct ServerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The address that asks.
  let address: String
  /// The port that it came in by.
  let port: Int
  let channel: any Channel
  var requestID = ""
  /// The request’s place among those under way.
  var ticket: Ticket?
  let note = RequestNote()

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
    address = source.channel.remoteAddress?.ipAddress ?? ""
    port = source.channel.localAddress?.port ?? 0
  }

  var isLoopback: Bool { HostRule.isLoopback(address) }
}

/// What is found out of a request on its way to a route, and told when it was answered.
final class RequestNote: Sendable {
  private let permit = Mutex<Permit?>(nil)

  /// Keeps the caller’s place among those who have something under way, until all is written.
  func hold(_ permit: Permit) { self.permit.withLock { $0 = permit } }

  /// The path of its route, with the names in it; nil where there is none.
  let route = Mutex<String?>(nil)
}
