import Daybook
import Foundation
import Synchronization
import Testing

@testable import REPL

/// What Tab offers in a statement of SQL, and for files.
@Suite struct StatementCompletionTests {
  private func completer() -> Completer {
    let completer = Completer()
    let events = JournalTable(
      name: "events", isView: false, comment: "The event log.",
      columns: ["position", "type", "body"].map {
        .init(name: $0, type: "TEXT", comment: "its \($0)")
      })
    let deliveries = JournalTable(
      name: "deliveries", isView: true, comment: nil,
      columns: [.init(name: "status", type: "TEXT"), .init(name: "position", type: "INTEGER")])
    completer.words.withLock { known in
      known.tables = [deliveries, events]
      known.functions = ["coalesce", "count"]
      known.bodyKeys = ["instance", "items"]
      known.objects = [Completion("abc123", note: "Planning")]
    }
    return completer
  }

  @Test(
    arguments: [
      ("SELECT * FROM ", ["deliveries", "events"]), ("SELECT * FROM ev", ["events"]),
      ("select * from deliveries, ev", ["events"]),
      ("SELECT 1 FROM events JOIN de", ["deliveries"]),
      ("SELECT e.| FROM events AS e", ["position", "type", "body"]),
      ("SELECT d.st| FROM events e JOIN deliveries d", ["status"]),
      ("SELECT events.ty", ["type"]), ("SELECT ty| FROM events", ["type"]),
      ("SELECT co", ["coalesce(", "count(", "collate"]), ("SELECT 1 FR", ["FROM"]),
      ("SELECT body ->> 'in", ["instance"]), ("SELECT body->'$.it", ["$.items"]),
      ("SELECT json_extract(body, '$.in", ["$.instance"]), ("SELECT 'in", []),
      ("sql 'SELECT ty| FROM events", ["type"]), ("SELECT 1; sche", ["schema"]),
      ("schema ev", ["events"]), ("SEL", ["SELECT"]), ("wi", ["with"]),
      ("changes --object ab", ["abc123"]), ("set ti", ["timer"]), ("set timer o", ["off", "on"]),
    ] as [(String, Set<String>)])
  func `a statement is offered what can stand there`(text: String, expected: Set<String>) {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    let line = parts.joined()
    let found = completer().complete(line, parts[0].utf8.count)
    #expect(Set(found.map(\.text)) == expected)
  }

  @Test func `a name comes with a word of explanation`() {
    let found = completer().complete("SELECT ty FROM events", 9)
    #expect(found == [Completion("type", note: "events TEXT: its type")])
    #expect(completer().complete("changes --object a", 18).first?.note == "Planning")
    #expect(completer().complete("events --limi", 13).first?.note.isEmpty == false)
    #expect(completer().complete("events --since to", 17).first?.note == "its beginning")
  }

  @Test func `files are offered where a file can stand`() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/made", withIntermediateDirectories: false)
      for name in ["map.daybook", ".map", "other"] {
        try "x".write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
      }
      for command in ["read \(folder)/ma", "events > \(folder)/ma", "output \(folder)/ma"] {
        let found = completer().complete(command, command.utf8.count)
        #expect(found.map(\.text) == ["\(folder)/made/", "\(folder)/map.daybook"], "\(command)")
        #expect(found.map(\.isPartial) == [true, false])
        #expect(found.last?.note == "1 bytes")
      }
    }
  }
}
