import AsyncAlgorithms
import Hummingbird
import NIOCore

extension Answer {
  /// The same in the server library’s terms.
  ///
  /// - Parameter request: What is answered: a stream looks whether its client is still there.
  func response(to request: Request) -> Response {
    switch body {
    case .bytes(let bytes):
      return Response(
        status: status, headers: headers,
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    case .pieces(let produce):
      return Response(
        status: status, headers: headers,
        body: ResponseBody { writer in
          try await Answer.copy(produce, to: &writer)
          try await writer.finish(nil)
        })
    case .stream(let produce):
      return Response(
        status: status, headers: headers,
        body: ResponseBody { writer in
          try await request.body.consumeWithCancellationOnInboundClose { _ in
            try await Answer.copy(produce, to: &writer)
          }
          try await writer.finish(nil)
        })
    }
  }

  /// A piece is made when the one before was taken: a slow reader holds up what it reads, and takes
  /// no memory.
  private static func copy(
    _ produce: @escaping @Sendable (AnswerWriter) async throws -> Void,
    to writer: inout any ResponseBodyWriter
  ) async throws {
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
        pieces.fail(error)
      }
    }
    // Whoever goes away takes the producer along.
    defer { producer.cancel() }
    for try await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
  }
}
