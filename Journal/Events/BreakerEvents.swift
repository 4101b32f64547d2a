// What becomes of the breaker of a callback. Property by property as in CATALOGUE.md.

/// `breaker.opened`: A URL fails so often that it is asked now and then alone.
public struct BreakerOpened: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "breaker.opened"
  /// Which.
  public var url: String
  /// How many attempts were made lately.
  public var attempts: Int
  /// How many of them failed.
  public var failed: Int
  /// How long ago the first of them ended at most, milliseconds.
  public var windowMs: Int64
  /// How long after a failure the next one is let through, milliseconds.
  public var waitMs: Int64
  /// Takes its fields in the order of the catalogue.
  public init(url: String, attempts: Int, failed: Int, windowMs: Int64, waitMs: Int64) {
    self.url = url
    self.attempts = attempts
    self.failed = failed
    self.windowMs = windowMs
    self.waitMs = waitMs
  }

  private enum CodingKeys: String, CodingKey {
    case url = "url"
    case attempts = "attempts"
    case failed = "failed"
    case windowMs = "window_ms"
    case waitMs = "wait_ms"
  }
}

/// `breaker.closed`: The one that was let through was taken: all are again.
public struct BreakerClosed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "breaker.closed"
  /// Which.
  public var url: String
  /// Takes its fields in the order of the catalogue.
  public init(url: String) { self.url = url }

  private enum CodingKeys: String, CodingKey {
    case url = "url"
  }
}
