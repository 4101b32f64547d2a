import Domain
import Events

extension JournalOptions {
  /// The range of one option, and its value where none is given.
  public struct Bound<Value: Comparable & Sendable>: Sendable {
    /// Values that are taken; others are refused with the option’s name.
    public let range: ClosedRange<Value>
    /// The library’s own.
    public let standard: Value

    func checked(_ value: Value?, _ name: String) throws(Refusal) -> Value {
      guard let value else { return standard }
      guard range.contains(value) else {
        throw Refusal(
          at: name, "\(value) is not \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
  }

  /// Ranges of the options that have one; the executable’s settings go by the same.
  public enum Bounds {
    /// The whole of one attempt: ten minutes hold a worker for as long as anybody would wait.
    public static let attemptTimeout = Bound(
      range: Limits.attemptTimeouts, standard: Limits.attemptTimeout)
    /// The connection of one attempt.
    public static let connectTimeout = Bound(
      range: Limits.connectTimeouts, standard: Limits.connectTimeout)
    /// Attempts at once to one callback; its standard is for who asks for a bound alone.
    public static let attemptsPerCallback = Bound(
      range: Limits.callbackConcurrency, standard: Limits.callbackConcurrency.upperBound)
    /// Attempts in a second to one callback.
    public static let ratePerCallback = Bound(
      range: Limits.callbackRate, standard: Limits.callbackRate.upperBound)
    /// How long after a failure a callback that rests is asked again.
    public static let breakerWait = Bound(
      range: Duration.milliseconds(10)...Duration.seconds(3_600), standard: Limits.breakerWait)
    /// How long a callback has to fail until it is disabled: ten years are for never.
    public static let disableAfter = Bound(
      range: Duration.seconds(1)...Duration.seconds(3_650 * 86_400), standard: Limits.disableAfter)
    /// Attempts at once: each is a connection.
    public static let attemptsInFlight = Bound(range: 1...256, standard: Limits.attemptsInFlight)
    /// Failed polls in a row.
    public static let failuresMax = Bound(range: 1...1_000_000, standard: Limits.failuresMax)
    /// How long bytes of a kind are kept that a policy removes.
    public static let retention = Bound(
      range: Duration.seconds(1)...Duration.seconds(366 * 86_400), standard: .seconds(366 * 86_400))
    /// Between two polls, in place of an instance’s own; its standard is that of an instance.
    public static let interval = Bound(
      range: Duration.milliseconds(10)...Duration.seconds(366 * 86_400),
      standard: .seconds(Limits.intervalMinutesDefault * 60))
  }
}
