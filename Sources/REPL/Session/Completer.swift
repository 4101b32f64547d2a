import ArgumentParser
import Daybook
import Events
import Synchronization

/// Offers at Tab commands, their flags, ids, resources and marks; gathered before the prompt, never
/// while it waits.
final class Completer: Sendable {
  let words = Mutex<Known>(Known())

  struct Known {
    /// The head and the position that queries answer as of, when this was learnt.
    var moment: [Int64?] = []
    var tables: [JournalTable] = []
    var functions: [String] = []
    var bodyKeys: [String] = []
    var objects: [Completion] = []
    var marks: [Completion] = []
    var instances: [Completion] = []
    var resources: [Completion] = []
    var positions: [Completion] = []
    var deliveries: [Completion] = []
    var callbacks: [Completion] = []
    var replays: [Completion] = []
  }

  /// Learns the ids of the journal at hand, where it has become other since.
  @MainActor
  func refresh(from session: Session) async {
    guard let journal = try? session.journal(), let head = try? await journal.head() else { return }
    let marks = session.marks.load().keys.sorted().map { Completion($0, note: "a mark") }
    let moment = [head, session.asOf]
    let isKnown = words.withLock { known in
      known.marks = marks
      return known.moment == moment
    }
    if isKnown { return }
    let learnt = await Completer.learn(journal, as: moment, marks, isNow: session.asOf == nil)
    words.withLock { $0 = learnt }
  }

  /// - Parameter isNow: In the past nothing can be sent or switched, and looking up deliveries and
  ///   callbacks would take long.
  private static func learn(
    _ journal: Journal, as moment: [Int64?], _ marks: [Completion], isNow: Bool
  ) async -> Known {
    func rows(_ source: some RowSource, newest count: Int) async -> [Row] {
      var part = Selection()
      part.isReversed = true
      return (try? await source.rows(part, limit: count)) ?? []
    }
    // In their own order, as a list has them; of many the newest.
    func ordered(_ source: some RowSource, _ count: Int) async -> [Row] {
      (try? await source.rows(limit: count)) ?? []
    }
    var known = Known()
    known.moment = moment
    known.marks = marks
    known.tables = (try? await journal.tables()) ?? []
    if let words = try? await journal.words(newest: 500) {
      (known.functions, known.bodyKeys) = (words.functions, words.bodyKeys)
    }
    known.objects = objects(await rows(journal.changes, newest: 100))
    known.instances = instances(await ordered(journal.instances, 500))
    known.resources = Completer.resources(await ordered(journal.cursors, 2_000))
    known.positions = found(await rows(journal.events, newest: 20), "position", note: "type")
    known.positions.append(Completion("head", note: "the last event"))
    if isNow {
      known.deliveries = found(
        await rows(journal.deliveries, newest: 20), "position", note: "status")
      known.callbacks = found(await ordered(journal.callbacks, 200), "url", note: "state")
    }
    known.replays = found(await rows(journal.replays, newest: 20), "replay", note: "state")
    return known
  }

  private static func found(
    _ rows: some Sequence<Row>, _ id: String, note: String
  ) -> [Completion] {
    rows.compactMap { row in
      let text = row[id]?.string ?? row[id]?.integer.map { String($0) }
      return text.map { Completion($0, note: row[note]?.string ?? "") }
    }
  }

  private static func objects(_ changes: [Row]) -> [Completion] {
    var found: [Completion] = []
    for row in changes {
      guard let id = row["objectId"]?.string, !found.contains(where: { $0.text == id })
      else { continue }
      let note = row["title"]?.string ?? row["resource"]?.string ?? ""
      found.append(Completion(id, note: note))
    }
    return found
  }

  /// Their numbers, and the names that are none.
  private static func instances(_ rows: [Row]) -> [Completion] {
    var all = found(rows, "id", note: "name")
    for row in rows {
      guard let name = row["name"]?.string, let id = row["id"]?.integer, Int64(name) == nil
      else { continue }
      all.append(Completion(name, note: "instance \(id)"))
    }
    return all
  }

  private static func resources(_ cursors: some Sequence<Row>) -> [Completion] {
    var owners: [String: Set<Int64>] = [:]
    for row in cursors {
      guard let resource = row["resource"]?.string, let instance = row["instance"]?.integer
      else { continue }
      owners[resource, default: []].insert(instance)
    }
    return owners.sorted { $0.key < $1.key }.map { resource, instances in
      let one = instances.count == 1 ? instances.first : nil
      return Completion(
        resource, note: one.map { "of instance \($0)" } ?? "of \(instances.count) instances")
    }
  }

  /// Ways to go on at the cursor.
  func complete(_ line: String, _ cursor: Int) -> [Completion] {
    let typed = String(decoding: Array(line.utf8).prefix(cursor), as: UTF8.self)
    guard let open = CommandAssembler.openWord(typed) else { return [] }
    let found =
      switch open.role {
      case .sql: statementWords(open, in: line)
      case .file: Completer.files(beginning: open.value)
      case .word: words(at: open)
      }
    return Array(found.prefix(TerminalLimits.completionsMax))
  }

