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
  ///
  /// It goes on while the machine sleeps: a clock that stood still would make of every sleep a step
  /// of the time of day, and put off by its length all that is due.
  /// Source: clock_gettime(2), `CLOCK_BOOTTIME`.
  package static func uptime() -> Duration {
    let time = read(CLOCK_BOOTTIME)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "clock \(clock) cannot be read: error \(errno)")
    return time
  }
}
