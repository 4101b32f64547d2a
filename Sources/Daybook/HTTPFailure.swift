import Domain
public import Events

/// Why there was no answer. It becomes a recorded event; deliveries and polls are tried again.
public struct HTTPFailure: Error, Sendable, Equatable {
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
  /// When it had come how far; recorded with an attempt, and shown.
  public var times: ExchangeTimes

  /// The parts as given, unchecked.
  public init(
    _ kind: Kind, _ text: String, duration: Duration = .zero,
    times: ExchangeTimes = ExchangeTimes()
  ) {
    self.kind = kind
    self.text = text
    self.duration = duration
    self.times = times
  }

  var domain: NetworkFailure {
    NetworkFailure(kind.domain, text, duration: duration, times: times)
  }
}
