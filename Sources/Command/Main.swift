import Glibc
import REPL

/// The executable: arguments, signals, exit status. Everything else is the REPL’s.
@main
enum Main {
  static func main() async {
    holdStreams()
    // A file that may not grow is an error of its writing, as a full disk is.
    _ = signal(SIGXFSZ, SIG_IGN)
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
