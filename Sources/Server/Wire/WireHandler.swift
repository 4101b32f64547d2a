import NIOCore
import NIOHTTP1

/// Keeps a connection to HTTP’s own rules, of which the types above it know nothing.
///
///     HTTP/1.0, `Connection: close`  the answer is the last, says so, and ends the connection
///     `Expect: 100-continue`         100 once a route wants the body; an answer before that is the
///                                    last, so that nobody sends a body that nobody reads
///     HEAD                           an answer without a body, and without a length where nobody
///                                    knows it
///     a head that cannot be read     an answer in our own form after those that are due, the last
///
/// How a body is framed is settled here as well, since the encoder does not know what was asked.
///
/// Sources: RFC 9112, §6 for framing, §9.6 for closing, also in halves; RFC 9110, §8.6 for the
/// length of what HEAD leaves out, §10.1.1 for `Expect`.
final class WireHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// Tells of a fault: a head and the body that goes with it.
  typealias Refuse =
    @Sendable (HTTPParserError, _ address: String) -> (HTTPResponseHead, ByteBuffer)

  /// Asked for by a route that is about to read a body.
  struct BodyWanted: Sendable {}

  /// A request that is not answered in full.
  private struct Exchange {
    let version: HTTPVersion
    let isOfHead: Bool
    var isLast: Bool
    /// True while the client holds its body back.
    var isHeldBack: Bool

    /// Says how the body ends: by its length, or in chunks where that is not known.
    func frame(_ head: inout HTTPResponseHead) {
      let isInChunks = head.headers.contains(name: "transfer-encoding")
      head.headers.remove(name: "transfer-encoding")
      guard head.status.mayHaveResponseBody else {
        return head.headers.remove(name: "content-length")
      }
      // The length that the library gives the empty body of HEAD is not that of the other.
      if isInChunks { head.headers.remove(name: "content-length") }
      guard !isOfHead, version.minor >= 1, !head.headers.contains(name: "content-length") else {
        return
      }
      head.headers.add(name: "Transfer-Encoding", value: "chunked")
    }
  }

  /// After an answer that ended a connection in the middle of a request, for the client to read it:
  /// closed at once, the answer would be lost with what is still on its way here.
  private static let lingerTime = TimeAmount.seconds(2)

  private let isOfOneRequest: Bool
  private let refuse: Refuse
  /// In the order in which they came.
  private var exchanges: [Exchange] = []
  /// True while the body of the newest one is on its way.
  private var isArriving = false
  /// True once nothing is read any more.
  private var isDeaf = false
  /// True where the client may be sending what nobody reads.
  private var hasUnread = false
  /// Told when everything before it was answered.
  private var fault: HTTPParserError?

  init(isOfOneRequest: Bool, _ refuse: @escaping Refuse) {
    self.isOfOneRequest = isOfOneRequest
    self.refuse = refuse
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard !isDeaf else { return }
      isDeaf = isOfOneRequest || !head.isKeepAlive || head.version.minor < 1
      isArriving = true
      exchanges.append(
        Exchange(
          version: head.version, isOfHead: head.method == .HEAD, isLast: isDeaf,
          isHeldBack: head.version.minor >= 1
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        ))
    case .body:
      guard isArriving else { return }
    case .end:
      guard isArriving else { return }
      isArriving = false
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let fault = error as? HTTPParserError else { return context.fireErrorCaught(error) }
    if isArriving {
      isDeaf = true
      guard let last = exchanges.indices.last else {
        // Answered before its body was there: nobody is left to end the connection.
        isArriving = false
        context.fireErrorCaught(error)
        return context.close(promise: nil)
      }
      // Whoever reads the body learns of it, and answers.
      exchanges[last].isLast = true
      return context.fireErrorCaught(error)
    }
    guard !isDeaf else { return }
    isDeaf = true
    if exchanges.isEmpty { answer(fault, context) } else { self.fault = fault }
  }

  // MARK: Answers

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard event is BodyWanted else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    promise?.succeed()
    guard exchanges.count == 1, exchanges[0].isHeldBack, isArriving else { return }
    exchanges[0].isHeldBack = false
    let head = HTTPResponseHead(version: .http1_1, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard let exchange = exchanges.first else { return context.write(data, promise: promise) }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      if exchange.isHeldBack, isArriving, exchanges.count == 1 {
        exchanges[0].isLast = true
        isDeaf = true
        isArriving = false
        hasUnread = true
      }
      if exchanges[0].isLast { head.headers.replaceOrAdd(name: "Connection", value: "close") }
      if exchange.version.minor < 1 { head.version = .http1_0 }
      exchange.frame(&head)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      guard !exchange.isOfHead else {
        promise?.succeed()
        return
      }
      context.write(data, promise: promise)
    case .end:
      exchanges.removeFirst()
      guard exchange.isLast else {
        context.write(data, promise: promise)
        if exchanges.isEmpty, let fault { answer(fault, context) }
        return
      }
      end(data, context, promise)
    }
  }

  private func answer(_ fault: HTTPParserError, _ context: ChannelHandlerContext) {
    self.fault = nil
    hasUnread = true
    let (head, body) = refuse(fault, context.channel.remoteAddress?.ipAddress ?? "")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    end(wrapOutboundOut(.end(nil)), context, nil)
  }

  /// Writes the end of the last answer, and ends the connection.
  private func end(
    _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
  ) {
    let isHalf = hasUnread || isArriving
    let bound = context.loopBound
    let written = promise ?? context.eventLoop.makePromise()
    context.writeAndFlush(data, promise: written)
    written.futureResult.whenComplete { _ in
      guard isHalf else { return bound.value.close(promise: nil) }
      bound.value.close(mode: .output, promise: nil)
      bound.value.eventLoop.scheduleTask(in: Self.lingerTime) { bound.value.close(promise: nil) }
    }
  }
}