  private func words(at open: OpenWord) -> [Completion] {
    if open.before.first == "set", open.before.count == 2 {
      let setting = SessionSetting(rawValue: open.before[1])
      return (setting?.values ?? []).filter { $0.hasPrefix(open.value) }.map { Completion($0) }
    }
    let statements = open.before.isEmpty && !open.value.isEmpty ? SQLScanner.beginnings : []
    return candidates(after: open.before, isFlag: open.value.hasPrefix("-"), typed: open.value)
      .filter { $0.text.hasPrefix(open.value) }
      + statements.sorted().compactMap { word in
        let typed = open.value.first?.isUppercase == true ? word.uppercased() : word
        return typed.hasPrefix(open.value)
          ? Completion(typed, note: "a statement of SQL, up to its ;") : nil
      }
  }

  private func candidates(
    after words: [String], isFlag: Bool, typed: String
  ) -> [Completion] {
    let (command, group, rest) = CommandShape.command(of: words)
    if group == Root.self, rest.first == "help" {
      return Root.names.map { Completion($0) } + HelpPage.topics.map { Completion($0.name) }
    }
    let shape = CommandShape(command)
    let flags = Completer.flags(of: command)
    var found: [Completion] = []
    if isFlag {
      let notes = Completer.notes(of: command)
      found = flags.keys.sorted().map { Completion($0, note: notes[$0] ?? "") }
    } else if let flag = Completer.flag(waitingAfter: rest, of: flags, shape) {
      return (shape.options[flag] ?? nil).map { known($0, typed) } ?? []
    } else {
      let place = Completer.place(after: rest, of: flags)
      if place < shape.arguments.count {
        found = shape.arguments[place].kind.map { known($0, typed) } ?? []
      }
    }
    guard !group.configuration.subcommands.isEmpty, rest.isEmpty else { return found }
    let names = group.configuration.subcommands.map {
      Completion($0.configuration.commandName ?? "", note: $0.configuration.abstract)
    }
    return names + (group == Root.self ? [Completion("help")] : []) + found
  }

  private func known(_ kind: OperandKind, _ typed: String) -> [Completion] {
    if kind == .file { return Completer.files(beginning: typed) }
    return words.withLock { known in
      switch kind {
      case .instance: known.instances
      case .resource: known.resources
      case .position: known.positions + known.marks
      case .delivery: known.deliveries
      case .callback: known.callbacks
      case .replay: known.replays
      case .time: Completer.times
      case .words(let words): words.map { Completion($0) }
      case .object: known.objects
      case .table: known.tables.map { Completion($0.name, note: $0.comment ?? "") }
      // What only the person knows.
      case .file, .duration, .number, .text: []
      }
    }
  }

  /// The flags of a command, as its help lists them, and whether a value follows.
  static func flags(of command: any ParsableCommand.Type) -> [String: Bool] {
    var flags: [String: Bool] = [:]
    for line in Root.helpMessage(for: command, columns: 400).split(separator: "\n") {
      guard let match = line.firstMatch(of: /^ +(?:-\w, )?(--[a-z-]+)( <)?/) else { continue }
      flags[String(match.1)] = match.2 != nil
    }
    return flags
  }

  /// Explanations of a command’s flags, which its help has beside them or below.
  private static func notes(of command: any ParsableCommand.Type) -> [String: String] {
    var notes: [String: String] = [:]
    var last = ""
    for line in Root.helpMessage(for: command, columns: 400).split(separator: "\n") {
      let form = /^ +(?:-\w, )?(--[a-z-]+)[^ ]*(?: [<.\-][^ ]*)*(?:  +(.*))?$/
      if let match = line.firstMatch(of: form) {
        last = String(match.1)
        if let note = match.2 { notes[last] = String(note) }
      } else if line.hasPrefix("      "), !last.isEmpty, notes[last] == nil {
        notes[last] = String(line).trimmedBlanks
      }
    }
    return notes
  }

  private static let times = [
    Completion("today", note: "its beginning"), Completion("yesterday", note: "its beginning"),
    Completion("now", note: "this moment"), Completion("-1h", note: "an hour ago"),
    Completion("-1d", note: "a day ago"), Completion("-1w", note: "a week ago"),
  ]

  /// The flag at the end that waits for a value, nil where none does. One that takes several words
  /// of a closed set waits for more of them.
  private static func flag(
    waitingAfter words: ArraySlice<String>, of flags: [String: Bool], _ shape: CommandShape
  ) -> String? {
    guard let place = words.lastIndex(where: { $0.hasPrefix("--") }), flags[words[place]] == true
    else { return nil }
    let flag = words[place]
    return place == words.endIndex - 1 || shape.several.contains(flag) ? flag : nil
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
}
