import Events
import Testing

@testable import Daybook

/// An empty name, as an unset variable of a shell gives it, means nothing: not the only thing that
/// there is.
@Suite struct EmptyNameTests {
  @Test func `an empty beginning of an id is not the only object`() async throws {
    let folder = try TestFolder()
    let world = MadeUpWorld()
    let journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
    let changes = try await journal.changes.rows(Selection())
    try #require(changes.count == 1)
    let id = try #require(changes.first?["objectId"]?.string)
    #expect(try await journal.object(String(id.prefix(1))) == id)
    for table in [RowTable.changes, .events] {
      await #expect(throws: DaybookError.self) { try await journal.object("", in: table) }
    }
    await journal.close()
  }
}
