import Glibc

/// Wall time and this process's own time since it was made.
struct Stopwatch {
  private let begun = ContinuousClock.now
  private let used = Stopwatch.cpu()

  var seconds: Double { (ContinuousClock.now - begun) / .seconds(1) }

  /// Of all threads, in user and system mode.
  var cpuSeconds: Double { Stopwatch.cpu() - used }

  private static func cpu() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
