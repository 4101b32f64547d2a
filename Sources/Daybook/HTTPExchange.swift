import Domain
public import Events
public import HTTPTypes

/// A request to be sent, and the bounds that it has to keep to; given to `World`, never made by its
/// callers.
public struct HTTPExchange: Sendable, Equatable {
  /// Its scheme is `http` or `https`, its path percent-encoded. The fields stand in the order in
  /// which they are to be sent, and hold credentials: keep them out of logs.
  public let request: HTTPRequest
  /// The bytes as they are, not text.
  public let body: [UInt8]
  /// True for a callback, which may reach public addresses only and those allowed; the one who
  /// connects judges the address. False for the provider.
  public let isCallback: Bool
  /// For the connection alone, TLS included.
  public let connectTimeout: Duration
  /// For the whole exchange, from the name look-up to the last byte.
  public let timeout: Duration
  /// Bytes of the reply’s body that are kept, counted after decompression.
  public let keptBytesMax: Int
  /// Bytes of the reply’s body after which reading ends, with `tooLarge`.
  public let readBytesMax: Int
  /// Cuts a longer body to `keptBytesMax`; where it is false such a body is `tooLarge`.
  public let mayCut: Bool

  /// - Throws: `HTTPFailure` for what no request can hold, such as a line break in a field.
  init(_ request: Request) throws(HTTPFailure) {
    self.request = try HTTPRequest(request)
    body = request.body
    isCallback = request.reach == .callback
    connectTimeout = request.bounds.connect
    timeout = request.bounds.total
    keptBytesMax = request.bounds.keptBytesMax
    readBytesMax = request.bounds.readBytesMax
    mayCut = request.bounds.mayCut
  }
}

extension HTTPRequest {
  fileprivate init(_ request: Request) throws(HTTPFailure) {
    let parts = request.url.split(separator: "://", maxSplits: 1)
    guard parts.count == 2 else { throw HTTPFailure(.badURL, "the URL is not absolute") }
    let authority = parts[1].prefix { !"/?#".contains($0) }
    let target = parts[1].dropFirst(authority.count).prefix { $0 != "#" }
    let method: HTTPRequest.Method =
      switch request.method {
      case .get: .get
      case .post: .post
      }
    var fields = HTTPFields()
    for header in request.headers {
      guard let name = HTTPField.Name(header.name), HTTPField.isValidValue(header.value) else {
        throw HTTPFailure(.badURL, "a header holds a character that none may hold")
      }
      fields.append(HTTPField(name: name, value: header.value))
    }
    self.init(
      method: method, scheme: String(parts[0]), authority: String(authority),
      path: target.hasPrefix("/") ? String(target) : "/\(target)", headerFields: fields)
  }
}

/// An answer with a status line, whatever the status.
public struct HTTPReply: Sendable, Equatable {
  /// Its status and its fields, in the order in which they came.
  public var response: HTTPResponse
  /// The bytes kept, decompressed.
  public var body: [UInt8]
  /// Why the body is not whole; nil where it is. Once its head is whole an answer counts by its
  /// status; only the body of a page, whose request has `mayCut` false, has to come whole for a
  /// status of 2xx: else it is a failure.
  public var bodyFailure: HTTPFailure.Kind?
  /// The numeric address that answered, such as `203.0.113.7`; empty where it has none.
  public var address: String
  /// From the name look-up to the last byte.
  public var duration: Duration
  /// When it had come how far; recorded with an attempt, and shown.
  public var times: ExchangeTimes

  /// The parts as given, unchecked.
  public init(
    _ response: HTTPResponse, body: [UInt8] = [], bodyFailure: HTTPFailure.Kind? = nil,
    address: String = "", duration: Duration = .zero, times: ExchangeTimes = ExchangeTimes()
  ) {
    self.response = response
    self.body = body
    self.bodyFailure = bodyFailure
    self.address = address
    self.duration = duration
    self.times = times
  }

  var domain: Reply {
    Reply(
      status: response.status.code,
      headers: response.headerFields.map { Header($0.name.rawName, $0.value) }, body: body,
      bodyFailure: bodyFailure?.domain, address: address, duration: duration, times: times)
  }
}
