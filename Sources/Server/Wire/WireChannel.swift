import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// How a connection is set up: the library’s own channel, with a handler in it that knows what the
/// library’s types leave out, such as the version of HTTP.
///
///     bytes ↔ encoder, decoder ↔ WireHandler ↔ HTTPTypes ↔ RequestBound ↔ idle time ↔ responder
struct WireChannel: ServerChildChannel, HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  let responder: HTTPChannelHandler.Responder
  let bounds: WireBounds
  /// Answers a head that cannot be read.
  let refuse: WireHandler.Refuse

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      var limits = NIOHTTPDecoderLimitConfiguration()
      limits.maxHeaderFieldSize = bounds.headBytesMax
      limits.maxHeaderListSize = bounds.headBytesMax
      limits.maxHeaderFieldCount = bounds.headersMax
      // What was asked says how an answer is framed: `WireHandler` knows it.
      var encoding = HTTPResponseEncoder.Configuration()
      encoding.automaticallySetFramingHeaders = false
      let pipeline = channel.pipeline.syncOperations
      // Requests of one connection are answered one after the other by the library, which makes no
      // header that would have to be looked at.
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false,
        withOutboundHeaderValidation: false, withEncoderConfiguration: encoding,
        withDecoderLimitConfiguration: limits)
      try pipeline.addHandlers([
        WireHandler(isOfOneRequest: bounds.isOfOneRequest, refuse),
        HTTP1ToHTTPServerCodec(secure: false), RequestBound(),
        HTTPConnectionStateHandler(
          idleTimeout: .nanoseconds(bounds.idleTime.nanoseconds), logger: logger),
      ])
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel,
        configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}

/// Bounds of one connection.
struct WireBounds: Sendable {
  var headBytesMax = ServerLimits.headBytesMax
  var headersMax = ServerLimits.headersMax
  var idleTime = ServerLimits.idleTime
  /// True where a connection ends with its first answer.
  var isOfOneRequest = false
}
