import Domain

extension ExchangeBounds {
  /// A page of a provider: nothing may be cut.
  static func page(
    _ bytesMax: Int = 1 << 20, connect: Duration = .seconds(5), total: Duration = .seconds(10)
  ) -> ExchangeBounds {
    ExchangeBounds(
      connect: connect, total: total, keptBytesMax: bytesMax, readBytesMax: bytesMax,
      mayCut: false)
  }

  /// A receiver’s answer: its beginning is enough.
  static func answer(kept: Int = 1_024, read: Int = 4_096) -> ExchangeBounds {
    ExchangeBounds(
      connect: .seconds(5), total: .seconds(10), keptBytesMax: kept, readBytesMax: read,
      mayCut: true)
  }
}

extension Outcome {
  var reply: Reply? { if case .reply(let reply) = self { reply } else { nil } }
  var failure: NetworkFailure? { if case .failed(let failure) = self { failure } else { nil } }
}

extension Request {
  /// A page of a provider.
  static func page(
    _ url: String, headers: [Header] = [], bounds: ExchangeBounds = .page()
  ) -> Request {
    Request(.get, url, headers: headers, reach: .provider, bounds: bounds)
  }

  /// A notification.
  static func callback(
    _ url: String, headers: [Header] = [], body: String = "{}", bounds: ExchangeBounds = .answer()
  ) -> Request {
    Request(
      .post, url, headers: headers, body: Array(body.utf8), reach: .callback, bounds: bounds)
  }
}

/// An answer with a length.
func okay(_ body: String = "", status: String = "200 OK", headers: String = "") -> String {
  "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}
