import Domain
import Events

extension FakeFault {
  /// When a refusal says that the caller may come again.
  package enum RetryAfter: Sendable, Equatable, ExpressibleByStringLiteral {
    /// As it stands in the header: seconds, or anything.
    case text(String)
    /// The date that long after the answer: `Mon, 23 Nov 2026 12:02:00 GMT`.
    case date(after: Duration)

    /// Seconds, or anything, as it stands in the header.
    package init(stringLiteral value: String) {
      self = .text(value)
    }

    func value(at now: Moment) -> String {
      switch self {
      case .text(let text): text
      case .date(let wait): (now + wait).httpDate
      }
    }
  }
}

extension Moment {
  /// The instant as an HTTP date in whole seconds: `Mon, 23 Nov 2026 12:02:00 GMT`.
  fileprivate var httpDate: String {
    let parts = javaDate.split(separator: " ")
    return "\(parts[0]), \(parts[2]) \(parts[1]) \(parts[5]) \(parts[3]) GMT"
  }
}
