import Glibc
import REPL

/// The executable: arguments, signals, exit status. Everything else is the REPL’s.
@main
enum Main {
  static func main() async {
    holdStreams()
    // A file that may not grow is an error of its writing, as a full disk is.
    _ = signal(SIGXFSZ, SIG_IGN)
    checkFiles()
    let environment = Environment.all()
    let arguments = Array(CommandLine.arguments.dropFirst())
    let status = await Invocation(arguments, environment).run()
    // Not `exit`: the clean-up of libraries would pull the ground from under threads that still
    // run. Everything printed was written at once, so nothing waits to be flushed.
    _exit(status)
  }

  /// Puts something in the place of streams that are closed, so that no file of ours gets their
  /// numbers and what is said on them. Reading and writing them goes on to fail.
  private static func holdStreams() {
    for stream in 0...2 as ClosedRange<Int32> where fcntl(stream, F_GETFD) < 0 {
      _ = open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY)
    }
  }
}

extension Main {
  /// Files that the process can have open at least: its runtime, SQLite and libcurl take a dozen
  /// before anything is asked, and where the runtime gets none it ends the process by a signal.
  private static let filesMin: rlim_t = 32
  /// Files that it asks for where it may: connections of `serve` and their like.
  private static let filesWanted: rlim_t = 4_096

  /// Ends with a clear error where too few files can be opened.
  private static func checkFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    if limit.rlim_cur < filesWanted, limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = min(filesWanted, limit.rlim_max)
      _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    guard limit.rlim_cur < filesMin else { return }
    let message =
      "daybook: Too many open files: this process may open \(limit.rlim_cur), and needs"
      + " \(filesMin); raise the limit, as `ulimit -n 256` does\n"
    _ = Array(message.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    _exit(1)
  }
}

/// The variables of the process.
enum Environment {
  static func all() -> [String: String] {
    var variables: [String: String] = [:]
    var place = environ
    while let entry = place.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      place += 1
    }
    return variables
  }
}
