import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request takes too long to arrive, or goes on past every bound: what a
/// route does not read is read and dropped by the library, for as long as it comes.
final class RequestBound: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart

  private var bytes = 0
  private var deadline: Scheduled<Void>?

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      bytes = 0
      begin(context)
    case .body(let piece):
      bytes += piece.readableBytes
      // Twice the bound: whoever goes a little past it is answered.
      guard bytes <= 2 * ServerLimits.bodyBytesMax else { return context.close(promise: nil) }
    case .end: end()
    }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  private func begin(_ context: ChannelHandlerContext) {
    let bound = context.loopBound
    deadline = context.eventLoop.scheduleTask(in: ServerLimits.requestTime) {
      bound.value.close(promise: nil)
    }
  }

  private func end() {
    deadline?.cancel()
    deadline = nil
  }
}
