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
  /// The words of one command, without quotes and comment; line breaks part words as blanks do.
  package static func split(_ text: String) throws(TokenizerError) -> [String] {
    var scanner = TokenScanner()
    scanner.take(text)
    return try scanner.finished()
  }

  /// The word that is being typed at the end of a text, nil inside a comment.
  package static func open(_ typed: String) -> OpenWord? {
    var scanner = TokenScanner()
    scanner.take(typed)
    return scanner.open
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
    !isBlank(scalar) && !["'", "\"", "\\", "#", ">", "|", ";"].contains(scalar)
  }

  static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
  }
}
