import Daybook
import Glibc
import REPL

/// The process’s arguments, read: flags first, then a command, `-c` lines, a script, or the REPL.
@MainActor
struct Invocation {
  private let arguments: [String]
  private let environment: [String: String]

  init(_ arguments: [String], _ environment: [String: String]) {
    self.arguments = arguments
    self.environment = environment
  }

  /// - Returns: The exit status.
  func run() async -> Int32 {
    let status = await begin()
    guard status == 0, let failure = Console.failure else { return status }
    return Invocation.complain(Failure(failure))
  }

  private func begin() async -> Int32 {
    if arguments == ["--version"] {
      Console.say("daybook \(Version.daybook)")
      return 0
    }
    do {
      try checkNames()
      let (flags, lines, words) = try split()
      var file: [UInt8]?
      if let config = flags.config { file = try readInput(config, most: 1 << 20) }
      let settings = try Settings(flags, environment: environment, file: file)
      let session = Session(settings, extra: Live())
      return await Interruption.watched(session) {
        let status = await carryOut(session, flags.place, lines, words)
        await session.finish()
        return status
      }
    } catch {
      return Invocation.complain(error)
    }
  }

  private func carryOut(
    _ session: Session, _ place: String?, _ lines: [String], _ words: [String]
  ) async -> Int32 {
    let interpreter = Interpreter(session)
    do throws(Failure) {
      // Whatever follows is of the past then, as after the command.
      if let place { try await interpreter.run(["at", place]) }
      if !lines.isEmpty {
        for line in lines { try await interpreter.run(line: line) }
        if !words.isEmpty { try await interpreter.run(words) }
        return 0
      }
      if !words.isEmpty {
        try await interpreter.run(words)
        return 0
      }
    } catch {
      return Invocation.complain(error)
    }
    // Without a terminal to write on there is no prompt: what is typed is a script as well.
    if isatty(0) == 0 || isatty(1) == 0 {
      return await interpreter.run(script: ScriptReader(descriptor: 0))
    }
    return await Conversation(session).run()
  }

  /// Refuses what is not UTF-8: made readable it would name another file.
  private func checkNames() throws(Failure) {
    if let word = arguments.first(where: { $0.unicodeScalars.contains("\u{FFFD}") }) {
      throw .usage("the argument \(visible(word)) is not UTF-8")
    }
    for (name, value) in environment
    where name.hasPrefix("DAYBOOK_") && value.unicodeScalars.contains("\u{FFFD}") {
      throw .usage("\(name) is not UTF-8: \(visible(value))")
    }
  }

  /// Takes the flags of the program off the front.
  private func split() throws(Failure) -> (Settings.Flags, [String], [String]) {
    var flags = Settings.Flags()
    var lines: [String] = []
    var rest = arguments[...]
    while let word = rest.first, word.hasPrefix("-"), word != "-", word != "--" {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts[0] == "-o" ? "--output" : String(parts[0])
      guard
        ["--config", "--read-only", "-c", "--fields", "--at"].contains(name)
          || Settings.Flags.names.contains(name)
      else {
        try Invocation.checkFlag(name)
        break
      }
      rest.removeFirst()
      if name == "--read-only" {
        flags.isReadOnly = true
        continue
      }
      let value: String
      if parts.count == 2 {
        value = String(parts[1])
      } else {
        guard let next = rest.popFirst() else { throw .usage("\(name) needs a value") }
        value = next
      }
      switch name {
      case "--config": flags.config = value
      case "-c": lines.append(value)
      case "--fields": flags.fields = value
      case "--at": flags.place = value
      default: flags.values[name] = value
      }
    }
    return (flags, lines, Array(rest))
  }

  /// Refuses a flag that is nearly one of the program's; of all others the parser speaks.
  private static func checkFlag(_ name: String) throws(Failure) {
    let names = ["--config", "--read-only", "--fields", "--at"] + Settings.Flags.names
    guard name.hasPrefix("--"), !["--help", "--version"].contains(name),
      let near = suggestion(for: name, among: names.sorted())
    else { return }
    throw .usage("Unknown option '\(visible(name))'. Did you mean '\(near)'?")
  }

  private static func complain(_ failure: Failure) -> Int32 {
    if !failure.message.isEmpty {
      Console.complain("daybook: \(visible(failure.message, keepingLines: true))")
    }
    return failure.status
  }
}
