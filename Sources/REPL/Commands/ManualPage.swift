import ArgumentParser

/// A page of the manual in the language of `man`, put together from what `--help` prints.
///
///     .TH DAYBOOK-POLL-RUN 1 "" "Daybook 0.1.0" "Daybook"
///     .SH NAME
///     daybook\-poll\-run \- Polls once and returns when done.
///     .SH SYNOPSIS
///     …
struct ManualPage {
  /// Such as `daybook-poll-run`.
  let name: String
  let text: String

  /// A page for the program and one for each command.
  static var all: [ManualPage] { pages(Root.self, words: ["daybook"]) }

  private static func pages(
    _ command: any ParsableCommand.Type, words: [String]
  ) -> [ManualPage] {
    [ManualPage(command, words)]
      + command.configuration.subcommands.flatMap { child in
        pages(child, words: words + [child.configuration.commandName ?? child._commandName])
      }
  }

  private init(_ command: any ParsableCommand.Type, _ words: [String]) {
    name = words.joined(separator: "-")
    let abstract = command.configuration.abstract
    var page = [
      ".TH \(Self.escaped(name.uppercased())) 1 \"\" \"Daybook \(Version.daybook)\" \"Daybook\"",
      ".SH NAME", "\(Self.escaped(name)) \\- \(Self.escaped(abstract))",
    ]
    let help = Root.helpMessage(for: command, columns: 78)
    for section in Self.sections(of: help) {
      var lines = section.lines
      // The name says it already.
      if section.title == "OVERVIEW" {
        let isAbstract = abstract.hasPrefix(lines.first ?? "-")
        if isAbstract { lines = Array(lines.drop { !$0.isEmpty }) }
      }
      lines = Array(lines.drop { $0.isEmpty })
      while lines.last?.isEmpty == true { lines.removeLast() }
      guard !lines.isEmpty else { continue }
      page += [".SH \(Self.titles[section.title] ?? section.title)", ".nf"]
      page += lines.map(Self.line) + [".fi"]
    }
    var others = words.count > 1 ? [words.dropLast().joined(separator: "-")] : []
    others += command.configuration.subcommands.map {
      (words + [$0.configuration.commandName ?? $0._commandName]).joined(separator: "-")
    }
    if !others.isEmpty {
      let named = others.map { "\\fB\(Self.escaped($0))\\fR(1)" }
      page += [".SH SEE ALSO", named.joined(separator: ",\n")]
    }
    text = page.joined(separator: "\n") + "\n"
  }

  private static let titles = ["USAGE": "SYNOPSIS", "OVERVIEW": "DESCRIPTION"]

  /// The parts of a help, each with its heading; what stands behind a heading is its first line.
  private static func sections(of help: String) -> [(title: String, lines: [String])] {
    var sections: [(title: String, lines: [String])] = []
    for line in help.split(separator: "\n", omittingEmptySubsequences: false) {
      let title = line.prefix { $0.isUppercase || $0 == " " }
      if !line.hasPrefix(" "), !title.isEmpty, line.dropFirst(title.count).first == ":" {
        let first = String(line.dropFirst(title.count + 1)).trimmedBlanks
        sections.append((String(title), first.isEmpty ? [] : [first]))
      } else if !sections.isEmpty {
        sections[sections.count - 1].lines.append(String(line))
      }
    }
    return sections
  }

  private static func line(_ text: String) -> String {
    let line = escaped(text)
    // A line that begins so is a request to the formatter.
    return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      switch scalar {
      case "\\": line += "\\e"
      case "-": line += "\\-"
      case _ where scalar.isASCII: line.unicodeScalars.append(scalar)
      // The formatter reads bytes; by this name it knows any character.
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        line += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
      }
    }
  }
}
