/// One command, cut out of what was typed.
package struct TypedCommand: Equatable, Sendable {
  /// Where its results go, in place of the screen.
  package enum Target: Equatable, Sendable {
    /// `> FILE`, or `>> FILE`, which appends.
    case file(String, isAppending: Bool)
    /// `| COMMAND`, for `sh`.
    case command(String)
  }

  /// Its words; a statement of SQL is one word behind `sql … --`.
  package var words: [String]
  package var target: Target?
  /// The line on which it begins, counted from 1.
  package var line: Int
}

/// Puts lines together to commands: the same at the prompt, by `-c`, in a paste and in a script.
///
///     events --limit 3                      a line is a command
///     mark 'a                               a quote goes on over lines,
///     b'                                    as does a line that ends with a backslash
///     SELECT 1,                             a statement goes on to its `;`,
///       2; changes                          behind which the next command begins,
///     events; changes                       as behind that of any command
///     events > file                         > and | behind a command, and behind a `;`
///     # a comment                           also `--` and a blank, and `/* … */`
///
/// At the end of a text a statement needs no `;`.
package struct CommandAssembler {
  private enum Mode {
    case between
    case lineComment
    case blockComment(last: Unicode.Scalar)
    case words
    case sql
    /// Behind the `;` of a statement, which `>` or `|` may follow.
    case ended
    case file(isAppending: Bool)
    case pipe(quote: Unicode.Scalar?, isEscaped: Bool)
  }

  private var mode = Mode.between
  private var place = TextPlace()
  private var start = 1
  private var words = TokenScanner()
  private var statement = SQLScanner()
  private var file = TokenScanner()
  private var pipe = String.UnicodeScalarView()
  private var done: [TypedCommand] = []
  private var scalarsTaken = 0

  package init() {}

  /// Takes one line without its break, or several, and gives back the commands that end with them.
  package mutating func take(line: String) throws(TokenizerError) -> [TypedCommand] {
    try feed(line + "\n")
    defer { done = [] }
    return done
  }

  /// The end of the text: what is left ends here, and has to be whole.
  package mutating func finish() throws(TokenizerError) -> [TypedCommand] {
    switch mode {
    case .words: try endWords()
    case .sql:
      if let quote = statement.quote {
        throw .openQuote(
          Character(quote.scalar), line: quote.place.line, column: quote.place.column)
      }
      end(nil)
    case .ended: end(nil)
    case .file: try endFile()
    case .pipe: try endPipe()
    case .blockComment: throw .openComment(line: start)
    case .between, .lineComment: break
    }
    defer { done = [] }
    return done
  }

  /// True where the next line belongs to the same command: one that is whole ended with its line.
  package var isOpen: Bool {
    switch mode {
    case .between, .lineComment, .ended: false
    case .blockComment, .words, .sql, .file, .pipe: true
    }
  }

  /// All commands of a text.
  package static func commands(in text: String) throws(TokenizerError) -> [TypedCommand] {
    var assembler = CommandAssembler()
    return try assembler.take(line: text) + assembler.finish()
  }

  /// True where a text ends within a command.
  package static func isOpen(_ text: String) -> Bool {
    var assembler = CommandAssembler()
    // What cannot be read is told of when it is carried out.
    guard (try? assembler.take(line: text)) != nil else { return false }
    return assembler.isOpen
  }

  // MARK: Scalars

  private mutating func feed(_ text: String) throws(TokenizerError) {
    let scalars = Array(text.unicodeScalars)
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      try take(scalar, before: scalars[(index + 1)...])
      place.pass(scalar)
      index += 1
    }
  }

  private mutating func take(
    _ scalar: Unicode.Scalar, before rest: ArraySlice<Unicode.Scalar>
  ) throws(TokenizerError) {
    scalarsTaken += 1
    guard scalarsTaken <= TerminalLimits.scriptLineBytesMax else { throw .tooLong(line: start) }
    switch mode {
    case .between: begin(scalar, before: rest)
    case .lineComment: if scalar == "\n" { mode = .between }
    case .blockComment(let last):
      // The star that opens it does not close it.
      let seen = last == "/" && scalar == "*" ? " " : scalar
      mode = last == "*" && scalar == "/" ? .between : .blockComment(last: seen)
    case .words: try takeWord(scalar, before: rest)
    case .sql: if statement.take(scalar, at: place) { mode = .ended }
    case .ended:
      if scalar != "\n" && CommandLineTokenizer.isBlank(scalar) { return }
      if !direct(scalar) {
        end(nil)
        begin(scalar, before: rest)
      }
    case .file(let isAppending): try takeFile(scalar, isAppending)
    case .pipe(let quote, let isEscaped): try takePipe(scalar, quote, isEscaped)
    }
  }

  private mutating func begin(
    _ scalar: Unicode.Scalar, before rest: ArraySlice<Unicode.Scalar>
  ) {
    scalarsTaken = 0
    if CommandLineTokenizer.isBlank(scalar) || scalar == ";" { return }
    let next = rest.first ?? "\n"
    if scalar == "\u{23}" {
      mode = .lineComment
    } else if scalar == "-", next == "-", rest.dropFirst().first.map(isBlank) ?? true {
      mode = .lineComment
    } else if scalar == "/", next == "*" {
      start = place.line
      mode = .blockComment(last: scalar)
    } else {
      start = place.line
      words = TokenScanner()
      statement = SQLScanner()
      let isStatement = SQLScanner.begins([scalar] + rest.prefix(16))
      mode = isStatement ? .sql : .words
      if isStatement {
        for scalar in "sql ".unicodeScalars { words.take(scalar, at: place) }
        _ = statement.take(scalar, at: place)
      } else {
        words.take(scalar, at: place)
      }
    }
  }

  private func isBlank(_ scalar: Unicode.Scalar) -> Bool { CommandLineTokenizer.isBlank(scalar) }

  // MARK: Words

  private mutating func takeWord(
    _ scalar: Unicode.Scalar, before rest: ArraySlice<Unicode.Scalar>
  ) throws(TokenizerError) {
    if words.isInComment {
      if scalar == "\n" { try endWords() }
      return
    }
    guard words.isBare else { return words.take(scalar, at: place) }
    if scalar == "\n", !isAwaitingStatement { return try endWords() }
    if direct(scalar) { return }
    if scalar == ";" {
      words.endWord()
      mode = .ended
      return
    }
    let isFlag =
      scalar == "-" && !(rest.first == "-" && rest.dropFirst().first.map(isBlank) ?? true)
    let isPart = ["'", "\"", "#"].contains(scalar) || isBlank(scalar) || isFlag
    if !words.isInWord, !isPart, isAwaitingStatement {
      mode = .sql
      _ = statement.take(scalar, at: place)
      return
    }
    words.take(scalar, at: place)
  }

  /// True behind `sql` and its flags, where a statement begins.
  private var isAwaitingStatement: Bool {
    guard words.words.first ?? words.value == "sql" else { return false }
    let all = words.words + (words.isInWord ? [words.value] : [])
    var isValue = false
    for word in all.dropFirst() {
      if isValue {
        isValue = false
      } else if word.hasPrefix("-"), word != "--help", word != "-h", word != "--" {
        isValue = SQLCommand.flags[word] == true
      } else {
        return false
      }
    }
    return !isValue
  }

  private mutating func endWords() throws(TokenizerError) {
    let finished = try words.finished()
    if finished.isEmpty { mode = .between } else { end(nil) }
  }

  // MARK: Targets

  /// Begins a target where the scalar says so.
  private mutating func direct(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case ">":
      words.endWord()
      file = TokenScanner()
      mode = .file(isAppending: false)
    case "|":
      words.endWord()
      pipe = String.UnicodeScalarView()
      mode = .pipe(quote: nil, isEscaped: false)
    default: return false
    }
    return true
  }

  private mutating func takeFile(
    _ scalar: Unicode.Scalar, _ isAppending: Bool
  ) throws(TokenizerError) {
    if scalar == "\n", file.isBare || file.isInComment { return try endFile() }
    let isFirst = file.words.isEmpty && !file.isInWord
    if scalar == ">", isFirst, !isAppending {
      mode = .file(isAppending: true)
    } else if file.isBare, scalar == ">" || scalar == "|" {
      throw .badFile(line: place.line)
    } else {
      file.take(scalar, at: place)
    }
  }

  private mutating func endFile() throws(TokenizerError) {
    let words = try file.finished()
    guard words.count == 1, !words[0].isEmpty else { throw .badFile(line: place.line) }
    guard case .file(let isAppending) = mode else { return }
    end(.file(words[0], isAppending: isAppending))
  }

  private mutating func takePipe(
    _ scalar: Unicode.Scalar, _ quote: Unicode.Scalar?, _ isEscaped: Bool
  ) throws(TokenizerError) {
    if scalar == "\n", quote == nil, !isEscaped { return try endPipe() }
    pipe.append(scalar)
    if isEscaped {
      mode = .pipe(quote: quote, isEscaped: false)
    } else if scalar == "\\", quote != "'" {
      mode = .pipe(quote: quote, isEscaped: true)
    } else if let quote {
      mode = .pipe(quote: scalar == quote ? nil : quote, isEscaped: false)
    } else if scalar == "'" || scalar == "\"" {
      mode = .pipe(quote: scalar, isEscaped: false)
    }
  }

  private mutating func endPipe() throws(TokenizerError) {
    let command = String(pipe).trimmedBlanks
    guard !command.isEmpty else { throw .noCommand(line: place.line) }
    end(.command(command))
  }

  /// Ends the command at hand.
  private mutating func end(_ target: TypedCommand.Target?) {
    var all = (try? words.finished()) ?? words.words
    let text = statement.text.trimmedBlanks
    if !text.isEmpty { all += ["--", text] }
    if !all.isEmpty { done.append(TypedCommand(words: all, target: target, line: start)) }
    words = TokenScanner()
    statement = SQLScanner()
    mode = .between
  }
}

