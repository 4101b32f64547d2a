import RawJSON
import Testing

@testable import REPL

/// Fields that scripts rely on, in every form of results.
@MainActor
@Suite struct ContractFieldTests {
  /// The contract's fields of each list, first in the table and in this order or not.
  nonisolated private static let fields: [(command: String, fields: String)] = [
    ("events", "position stream version type recordedAt cause body digest summary"),
    ("tail -n 5", "position stream version type recordedAt cause body digest"),
    (
      "changes",
      "position instance resource eventType objectId objectType date pollDate cause title"
    ),
    (
      "deliveries",
      "position id instance url status attempts lastStatus nextAt changes mode requestedAt"
        + " lastAttemptAt finishedAt durationMs error title"
    ),
    (
      "instance list",
      "id name element state reason callback resources lastPollAt nextPollAt"
    ),
    ("cursor list", "instance resource cursor movedAt failures nextAt"),
    ("callback list", "url state reason since pending held"),
    ("notices", "position kind subject text openedAt closedAt"),
    ("replay list", "replay url mode state total sent succeeded failed"),
    ("trace 5", "position recordedAt type stream cause depth title summary"),
    ("goto 5", "position recordedAt type stream cause depth title summary"),
    ("diff 1 head", "kind id field before after"),
    ("show head", "position stream version type recordedAt cause body digest payloads"),
    ("verify", "events head digest ok problems"),
  ]

  @Test(arguments: fields)
  func `every form of a list has the fields that scripts rely on`(
    command: String, fields: String
  ) async throws {
    let stage = try SessionStage(isReadOnly: true)
    let lines = await stage.run("\(command) --output jsonl")
    try #require(!lines.output.isEmpty, "\(lines.message)")
    let rows = try lines.output.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
    let wanted = Set(fields.split(separator: " ").map(String.init))
    for row in rows {
      #expect(wanted.isSubset(of: Self.names(row)), "\(command): \(Self.names(row))")
    }
    // The same rows in the same order, whichever form and however often it is asked.
    #expect(await stage.run("\(command) --output jsonl").output == lines.output)
    let array = await stage.run("\(command) --output json").output
    let json = try JSON.parse(Array(array.utf8))
    #expect((json.elements ?? [json]) == rows, "\(command)")
    let csv = await stage.run("\(command) --output csv").output
    let heading = csv.prefix { $0 != "\n" && $0 != "\r\n" }.split(separator: ",").map(String.init)
    #expect(wanted.isSubset(of: Set(heading)), "\(command): \(heading)")
  }

  @Test(arguments: fields)
  func `what has no row is an empty list, and no row has other fields than the next`(
    command: String, fields: String
  ) async throws {
    let stage = try SessionStage(isReadOnly: true)
    let rows = await stage.run("\(command) --output jsonl").output
      .split(separator: "\n").map { try? JSON.parse(Array($0.utf8)) }
    let names = Set(rows.map { $0.map { $0.members?.map(\.name) ?? [] } ?? [] })
    #expect(names.count == 1, "\(command)")
    guard ["events", "changes", "deliveries", "notices"].contains(command) else { return }
    let none = await stage.run("\(command) --until 2000-01-01 --output json")
    #expect(none.status == 0)
    #expect(try JSON.parse(Array(none.output.utf8)) == [])
    #expect(await stage.run("\(command) --until 2000-01-01 --output jsonl").output.isEmpty)
    let heading = await stage.run("\(command) --until 2000-01-01 --output csv").output
    #expect(heading.split(whereSeparator: \.isNewline).count == 1)
  }

  private static func names(_ row: JSON) -> Set<String> {
    Set(row.members?.map(\.name) ?? [])
  }
}
