import Domain
import Events

// Many requests in one, and their answers in one:
//
//     POST /batch                                    200
//     Content-Type: multipart/mixed; boundary="x"    Content-Type: multipart/mixed; boundary=b…
//
//     --x                                            --b…
//     Content-Type: application/http                 Content-Type: application/http
//     Content-ID: <a + 1>                            Content-ID: <response-a + 1>
//
//     GET /gmail/v1/users/me/profile HTTP/1.1        HTTP/1.1 200 OK
//     Accept: application/json                       Content-Type: application/json
//                                                    Content-Length: 93
//
//                                                    {…}
//     --x--                                          --b…--
//
// Sources: Gmail API guide and Calendar API guide, “Batch requests”; RFC 2046, §5.1.1.

/// One of the requests in a batch.
struct BatchPart: Sendable, Equatable {
  /// Where batches are taken: at a service's own path, or at its host, which here is that of all.
  static let paths = ["/batch", "/batch/gmail/v1", "/batch/calendar/v3"]

  /// With its angle brackets; nil where the part has none.
  var contentId: String?
  var request: FakeRequest

  /// - Parameter outer: What of its headers the part does not have itself it inherits, such as
  ///   `Authorization`; those of the content are its own.
  init?(_ bytes: ArraySlice<UInt8>, outer: FakeRequest) {
    let envelope = HeadedText(bytes)
    let inner = HeadedText(envelope.body, hasStartLine: true)
    let words = inner.startLine.split(separator: " ")
    guard words.count == 3, words[1].hasPrefix("/") else { return nil }
    contentId = envelope.headers.first { $0.name.lowercased() == "content-id" }?.value
    let own = Set(inner.headers.map { $0.name.lowercased() })
    let inherited = outer.headers.filter {
      let name = $0.name.lowercased()
      return !name.hasPrefix("content-") && !own.contains(name)
    }
    request = FakeRequest(
      String(words[0]), String(words[1]), headers: inner.headers + inherited,
      body: Array(inner.body))
  }

  /// The requests of a batch; nil where it cannot be taken apart.
  static func parts(of request: FakeRequest) -> [BatchPart]? {
    guard let type = request.header("Content-Type"),
      type.lowercased().hasPrefix("multipart/mixed"), let boundary = boundary(in: type)
    else { return nil }
    let delimiter = Array("--\(boundary)".utf8)
    var parts: [BatchPart] = []
    var start: Int?
    for line in request.body.split(separator: 10, omittingEmptySubsequences: false) {
      guard line.starts(with: delimiter) else { continue }
      let rest = String(decoding: line.dropFirst(delimiter.count), as: UTF8.self)
        .filter { !$0.isWhitespace }
      guard rest.isEmpty || rest == "--" else { continue }
      if let start {
        // The line end before a delimiter belongs to the delimiter.
        let end = max(start, line.startIndex - 1)
        guard let part = BatchPart(request.body[start..<end], outer: request) else { return nil }
        parts.append(part)
      }
      if rest == "--" { return parts }
      start = min(line.endIndex + 1, request.body.endIndex)
    }
    return nil
  }

  private static func boundary(in type: String) -> String? {
    for parameter in type.split(separator: ";").dropFirst() {
      let halves = parameter.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, halves[0].filter({ $0 != " " }).lowercased() == "boundary" else {
        continue
      }
      let boundary = String(halves[1].filter { $0 != "\"" })
      // Source: RFC 2046, at most 70 characters.
      return (1...70).contains(boundary.utf8.count) ? boundary : nil
    }
    return nil
  }
}

/// Lines of a head, an empty line, and what follows; the lines end with or without a carriage
/// return.
private struct HeadedText {
  private(set) var startLine = ""
  private(set) var headers: [Header] = []
  private(set) var body: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>, hasStartLine: Bool = false) {
    var lines: [String] = []
    body = bytes
    while !body.isEmpty {
      let line = body.prefix { $0 != 10 }
      body = body[min(line.endIndex + 1, body.endIndex)...]
      let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
      if text.isEmpty { break }
      // A line that begins with a blank goes on with the one before.
      if let first = text.first, first.isWhitespace, let last = lines.popLast() {
        lines.append(last + text)
      } else {
        lines.append(text)
      }
    }
    if hasStartLine, !lines.isEmpty { startLine = lines.removeFirst() }
    headers = lines.compactMap { line in
      let halves = line.split(separator: ":", maxSplits: 1)
      guard halves.count == 2 else { return nil }
      return Header(String(halves[0]), String(halves[1].drop { $0 == " " }))
    }
  }
}

extension FakeGoogle {
  /// Answers each request of a batch by itself, in their order; faults strike them one by one.
  ///
  /// A delay or a broken connection of one of them is one of the whole answer.
  mutating func answerBatch(
    _ request: FakeRequest, _ target: Target, at now: Moment
  ) throws(GoogleError) -> FakeAnswer {
    guard let parts = BatchPart.parts(of: request), !parts.isEmpty else {
      throw GoogleError(400, "badRequest", "Failed to parse batch request.")
    }
    let service = target.segments.count > 1 ? target.segments[1] : nil
    let most = service == "calendar" ? FakeLimits.calendarBatchMax : FakeLimits.batchMax
    guard parts.count <= most else {
      throw GoogleError(
        400, "badRequest", "The batch has \(parts.count) requests; at most \(most) are taken.")
    }
    let boundary = "batch_\(String(OpaqueToken.fingerprint(request.body), radix: 36))"
    var whole = FakeAnswer(
      status: 200, headers: [Header("Content-Type", "multipart/mixed; boundary=\(boundary)")])
    for part in parts {
      let answer = answer(part, of: service, at: now)
      whole.delay = max(whole.delay, answer.delay)
      if whole.manner == .plain { whole.manner = answer.manner }
      whole.body += "--\(boundary)\r\n".utf8
      whole.body += BatchPart.bytes(of: answer, to: part)
    }
    whole.body += "--\(boundary)--\r\n".utf8
    return whole
  }

  private mutating func answer(
    _ part: BatchPart, of service: String?, at now: Moment
  ) -> FakeAnswer {
    // An endpoint takes calls of its own service alone, and no batches within a batch.
    let first = Target(part.request.path).segments.first
    guard let first, ["gmail", "calendar", "v1"].contains(first), service ?? first == first else {
      return .html(404, "Error 404 (Not Found)!!1")
    }
    return answer(part.request, at: now)
  }
}

extension BatchPart {
  fileprivate static func bytes(of answer: FakeAnswer, to part: BatchPart) -> [UInt8] {
    var head = "Content-Type: application/http\r\n"
    if let id = part.contentId, id.hasPrefix("<") {
      head += "Content-ID: <response-\(id.dropFirst())\r\n"
    }
    head += "\r\nHTTP/1.1 \(answer.status) \(phrase(of: answer.status))\r\n"
    for header in answer.headers { head += "\(header.name): \(header.value)\r\n" }
    head += "Content-Length: \(answer.body.count)\r\n\r\n"
    return Array(head.utf8) + answer.body + Array("\r\n".utf8)
  }

  /// Source: RFC 9110, §15.
  private static func phrase(of status: Int) -> String {
    switch status {
    case 200: "OK"
    case 204: "No Content"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 429: "Too Many Requests"
    case 500: "Internal Server Error"
    case 503: "Service Unavailable"
    default: "Unknown"
    }
  }
}
