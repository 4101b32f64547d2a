import ArgumentParser
import Daybook
import Events
import Synchronization

/// Offers at Tab commands, their flags, ids, resources and marks; gathered before the prompt, never
/// while it waits.
final class Completer: Sendable {
  private let words = Mutex<Known>(Known())

  private struct Known {
    var instances: [Completion] = []
    var resources: [Completion] = []
    var positions: [Completion] = []
    var callbacks: [Completion] = []
    var replays: [Completion] = []
  }

  /// The kinds of an argument, or of a flag’s value.
  private enum Kind {
    case instance, resource, position, callback, replay, command
    case words([String])
  }

  /// Learns the ids of the journal at hand.
  @MainActor
  func refresh(from session: Session) async {
    guard let journal = try? session.journal(), (try? await journal.head()) != nil else { return }
    func rows(_ source: some RowSource, newest count: Int? = nil) async -> [Row] {
      var part = Selection()
      part.isReversed = count != nil
      return (try? await source.rows(part, limit: count)) ?? []
    }
    var known = Known()
    known.instances = await rows(journal.instances).prefix(500).compactMap { row in
      row["id"]?.integer.map { Completion(String($0), note: row["name"]?.string ?? "") }
    }
    let cursors = await rows(journal.cursors).prefix(5_000)
    known.resources = Set(cursors.compactMap { $0["resource"]?.string }).sorted()
      .map { Completion($0) }
    known.positions = await rows(journal.events, newest: 20).compactMap { row in
      row["position"]?.integer.map { Completion(String($0), note: row["type"]?.string ?? "") }
    }
    known.positions += (session.marks.load().keys.sorted() + ["head"]).map { Completion($0) }
    // Nothing can be switched in the past, where looking them up would take long.
    known.callbacks =
      session.asOf != nil
      ? []
      : await rows(journal.callbacks).prefix(200)
        .compactMap { row in
          row["url"]?.string.map { Completion($0, note: row["state"]?.string ?? "") }
        }
    known.replays = await rows(journal.replays, newest: 20).compactMap { row in
      row["replay"]?.integer.map { Completion(String($0), note: row["state"]?.string ?? "") }
    }
    let learnt = known
    words.withLock { $0 = learnt }
  }

  /// Ways to go on at the cursor.
  func complete(_ line: String, _ cursor: Int) -> [Completion] {
    let typed = String(decoding: Array(line.utf8).prefix(cursor), as: UTF8.self)
    guard let open = CommandLineTokenizer.open(typed) else { return [] }
    return candidates(after: open.before, isFlag: open.value.hasPrefix("-"))
      .filter { $0.text.hasPrefix(open.value) }
      .prefix(200).map { $0 }
  }

  private func candidates(after words: [String], isFlag: Bool) -> [Completion] {
    var command: any ParsableCommand.Type = Root.self
    var (path, rest) = ("", words[...])
    while let word = rest.first {
      let next = command.configuration.subcommands.first { $0.configuration.commandName == word }
      guard let next else { break }
      (command, path) = (next, path.isEmpty ? word : "\(path) \(word)")
      rest.removeFirst()
    }
    if command == Root.self, rest.first == "help" { return known(.command) }
    let subcommands = command.configuration.subcommands
    if let usual = command.configuration.defaultSubcommand { command = usual }
    let flags = Completer.flags(of: command)
    var found: [Completion] = []
    if isFlag {
      found = flags.keys.sorted().map { Completion($0) }
    } else if let kind = Completer.value(after: rest, of: flags) {
      return kind.map(known) ?? []
    } else if let kinds = Completer.arguments[path] {
      let place = Completer.place(after: rest, of: flags)
      if place < kinds.count { found = known(kinds[place]) }
    }
    guard !subcommands.isEmpty, rest.isEmpty else { return found }
    let names = subcommands.map {
      Completion($0.configuration.commandName ?? "", note: $0.configuration.abstract)
    }
    return names + (path.isEmpty ? [Completion("help")] : []) + found
  }

  private func known(_ kind: Kind) -> [Completion] {
    words.withLock { known in
      switch kind {
      case .instance: known.instances
      case .resource: known.resources
      case .position: known.positions
      case .callback: known.callbacks
      case .replay: known.replays
      case .command: Root.names.map { Completion($0) }
      case .words(let words): words.map { Completion($0) }
      }
    }
  }

  /// The flags of a command, as its help lists them, and whether a value follows.
  private static func flags(of command: any ParsableCommand.Type) -> [String: Bool] {
    var flags: [String: Bool] = [:]
    for line in Root.helpMessage(for: command, columns: 400).split(separator: "\n") {
      guard let match = line.firstMatch(of: /^ +(?:-\w, )?(--[a-z-]+)( <)?/) else { continue }
      flags[String(match.1)] = match.2 != nil
    }
    return flags
  }

  /// The kind of value that the flag at the end waits for.
  ///
  /// - Returns: nil where none waits for a value; no kind where nothing is known of it.
  private static func value(after words: ArraySlice<String>, of flags: [String: Bool]) -> Kind?? {
    guard let place = words.lastIndex(where: { $0.hasPrefix("--") }), flags[words[place]] == true
    else { return nil }
    let flag = words[place]
    let isSeveral = ["--status", "--type"].contains(flag)
    guard place == words.endIndex - 1 || isSeveral else { return nil }
    return .some(values(of: flag, flags))
  }

  private static func values(of flag: String, _ flags: [String: Bool]) -> Kind? {
    switch flag {
    case "--instance": .instance
    case "--resource": .resource
    case "--after", "--before": .position
    case "--to": .callback
    case "--output": .words(OutputFormat.allCases.map(\.rawValue))
    case "--color": .words(["auto", "always", "never"])
    case "--status": .words(Journal.Deliveries.states)
    case "--type": .words(Event.readers.keys.sorted() + ChangeKind.allCases.map(\.rawValue))
    case "--mode": .words(["exact", "rebuilt"])
    case "--until" where flags["--accept"] != nil: .words(["request", "reply", "changes"])
    default: nil
    }
  }

  /// Which argument comes next, counted from 0.
  private static func place(after words: ArraySlice<String>, of flags: [String: Bool]) -> Int {
    var place = 0
    var isValue = false
    for word in words {
      if word.hasPrefix("-") {
        isValue = flags[word] == true
      } else {
        if !isValue { place += 1 }
        isValue = false
      }
    }
    return place
  }

  /// The kinds of each command’s arguments, by its name.
  private static let arguments: [String: [Kind]] = [
    "instance show": [.instance], "instance update": [.instance], "instance enable": [.instance],
    "instance disable": [.instance], "instance delete": [.instance],
    "poll run": [.instance, .resource], "poll step": [.instance, .resource],
    "cursor show": [.instance, .resource], "cursor reset": [.instance, .resource],
    "show": [.position], "trace": [.position], "at": [.position], "goto": [.position],
    "diff": [.position, .position], "redeliver": [.position], "mark": [.words([]), .position],
    "replay": [.position], "replay send": [.position], "replay show": [.replay],
    "replay stop": [.replay], "replay resume": [.replay], "callback enable": [.callback],
    "callback disable": [.callback],
  ]
}
