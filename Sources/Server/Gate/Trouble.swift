import Daybook
import Events
import HTTPTypes
import RawJSON

/// Why a request did not get what it asked for: the status, a code for programs, and one sentence.
///
///     404  {"requestId":"5f…","message":"there is no instance 7"}     Elements-Error: notFound
///
/// Source of the body: SAP Open Connectors, “Error Codes”.
struct Trouble: Error {
  var status: HTTPResponse.Status
  var code: String
  var message: String
  /// The provider’s own words.
  var providerMessage: String?
  var headers = HTTPFields()

  init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  static let unauthorized = Trouble(
    .unauthorized, "unauthorized",
    "Invalid Organization or User secret, or invalid Element token provided.")

  static let stopping = Trouble(
    .serviceUnavailable, "stopping", "the server stops; ask again later")

  /// Any error of a route in these terms.
  init(_ error: any Error) {
    switch error {
    case let trouble as Trouble: self = trouble
    case let refusal as Refusal: self.init(refusal)
    case let error as DaybookError: self.init(error)
    case is CancellationError:
      self = .stopping
    default: self.init(.internalServerError, "failed", "\(error)")
    }
  }

  private init(_ error: DaybookError) {
    switch error {
    case .refused(let refusal): self.init(refusal)
    case .cancelled: self.init(.serviceUnavailable, "stopping", "\(error)")
    case .busy:
      self.init(.serviceUnavailable, "busy", "\(error)")
      headers[.retryAfter] = "1"
    case .missing: self.init(.serviceUnavailable, "missing", "\(error)")
    case .unfinished, .damaged, .misfolded, .unusable, .failed:
      self.init(.internalServerError, "failed", "\(error)")
    }
  }

  private init(_ refusal: Refusal) {
    let (status, code): (HTTPResponse.Status, String) =
      switch refusal.code {
      case .notFound: (.notFound, "notFound")
      case .deleted: (.notFound, "deleted")
      case .disabled: (.forbidden, "disabled")
      case .conflict: (.conflict, "conflict")
      case .keyReused: (.unprocessableContent, "keyReused")
      case .invalid: (.badRequest, "invalid")
      case .tooLarge: (.contentTooLarge, "tooLarge")
      case .unsupported: (.badRequest, "unsupported")
      case .locked: (.conflict, "locked")
      case .keyMissing: (.serviceUnavailable, "keyMissing")
      case .providerRefused: (.badRequest, "providerRefused")
      case .providerUnreachable: (.badGateway, "providerUnreachable")
      case .notGranted: (.badRequest, "notGranted")
      case .readOnly: (.conflict, "readOnly")
      }
    self.init(status, code, refusal.description)
    if refusal.code == .providerRefused || refusal.code == .providerUnreachable {
      providerMessage = refusal.text
    }
  }

  /// The answer that tells of it.
  func answer(_ requestID: String) -> Answer {
    var body = Members([("requestId", .string(requestID)), ("message", .string(message))])
    if let providerMessage { body["providerMessage"] = .string(providerMessage) }
    var answer = Answer.json(.object(body), status)
    for field in headers { answer.headers.append(field) }
    answer.headers[.error] = code
    return answer
  }

  /// The body’s shape.
  static let schema = Schema.object(
    ["requestId": .text, "message": .text, "providerMessage": .text],
    required: ["requestId", "message"])
}
