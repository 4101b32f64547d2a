import ArgumentParser

/// Values that begin with a hyphen, told from flags by what stands before them.
///
///     events --reason '-5 min'        --reason=-5 min      the value of the flag before it
///     diff -2h head --local           diff --local -- -2h head
///
/// The parser takes every word that begins so for a flag. A value is joined to its flag; an
/// argument goes behind the mark that ends the flags, with all others, so that their order stays. A
/// flag of the command is never taken for a value: where it stands in the place of one, that value
/// is missing, and the parser says so.
enum HyphenWords {
  /// The words as the parser has to get them.
  static func guarded(_ words: [String]) -> [String] {
    guard words.contains(where: { $0.hasPrefix("-") && $0.utf8.count > 1 }) else { return words }
    let (command, _, rest) = CommandShape.command(of: words)
    let split = Split(rest, of: command)
    let name = Array(words[..<rest.startIndex])
    guard split.hasHyphenArgument else { return name + split.joined }
    return name + split.flags + ["--"] + split.arguments
  }

  /// The words behind the name of a command, sorted.
  private struct Split {
    /// In their order, values joined to their flags.
    var joined: [String] = []
    /// The same without the arguments.
    var flags: [String] = []
    var arguments: [String] = []
    var hasHyphenArgument = false

    private let shape: CommandShape
    private let command: any ParsableCommand.Type
    private var known: Set<String>?

    init(_ words: ArraySlice<String>, of command: any ParsableCommand.Type) {
      self.command = command
      shape = CommandShape(command)
      var rest = words
      while let word = rest.popFirst() {
        if word == "--" {
          joined += [word] + rest
          flags += [word] + rest
          break
        }
        take(word, &rest)
      }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) {
      guard word.hasPrefix("-"), word != "-" else { return takeArgument(word) }
      if shape.several.contains(word) {
        takeFlag([word] + rest.prefix { !$0.hasPrefix("-") })
        rest = rest.drop { !$0.hasPrefix("-") }
      } else if shape.options.keys.contains(word), let value = rest.first {
        if value.hasPrefix("-"), value != "-", isFlag(value) { return takeFlag([word]) }
        rest.removeFirst()
        takeFlag(value.hasPrefix("-") && value != "-" ? ["\(word)=\(value)"] : [word, value])
      } else if HyphenWords.short.contains(word), let value = rest.popFirst() {
        takeFlag([word, value])
      } else if isArgument(word) {
        hasHyphenArgument = true
        takeArgument(word)
      } else {
        takeFlag([word])
      }
    }

    private mutating func takeFlag(_ words: [String]) {
      joined += words
      flags += words
    }

    private mutating func takeArgument(_ word: String) {
      joined.append(word)
      arguments.append(word)
    }

    /// Tells if a word that begins with a hyphen can only be an argument: a time in the place of a
    /// position, an id, a text with a blank in it.
    private mutating func isArgument(_ word: String) -> Bool {
      guard !word.hasPrefix("--") else { return false }
      let kinds = shape.arguments.compactMap(\.kind)
      let isNumber = word.dropFirst().first?.isNumber == true
      if isNumber, kinds.contains(where: \.mayBeTime) { return true }
      guard kinds.contains(where: { $0 == .object || $0 == .text }) else { return false }
      return (kinds.contains(.object) || word.contains(" ")) && !isFlag(word)
    }

    private mutating func isFlag(_ word: String) -> Bool {
      let name = String(word.prefix { $0 != "=" })
      let flags = known ?? Set(Completer.flags(of: command).keys).union(["-h", "--help"])
      known = flags
      return flags.contains(name) || HyphenWords.short.union(["-f"]).contains(name)
    }
  }

  /// Flags of one letter that a value follows.
  private static let short: Set<String> = ["-o", "-n"]
}
