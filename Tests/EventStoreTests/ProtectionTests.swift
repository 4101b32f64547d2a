import Events
import Foundation
import TestSupport
import Testing

@testable import EventStore

/// Runs the real shell on a journal.
private func shell(_ folder: borrowing Folder, _ sql: String) throws -> String {
  String(decoding: try run("sqlite3", folder.journal, sql), as: UTF8.self)
}

@Suite struct ProtectionTests {
  @Test(arguments: [
    "UPDATE events SET body = '{}' WHERE position = 2",
    "DELETE FROM events WHERE position = (SELECT max(position) FROM events)",
    "INSERT INTO events SELECT position + 100, stream, version + 1, type, revision, recorded_at_ms,"
      + " cause, NULL, body, digest FROM events WHERE position = 1",
    "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 2",
    "UPDATE payloads SET content = x'00'", "DELETE FROM payloads",
    "INSERT OR REPLACE INTO payloads SELECT * FROM payloads",
  ])
  func `the shell cannot change a fact`(sql: String) async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let before = try await log.currentHead()
    #expect(throws: CommandFailure.self) { _ = try shell(folder, sql) }
    let report = try await JournalReader(folder.journal).verify()
    #expect(report.problems == [])
    #expect(report.head == before.position)
  }

  private static let append =
    "INSERT INTO events SELECT position + 1, stream, version + 1, type, revision, recorded_at_ms,"
    + " NULL, 'asked-once', body, digest FROM events ORDER BY position DESC LIMIT 1"

  @Test(arguments: [
    (append.replacing("position + 1", with: "position + 2"), "a position is the one after"),
    (append.replacing("position + 1", with: "position"), "a position is the one after"),
    (append.replacing("version + 1", with: "version + 2"), "a version is the one after"),
    (append.replacing("version + 1", with: "version"), "a version is the one after"),
    (append.replacing("recorded_at_ms,", with: "recorded_at_ms - 1,"), "time never steps back"),
    ("\(append); \(append)", "a key is used once"),
    ("INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 2", "a position is"),
    ("INSERT OR REPLACE INTO payloads SELECT * FROM payloads", "only Daybook adds, and each once"),
  ])
  func `not even who may append can write what is no continuation`(
    sql: String, why: String
  ) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let connection = try Connection(path: folder.journal, access: .readWrite)
    let error = #expect(throws: JournalError.self) { try connection.execute(sql) }
    #expect(error?.description.contains(why) == true, "\(error?.description ?? "")")
  }

  @Test func `who may append can write a continuation`() async throws {
    let folder = Folder()
    let head = try await plausible(folder).currentHead().position
    let connection = try Connection(path: folder.journal, access: .readWrite)
    try connection.execute(Self.append)
    #expect(try JournalFile.head(connection).0.position == head + 1)
  }

  @Test func `the shell reads, dumps and copies a journal`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    #expect(try shell(folder, "SELECT count(*) FROM deliveries") == "7\n")
    #expect(try shell(folder, ".dump").contains("INSERT INTO events VALUES(1,'journal',1"))
    _ = try shell(folder, "VACUUM INTO '\(folder.path)/copy.journal'")
    let copy = try JournalReader(folder.path + "/copy.journal")
    #expect(try await copy.verify().problems == [])
  }

  @Test(arguments: [
    "CREATE TRIGGER spy AFTER INSERT ON events BEGIN SELECT 1; END",
    "DROP TRIGGER events_never_change", "ALTER TABLE events ADD COLUMN more TEXT",
    "ALTER TABLE secrets RENAME COLUMN sealed TO opened", "DROP TABLE payloads",
  ])
  func `a journal with foreign schema is damaged`(sql: String) async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    _ = try shell(folder, sql)
    for open in [
      { try _ = JournalReader(folder.journal) }, { try _ = folder.open() },
      { try _ = JournalReader(folder.journal, mode: .readOnly) },
    ] as [() throws -> Void] {
      #expect {
        try open()
      } throws: { error in
        guard case JournalError.damaged = error else { return false }
        return true
      }
    }
  }

  @Test func `another program's database is refused and left untouched`() throws {
    let folder = Folder()
    _ = try shell(folder, "CREATE TABLE notes (text); PRAGMA application_id = 7;")
    let before = FileManager.default.contents(atPath: folder.journal)
    #expect(throws: JournalError.notAJournal(path: folder.journal, why: "its application id is 7"))
    {
      _ = try folder.open()
    }
    #expect(FileManager.default.contents(atPath: folder.journal) == before)
    #expect(!FileManager.default.fileExists(atPath: folder.journal + "-wal"))
  }

  @Test func `a newer format is not opened`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    _ = try shell(folder, "PRAGMA user_version = 9")
    #expect(throws: JournalError.newerProgram(path: folder.journal)) { _ = try folder.open() }
  }

  @Test func `a truncated file and a damaged page are told of`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    try await log.checkpoint()
    let whole = try #require(FileManager.default.contents(atPath: folder.journal))
    let cut = Folder()
    _ = FileManager.default.createFile(
      atPath: cut.journal, contents: whole.prefix(whole.count / 4096 / 2 * 4096))
    var found = await problems(in: cut.journal)
    #expect(!found.isEmpty)
    // The page with the first event: its name is overwritten.
    let name = try #require(whole.range(of: Data("000102030405060708090a0b0c0d0e0f".utf8)))
    var altered = whole
    altered[name.lowerBound] = UInt8(ascii: "f")
    let other = Folder()
    _ = FileManager.default.createFile(atPath: other.journal, contents: altered)
    found = await problems(in: other.journal)
    #expect(found == ["event 1: its digest does not follow from the event before it"])
  }

  private func problems(in path: String) async -> [String] {
    do {
      return try await JournalReader(path).verify().problems
    } catch {
      return ["\(error)"]
    }
  }

  @Test func `bytes that an event names and that are gone are told of`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    let trigger = try shell(
      folder, "SELECT sql FROM sqlite_schema WHERE name = 'payloads_never_go'")
    let names = try shell(
      folder,
      """
      SELECT DISTINCT lower(hex(payloads.digest)) FROM payloads
      JOIN events ON instr(events.body, lower(hex(payloads.digest))) > 0
      """
    ).split(separator: "\n").map(String.init)
    #expect(names.count == 4)
    for name in names {
      let copy = Folder()
      _ = try shell(folder, "VACUUM INTO '\(copy.journal)'")
      _ = try shell(
        copy,
        """
        DROP TRIGGER payloads_never_go;
        DELETE FROM payloads WHERE hex(digest) = upper('\(name)');
        \(trigger.dropLast());
        """)
      let found = await problems(in: copy.journal)
      #expect(found.contains { $0.contains(name) }, "\(name) \(found)")
    }
  }

  @Test func `a head kept elsewhere is found again or missed`() async throws {
    let folder = Folder()
    let log = try await plausible(folder)
    let head = try await log.currentHead()
    let reader = try JournalReader(folder.journal)
    let digest = hexadecimal(head.digest)
    #expect(try await reader.verify(against: (head.position, digest)).problems == [])
    #expect(try await reader.verify(against: (head.position - 1, digest)).problems.count == 1)
    #expect(try await reader.verify(against: (head.position + 1, digest)).problems.count == 1)
  }

  @Test func `a full disk writes nothing and is got over`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let before = try await log.currentHead()
    try await log.limitPages(to: 1)
    let salt = [UInt8](repeating: 1, count: 16)
    let big = Payload([UInt8](repeating: 7, count: 1 << 20), kind: .evidence, salt: salt)
    await #expect(throws: JournalError.full(path: folder.journal)) {
      _ = try await log.append(AppendRequest([refused("a")], payloads: [big], at: noon))
    }
    #expect(try await log.currentHead() == before)
    try await log.limitPages(to: 1 << 30)
    let appended = try await log.append(AppendRequest([refused("a")], payloads: [big], at: noon))
    #expect(appended.first == before.position + 1)
    #expect(try await JournalReader(folder.journal).verify().problems == [])
  }
}

