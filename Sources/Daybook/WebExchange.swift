import Domain

/// A header field. Names compare without case; values never hold CR, LF or NUL.
public struct WebHeader: Sendable, Equatable {
  /// As written; compared without case.
  public var name: String
  /// Never holds CR, LF or NUL.
  public var value: String

  /// The parts as given, unchecked.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A request to be sent; given to `exchange`, never made by its callers.
public struct WebRequest: Sendable, Equatable {
  /// `GET` or `POST`.
  public let method: String
  /// Absolute, `http` or `https`, percent-encoded.
  public let url: String
  /// In the order in which they are to be sent. They hold credentials: keep them out of logs.
  public let headers: [WebHeader]
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

  init(_ request: Request) {
    method = request.method.rawValue
    url = request.url
    headers = request.headers.map { WebHeader($0.name, $0.value) }
    body = request.body
    isCallback = request.reach == .callback
    connectTimeout = request.bounds.connect
    timeout = request.bounds.total
    keptBytesMax = request.bounds.keptBytesMax
    readBytesMax = request.bounds.readBytesMax
    mayCut = request.bounds.mayCut
  }

  /// The first value of a header, its name compared without case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// An answer with a status line, whatever the status.
public struct WebReply: Sendable, Equatable {
  /// 100 to 599.
  public var status: Int
  /// In the order in which they came or go.
  public var headers: [WebHeader]
  /// The bytes kept, decompressed.
  public var body: [UInt8]
  /// Why the body is not whole; nil where it is. Once its head is whole an answer counts by its
  /// status; only the body of a page, whose request has `mayCut` false, has to come whole for a
  /// status of 2xx: else it is a failure.
  public var bodyFailure: WebFailure.Kind?
  /// The numeric address that answered, such as `203.0.113.7`; empty where it has none.
  public var address: String
  /// From the name look-up to the last byte.
  public var duration: Duration

  /// The parts as given, unchecked.
  public init(
    status: Int, headers: [WebHeader] = [], body: [UInt8] = [],
    bodyFailure: WebFailure.Kind? = nil, address: String = "", duration: Duration = .zero
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.bodyFailure = bodyFailure
    self.address = address
    self.duration = duration
  }

  var domain: Reply {
    Reply(
      status: status, headers: headers.map { Header($0.name, $0.value) }, body: body,
      bodyFailure: bodyFailure?.domain, address: address, duration: duration)
  }
}

/// Why there was no answer. It becomes a recorded event; deliveries and polls are tried again.
public struct WebFailure: Error, Sendable, Equatable {
  /// Causes of a failure, as far as the retry rules tell them apart.
  public enum Kind: Sendable, CaseIterable {
    /// The URL cannot be used.
    case badURL
    /// The address may not be reached; a delivery is skipped, not retried.
    case blocked
    case nameNotFound, refused, reset, timedOut, tls
    /// The reply passed `readBytesMax`, or `keptBytesMax` where nothing may be cut.
    case tooLarge
    /// Not HTTP, cut short, or wrongly compressed.
    case garbled
    /// You ended it while it was under way: whether it arrived is not known.
    case cancelled
    case other

    var domain: NetworkFailure.Kind {
      switch self {
      case .badURL: .badURL
      case .blocked: .blocked
      case .nameNotFound: .nameNotFound
      case .refused: .refused
      case .reset: .reset
      case .timedOut: .timedOut
      case .tls: .tls
      case .tooLarge: .tooLarge
      case .garbled: .garbled
      case .cancelled: .cancelled
      case .other: .other
      }
    }
  }

  /// The cause, by which the retry rules go.
  public var kind: Kind
  /// One sentence for a person; it is recorded, so it holds no header, body, query or secret.
  public var text: String
  /// From the name look-up to the last byte.
  public var duration: Duration

  /// The parts as given, unchecked.
  public init(_ kind: Kind, _ text: String, duration: Duration = .zero) {
    self.kind = kind
    self.text = text
    self.duration = duration
  }

  var domain: NetworkFailure { NetworkFailure(kind.domain, text, duration: duration) }
}
