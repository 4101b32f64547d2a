import Daybook
import NIOCore
import NIOHTTP1

/// An answer for a browser: plain text, nothing that runs.
struct RedirectPage {
  var status: HTTPResponseStatus
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

  private init(status: HTTPResponseStatus, text: String) {
    self.status = status
    self.text = text
  }
}

/// One connection: its first request is answered, then it closes.
final class RedirectHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let door: RedirectDoor
  private var isAnswered = false

  init(_ door: RedirectDoor) {
    self.door = door
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isAnswered, case .head(let head) = unwrapInboundIn(data) else { return }
    isAnswered = true
    let (page, redirect) = door.judge(head)
    let body = context.channel.allocator.buffer(string: page.text + "\n")
    let headers: HTTPHeaders = [
      "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.readableBytes)",
      "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff", "Connection": "close",
    ]
    let answer = HTTPResponseHead(version: .http1_1, status: page.status, headers: headers)
    context.write(wrapOutboundOut(.head(answer)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    let bound = context.loopBound
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { [door] _ in
      bound.value.close(promise: nil)
      // Only now, so that the port is not closed under the page.
      if let redirect { door.end(redirect) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

/// Closes a connection that sends more than a browser's request has.
final class RequestBound: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var bytes = 0

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytes
    guard bytes <= RedirectDoor.requestBytesMax else { return context.close(promise: nil) }
    context.fireChannelRead(data)
  }
}
