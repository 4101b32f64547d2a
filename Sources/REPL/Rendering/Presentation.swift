import Glibc

/// The forms in which results are printed, named as `--output` names them.
package enum OutputFormat: String, CaseIterable, Sendable {
  /// `table` on a terminal, `line` there where a table is too wide for it, `jsonl` elsewhere.
  case auto
  case table, line, json, jsonl, csv, markdown
}

/// When to use colour, named as `--color` names it.
package enum ColorMode: String, CaseIterable, Sendable {
  /// On a terminal that is not dumb, unless `NO_COLOR` is set to anything.
  case auto
  /// Also where `NO_COLOR` is set, and into a pipe.
  case always
  case never
}

/// Where output goes, as far as its form depends on it.
package struct Destination: Equatable, Sendable {
  /// True where a person's terminal reads the bytes.
  package var isTerminal: Bool
  /// The width to fit into, nil where nothing bounds it.
  package var columns: Int?
  /// The height of the screen, nil where there is none.
  package var rows: Int?

  /// A destination as described; tests describe terminals of their own.
  package init(isTerminal: Bool, columns: Int? = nil, rows: Int? = nil) {
    self.isTerminal = isTerminal
    self.columns = columns
    self.rows = rows
  }

  /// Looks at a descriptor as it is now. `COLUMNS` goes before the window's own width, as in psql.
  package init(descriptor: Int32, environment: [String: String]) {
    isTerminal = isatty(descriptor) == 1
    let asked = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    guard isTerminal else {
      columns = asked
      return
    }
    var window = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0
    columns = asked ?? (isKnown && window.ws_col > 0 ? Int(window.ws_col) : 80)
    rows = isKnown && window.ws_row > 0 ? Int(window.ws_row) : 24
  }
}

/// How results are shown: everything that a format needs to know besides the rows.
package struct Presentation: Equatable, Sendable {
  /// `auto` only on a terminal, where the width of the rows decides.
  package var format: OutputFormat
  /// Terminals get control bytes escaped, and bound the width of tables.
  package var destination: Destination
  /// The zone of every instant.
  package var moments: MomentStyle
  /// Applied by formats for people only.
  package var palette: Palette

  /// - Parameter environment: Read for `NO_COLOR` and `TERM` only.
  package init(
    format: OutputFormat = .auto, destination: Destination, moments: MomentStyle = .utc,
    color: ColorMode = .auto, environment: [String: String] = [:]
  ) {
    self.format = format == .auto && !destination.isTerminal ? .jsonl : format
    self.destination = destination
    self.moments = moments
    palette = Palette(color, destination: destination, environment: environment)
  }
}

/// The few styles in use, or none of them.
package struct Palette: Equatable, Sendable {
  /// A style by its purpose; the number is the terminal's attribute (ECMA-48, SGR).
  package enum Style: Int, Sendable {
    case heading = 1
    case faint = 2
    case bad = 31
    case good = 32
    case warning = 33
    case place = 36
  }

  /// Applies styles; where it is false, text passes unchanged.
  package var isOn: Bool

  /// `never` in colour.
  package static let plain = Palette(isOn: false)

  private init(isOn: Bool) {
    self.isOn = isOn
  }

  /// Decides for a destination, by the mode asked for.
  ///
  /// - Parameter environment: `NO_COLOR` (any value but an empty one) and `TERM=dumb` say no to
  ///   `auto`. Source: no-color.org.
  package init(_ mode: ColorMode, destination: Destination, environment: [String: String]) {
    let term = environment["TERM"] ?? ""
    isOn =
      switch mode {
      case .always: true
      case .never: false
      case .auto:
        destination.isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && term != "dumb"
      }
  }

  /// The text in a style, which ends with it.
  package func styled(_ text: String, _ style: Style) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// The same for the line editor's prompt, where marks set apart what takes no cell. Something
  /// visible has to stand between two of them.
  package func prompt(_ text: String, _ style: Style) -> String {
    guard isOn, !text.isEmpty else { return text }
    let mark = LineEditor.promptMark
    return "\(mark)\u{1B}[\(style.rawValue)m\(mark)\(text)\(mark)\u{1B}[0m\(mark)"
  }
}
