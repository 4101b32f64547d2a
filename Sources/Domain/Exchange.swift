package import Events

/// One HTTP exchange as values: what is asked, and what came of it. Nothing here performs anything.
package struct Request: Sendable, Equatable {
  /// The two methods that Daybook ever sends.
  package enum Method: String, Sendable { case get = "GET", post = "POST" }

  package var method: Method
  /// Absolute, `http` or `https`, percent-encoded.
  package var url: String
  /// In the order in which they are sent; names as written here.
  package var headers: [Header]
  package var body: [UInt8]
  package var reach: Reach
  package var bounds: ExchangeBounds
  /// The cost in units of the user's quota; 0 where only requests count.
  package var quotaUnits: Int

  package init(
    _ method: Method = .get, _ url: String, headers: [Header] = [], body: [UInt8] = [],
    reach: Reach, bounds: ExchangeBounds, quotaUnits: Int = 0
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.reach = reach
    self.bounds = bounds
    self.quotaUnits = quotaUnits
  }
}

/// A header field. Names compare without case; values never hold CR, LF or NUL.
package struct Header: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// Says that the name is one or more characters that a name may hold.
  ///
  /// Source: RFC 9110, §5.6.2, “token”.
  package var hasTokenName: Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}

/// Where a request may connect; judged on every address, when connecting.
package enum Reach: Sendable, Equatable {
  /// The provider's own hosts: `https` anywhere, `http` on loopback only.
  case provider
  /// A callback: public addresses only, and what the operator allowed.
  case callback
}

/// How long an exchange may take and how much of the reply is read.
package struct ExchangeBounds: Sendable, Equatable {
  /// For the connection alone, TLS included.
  package var connect: Duration
  /// For the whole exchange, from the name look-up to the last byte.
  package var total: Duration
  /// Bytes of the reply's body that are kept, counted after decompression.
  package var keptBytesMax: Int
  /// Bytes after which reading ends, with `.tooLarge`; where it may be cut the status counts.
  package var readBytesMax: Int
  /// A body longer than `keptBytesMax` is cut, as a receiver's answer is, and not refused, as a
  /// page is.
  package var mayCut: Bool

  package init(
    connect: Duration, total: Duration, keptBytesMax: Int, readBytesMax: Int, mayCut: Bool
  ) {
    self.connect = connect
    self.total = total
    self.keptBytesMax = keptBytesMax
    self.readBytesMax = readBytesMax
    self.mayCut = mayCut
  }
}

/// The result of an exchange: the outside world's "no" is a value, not an error.
///
/// Once the head of an answer is whole its status counts, whatever becomes of the body. Only a
/// success that nothing may be cut from, such as a page, fails with its body.
package enum Outcome: Sendable, Equatable {
  case reply(Reply)
  case failed(NetworkFailure)
}

/// An answer with a status line.
package struct Reply: Sendable, Equatable {
  package var status: Int
  package var headers: [Header]
  /// The bytes kept, decompressed.
  package var body: [UInt8]
  /// Bytes of the body that were read, kept or not.
  package var bodyBytes: Int
  /// Why the body is not whole; nil where it is. The status and the headers are, in any case.
  package var bodyFailure: NetworkFailure.Kind?
  /// The numeric address that answered, such as `203.0.113.7` or `::1`.
  package var address: String
  package var duration: Duration
  package var times: ExchangeTimes
  /// SHA-256 of all bytes of the body that were read; nil where `body` holds them all.
  package var bodyDigest: [UInt8]?

  package init(
    status: Int, headers: [Header] = [], body: [UInt8] = [], bodyBytes: Int? = nil,
    bodyFailure: NetworkFailure.Kind? = nil, address: String = "", duration: Duration = .zero,
    times: ExchangeTimes = ExchangeTimes(), bodyDigest: [UInt8]? = nil
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.bodyBytes = bodyBytes ?? body.count
    self.bodyFailure = bodyFailure
    self.address = address
    self.duration = duration
    self.times = times
    self.bodyDigest = bodyDigest
  }

  /// The bytes kept are not all that the body has.
  package var isCut: Bool { bodyFailure != nil || bodyBytes > body.count }

  /// The first value of a header, its name compared without case.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// Why there was no answer, or none that can be used.
package struct NetworkFailure: Sendable, Equatable {
  /// The fault, by the word that events store.
  package enum Kind: String, Sendable {
    /// The URL cannot be used: malformed, or a scheme that is not allowed here.
    case badURL = "bad_url"
    /// Every address that the name has is forbidden; `address` is the first of them.
    case blocked = "blocked"
    case nameNotFound = "name_not_found"
    case refused = "connection_refused"
    case reset = "connection_reset"
    case timedOut = "timed_out"
    case tls = "tls"
    /// The reply passed its bound.
    case tooLarge = "too_large"
    /// Not HTTP, cut short, or wrongly compressed.
    case garbled = "garbled"
    /// It was cut while it was under way, or not begun because we are to stop.
    case cancelled = "cancelled"
    case other = "other"
  }

  package var kind: Kind
  /// One sentence for a person; holds no header, body, query or secret.
  package var text: String
  package var address: String?
  package var duration: Duration
  package var times: ExchangeTimes

  package init(
    _ kind: Kind, _ text: String, address: String? = nil, duration: Duration = .zero,
    times: ExchangeTimes = ExchangeTimes()
  ) {
    self.kind = kind
    self.text = text
    self.address = address
    self.duration = duration
    self.times = times
  }
}
