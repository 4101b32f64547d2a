import ArgumentParser

/// Carries out command lines in a session: the same grammar for arguments, `-c`, scripts and the
/// REPL.
@MainActor
package struct Interpreter {
  package let session: Session

  package init(_ session: Session) { self.session = session }

  /// Carries out one command given as words.
  ///
  /// - Throws: `Failure` with the exit status and one message.
  package func run(_ words: [String]) async throws(Failure) {
    // At the prompt they leave; in a script they end it.
    if [["exit"], ["quit"], [".quit"]].contains(words) { throw Failure(status: 0, "") }
    let command: any ParsableCommand
    do {
      command = try Root.parseAsRoot(Interpreter.guarded(words))
    } catch {
      try answer(error, words)
      return
    }
    guard let command = command as? any SessionCommand else {
      return try explain(command, words)
    }
    session.isStoppedCleanly = false
    session.remarks.forget()
    let isWork = type(of: command).isWork
    do {
      let settings = try command.shared.over(session.settings)
      (session.output, session.color) = (settings.output, settings.color)
      session.isLocal = command.shared.local
      try session.begin(writing: command.writes)
      try await command.perform(session)
    } catch {
      var failure = Failure(error)
      // Whatever it had come to, it was cut short.
      if Task.isCancelled {
        session.isStoppedCleanly = isWork && [5, 130].contains(failure.status)
        failure.status = 130
      }
      throw failure
    }
    if Task.isCancelled {
      session.isStoppedCleanly = isWork
      throw Failure(CancellationError())
    }
  }

  /// Help that was asked for, or the word that is missing.
  private func explain(_ command: any ParsableCommand, _ words: [String]) throws(Failure) {
    // What is neither a command of ours nor a group of them is the parser’s own help.
    if type(of: command).configuration.subcommands.isEmpty {
      let topic = words.drop { $0 == "help" }.first { !$0.hasPrefix("-") }
      if let topic, !Root.names.contains(topic) { throw Interpreter.unknown(topic) }
      do {
        var help = command
        try help.run()
      } catch {
        try answer(error, words)
      }
      return
    }
    if command is Root { throw .usage("name a command; `help` lists them") }
    let name = words.prefix { !$0.hasPrefix("-") }.joined(separator: " ")
    throw .usage("\(name) needs one more word; `help \(name)` lists them")
  }

  private static func unknown(_ word: String) -> Failure {
    let hint = suggestion(for: word, among: Root.names).map { "did you mean \($0)? " } ?? ""
    return .usage("there is no command \(visible(word)); \(hint)`help` lists them")
  }

  /// A time such as `-2h` in the place of a position would be taken for a flag: it goes to the end,
  /// behind the mark that ends the flags.
  private static func guarded(_ words: [String]) -> [String] {
    let (command, _, rest) = CommandShape.command(of: words)
    let shape = CommandShape(command)
    guard !words.contains("--"), shape.arguments.contains(where: { $0.kind?.mayBeTime ?? false })
    else { return words }
    let isTime = words.indices.map { place in
      rest.indices.contains(place) && words[place].hasPrefix("-")
        && words[place].dropFirst().first?.isNumber == true
        // It is the value of a flag before it.
        && !(place > 0 && shape.mayBeTime(after: words[place - 1]))
    }
    guard isTime.contains(true) else { return words }
    let times = words.indices.filter { isTime[$0] }.map { words[$0] }
    return words.indices.filter { !isTime[$0] }.map { words[$0] } + ["--"] + times
  }

  /// Carries out one typed line.
  package func run(line: String) async throws(Failure) {
    let words: [String]
    do {
      words = try CommandLineTokenizer.split(line)
    } catch {
      throw .usage("\(error)")
    }
    guard !words.isEmpty else { return }
    try await run(words)
  }

  /// Passes on the parser’s answer: help on standard output, or what is wrong and what would be
  /// right.
  private func answer(_ error: any Error, _ words: [String]) throws(Failure) {
    let message = Root.fullMessage(for: error)
    if Root.exitCode(for: error) == .success { return try session.say(message) }
    if let word = words.first, !word.hasPrefix("-"), !Root.names.contains(word) {
      throw Interpreter.unknown(word)
    }
    var text = message
    if text.hasPrefix("Error: ") { text.removeFirst(7) }
    throw .usage(visible(text, keepingLines: true))
  }
}

extension Interpreter {
  /// Runs a script; ends at the first command that fails.
  ///
  /// - Returns: The exit status: 0, 130 where it was interrupted, or 3 where a command failed,
  ///   whose line is named.
  package func run(script: ScriptReader) async -> Int32 {
    do {
      while let line = try await script.next() {
        do {
          try await run(line: line.text)
        } catch {
          if error.status == 0 { return 0 }
          if error.status == 130 {
            complain(error.message, line: line.number)
            return 130
          }
          complain(error.message.isEmpty ? "failed" : error.message, line: line.number)
          return 3
        }
      }
      return 0
    } catch {
      complain("\(error)", line: nil)
      return 3
    }
  }

  private func complain(_ message: String, line: Int?) {
    guard !message.isEmpty else { return }
    let place = line.map { "line \($0): " } ?? ""
    Console.complain("daybook: \(place)\(visible(message, keepingLines: true))")
  }
}

/// Shows control bytes as escapes, but for line breaks.
package func visible(_ text: String, keepingLines: Bool) -> String {
  guard keepingLines else { return visible(text) }
  return text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { visible(String($0)) }.joined(separator: "\n")
}
