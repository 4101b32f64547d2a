import ArgumentParser
import REPL

/// docs/commands.md, put together from what `--help` prints.
enum CommandsPage {
  static let text: String = {
    var page = """
      # Commands

      What `--help` prints, command by command; put together by `make docs`. The same words,
      flags and output serve as arguments, by `-c`, in a script and at the [REPL](repl.md).

      """
    for section in sections(Root.self, words: []) { page += section }
    return page
  }()

  /// A command, and below it those of its group.
  private static func sections(
    _ command: any ParsableCommand.Type, words: [String]
  ) -> [String] {
    let help = Root.helpMessage(for: command, columns: 100)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
    let body = help.joined(separator: "\n").reversed().drop { $0 == "\n" }.reversed()
    let title = words.isEmpty ? "daybook" : words.joined(separator: " ")
    let own = "\n## \(title)\n\n```text\n\(String(body))\n```\n"
    let below = command.configuration.subcommands.flatMap { child in
      sections(child, words: words + [child.configuration.commandName ?? child._commandName])
    }
    return [own] + below
  }
}