@Suite struct ManyWritersTests {
  @Test func `writers at once leave no gap and no damage`() async throws {
    let folder = Folder()
    let path = folder.journal
    _ = try folder.open()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let log = try JournalWriter(path, naming: naming, at: noon)
          for number in 0..<100 {
            _ = try await log.append(AppendRequest([refused("w\(writer)")], at: noon))
            if number % 20 == writer { try await log.checkpoint() }
          }
        }
      }
      try await group.waitForAll()
    }
    let report = try await JournalReader(path).verify()
    #expect(report.problems == [])
    #expect(report.events == 401)
    #expect(try shell(folder, "PRAGMA integrity_check") == "ok\n")
  }

  @Test func `a conflict in a group spoils nobody else's append`() async throws {
    let folder = Folder()
    let log = try folder.open()
    let salt = [UInt8](repeating: 1, count: 16)
    let twice = Payload([1, 2, 3], kind: .evidence, salt: salt)
    _ = try await log.append(AppendRequest([refused("first")], payloads: [twice], at: noon))
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<8 {
        group.addTask {
          // A payload that is there already fails the whole transaction, not just its append.
          let payloads = number == 3 ? [twice] : []
          let append = AppendRequest([refused("n\(number)")], payloads: payloads, at: noon)
          do {
            _ = try await log.append(append)
            return true
          } catch {
            return false
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 }.count == 7)
    #expect(try await JournalReader(folder.journal).verify().problems == [])
  }
}
