import Domain
import Events

/// Time that moves only when nothing else can: a steady clock, and a wall clock that jumps.
struct SimulatedClock {
  static let start = Moment(milliseconds: 1_795_000_000_000)

  private struct Sleeper {
    let number: Int
    let wakesAt: Duration
    let wake: CheckedContinuation<Void, Never>
  }

  private(set) var uptime: Duration = .zero
  /// Every jump of the wall clock, as it happened.
  private(set) var jumps: [Duration] = []
  private var offset: Duration = .zero
  private var sleepers: [Sleeper] = []
  private var cancelled: Set<Int> = []

  var now: Moment { trueNow + offset }
  /// What Google's clocks show, whatever that of this machine does.
  var trueNow: Moment { SimulatedClock.start + uptime }

  mutating func jump(by step: Duration) {
    offset += step
    jumps.append(step)
  }

  /// Registers a sleeper; one that was cancelled before is woken at once.
  ///
  /// - Returns: What the caller has to resume, outside of any lock.
  mutating func add(
    _ number: Int, for wait: Duration, _ wake: CheckedContinuation<Void, Never>
  ) -> CheckedContinuation<Void, Never>? {
    if cancelled.remove(number) != nil { return wake }
    sleepers.append(Sleeper(number: number, wakesAt: uptime + max(wait, .zero), wake: wake))
    return nil
  }

  mutating func cancel(_ number: Int) -> CheckedContinuation<Void, Never>? {
    guard let place = sleepers.firstIndex(where: { $0.number == number }) else {
      cancelled.insert(number)
      return nil
    }
    return sleepers.remove(at: place).wake
  }

  /// Forgets that a sleeper which has woken was cancelled.
  mutating func forget(_ number: Int) { cancelled.remove(number) }

  /// Moves on to the next sleeper; among those of one instant, chance picks.
  mutating func advance(_ random: inout SeededRandom) -> CheckedContinuation<Void, Never>? {
    guard let next = sleepers.map(\.wakesAt).min() else { return nil }
    let places = sleepers.indices.filter { sleepers[$0].wakesAt == next }
    guard let place = random.pick(Array(places)) else { return nil }
    uptime = max(uptime, next)
    return sleepers.remove(at: place).wake
  }
}
