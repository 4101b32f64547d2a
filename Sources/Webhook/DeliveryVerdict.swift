package import Domain
package import Events

/// The result of an attempt, before any retry schedule is asked.
///
///     2xx                                success
///     410                                gone: the callback is to be disabled
///     3xx, other 4xx, 5xx, no answer     failed
///
/// Source: Standard Webhooks, “Deliverability and reliability”.
package enum DeliveryVerdict: Sendable, Equatable {
  case success(status: Int)
  /// 410: the receiver wants nothing more at this URL.
  case gone
  /// `retryAfter` is how long the receiver asks us to wait, at most a day; it may only lengthen a
  /// wait. `isOther4xx` is tried again like the rest, but worth a notice: we seem to be wrong.
  case failed(Failure, retryAfter: Duration?, isOther4xx: Bool)

  /// The status or network failure in place of a success.
  package enum Failure: Sendable, Equatable {
    case status(Int)
    case network(NetworkFailure.Kind)
  }

  /// Judges an outcome; the body is never looked at.
  ///
  /// - Parameter now: What a date in `Retry-After` is measured from.
  package static func of(_ outcome: Outcome, now: Moment) -> DeliveryVerdict {
    switch outcome {
    case .failed(let failure):
      return .failed(.network(failure.kind), retryAfter: nil, isOther4xx: false)
    case .reply(let reply):
      switch reply.status {
      case 200..<300: return .success(status: reply.status)
      case 410: return .gone
      case let status:
        // These three ask for another try, the rest of 4xx blames what was sent.
        let isOther4xx = (400..<500).contains(status) && ![408, 425, 429].contains(status)
        return .failed(
          .status(status), retryAfter: reply.retryAfter(now: now), isOther4xx: isOther4xx)
      }
    }
  }
}
