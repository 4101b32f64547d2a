/// One pass over a statement, to find the `;` that ends it.
///
///     SELECT ';', ";", [;], `;`     -- ;
///       /* ; */ FROM events;        <- the only one that counts
///
/// Source: sqlite.org, “SQL Comment Syntax” and “SQLite Keywords”, for what encloses a name.
struct SQLScanner {
  private enum Part: Equatable {
    case code
    /// Up to that scalar; a doubled one closes and opens again, which comes to the same.
    case quoted(until: Unicode.Scalar)
    case lineComment
    case blockComment
  }

  private var part = Part.code
  private var scalars = String.UnicodeScalarView()
  private var last: Unicode.Scalar = "\n"
  private(set) var quote: (scalar: Unicode.Scalar, place: TextPlace)?

  /// The statement so far, comments included.
  var text: String { String(scalars) }

  /// True where a name or a word of the language may stand.
  var isInCode: Bool { part == .code }

  /// - Returns: True for the `;` that ends the statement, which is no part of the text.
  mutating func take(_ scalar: Unicode.Scalar, at place: TextPlace) -> Bool {
    let before = last
    last = scalar
    switch part {
    case .code:
      if scalar == ";" { return true }
      enter(scalar, after: before, at: place)
    case .quoted(let end):
      if scalar == end { leave() }
    case .lineComment:
      if scalar == "\n" { part = .code }
    case .blockComment:
      if before == "*", scalar == "/" {
        part = .code
        // So that it does not begin another with what follows.
        last = "\n"
      }
    }
    scalars.append(scalar)
    return false
  }

  private mutating func enter(
    _ scalar: Unicode.Scalar, after before: Unicode.Scalar, at place: TextPlace
  ) {
    switch scalar {
    case "'", "\"", "`": open(scalar, until: scalar, at: place)
    case "[": open(scalar, until: "]", at: place)
    case "-" where before == "-": part = .lineComment
    case "*" where before == "/":
      part = .blockComment
      // `/*/` is not closed.
      last = "\n"
    default: break
    }
  }

  private mutating func open(
    _ scalar: Unicode.Scalar, until end: Unicode.Scalar, at place: TextPlace
  ) {
    part = .quoted(until: end)
    quote = (scalar, place)
  }

  private mutating func leave() {
    part = .code
    quote = nil
  }
}

extension SQLScanner {
  /// Words with which a statement begins that only reads.
  static let beginnings: Set<String> = ["select", "with", "explain", "values"]

  /// True where a statement begins with what follows.
  static func begins(_ text: some Collection<Unicode.Scalar>) -> Bool {
    let word = text.prefix { $0.properties.isAlphabetic && $0.isASCII }
    guard beginnings.contains(word.map { String($0) }.joined().lowercased()) else { return false }
    guard let next = text.dropFirst(word.count).first else { return true }
    return !isOfName(next) && next != "-" && next != "."
  }

  /// True for what a name without quotes can hold.
  static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == "$" || scalar.properties.isAlphabetic
      || ("0"..."9").contains(scalar)
  }
}
