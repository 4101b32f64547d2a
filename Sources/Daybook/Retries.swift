import Domain

/// How long to wait after each failed attempt, before jitter.
public struct Retries: Sendable, Equatable {
  let schedule: RetrySchedule

  /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
  ///
  /// Source: Standard Webhooks, “Deliverability and reliability”.
  public static let standard = Retries(schedule: .standard)
  /// 8, 64, 512, 4096 and 32768 s after the first failure.
  ///
  /// Source: SAP Open Connectors, “Event retry and queueing”.
  public static let sap = Retries(schedule: .sap)

  /// These waits, each at most a year.
  public static func waits(_ waits: [Duration]) -> Retries { Retries(schedule: .waits(waits)) }

  private init(schedule: RetrySchedule) { self.schedule = schedule }

  /// Reads `standard`, `sap` or a list of waits such as `1s,5s,5m`; nil where it is none of them.
  public init?(_ text: String) {
    guard let schedule = RetrySchedule(text) else { return nil }
    self.schedule = schedule
  }
}
