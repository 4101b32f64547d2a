package import Events

/// How the deliveries of an instance are made: its own settings over those of the program.
package struct DeliverySettings: Sendable, Equatable {
  package var order = DeliveryOrder.object
  package var failurePolicy = FailurePolicy.retry
  /// Attempts at once to its callback; nil: as many as there is room for.
  package var concurrency: Int?
  /// Attempts in a second to its callback; nil: as many as it answers.
  package var ratePerSecond: Int?
  package var retrySchedule = RetrySchedule.standard
  /// For the whole of one attempt.
  package var timeout = Limits.attemptTimeout
  package var connectTimeout = Limits.connectTimeout

  package init() {}

  /// Settings of an instance, by their names in its configuration.
  package enum Key: String, Sendable, CaseIterable {
    case order = "notification.webhook.order"
    case failurePolicy = "notification.webhook.failure.policy"
    case retrySchedule = "notification.webhook.retry"
    case concurrency = "notification.webhook.concurrency"
    case ratePerSecond = "notification.webhook.rate"
    case timeout = "notification.webhook.timeout"
    case connectTimeout = "notification.webhook.timeout.connect"
  }

  /// The same with what an instance says in its place; what cannot be read was refused when it was
  /// configured.
  package func with(_ configuration: [String: Setting]) -> DeliverySettings {
    var settings = self
    for key in Key.allCases {
      if let text = configuration[key.rawValue]?.word { _ = settings.take(key, text) }
    }
    return settings
  }

  /// Puts a value in its place.
  ///
  /// - Returns: Why it cannot be used, to go on behind the value; nil where it can.
  package mutating func take(_ key: Key, _ text: String) -> String? {
    switch key {
    case .order: word(text, \.order)
    case .failurePolicy: word(text, \.failurePolicy)
    case .retrySchedule: schedule(text)
    case .concurrency: number(text, \.concurrency, Limits.callbackConcurrency)
    case .ratePerSecond: number(text, \.ratePerSecond, Limits.callbackRate)
    case .timeout: duration(text, \.timeout, Limits.attemptTimeouts)
    case .connectTimeout: duration(text, \.connectTimeout, Limits.connectTimeouts)
    }
  }

  private mutating func schedule(_ text: String) -> String? {
    guard let schedule = RetrySchedule(text) else {
      return "is none of standard, sap or waits such as 1s,5s,5m"
    }
    retrySchedule = schedule
    return nil
  }

  private mutating func word<Word: RawRepresentable<String> & CaseIterable>(
    _ text: String, _ place: WritableKeyPath<DeliverySettings, Word>
  ) -> String? {
    guard let word = Word(rawValue: text) else {
      return "is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))"
    }
    self[keyPath: place] = word
    return nil
  }

  private mutating func number(
    _ text: String, _ place: WritableKeyPath<DeliverySettings, Int?>, _ range: ClosedRange<Int>
  ) -> String? {
    guard let number = Int(text), range.contains(number) else {
      return "is no whole number from \(range.lowerBound) to \(range.upperBound)"
    }
    self[keyPath: place] = number
    return nil
  }

  private mutating func duration(
    _ text: String, _ place: WritableKeyPath<DeliverySettings, Duration>,
    _ range: ClosedRange<Duration>
  ) -> String? {
    guard let duration = Duration(unit: text), range.contains(duration) else {
      let most = range.upperBound.components.seconds / 60
      return "is no duration from 10ms to \(most)m, such as 15s"
    }
    self[keyPath: place] = duration
    return nil
  }
}

extension Setting {
  /// A text or a whole number as text; nil for anything else, and for nothing.
  package var word: String? {
    switch self {
    case .text(let text): text.isEmpty ? nil : text
    case .whole(let number): String(number)
    default: nil
    }
  }
}
