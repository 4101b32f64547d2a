import Glibc
import REPL

/// The executable: arguments, signals, exit status. Everything else is the REPL’s.
@main
enum Main {
  static func main() async {
    let environment = Environment.all()
    let arguments = Array(CommandLine.arguments.dropFirst())
    let status = await Invocation(arguments, environment).run()
    // Not `exit`: the clean-up of libraries would pull the ground from under threads that still
    // run. Everything printed was written at once, so nothing waits to be flushed.
    _exit(status)
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
