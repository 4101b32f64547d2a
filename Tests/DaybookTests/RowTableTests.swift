import Daybook
import Testing

@Suite struct RowTableTests {
  private static let tables =
    RowTable.lists + [.trace, .difference, .polls, .attempts, .pollSteps, .replayPlans]

  @Test func `no table may shorten an id, a type, a state, an error or a number`() {
    let whole: Set<String> = [
      "id", "objectId", "stream", "type", "eventType", "kind", "status", "state", "outcome",
      "error", "reason", "text", "subject", "name",
    ]
    for column in Self.tables.flatMap(\.columns) {
      if whole.contains(column.name) { #expect(!column.mayBeShortened, "\(column.name)") }
      if [.integer, .moment, .flag].contains(column.kind) { #expect(!column.mayBeShortened) }
      if [.json, .hex].contains(column.kind) { #expect(column.mayBeShortened) }
    }
  }

  @Test func `what a table shows in its own way is among its columns`() {
    for table in Self.tables {
      let special = table.asNeeded + table.clocks + table.dispensable
      #expect(Set(special).isSubset(of: table.names), "\(table.name)")
      #expect(Set(table.asNeeded).isDisjoint(with: table.main), "\(table.name)")
      // Without these there is still an answer.
      #expect(!Set(table.main).subtracting(table.dispensable).isEmpty, "\(table.name)")
    }
  }
}
