import Glibc

/// A process of its own from its start to its end, its output thrown away.
package enum MeasuredProcess {
  /// What the process took.
  package struct Usage: Sendable {
    package var seconds: Double
    package var cpuSeconds: Double
    /// Resident at most, as it was looked at; 0 where it was not.
    package var memoryKiB: Int
    /// As `wait` tells it.
    package var status: Int32
  }

  /// The program could not be started.
  package struct NotStarted: Error, CustomStringConvertible {
    package let description: String
  }

  /// Runs a program to its end.
  ///
  /// What the kernel tells of a process that has ended begins with the memory of the one that
  /// started it, so the process is looked at while it runs: the highest that it had until then.
  ///
  /// - Parameters:
  ///   - words: The program and its arguments.
  ///   - environment: `NAME=value`, in place of our own.
  ///   - microseconds: How often its memory is looked at; nil: never, and the time is exact.
  package static func run(
    _ words: [String], environment: [String] = [], lookingEvery microseconds: UInt32? = nil
  ) throws(NotStarted) -> Usage {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    for (descriptor, mode) in [(0, O_RDONLY), (1, O_WRONLY)] {
      posix_spawn_file_actions_addopen(&files, Int32(descriptor), "/dev/null", mode, 0)
    }
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { (arguments + variables).forEach { free($0) } }
    var process: pid_t = 0
    let begun = ContinuousClock.now
    guard posix_spawn(&process, words[0], &files, nil, &arguments, &variables) == 0 else {
      throw NotStarted(description: "\(words[0]) cannot be started; `make build` makes it")
    }
    var (status, usage, memory) = (Int32(0), rusage(), 0)
    while true {
      let ended = wait4(process, &status, microseconds == nil ? 0 : WNOHANG, &usage)
      if ended == process || ended < 0 && errno != EINTR { break }
      guard let microseconds else { continue }
      memory = max(memory, highestMemory(of: process))
      usleep(microseconds)
    }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Usage(
      seconds: (ContinuousClock.now - begun) / .seconds(1),
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), memoryKiB: memory,
      status: status)
  }

  /// The most that was resident so far, KiB. Source: proc_pid_status(5), `VmHWM`.
  private static func highestMemory(of process: pid_t) -> Int {
    let descriptor = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = max(0, read(descriptor, &bytes, bytes.count))
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    let line = lines.first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first
      .flatMap { Int($0) } ?? 0
  }
}
