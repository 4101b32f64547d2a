import ArgumentParser
import Testing

@testable import REPL

/// Words that mean nothing, put wherever a command takes one: each is refused in a sentence, and
/// nothing comes of it.
@MainActor
@Suite struct BadWordTests {
  /// Commands that are about files, that go on by themselves or that only the executable has.
  nonisolated private static let leftOut: Set = [
    "backup", "connect", "demo", "export", "key export", "manual", "output", "read", "record",
    "restore", "run", "sandbox", "serve", "watch",
  ]

  nonisolated private static let commands: [(name: String, command: any ParsableCommand.Type)] =
    leaves(Root.self, []).filter { !leftOut.contains($0.name) }

  nonisolated private static func leaves(
    _ command: any ParsableCommand.Type, _ words: [String]
  ) -> [(name: String, command: any ParsableCommand.Type)] {
    let below = command.configuration.subcommands
    guard !below.isEmpty else { return [(words.joined(separator: " "), command)] }
    return below.flatMap { leaves($0, words + [$0.configuration.commandName ?? "?"]) }
  }

  nonisolated private static let bad = [
    "", " ", "no-such-word", "-1", "99999999999999999999", "9223372036854775807",
    "-9223372036854775808", "1e3", "0x10", "1.5", "head+1", "head-9223372036854775807",
    "head-99999999999999999999", "1..", "..1", "2026-02-30", "2026-13-01T00:00:00Z", "25:00",
    "-99999999999999d", "\u{1B}[31mred", "a\nb", "\u{202E}abc", "e\u{301}", "'", "\"", "\\", "%s%n",
    "{}", "[]", "*", "null",
  ]

  /// Kinds of which no word here is one; of objects and texts nothing is judged.
  nonisolated private static func isJudged(_ kind: OperandKind) -> Bool {
    switch kind {
    case .instance, .resource, .position, .delivery, .replay, .callback, .time, .duration, .number,
      .table, .words:
      true
    case .object, .file, .text: false
    }
  }

  /// The largest number that can be given is one of these words.
  nonisolated private static func mayMean(_ word: String, _ kind: OperandKind) -> Bool {
    kind == .number && word == "9223372036854775807"
  }

  /// Flags of every command; one stands for all.
  nonisolated private static let shared: Set = ["--output", "--fields", "--at", "--color"]

  /// Files that a look at a journal leaves beside it, and the marks of a person.
  nonisolated private static let looked: Set = [
    "daybook.journal-wal", "daybook.journal.lock", ".local", ".local/state",
    ".local/state/daybook",
  ]

  /// Words that stand for an operand of a kind.
  nonisolated private static func good(_ kind: OperandKind) -> String {
    switch kind {
    case .instance, .number: "1"
    case .resource: "calendars/primary/changed-events"
    case .object: "x"
    case .position, .delivery, .replay: "head"
    case .callback: "https://example.com/"
    case .file: "none"
    case .time: "today"
    case .duration: "1s"
    case .table: "events"
    case .text: "x"
    case .words(let words): words.first ?? "x"
    }
  }

  @Test(arguments: commands.map(\.name))
  func `a word that means nothing is refused wherever it stands`(name: String) async throws {
    let stage = try SessionStage(isReadOnly: true)
    let place = try #require(Self.commands.firstIndex { $0.name == name })
    let words = name.split(separator: " ").map(String.init)
    let shape = CommandShape(Self.commands[place].command)
    let kinds = shape.arguments.map { $0.kind ?? .text }
    let before = try stage.contents()
    // Another word at each place, and other ones in the next command: all of them come to stand
    // behind operands of every kind.
    var turn = place
    func refuses(_ line: [String], _ kind: OperandKind, _ word: String) async {
      let ended = await stage.run(line)
      #expect([0, 1, 2, 4, 5].contains(ended.status), "\(line): \(ended.message)")
      #expect(ended.status == 0 || !ended.message.isEmpty, "\(line)")
      // A refusal says nothing where results stand, but for what is partly done.
      #expect(ended.status == 0 || ended.status == 5 || ended.output.isEmpty, "\(line)")
      if Self.isJudged(kind), !Self.mayMean(word, kind) {
        #expect(ended.status != 0, "\(line): \(ended.output.prefix(200))")
      }
    }
    func nextWord() -> String {
      turn += 1
      return Self.bad[turn * 7 % Self.bad.count]
    }
    for index in kinds.indices {
      // What stands before it is right; what would follow may be left out.
      let word = nextWord()
      await refuses(words + kinds[..<index].map(Self.good) + [word], kinds[index], word)
    }
    for (flag, kind) in shape.options.sorted(by: { $0.key < $1.key }) {
      guard let kind, kind != .file, name == "events" || !Self.shared.contains(flag) else {
        continue
      }
      let word = nextWord()
      await refuses(words + kinds.map(Self.good) + [flag, word], kind, word)
    }
    let after = try stage.contents().filter { !$0.key.hasSuffix("-wal") || !$0.value.isEmpty }
    #expect(after["daybook.journal"] == before["daybook.journal"], "\(name)")
    #expect(Set(after.keys).subtracting(Self.looked) == Set(before.keys), "\(name)")
  }

  @Test(arguments: [
    "1", "-1", "99999999999999999999", "1.5", "1e3", "0x10", "1..2", "1..", "..", "head", "head-1",
    "header", "today", "2h", "12:00", "2026-11-23", "", " ", "a b", "a/b", "show", "list",
  ])
  func `a mark is called as nothing else is`(name: String) async throws {
    let stage = try SessionStage(isReadOnly: true)
    let ended = await stage.run(["mark", name, "1"])
    #expect(ended.status == 2 && ended.message.contains(name), "\(ended.message)")
    #expect(await stage.run("marks --output json").output == "[]\n")
  }
}
