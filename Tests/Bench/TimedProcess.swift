import Glibc

/// A process of its own from its start to its end, its output thrown away.
enum TimedProcess {
  /// What the process took.
  struct Usage {
    var seconds: Double
    var cpuSeconds: Double
    var memoryKiB: Int
  }

  static func run(_ program: String, _ words: [String]) throws -> Usage {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    for (descriptor, mode) in [(0, O_RDONLY), (1, O_WRONLY)] {
      posix_spawn_file_actions_addopen(&files, Int32(descriptor), "/dev/null", mode, 0)
    }
    var arguments = ([program] + words).map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var process: pid_t = 0
    let begun = ContinuousClock.now
    guard posix_spawn(&process, program, &files, nil, &arguments, environ) == 0 else {
      throw Skip(reason: "\(program) cannot be started")
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    let taken = (ContinuousClock.now - begun) / .seconds(1)
    guard status == 0 else {
      throw Skip(reason: "\(program) \(words.joined(separator: " ")) ended with \(status)")
    }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Usage(
      seconds: taken, cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      memoryKiB: usage.ru_maxrss)
  }
}
