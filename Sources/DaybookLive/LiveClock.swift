package import Events
import Glibc

/// The machine’s two clocks: one that people read and may set, one that only goes on.
package enum LiveClock {
  /// The time of day, which steps when somebody sets it.
  package static func now() -> Moment {
    let time = read(CLOCK_REALTIME)
    return Moment(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// The time since a fixed point of this machine’s run: never steps, means nothing elsewhere.
  package static func uptime() -> Duration {
    let time = read(CLOCK_MONOTONIC)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "clock \(clock) cannot be read: error \(errno)")
    return time
  }
}
