import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

extension Site {
  /// Answers a head that cannot be read in the form of every other refusal.
  func refusal(
    of fault: HTTPParserError, from address: String
  ) -> (HTTPResponseHead, ByteBuffer) {
    let id = requestID()
    let trouble = Trouble(fault)
    let answer = trouble.answer(id)
    var headers = HTTPHeaders(answer.headers.map { ($0.name.rawName, $0.value) })
    headers.add(name: HTTPField.Name.requestID.rawName, value: id)
    headers.add(name: "X-Content-Type-Options", value: "nosniff")
    headers.add(name: "Cache-Control", value: "no-store")
    headers.add(name: "Connection", value: "close")
    var body = ByteBuffer()
    if case .bytes(let bytes) = answer.body { body.writeBytes(bytes) }
    headers.add(name: "Content-Length", value: "\(body.readableBytes)")
    meters.count(Meters.Request(route: "none", method: "other", status: trouble.status.code))
    logger.info(
      "a head that cannot be read \(trouble.status.code) \(id)",
      metadata: [
        "request": "\(id)", "status": "\(trouble.status.code)", "client": "\(address)",
      ])
    let status = HTTPResponseStatus(
      statusCode: trouble.status.code, reasonPhrase: trouble.status.reasonPhrase)
    return (HTTPResponseHead(version: .http1_1, status: status, headers: headers), body)
  }
}

extension Trouble {
  fileprivate init(_ fault: HTTPParserError) {
    switch fault {
    case .headerOverflow:
      self.init(
        .requestHeaderFieldsTooLarge, "tooLarge",
        "a head has at most \(ServerLimits.headBytesMax) bytes and \(ServerLimits.headersMax) lines"
      )
    case .invalidVersion:
      self.init(
        .httpVersionNotSupported, "unsupported", "HTTP/1.1 is spoken here, and HTTP/1.0")
    default:
      self.init(.badRequest, "malformed", "this is no request as HTTP/1.1 has it: \(fault)")
    }
  }
}
