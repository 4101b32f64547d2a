/// A place in a text, counted from 1; columns are Unicode scalars.
struct TextPlace: Equatable, Sendable {
  var line = 1
  var column = 1

  /// Goes over one scalar.
  mutating func pass(_ scalar: Unicode.Scalar) {
    if scalar == "\n" {
      line += 1
      column = 1
    } else {
      column += 1
    }
  }
}

/// Why a text cannot be cut into commands and words.
package enum TokenizerError: Error, Equatable, CustomStringConvertible {
  /// The quote that stands there is never closed.
  case openQuote(Character, line: Int, column: Int)
  /// The comment that begins there is never closed.
  case openComment(line: Int)
  /// The text ends with a backslash that has nothing to escape.
  case openBackslash(line: Int, column: Int)
  /// `>` or `>>` has no file after it, or more than one word.
  case badFile(line: Int)
  /// `|` has no command after it.
  case noCommand(line: Int)
  /// One command has more bytes than any that a person means.
  case tooLong(line: Int)

  /// The line on which it stands, counted from 1.
  package var line: Int {
    switch self {
    case .openQuote(_, let line, _), .openBackslash(let line, _), .openComment(let line),
      .badFile(let line), .noCommand(let line), .tooLong(let line):
      line
    }
  }

  /// The sentence for the user, which leaves the line to whoever knows the file.
  package var description: String {
    switch self {
    case .openQuote(let quote, _, let column): "unclosed \(quote) at column \(column)"
    case .openComment: "unclosed /*"
    case .openBackslash(_, let column): "the \\ at column \(column) has nothing after it"
    case .badFile: "> and >> take one file after them; quote a name that holds blanks"
    case .noCommand: "| takes a command after it"
    case .tooLong: "a command is longer than \(TerminalLimits.scriptLineBytesMax) bytes"
    }
  }
}

/// A word under way, for completion.
package struct OpenWord: Equatable, Sendable {
  /// The kinds of text that a word can stand in.
  package enum Role: Equatable, Sendable {
    /// A word of a command.
    case word
    /// A name or a string of a statement; `before` holds the statement up to it.
    case sql
    /// The file behind `>`.
    case file
  }

  /// The words before it.
  package var before: [String]
  /// The word’s meaning so far, quotes and backslashes taken away.
  package var value: String
  /// The word as it was typed.
  package var raw: String
  /// The quote that is open at the end.
  package var quote: Character?
  package var role = Role.word
}

/// One pass over the scalars of a command; characters would hide a quote under a combining mark.
struct TokenScanner {
  private(set) var words: [String] = []
  private(set) var isInWord = false
  private(set) var isInComment = false
  private(set) var quote: (scalar: Unicode.Scalar, place: TextPlace)?
  private(set) var backslash: TextPlace?
  private var scalars = String.UnicodeScalarView()
  private var rawScalars = String.UnicodeScalarView()
  private var wasInWord = false

  var value: String { String(scalars) }
  var raw: String { String(rawScalars) }

  /// True where the next scalar stands for itself or between words.
  var isBare: Bool { quote == nil && backslash == nil && !isInComment }

  /// The word under way; nil inside a comment.
  var open: OpenWord? {
    if isInComment { return nil }
    return OpenWord(
      before: words, value: isInWord ? value : "", raw: isInWord ? raw : "",
      quote: quote.map { Character($0.scalar) })
  }

  /// The words, where nothing is left open.
  func finished() throws(TokenizerError) -> [String] {
    if let quote {
      throw .openQuote(
        Character(quote.scalar), line: quote.place.line, column: quote.place.column)
    }
    if let backslash { throw .openBackslash(line: backslash.line, column: backslash.column) }
    return words + (isInWord ? [value] : [])
  }

  mutating func take(_ text: String) {
    var place = TextPlace()
    for scalar in text.unicodeScalars {
      take(scalar, at: place)
      place.pass(scalar)
    }
  }

  mutating func take(_ scalar: Unicode.Scalar, at place: TextPlace) {
    if isInComment { return }
    if backslash != nil {
      takeEscaped(scalar)
    } else if let open = quote {
      rawScalars.append(scalar)
      takeQuoted(scalar, open: open.scalar, at: place)
    } else if CommandLineTokenizer.isBlank(scalar) {
      endWord()
    } else if scalar == "#" && !isInWord {
      isInComment = true
    } else {
      wasInWord = isInWord
      isInWord = true
      rawScalars.append(scalar)
      switch scalar {
      case "'", "\"": quote = (scalar, place)
      case "\\": backslash = place
      default: scalars.append(scalar)
      }
    }
  }

  /// A backslash at the end of a line joins it to the next, as in shells.
  private mutating func takeEscaped(_ scalar: Unicode.Scalar) {
    backslash = nil
    rawScalars.append(scalar)
    if quote == nil && scalar == "\n" {
      isInWord = wasInWord
      if !isInWord { rawScalars = String.UnicodeScalarView() }
      return
    }
    if quote != nil && scalar != "\"" && scalar != "\\" { scalars.append("\\") }
    scalars.append(scalar)
  }

  private mutating func takeQuoted(
    _ scalar: Unicode.Scalar, open: Unicode.Scalar, at place: TextPlace
  ) {
    if scalar == open {
      quote = nil
    } else if scalar == "\\" && open == "\"" {
      backslash = place
    } else {
      scalars.append(scalar)
    }
  }

  mutating func endWord() {
    guard isInWord else { return }
    words.append(value)
    scalars = String.UnicodeScalarView()
    rawScalars = String.UnicodeScalarView()
    isInWord = false
  }
}
