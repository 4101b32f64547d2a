import ArgumentParser
import Daybook

/// Carries out command lines in a session: the same grammar for arguments, `-c`, scripts and the
/// REPL.
@MainActor
package struct Interpreter {
  package let session: Session

  package init(_ session: Session) { self.session = session }

  /// Carries out one command given as words.
  ///
  /// - Throws: `Failure` with the exit status and one message.
  package func run(
    _ words: [String], to target: TypedCommand.Target? = nil
  ) async throws(Failure) {
    // Interrupted while it waited for its next line: nothing new is begun.
    if Task.isCancelled { throw Failure(CancellationError()) }
    // At the prompt they leave; in a script they end it.
    if [["exit"], ["quit"], [".quit"]].contains(words) {
      session.isLeaving = true
      throw Failure(status: 0, "")
    }
    let words = Interpreter.settled(words)
    switch try parsed(words) {
    case .text(let text):
      try await session.directed(to: target) { () throws(Failure) in try session.say(text) }
    case .command(let command):
      let isDirected = !(command is any AboutSession)
      try await session.directed(to: target, mayBeUsual: isDirected) { () throws(Failure) in
        try await carryOut(command, named: CommandShape.name(of: words))
      }
    }
  }

  private enum Parsed {
    case command(any SessionCommand)
    /// Help that was asked for.
    case text(String)
  }

  private func parsed(_ words: [String]) throws(Failure) -> Parsed {
    if words == ["help"] { return .text(HelpPage.overview) }
    if words.count == 2, words[0] == "help",
      let topic = HelpPage.topics.first(where: { $0.name == words[1] })
    {
      return .text(topic.text)
    }
    let command: any ParsableCommand
    do {
      command = try Root.parseAsRoot(HyphenWords.guarded(words))
    } catch {
      return .text(try answer(error, words))
    }
    if let command = command as? any SessionCommand { return .command(command) }
    return .text(try explain(command, words))
  }

  private func carryOut(
    _ command: any SessionCommand, named name: String
  ) async throws(Failure) {
    session.isStoppedCleanly = false
    session.remarks.forget()
    let isWork = type(of: command).isWork
    do {
      let settings = try command.shared.over(session.settings)
      (session.output, session.color) = (settings.output, settings.color)
      session.isLocal = command.shared.local || settings.isLocal
      session.fields =
        try command.shared.fields.map { try SharedOptions.fields($0.text) }
        ?? session.settings.fields
      if command.waitsForOthers {
        try await perform(command)
      } else {
        try await session.attended(name) { try await perform(command) }
      }
    } catch {
      var failure = Failure(error)
      // Whatever it had come to, it was cut short.
      if Task.isCancelled {
        session.isStoppedCleanly = isWork && [5, 130].contains(failure.status)
        if case DaybookError.busy = error { failure.message = "interrupted" }
        failure.status = 130
      }
      throw failure
    }
    if Task.isCancelled {
      session.isStoppedCleanly = isWork
      throw Failure(CancellationError())
    }
  }

  /// Refuses words that make no command, one that writes, and one that goes on by itself.
  func checkReading(_ words: [String]) throws(Failure) {
    let name = visible(words.first ?? "")
    guard case .command(let command) = try parsed(Interpreter.settled(words)) else {
      throw .usage("\(name) does not change; watch another command")
    }
    if command.writes { throw .usage("\(name) writes, and is not done again and again") }
    let isEndless = command is WatchCommand || (command as? TailCommand)?.follows == true
    if isEndless || ["sandbox", "demo"].contains(name) {
      throw .usage("\(name) goes on by itself; watch another command")
    }
  }

  /// Carries out a command that another one repeats: the marks of the outer one stay.
  func run(nested words: [String]) async throws(Failure) {
    try await run(words)
    session.remarks.forget()
  }

  /// Help that was asked for, or the word that is missing.
  @discardableResult
  private func explain(
    _ command: any ParsableCommand, _ words: [String]
  ) throws(Failure) -> String {
    // What is neither a command of ours nor a group of them is the parser’s own help.
    if type(of: command).configuration.subcommands.isEmpty {
      let topic = words.drop { $0 == "help" }.first { !$0.hasPrefix("-") }
      if let topic, !Root.names.contains(topic) { throw Interpreter.unknown(topic) }
      do {
        var help = command
        try help.run()
        return ""
      } catch {
        return try answer(error, words)
      }
    }
    if command is Root { throw .usage("name a command; `help` lists them") }
    let name = words.prefix { !$0.hasPrefix("-") }.joined(separator: " ")
    throw .usage("\(name) needs one more word; `help \(name)` lists them")
  }

  private static func unknown(_ word: String) -> Failure {
    let hint = suggestion(for: word, among: Root.names).map { "did you mean \($0)? " } ?? ""
    return .usage("there is no command \(visible(word)); \(hint)`help` lists them")
  }

  /// Carries out a command, as of where `--at` says.
  private func perform(_ command: any SessionCommand) async throws {
    guard let place = command.shared.at else {
      try session.begin(writing: command.writes)
      return try await command.perform(session)
    }
    guard !command.writes else {
      throw Failure.failed("--at: this command writes, and what was cannot be changed")
    }
    guard type(of: command).answersAsOf else {
      throw Failure.usage("--at: this command does not answer as of an event")
    }
    try await session.answering(asOf: place.text) {
      try session.begin(writing: false)
      try await command.perform(session)
    }
  }

  /// A statement of SQL as one word behind the flags of `sql`, however it was given:
  ///
  ///     select 1        sql select 1        sql 'select 1' --output csv
  nonisolated static func settled(_ words: [String]) -> [String] {
    var words = words
    if let first = words.first, SQLScanner.begins(first.unicodeScalars) {
      words.insert("sql", at: 0)
    }
    guard words.first == "sql" else { return words }
    var flags: [String] = []
    var statement: [String] = []
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      let name = String(word.prefix { $0 != "=" })
      if word == "--" {
        // Behind the statement's first word it begins a comment.
        if !statement.isEmpty { statement.append(word) }
        statement += rest
        rest = []
      } else if let takesValue = SQLCommand.flags[name] {
        flags.append(word)
        if takesValue, name == word, let value = rest.popFirst() { flags.append(value) }
      } else if word.hasPrefix("-"), statement.isEmpty || word.dropFirst(2).first?.isLetter == true,
        !word.contains(where: \.isWhitespace)
      {
        // No flag of it: the parser says so.
        return words
      } else {
        statement.append(word)
      }
    }
    guard !statement.isEmpty else { return words }
    return ["sql"] + flags + ["--", statement.joined(separator: " ")]
  }

  /// Carries out what was typed: one command, or several.
  package func run(line text: String) async throws(Failure) {
    let isSeveral = text.utf8.contains(10)
    func placed(_ failure: Failure, _ line: Int) -> Failure {
      guard isSeveral, !failure.message.isEmpty else { return failure }
      return Failure(status: failure.status, "line \(line): \(failure.message)")
    }
    let commands: [TypedCommand]
    do {
      commands = try CommandAssembler.commands(in: text)
    } catch {
      throw placed(.usage("\(error)"), error.line)
    }
    for command in commands {
      do {
        try await run(command)
      } catch {
        throw placed(error, command.line)
      }
    }
  }

  private func run(_ command: TypedCommand) async throws(Failure) {
    let start = ContinuousClock.now
    defer {
      if session.settings.isTimed {
        Console.complain("time: \(elapsedText(ContinuousClock.now - start))")
      }
    }
    try await run(command.words, to: command.target)
  }

  /// Passes on the parser’s answer.
  ///
  /// - Returns: Help that was asked for.
  /// - Throws: `Failure` with what is wrong and what would be right.
  @discardableResult
  private func answer(_ error: any Error, _ words: [String]) throws(Failure) -> String {
    let message = Root.fullMessage(for: error)
    if Root.exitCode(for: error) == .success { return message }
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
      try await carryOut(script)
      return 0
    } catch {
      if !error.message.isEmpty {
        Console.complain("daybook: \(visible(error.message, keepingLines: true))")
      }
      return error.status
    }
  }

  /// The same, without a word.
  ///
  /// - Throws: `Failure` 130 or 3, with the line.
  func carryOut(_ script: ScriptReader) async throws(Failure) {
    var assembler = CommandAssembler()
    var line: ScriptLine?
    repeat {
      let commands: [TypedCommand]
      do {
        line = try await script.interruptibleNext()
        // Interrupted while it waited for a line: nothing new is begun, and nothing is under way.
        if Task.isCancelled {
          session.isStoppedCleanly = true
          throw Failure(CancellationError())
        }
        if let line { Console.note("> \(line.text)\n") }
        commands = try line.map { try assembler.take(line: $0.text) } ?? assembler.finish()
      } catch let error as TokenizerError {
        throw Failure(status: 3, "line \(error.line): \(error)")
      } catch let failure as Failure {
        throw failure
      } catch {
        throw Failure(status: 3, "\(error)")
      }
      for command in commands {
        do {
          try await run(command)
        } catch {
          // A word that leaves ends it.
          if error.status == 0 { return }
          let isInterrupted = error.status == 130
          let unsaid = isInterrupted ? "interrupted" : "failed"
          let message = error.message.isEmpty ? unsaid : error.message
          throw Failure(status: isInterrupted ? 130 : 3, "line \(command.line): \(message)")
        }
      }
    } while line != nil
  }
}

/// A time as people say it: `0.8 ms`, `12 ms`, `3.42 s`.
private func elapsedText(_ elapsed: Duration) -> String {
  let (seconds, rest) = elapsed.components
  let microseconds = seconds * 1_000_000 + rest / 1_000_000_000_000
  if microseconds < 10_000 { return "\(microseconds / 1_000).\(microseconds % 1_000 / 100) ms" }
  if microseconds < 1_000_000 { return "\(microseconds / 1_000) ms" }
  let hundredths = microseconds / 10_000 % 100
  return "\(seconds).\(hundredths < 10 ? "0" : "")\(hundredths) s"
}

/// Shows control bytes as escapes, but for line breaks.
package func visible(_ text: String, keepingLines: Bool) -> String {
  guard keepingLines else { return visible(text) }
  return text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { visible(String($0)) }.joined(separator: "\n")
}
