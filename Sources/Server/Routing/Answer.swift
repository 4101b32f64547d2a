import HTTPTypes
import RawJSON

/// What a route answers.
struct Answer: Sendable {
  var status = HTTPResponse.Status.ok
  var headers = HTTPFields()
  var body: Body

  enum Body: Sendable {
    case bytes([UInt8])
    /// Written piece by piece for as long as it takes; it has to end when the server stops.
    case pieces(@Sendable (AnswerWriter) async throws -> Void)
    /// The same for as long as the client stays: it is cancelled where that goes away.
    case stream(@Sendable (AnswerWriter) async throws -> Void)
  }

  static func json(_ bytes: [UInt8], _ status: HTTPResponse.Status = .ok) -> Answer {
    Answer(status: status, type: "application/json", .bytes(bytes))
  }

  static func json(_ json: JSON, _ status: HTTPResponse.Status = .ok) -> Answer {
    .json(json.bytes(), status)
  }

  static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Answer {
    Answer(type: type, .bytes(Array(text.utf8)))
  }

  init(status: HTTPResponse.Status = .ok, type: String, _ body: Body) {
    self.status = status
    self.body = body
    headers[.contentType] = type
  }
}

/// Takes the pieces of a body; whoever is slow to read holds it up.
struct AnswerWriter: Sendable {
  let write: @Sendable ([UInt8]) async throws -> Void
}

extension HTTPField.Name {
  static let host = known("Host")
  /// Names the request, also in the log.
  static let requestID = known("Elements-Request-Id")
  /// The code of a refusal, for programs.
  static let error = known("Elements-Error")
  /// Where a client of a stream was.
  static let lastEventID = known("Last-Event-ID")
  static let returnedCount = known("Elements-Returned-Count")
  static let totalCount = known("Elements-Total-Count")
  /// Where to go on, as the parameter `nextPage`.
  static let nextPageToken = known("Elements-Next-Page-Token")

  /// What proxies say of those for whom they ask. Source: RFC 7239; RFC 9110, §7.6.3.
  static let forwarded = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"].map(known)

  static func known(_ name: String) -> HTTPField.Name {
    guard let made = HTTPField.Name(name) else { preconditionFailure("\(name) is no name") }
    return made
  }
}
