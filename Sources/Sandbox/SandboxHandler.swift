import Domain
import Glibc
import GoogleFake
import NIOCore
import NIOHTTP1

/// One connection: gathers a request, has it answered, and brings the answer out in its manner.
final class SandboxHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let state: SandboxState
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var isClosed = false

  init(_ state: SandboxState) {
    self.state = state
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosed else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
        let go = HTTPResponseHead(version: head.version, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
      }
    case .body(let bytes):
      guard body.count + bytes.readableBytes <= SandboxLimits.requestBodyBytesMax else {
        return refuseBody(context)
      }
      body += bytes.readableBytesView
    case .end:
      guard let head else { return }
      let request = FakeRequest(
        head.method.rawValue, head.uri, headers: head.headers.map { Header($0.name, $0.value) },
        body: body)
      self.head = nil
      body = []
      send(state.answer(request), to: head, context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosed = true
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      close(context)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(context)
  }

  private func close(_ context: ChannelHandlerContext) {
    isClosed = true
    context.close(promise: nil)
  }

  private func refuseBody(_ context: ChannelHandlerContext) {
    isClosed = true
    let head = HTTPResponseHead(
      version: .http1_1, status: .payloadTooLarge,
      headers: ["Content-Length": "0", "Connection": "close"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    finish(context)
  }

  /// Ends the answer and then the connection.
  private func finish(_ context: ChannelHandlerContext) {
    isClosed = true
    let bound = context.loopBound
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      bound.value.close(promise: nil)
    }
  }
}

// Answers and their manners.
extension SandboxHandler {
  private func send(
    _ answer: FakeAnswer, to request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    guard answer.delay > .zero else { return deliver(answer, to: request, context) }
    later(answer.delay, context) { $0.deliver(answer, to: request, $1) }
  }

  private func deliver(
    _ answer: FakeAnswer, to request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    switch answer.manner {
    case .plain:
      let isLast = !request.isKeepAlive
      write(head(answer, request, isLast: isLast), context)
      if !answer.body.isEmpty { write(answer.body[...], context) }
      if isLast { return finish(context) }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    case .reset: reset(context)
    case .close: close(context)
    case .cut:
      write(head(answer, request, isLast: true), context)
      let bound = context.loopBound
      flush(answer.body.prefix(answer.body.count / 2), context).whenComplete { _ in
        bound.value.close(promise: nil)
      }
    case .drip(let bytes, let interval):
      write(head(answer, request, isLast: true), context)
      context.flush()
      drip(answer.body[...], max(1, bytes), interval, context)
    case .endless:
      var head = head(answer, request, isLast: true)
      head.headers.remove(name: "Content-Length")
      head.headers.add(name: "Transfer-Encoding", value: "chunked")
      write(head, context)
      write(answer.body[...], context)
      pour(SandboxLimits.endlessBytesMax, context)
    }
  }

  private func head(
    _ answer: FakeAnswer, _ request: HTTPRequestHead, isLast: Bool
  ) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    headers.reserveCapacity(answer.headers.count + 2)
    for header in answer.headers { headers.add(name: header.name, value: header.value) }
    if answer.status != 204, answer.status != 304 {
      headers.add(name: "Content-Length", value: "\(answer.body.count)")
    }
    if isLast { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(
      version: request.version, status: .init(statusCode: answer.status), headers: headers)
  }

  private func write(_ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func write(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
    context.write(part(bytes, context), promise: nil)
  }

  private func flush(
    _ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext
  ) -> EventLoopFuture<Void> {
    context.writeAndFlush(part(bytes, context))
  }

  private func part(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) -> NIOAny {
    var buffer = context.channel.allocator.buffer(capacity: bytes.count)
    buffer.writeBytes(bytes)
    return wrapOutboundOut(.body(.byteBuffer(buffer)))
  }

  /// Sends a slice, and the next after a while.
  private func drip(
    _ rest: ArraySlice<UInt8>, _ bytes: Int, _ interval: Duration, _ context: ChannelHandlerContext
  ) {
    guard !isClosed else { return }
    guard !rest.isEmpty else { return finish(context) }
    flush(rest.prefix(bytes), context).whenFailure { _ in }
    later(interval, context) { $0.drip(rest.dropFirst(bytes), bytes, interval, $1) }
  }

  /// Sends blanks as fast as the reader takes them, then cuts the connection.
  private func pour(_ left: Int, _ context: ChannelHandlerContext) {
    guard left > 0, !isClosed else { return reset(context) }
    let blanks = [UInt8](repeating: 32, count: min(left, 65_536))
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    flush(blanks[...], context).whenComplete { result in
      guard case .success = result else { return }
      bound.value.0.pour(left - blanks.count, bound.value.1)
    }
  }

  /// Closes so that the other side sees a reset, not an end.
  private func reset(_ context: ChannelHandlerContext) {
    isClosed = true
    guard let socket = context.channel as? any SocketOptionProvider else {
      return context.close(promise: nil)
    }
    let bound = context.loopBound
    socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
      bound.value.close(promise: nil)
    }
  }

  private func later(
    _ wait: Duration, _ context: ChannelHandlerContext,
    _ body: @escaping @Sendable (SandboxHandler, ChannelHandlerContext) -> Void
  ) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let most = Duration.milliseconds(SandboxLimits.delayMillisecondsMax)
    context.eventLoop.scheduleTask(in: TimeAmount(min(wait, most))) {
      guard !bound.value.0.isClosed else { return }
      body(bound.value.0, bound.value.1)
    }
  }
}
