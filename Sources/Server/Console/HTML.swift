import Events

/// A piece of a page. Text that is put into it stands there as text, whatever it holds:
///
///     let title = "<b>\u{1B}[31m"
///     let cell: HTML = "<td>\(title)</td>"      <td>&lt;b&gt;\u{1B}[31m</td>, letter by letter
struct HTML: ExpressibleByStringInterpolation, Sendable, Equatable {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation parts: Parts) { text = parts.text }

  private init(text: String) { self.text = text }

  /// Takes what was put into a page apart into text and pieces of pages.
  struct Parts: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }

    mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

    mutating func appendInterpolation(_ piece: HTML) { text += piece.text }
  }

  static func + (one: HTML, other: HTML) -> HTML { HTML(text: one.text + other.text) }

  static func += (one: inout HTML, other: HTML) { one.text += other.text }

  /// Text with its line breaks, for `pre`.
  static func lines(_ text: String) -> HTML {
    HTML(
      text: text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { escaped(String($0)) }.joined(separator: "\n"))
  }

  /// Shows what a browser would obey or hide, controls and marks of direction among it.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      // Joiners, which scripts and emoji need.
      case "\u{200C}", "\u{200D}": result.unicodeScalars.append(scalar)
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
          result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}

extension Sequence<HTML> {
  func joined() -> HTML { reduce(into: "") { $0 += $1 } }
}