extension CommandAssembler {
  /// The word that is being typed at the end of a text; nil where there is nothing to complete.
  package static func openWord(_ typed: String) -> OpenWord? {
    var assembler = CommandAssembler()
    guard (try? assembler.feed(typed)) != nil else { return nil }
    return assembler.openWord
  }

  private var openWord: OpenWord? {
    switch mode {
    case .between: return OpenWord(before: [], value: "", raw: "")
    case .words:
      guard let open = words.open else { return nil }
      // A statement in quotes.
      guard open.quote != nil, open.before.first == "sql" else { return open }
      return CommandAssembler.word(of: open.value)
    case .sql: return CommandAssembler.word(of: statement.text)
    case .file:
      guard var open = file.open, open.before.isEmpty else { return nil }
      open.role = .file
      return open
    case .lineComment, .blockComment, .ended, .pipe: return nil
    }
  }

  /// The name or the text in quotes that stands at the end of a statement.
  private static func word(of statement: String) -> OpenWord? {
    var scanner = SQLScanner()
    var place = TextPlace()
    var start = statement.unicodeScalars.startIndex
    for index in statement.unicodeScalars.indices {
      let scalar = statement.unicodeScalars[index]
      let wasInCode = scanner.isInCode
      _ = scanner.take(scalar, at: place)
      place.pass(scalar)
      let isBoundary = wasInCode && !SQLScanner.isOfName(scalar)
      if isBoundary || wasInCode != scanner.isInCode {
        start = statement.unicodeScalars.index(after: index)
      }
    }
    guard scanner.isInCode || scanner.quote != nil else { return nil }
    let word = String(statement.unicodeScalars[start...])
    let before = String(statement.unicodeScalars[..<start])
    return OpenWord(
      before: [before], value: word, raw: word,
      quote: scanner.quote.map { Character($0.scalar) }, role: .sql)
  }
}
