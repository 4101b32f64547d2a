package import ArgumentParser
import Daybook
import RawJSON

/// A command of the one grammar.
protocol SessionCommand: ParsableCommand {
  /// True for work that can be stopped between two steps, false for printing, which would be cut
  /// short.
  static var isWork: Bool { get }
  /// True where it appends to the journal as it was asked for: that is refused with `--read-only`
  /// and in the past, before anything is done. `Session.writing()` is for these alone.
  var writes: Bool { get }
  /// True where it waits for what others do, so that saying nothing means nothing.
  var waitsForOthers: Bool { get }
  /// True where `--at` has it answer as of an event; false for what moves through the log, and for
  /// what is not of the log at any time.
  static var answersAsOf: Bool { get }
  var shared: SharedOptions { get }
  @MainActor func perform(_ session: Session) async throws
}

extension SessionCommand {
  static var isWork: Bool { false }
  var writes: Bool { false }
  var waitsForOthers: Bool { false }
  static var answersAsOf: Bool { true }
}

/// A command that speaks of the sitting, and not of the journal: what it says stays on the screen
/// where the results of others go into a file.
protocol AboutSession: SessionCommand {}

extension AboutSession {
  static var answersAsOf: Bool { false }
}

/// Flags that every command takes.
struct SharedOptions: ParsableArguments {
  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: "auto, table, line, json, jsonl, csv or markdown.") var output: OutputName?

  @Option(help: "The fields to print, in their order: NAME,NAME.") var fields: FreeText?

  @Option(help: "Answer as of that event: a position, a mark, or a time.") var at: EventPlace?

  @Option(help: "auto, always or never.") var color: ColorName?

  @Flag(name: .customLong("local"), help: "Show times in the local zone.")
  var local = false

  /// The names that `--fields` lists.
  static func fields(_ text: String) throws(Failure) -> [String] {
    let names = text.split(separator: ",").map { String($0).trimmedBlanks }.filter { !$0.isEmpty }
    guard !names.isEmpty else { throw .usage("--fields: name one or more, as in --fields id,name") }
    return names
  }

  /// The settings with these flags in place of the program’s.
  func over(_ settings: Settings) throws(Failure) -> Settings {
    var settings = settings
    if let output { try Setting.output.read(output.text, from: "--output", into: &settings) }
    if let color { try Setting.color.read(color.text, from: "--color", into: &settings) }
    return settings
  }
}

/// The root of the grammar.
package struct Root: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "daybook",
    abstract: "Watches Google Suite, records what happens, delivers it, and goes back.",
    usage: """
      daybook [--journal PATH] [--output FORMAT] [--config FILE] [--read-only] [--at N] [COMMAND …]
      """,
    discussion: """
      Without a command, on a terminal: the REPL. -c 'COMMAND' runs a command, more than once; \
      standard input that is no terminal is a script. What can be typed at the REPL can be given \
      as arguments, with the same words and flags. --version says which version this is.

      SETTINGS
      \(Setting.lines)
      They can also stand in the JSON file that --config names; docs/operations.md has the keys.

      EXAMPLE
        daybook demo --no-repl
      """,
    subcommands: [
      DemoCommand.self, SandboxCommand.self, ConnectCommand.self, InstanceCommand.self,
      PollCommand.self,
      CursorCommand.self, DeliverCommand.self, RunCommand.self, ServeCommand.self,
      SecretCommand.self,
      EventsCommand.self,
      ShowCommand.self, TailCommand.self, ChangesCommand.self, DeliveriesCommand.self,
      TraceCommand.self, HistoryCommand.self, AuditCommand.self, AtCommand.self, NowCommand.self,
      NextCommand.self, PrevCommand.self, StepCommand.self, GotoCommand.self, BackCommand.self,
      ForwardCommand.self,
      MarkCommand.self, DiffCommand.self, ReplayCommand.self, RedeliverCommand.self,
      RecoverCommand.self, SkipCommand.self,
      CallbackCommand.self, SignatureCommand.self, NoticesCommand.self, SQLCommand.self,
      VerifyCommand.self,
      HeadCommand.self,
      ProveCommand.self, ExportCommand.self, ImportCommand.self, BackupCommand.self,
      RestoreCommand.self, KeyCommand.self, ArchiveCommand.self, PruneCommand.self,
      ForgetCommand.self,
      RebuildCommand.self, StatsCommand.self, WatchCommand.self, BisectCommand.self,
      WhatIfCommand.self, CompletionsCommand.self, ManualCommand.self, VersionCommand.self,
      SetCommand.self, ReadCommand.self,
      OutputCommand.self, RecordCommand.self, WhenCommand.self, MarksCommand.self,
      TablesCommand.self, SchemaCommand.self,
    ])

  package init() {}

  /// The words that can come first.
  package static let names: [String] =
    configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
}
