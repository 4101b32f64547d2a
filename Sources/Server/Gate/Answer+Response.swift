import AsyncAlgorithms
import Hummingbird
import Logging
import NIOCore

extension Answer {
  /// The same in the server library’s terms.
  ///
  /// - Parameter request: What is answered: a stream looks whether its client is still there.
  func response(to request: Request, _ context: ServerContext, _ site: Site) -> Response {
    // Without a length: so HEAD knows that there is none.
    var headers = headers
    if !isOfBytes { headers[.transferEncoding] = "chunked" }
    switch body {
    case .bytes(let bytes):
      return Response(
        status: status, headers: headers,
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    case .pieces(let produce):
      let copy = PieceCopy(produce, context, site)
      return Response(
        status: status, headers: headers,
        body: ResponseBody { writer in
          try await copy.run(&writer)
          try await writer.finish(nil)
        })
    case .stream(let produce):
      let copy = PieceCopy(produce, context, site)
      return Response(
        status: status, headers: headers,
        body: ResponseBody { writer in
          try await request.body.consumeWithCancellationOnInboundClose { _ in
            try await copy.run(&writer)
          }
          try await writer.finish(nil)
        })
    }
  }
}

extension Answer {
  private var isOfBytes: Bool { if case .bytes = body { true } else { false } }
}

/// Writes a body piece by piece: one is made when the one before was taken, so that a slow reader
/// holds up what it reads and takes no memory; who takes none for too long is let go.
private struct PieceCopy: Sendable {
  let produce: @Sendable (AnswerWriter) async throws -> Void
  let channel: any Channel
  /// Held until all of it is written: the request is under way as long.
  let ticket: Ticket?
  let note: RequestNote
  let requestID: String
  let logger: Logger

  init(
    _ produce: @escaping @Sendable (AnswerWriter) async throws -> Void, _ context: ServerContext,
    _ site: Site
  ) {
    self.produce = produce
    channel = context.channel
    ticket = context.ticket
    note = context.note
    requestID = context.requestID
    logger = site.logger
  }

  func run(_ writer: inout any ResponseBodyWriter) async throws {
    let pieces = AsyncThrowingChannel<[UInt8], any Error>()
    let producer = Task {
      do {
        try await produce(
          AnswerWriter { piece in
            guard !piece.isEmpty else { return }
            await pieces.send(piece)
            try Task.checkCancellation()
          })
        pieces.finish()
      } catch {
        // Whoever went away is no trouble.
        if !Task.isCancelled, !(error is CancellationError) {
          logger.error(
            "request \(requestID) broke off: \(Trouble(error).message)",
            metadata: ["request": "\(requestID)"])
        }
        pieces.fail(error)
      }
    }
    // Whoever goes away takes the producer along.
    defer { producer.cancel() }
    for try await piece in pieces {
      let deadline = channel.eventLoop.scheduleTask(in: ServerLimits.pieceTime) { [channel] in
        channel.close(promise: nil)
      }
      defer { deadline.cancel() }
      try await writer.write(ByteBuffer(bytes: piece))
    }
  }
}
