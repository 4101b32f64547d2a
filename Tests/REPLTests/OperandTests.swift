import ArgumentParser
import Testing

@testable import REPL

/// Walks all commands: what is typed behind a name has a kind, by which it is completed.
@Suite struct OperandTests {
  /// Every command that can be carried out, by its words.
  private static let commands: [(name: String, command: any ParsableCommand.Type)] = leaves(
    Root.self, [])

  private static func leaves(
    _ command: any ParsableCommand.Type, _ words: [String]
  ) -> [(name: String, command: any ParsableCommand.Type)] {
    let below = command.configuration.subcommands
    guard !below.isEmpty else { return [(words.joined(separator: " "), command)] }
    return below.flatMap { leaves($0, words + [$0.configuration.commandName ?? "?"]) }
  }

  @Test func `every operand of every command has a kind`() {
    #expect(Self.commands.count > 40)
    for (name, command) in Self.commands {
      #expect(command is any SessionCommand.Type, "\(name)")
      let shape = CommandShape(command)
      for argument in shape.arguments where argument.kind == nil {
        Issue.record("\(name): <\(argument.name)> has no kind")
      }
      for (flag, kind) in shape.options where kind == nil {
        Issue.record("\(name): \(flag) has no kind")
      }
    }
  }

  @Test func `every flag that a value follows is known by the name in the help`() {
    for (name, command) in Self.commands {
      let known = CommandShape(command).options
      for (flag, hasValue) in Completer.flags(of: command) where hasValue && known[flag] == nil {
        Issue.record("\(name): the property behind \(flag) has another name")
      }
    }
  }

  @Test func `kinds are found through optionals, lists and groups of flags`() {
    let shape = CommandShape(ReplaySend.self)
    #expect(shape.arguments.map(\.kind) == [.position])
    #expect(shape.options["--instance"] == .instance)
    #expect(shape.options["--status"] == DeliveryState.kind)
    #expect(shape.options["--output"] == OutputName.kind)
    #expect(shape.several == ["--status"])
    #expect(CommandShape(PollCommand.Run.self).arguments.map(\.kind) == [.instance, .resource])
  }

  @Test(arguments: [
    ("replay 1 --to x", "send"), ("replay list", "list"), ("poll run 1", "run"), ("at 3", "at"),
  ])
  func `a command is found by its words`(line: String, name: String) {
    let words = line.split(separator: " ").map(String.init)
    let found = CommandShape.command(of: words)
    #expect(found.command.configuration.commandName == name)
  }
}
