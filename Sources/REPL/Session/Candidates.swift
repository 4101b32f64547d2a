import ArgumentParser
import Journal
import Synchronization

/// What Tab offers: commands, flags, ids and resources; gathered before the prompt, never while it
/// waits.
final class Candidates: Sendable {
  private let words = Mutex<Known>(Known())

  private struct Known {
    var instances: [(id: String, name: String)] = []
    var resources: [String] = []
    var positions: [String] = []
    var marks: [String] = []
  }

  /// Learns the ids of the journal at hand.
  @MainActor
  func refresh(from session: Session) async {
    guard let reader = try? await session.reader() else { return }
    var newest = ReportQuery(.events)
    newest.isReversed = true
    newest.limit = 20
    let instances = (try? await reader.rows(ReportQuery(.instances))) ?? []
    let cursors = (try? await reader.rows(ReportQuery(.cursors))) ?? []
    let events = (try? await reader.rows(newest)) ?? []
    var known = Known()
    known.instances = instances.prefix(500).compactMap { row in
      row["id"]?.integer.map { (String($0), row["name"]?.string ?? "") }
    }
    known.resources = Set(cursors.prefix(5_000).compactMap { $0["resource"]?.string }).sorted()
    known.positions = events.compactMap { $0["position"]?.integer.map(String.init) }
    known.marks = session.marks.load().keys.sorted() + ["head"]
    let learnt = known
    words.withLock { $0 = learnt }
  }

  /// Ways to go on at the cursor.
  func complete(_ line: String, _ cursor: Int) -> [Completion] {
    let typed = String(decoding: Array(line.utf8).prefix(cursor), as: UTF8.self)
    guard let open = Words.open(typed) else { return [] }
    return candidates(after: open.before)
      .filter { $0.text.hasPrefix(open.value) }
      .prefix(200).map { $0 }
  }

  private func candidates(after words: [String]) -> [Completion] {
    var command: any ParsableCommand.Type = Root.self
    var rest = words[...]
    while let word = rest.first {
      let next = command.configuration.subcommands.first { $0.configuration.commandName == word }
      guard let next else { break }
      command = next
      rest.removeFirst()
    }
    let subcommands = command.configuration.subcommands
    if !subcommands.isEmpty, rest.isEmpty {
      let names = subcommands.map {
        Completion($0.configuration.commandName ?? "", note: $0.configuration.abstract)
      }
      return command == Root.self ? names + [Completion("help")] : names
    }
    return values(words)
  }

  private func values(_ words: [String]) -> [Completion] {
    self.words.withLock { known in
      var found = known.instances.map { Completion($0.id, note: $0.name) }
      if words.last == "--output" {
        return OutputFormat.allCases.map { Completion($0.rawValue) }
      }
      if words.last == "--status" { return DeliveriesCommand.states.map { Completion($0) } }
      found += known.resources.map { Completion($0) }
      found += known.positions.map { Completion($0) }
      found += known.marks.map { Completion($0) }
      found += Candidates.flags.map { Completion($0) }
      return found
    }
  }

  private static let flags = [
    "--output", "--local", "--type", "--instance", "--resource", "--object", "--since", "--until",
    "--after", "--before", "--limit", "--reverse", "--status", "--to", "--mode", "--execute",
    "--reason", "--all", "--force", "--until-idle", "--for", "--help",
  ]
}
