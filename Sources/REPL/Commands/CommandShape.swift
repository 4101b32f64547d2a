import ArgumentParser

/// The operands of a command, found in its own declaration.
struct CommandShape {
  /// Kinds of its arguments, in their order; nil for one whose type says none.
  private(set) var arguments: [(name: String, kind: OperandKind?)] = []
  /// Kinds of the values of its flags, by the flag.
  private(set) var options: [String: OperandKind?] = [:]
  /// Flags of which more than one value may follow.
  private(set) var several: Set<String> = []

  init(_ command: any ParsableArguments.Type) { collect(command) }

  private mutating func collect(_ command: any ParsableArguments.Type) {
    for child in Mirror(reflecting: command.init()).children {
      // A wrapped property is stored under its name behind a line.
      let name = String((child.label ?? "").drop { $0 == "_" })
      switch child.value {
      case let group as any OperandGroup: collect(type(of: group).group)
      case let argument as any ArgumentOperand:
        arguments.append((name, type(of: argument).kind))
      case let option as any OptionOperand:
        options.updateValue(type(of: option).kind, forKey: Self.flag(name))
        if type(of: option).isList { several.insert(Self.flag(name)) }
      default: break
      }
    }
  }

  /// Tells if a time can be the value of a flag.
  func mayBeTime(after flag: String) -> Bool { (options[flag] ?? nil)?.mayBeTime ?? false }

  /// The flag that a property stands for: words are parted by hyphens.
  private static func flag(_ name: String) -> String {
    name.reduce(into: "--") { flag, letter in
      if letter.isUppercase { flag += "-" }
      flag += letter.lowercased()
    }
  }

  /// The words that name the command at the beginning of others, such as `poll run`.
  static func name(of words: [String]) -> String {
    words.dropLast(command(of: words).rest.count).joined(separator: " ")
  }

  /// Finds the command that words begin with.
  ///
  /// - Returns: The command, a group’s usual one where none of the group is named, and the words
  ///   behind its name. The group as well, for what else could be named.
  static func command(
    of words: [String]
  ) -> (
    command: any ParsableCommand.Type, group: any ParsableCommand.Type, rest: ArraySlice<String>
  ) {
    var found: any ParsableCommand.Type = Root.self
    var rest = words[...]
    while let word = rest.first,
      let next = found.configuration.subcommands.first(where: {
        $0.configuration.commandName == word
      })
    {
      found = next
      rest.removeFirst()
    }
    return (found.configuration.defaultSubcommand ?? found, found, rest)
  }
}

private protocol ArgumentOperand {
  static var kind: OperandKind? { get }
}

extension Argument: ArgumentOperand {
  fileprivate static var kind: OperandKind? { (Value.self as? any Operand.Type)?.kind }
}

private protocol OptionOperand {
  static var kind: OperandKind? { get }
  static var isList: Bool { get }
}

extension Option: OptionOperand {
  fileprivate static var kind: OperandKind? { (Value.self as? any Operand.Type)?.kind }
  fileprivate static var isList: Bool { Value.self is any ListOperand.Type }
}

private protocol OperandGroup {
  static var group: any ParsableArguments.Type { get }
}

extension OptionGroup: OperandGroup {
  fileprivate static var group: any ParsableArguments.Type { Value.self }
}

private protocol ListOperand {}

extension Array: ListOperand {}
