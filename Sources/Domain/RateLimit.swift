import Events

/// How far apart the deliveries of a replay are due.
///
/// In whole milliseconds, as the log has it, and rounded so that no second holds more than was
/// asked for.
package struct RateLimit: Sendable, Equatable {
  /// Deliveries in a second at most; nil: as fast as they are answered.
  private let rate: Int?

  package init(rate: Int?) { self.rate = rate.map { max($0, 1) } }

  /// How many are asked for at once: a tenth of a second’s worth; nil: as many as there is room
  /// for.
  package var batchMax: Int? { rate.map { max($0 / 10, 1) } }

  /// A rate was asked for.
  package var isBound: Bool { rate != nil }

  /// How long after one of them the one so many places later is due.
  package func wait(_ places: Int) -> Duration {
    rate.map { (Duration.seconds(1) / $0 * places).roundedUp } ?? .zero
  }
}
