import Domain
import Events
import Sandbox
import Synchronization
import Testing

@testable import Daybook

/// The versions of one object, and what a change shows of them.
@Suite struct HistoryTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// An event that is entered, changed and deleted, each polled and delivered.
  private func lived() async throws -> (instance: Int64, object: String) {
    let code = world.withSandbox { $0.code(at: $1) }
    let id = try await journal.instances.create(
      instanceJSON(code: code, base: MadeUpWorld.base)
    ).id
    _ = try await journal.polls.run(.instance(id))
    try await pass(id) { $0.enter("Planning", at: $1) }
    let object = try #require(try await journal.changes.rows().first?["objectId"]?.string)
    try await pass(id) { $0.change(object, #"{"summary":"Planning, moved"}"#, at: $1) }
    try await pass(id) { $0.remove(object, at: $1) }
    return (id, object)
  }

  private func pass(
    _ id: Int64, _ people: @Sendable (inout SandboxWorld, Moment) -> Void
  ) async throws {
    world.pass(.seconds(60))
    world.withSandbox { people(&$0, $1) }
    _ = try await journal.polls.run(.instance(id))
    try await journal.deliveries.deliver()
  }

  private func history(
    of object: String, in journal: Journal, instance: Int64? = nil
  ) async throws -> [Row] {
    let rows = Mutex<[Row]>([])
    try await journal.history(of: object, instance: instance) { page in
      rows.withLock { $0 += page }
      return true
    }
    return rows.withLock { $0 }
  }

  @Test func `each version tells what is other in it, and who was told`() async throws {
    let (id, object) = try await lived()
    let rows = try await history(of: object, in: journal, instance: id)
    #expect(rows.allSatisfy { $0.names == RowTable.history.names })
    #expect(rows.map { $0["eventType"]?.string } == ["CREATED", "UPDATED", "DELETED"])
    #expect(rows.map { $0["title"] }.prefix(2) == [.text("Planning"), .text("Planning, moved")])
    #expect(rows[0]["changes"] == .null && rows[0]["note"] == .null)
    let changes = rows[1]["changes"]?.string ?? ""
    #expect(
      changes.contains(#"{"field":"summary","before":"Planning","after":"Planning, moved"}"#))
    for row in rows {
      let told = row["deliveries"]?.string ?? ""
      #expect(told.contains(#""status":"succeeded""#) && told.contains("/receiver/hook"))
    }
  }

  @Test func `a first change after a baseline says what it cannot be compared with`() async throws {
    let object = world.withSandbox { $0.enter("Planning", at: $1) }
    let code = world.withSandbox { $0.code(at: $1) }
    let id = try await journal.instances.create(
      instanceJSON(code: code, base: MadeUpWorld.base)
    ).id
    _ = try await journal.polls.run(.instance(id))
    for title in ["Plans", "More plans"] {
      try await pass(id) { $0.change(object, #"{"summary":"\#(title)"}"#, at: $1) }
    }
    let rows = try await history(of: object, in: journal)
    #expect(rows.map { $0["eventType"]?.string } == ["UPDATED", "UPDATED"])
    #expect(rows[0]["changes"] == .null)
    #expect(rows[0]["note"]?.string?.contains("before this first change is not in the log") == true)
    #expect(rows[1]["changes"]?.string?.contains(#""before":"Plans""#) == true)
    #expect(rows[1]["note"] == .null)
  }

  @Test func `as of the past it is what was known then`() async throws {
    let (_, object) = try await lived()
    let second = try #require(try await journal.changes.rows()[1]["position"]?.integer)
    let past = try await journal.at(second)
    let rows = try await history(of: object, in: past)
    #expect(rows.map { $0["eventType"]?.string } == ["CREATED", "UPDATED"])
    #expect(rows[1]["deliveries"] == .json("[]"))
  }

  @Test func `a beginning that no other object has stands for it`() async throws {
    let (id, object) = try await lived()
    #expect(try await history(of: String(object.prefix(5)), in: journal).count == 3)
    for wrong in ["nothing", ""] {
      await #expect(throws: DaybookError.self) { try await history(of: wrong, in: journal) }
    }
    await #expect(throws: DaybookError.self) {
      try await history(of: object, in: journal, instance: id + 1)
    }
    for _ in 0..<40 { world.withSandbox { $0.enter("Another", at: $1) } }
    _ = try await journal.polls.run(.instance(id))
    let all = try await journal.changes.rows().compactMap { $0["objectId"]?.string }
    let letters = Dictionary(grouping: Set(all)) { $0.prefix(1) }
    let shared = try #require(letters.first { $0.value.count > 1 }?.key)
    await #expect(throws: DaybookError.self) { try await history(of: String(shared), in: journal) }
  }

  @Test func `a change is shown with its object and what is other in it`() async throws {
    _ = try await lived()
    let positions = try await journal.changes.rows().compactMap { $0["position"]?.integer }
    let created = try await journal.events.row(positions[0])
    #expect(created["object"]?.string?.contains("\"Planning\"") == true)
    #expect(created["differences"] == .null)
    let updated = try await journal.events.row(positions[1])
    #expect(updated["differences"]?.string?.contains("Planning, moved") == true)
    #expect(updated["summary"]?.string?.hasPrefix("UPDATED ") == true)
    let other = try await journal.events.row(1)
    #expect(other["object"] == nil && other["differences"] == nil)
  }

  @Test func `a replay tells the positions that it froze, why and when`() async throws {
    _ = try await lived()
    let other = "\(MadeUpWorld.base)/receiver/other"
    var options = ReplayOptions()
    options.reason = "a new receiver"
    options.text = "1..head"
    let row = try await journal.replays.send(to: other, options)
    let deliveries = try await journal.deliveries.rows().filter { $0["replay"] == .null }
    var frozen = FrozenSelection()
    for row in deliveries { frozen.add(row["position"]?.integer ?? 0) }
    #expect(row["selection"] == .text(frozen.text(of: deliveries.count)))
    #expect(row["reason"] == .text("a new receiver"))
    let replay = try #require(row["replay"]?.integer)
    #expect(row["requestedAt"] == .moment(try #require(try await journal.events.time(of: replay))))
  }

  @Test func `positions that follow each other are one range, and many are counted`() {
    var some = FrozenSelection()
    for position: Int64 in [18, 22, 23, 24, 40] { some.add(position) }
    #expect(some.text(of: 5) == "18, 22..24, 40")
    var many = FrozenSelection()
    for position in stride(from: Int64(2), to: 100, by: 2) where !many.isFull { many.add(position) }
    #expect(many.text(of: 9_311).hasSuffix("38, 40, … 9311 in all"))
    #expect(FrozenSelection().text(of: 0) == "")
  }
}
