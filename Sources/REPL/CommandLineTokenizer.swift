/// How a command line is cut into words, at the REPL as in scripts.
///
///     mark before\ lunch       mark · before lunch
///     mark 'a "b" \c'          mark · a "b" \c            nothing is special between ' and '
///     mark "a \"b\" \\ \n"     mark · a "b" \ \n          between " and " only \" and \\ are
///     show 41 # the delivery   show · 41                  # begins a comment as a word's start
///     show a#b ''              show · a#b · (empty)
///
/// As in shells, parts without a blank between them are one word: `a'b c'"d"` is `ab cd`.
package enum CommandLineTokenizer {
  /// The words of a whole line, without quotes and comment.
  package static func split(_ line: String) throws(TokenizerError) -> [String] {
    var scanner = TokenScanner(line)
    scanner.run()
    if let quote = scanner.quote {
      throw .openQuote(Character(quote.scalar), column: quote.column)
    }
    if let column = scanner.backslashColumn { throw .openBackslash(column: column) }
    return scanner.words + (scanner.isInWord ? [scanner.value] : [])
  }

  /// The word that is being typed at the end of a text, nil inside a comment.
  package static func open(_ typed: String) -> OpenWord? {
    var scanner = TokenScanner(typed)
    scanner.run()
    if scanner.isInComment { return nil }
    let isInWord = scanner.isInWord
    return OpenWord(
      before: scanner.words, value: isInWord ? scanner.value : "",
      raw: isInWord ? scanner.raw : "", quote: scanner.quote.map { Character($0.scalar) })
  }

  /// A word as it has to be typed so that `split` gives it back.
  ///
  /// - Parameter quote: The quote that is open already, which the result closes.
  package static func quoted(_ word: String, in quote: Character? = nil) -> String {
    switch quote {
    case "'" where !word.unicodeScalars.contains("'"): return "'\(word)'"
    case nil where !word.isEmpty && word.unicodeScalars.allSatisfy(isPlain): return word
    case nil where !word.unicodeScalars.contains("'"): return "'\(word)'"
    default: return "\"\(escapedForDouble(word))\""
    }
  }

  /// The beginning of a word as it has to be typed, its quote left open.
  static func opened(_ start: String, in quote: Character?) -> String {
    switch quote {
    case "'": return "'" + start
    case "\"": return "\"" + escapedForDouble(start)
    default:
      var typed = String.UnicodeScalarView()
      for scalar in start.unicodeScalars {
        if !isPlain(scalar) { typed.append("\\") }
        typed.append(scalar)
      }
      return String(typed)
    }
  }

  private static func escapedForDouble(_ word: String) -> String {
    var typed = String.UnicodeScalarView()
    for scalar in word.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { typed.append("\\") }
      typed.append(scalar)
    }
    return String(typed)
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    !isBlank(scalar) && scalar != "'" && scalar != "\"" && scalar != "\\" && scalar != "#"
  }

  fileprivate static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
  }
}

/// Why a line cannot be cut into words; columns are counted in Unicode scalars from 1.
package enum TokenizerError: Error, Equatable, CustomStringConvertible {
  /// The quote that stands in that column is never closed.
  case openQuote(Character, column: Int)
  /// The line ends with a backslash that has nothing to escape.
  case openBackslash(column: Int)

  /// The sentence for the user.
  package var description: String {
    switch self {
    case .openQuote(let quote, let column): "the \(quote) in column \(column) is not closed"
    case .openBackslash(let column): "the \\ in column \(column) has nothing after it"
    }
  }
}

/// A word under way, for completion.
package struct OpenWord: Equatable, Sendable {
  /// The words before it.
  package var before: [String]
  /// The word’s meaning so far, quotes and backslashes taken away.
  package var value: String
  /// The word as it was typed.
  package var raw: String
  /// The quote that is open at the end.
  package var quote: Character?
}

/// One pass over the scalars of a line; characters would hide a quote under a combining mark.
private struct TokenScanner {
  private let line: String.UnicodeScalarView
  private(set) var words: [String] = []
  private(set) var isInWord = false
  private(set) var isInComment = false
  private(set) var quote: (scalar: Unicode.Scalar, column: Int)?
  private(set) var backslashColumn: Int?
  private var scalars = String.UnicodeScalarView()
  private var start: String.UnicodeScalarView.Index

  init(_ text: String) {
    line = text.unicodeScalars
    start = line.startIndex
  }

  var value: String { String(scalars) }
  var raw: String { String(line[start...]) }

  mutating func run() {
    var column = 0
    for index in line.indices where !isInComment {
      column += 1
      take(line[index], at: index, column: column)
    }
  }

  private mutating func take(
    _ scalar: Unicode.Scalar, at index: String.UnicodeScalarView.Index, column: Int
  ) {
    if backslashColumn != nil {
      if quote != nil && scalar != "\"" && scalar != "\\" { scalars.append("\\") }
      scalars.append(scalar)
      backslashColumn = nil
    } else if let open = quote {
      takeQuoted(scalar, open: open.scalar, column: column)
    } else if CommandLineTokenizer.isBlank(scalar) {
      endWord()
    } else if scalar == "#" && !isInWord {
      isInComment = true
    } else {
      if !isInWord { start = index }
      isInWord = true
      switch scalar {
      case "'", "\"": quote = (scalar, column)
      case "\\": backslashColumn = column
      default: scalars.append(scalar)
      }
    }
  }

  private mutating func takeQuoted(
    _ scalar: Unicode.Scalar, open: Unicode.Scalar, column: Int
  ) {
    if scalar == open {
      quote = nil
    } else if scalar == "\\" && open == "\"" {
      backslashColumn = column
    } else {
      scalars.append(scalar)
    }
  }

  private mutating func endWord() {
    guard isInWord else { return }
    words.append(value)
    scalars = String.UnicodeScalarView()
    isInWord = false
  }
}
