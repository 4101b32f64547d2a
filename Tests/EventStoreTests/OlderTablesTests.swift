import Events
import Synchronization
import TestSupport
import Testing

@testable import EventStore

extension Folder {
  /// A journal whose tables an older program has folded, as far as can be told from outside: their
  /// revision is the one before, and `callbacks` has not all of its columns.
  ///
  /// - Returns: How many events there are.
  fileprivate func writeOlder() async throws -> Int64 {
    let log = try open()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    for _ in 0..<30 { _ = try await log.append(AppendRequest(many(100), at: noon)) }
    try await log.catchUp()
    let head = try await log.currentHead().position
    _ = try run(
      "sqlite3", journal,
      """
      UPDATE projections SET revision = revision - 1;
      DROP VIEW callbacks;
      DROP TABLE callbacks_1;
      CREATE TABLE callbacks_1 (url TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER);
      CREATE VIEW callbacks AS SELECT * FROM callbacks_1 WHERE until IS NULL;
      """)
    return head
  }

  fileprivate func olderTables() async throws -> OlderTables? {
    try await JournalReader(journal).read { snapshot throws(JournalError) in
      try snapshot.olderTables()
    }
  }
}

@Suite struct OlderTablesTests {
  @Test func `an older program's tables are left as they are by opening`() async throws {
    let folder = Folder()
    let head = try await folder.writeOlder()
    _ = try folder.open()
    #expect(
      try await folder.olderTables() == OlderTables(reached: head, rebuilt: 0, head: head))
  }

  @Test func `an older program's tables answer where their columns do`() async throws {
    let folder = Folder()
    let head = try await folder.writeOlder()
    let reader = try JournalReader(folder.journal)
    #expect(try await reader.rows(ReportQuery(.notices)).count > 1)
    let refusal = JournalError.rebuilding(path: folder.journal, reached: 0, head: head)
    await #expect(throws: refusal) { _ = try await reader.rows(ReportQuery(.callbacks)) }
    #expect(try await folder.open().rebuildOlder())
    #expect(try await reader.rows(ReportQuery(.callbacks)).count == 1)
  }

  @Test func `nothing is folded into an older program's tables`() async throws {
    let folder = Folder()
    let head = try await folder.writeOlder()
    let log = try folder.open()
    let refusal = JournalError.rebuilding(path: folder.journal, reached: 0, head: head)
    await #expect(throws: refusal) {
      _ = try await log.append(AppendRequest([refused("a")], at: noon))
    }
    _ = try run("sqlite3", folder.journal, "UPDATE projections SET position = 9")
    try await log.catchUp()
    #expect(try await folder.olderTables() == OlderTables(reached: 9, rebuilt: 0, head: head))
  }

  @Test func `a rebuild goes on from where the last one was cut short`() async throws {
    let folder = Folder()
    let head = try await folder.writeOlder()
    var reached: [Int64] = []
    while try await !folder.open().rebuildOlder(events: 1) {
      reached.append(try #require(await folder.olderTables()).rebuilt)
    }
    #expect(reached.count > 1)
    #expect(reached == reached.sorted())
    #expect(Set(reached).count == reached.count)
    #expect(try #require(reached.last) < head)
    #expect(try await folder.olderTables() == nil)
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
  }

  @Test func `a rebuild that is killed before each of its commits comes to its end`() async throws {
    let folder = Folder()
    _ = try await folder.writeOlder()
    var deaths = 0
    while true {
      let commits = Commits(lives: deaths)
      let log = try JournalWriter(
        folder.journal, naming: naming, at: noon,
        hooks: JournalWriter.Hooks { $0 == .beforeCommit && commits.dies() })
      do {
        _ = try await log.rebuildOlder()
        break
      } catch {
        #expect(error == .died)
        deaths += 1
      }
      // Whatever is in force answers.
      let reader = try JournalReader(folder.journal)
      #expect(try await reader.rows(ReportQuery(.notices)).count > 1)
      try #require(deaths < 100)
    }
    #expect(deaths > 10)
    // What a death left over goes with the next rebuild.
    _ = try await folder.open().rebuild()
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
    let tables = try run(
      "sqlite3", folder.journal,
      "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'entries_[0-9]*'")
    #expect(String(decoding: tables, as: UTF8.self) == "1\n")
  }

  @Test func `two processes that rebuild at once make one set of tables`() async throws {
    let folder = Folder()
    let head = try await folder.writeOlder()
    let (one, other) = (try folder.open(), try folder.open())
    async let first = one.rebuildOlder()
    async let second = other.rebuildOlder()
    #expect(try await (first, second) == (true, true))
    #expect(try await one.append(AppendRequest([refused("a")], at: noon)).first == head + 1)
    #expect(try await other.append(AppendRequest([refused("b")], at: noon)).first == head + 2)
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
  }

  @Test func `what is appended between two slices is in the new tables`() async throws {
    let folder = Folder()
    let log = try folder.open()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    for _ in 0..<30 { _ = try await log.append(AppendRequest(many(100), at: noon)) }
    let other = try folder.open()
    var slices = 0
    while try await log.rebuild(events: 1) == nil {
      slices += 1
      _ = try await other.append(AppendRequest([raised("between-\(slices)")], at: noon))
    }
    #expect(slices > 1)
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
    try await other.catchUp()
    #expect(try await JournalReader(folder.journal).rows(ReportQuery(.notices)).count > slices)
  }
}

/// How many more commits a process makes before it dies.
private final class Commits: Sendable {
  private let left: Mutex<Int>

  init(lives count: Int) { left = Mutex(count) }

  func dies() -> Bool {
    left.withLock { left in
      left -= 1
      return left < 0
    }
  }
}
