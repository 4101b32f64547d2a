import ArgumentParser

/// The text of `help`: commands by purpose, and topics that no single command has.
enum HelpPage {
  private static let groups: [(title: String, names: [String])] = [
    ("To begin", ["demo", "sandbox", "connect", "instance"]),
    (
      "To look",
      [
        "changes", "deliveries", "events", "show", "trace", "history", "tail", "cursor", "callback",
        "notices", "stats", "watch", "audit", "diff",
      ]
    ),
    (
      "To go back in time",
      [
        "at", "now", "when", "next", "prev", "step", "goto", "back", "forward", "mark", "marks",
        "bisect",
        "what-if",
      ]
    ),
    ("To ask by SQL", ["sql", "tables", "schema"]),
    ("To work", ["run", "serve", "poll", "deliver", "redeliver", "skip", "replay", "signature"]),
    (
      "To check and keep",
      [
        "verify", "rebuild", "head", "prove", "export", "import", "backup", "restore", "archive",
        "prune", "forget", "key", "secret",
      ]
    ),
    ("This sitting", ["set", "output", "read", "record"]),
  ]

  /// Texts by the word behind `help`.
  static let topics: [(name: String, abstract: String, text: String)] = [
    ("times", "how a time or a position is written", times),
    ("selections", "how a part of the log is chosen", selections),
    ("keys", "the keys of the prompt", keys),
  ]

  static let overview: String = {
    let commands = Root.configuration.subcommands.map {
      (name: $0.configuration.commandName ?? "", abstract: $0.configuration.abstract)
    }
    let named = Set(groups.flatMap(\.names))
    let rest = commands.map(\.name).filter { !named.contains($0) }
    var lines: [String] = []
    for (title, names) in groups + [("Beside these", rest)] {
      let found = names.compactMap { name in commands.first { $0.name == name } }
      guard !found.isEmpty else { continue }
      lines.append("\(title)")
      lines += found.map { "  \(padded($0.name))\($0.abstract)" } + [""]
    }
    lines.append("Topics")
    lines += topics.map { "  \(padded("help " + $0.name))\($0.abstract)" }
    lines.append("  \(padded("help COMMAND"))one command, with an example")
    lines.append("  \(padded("quit, exit"))leave, as Ctrl-D does")
    return lines.joined(separator: "\n")
  }()

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 17 - name.count))
  }

  private static let times = """
    A position is a number, head, head-3, or the name of a mark. Wherever a position stands, a time
    may stand as well, for the last event that was recorded by then.

      2026-11-23T09:05:00Z   RFC 3339
      '2026-11-23 09:05'     that minute, on the clock that is shown
      2026-11-23, 09:05      the beginning of that day; that minute of today
      today, yesterday, now  the beginning of today, of yesterday; this moment
      2h, -2h, -1w           ago; also ms, s, m, d

    Times are those of UTC, or with --local and `set local on` those of TZ.

    A place to stand at: `at TIME` has all queries answer as of then, `now` comes back.
    """

  private static let selections = """
    Lists take filters, and all of them have to hold. What they name has to be there; an instance
    may be named by its name, an object by the beginning of its id.

      --type T …             types of events; of changes CREATED, UPDATED, DELETED
      --instance ID          --resource KEY          --object ID          --status S …
      --since T, --until T   recorded then or later, before then
      --after N, --before N  by position
      --limit N              the newest N; with --after or --since the first N from there
      --reverse              the newest first

    `replay` takes positions: N, or N..M, as in `replay 1..head`, and the same filters.
    """

  private static let keys = """
    Tab               completes commands, flags, ids, times, files, and names in SQL
    Up, Down          through the history; Ctrl-R, Ctrl-S search it
    Ctrl-A, Ctrl-E    to the start, to the end of the line
    Ctrl-U, Ctrl-W    delete to the start, the word before
    Ctrl-X Ctrl-E     the line in $VISUAL, $EDITOR, vi or nano
    Ctrl-C            drops the line, or stops the command under way; again: cuts it
    Ctrl-D            leaves; in the middle of a command it drops that

    A paste is shown first and runs on Enter. Where the next line belongs to the same command, the
    prompt is ...> : a quote is open, a line ends with a backslash, a statement lacks its `;`.
    `~/.editrc` may bind other keys; `bind -v` there makes it vi.
    """
}
