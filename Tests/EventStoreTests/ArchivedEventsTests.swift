import Events
import Foundation
import TestSupport
import Testing

@testable import EventStore

/// Events that stand in files beside the journal: nothing is lost, and nobody sees the difference.
@Suite struct ArchivedEventsTests {
  /// Moves all events before one.
  @discardableResult
  private func archive(before position: Int64, _ log: JournalWriter) async throws -> ArchivePart {
    try await log.catchUp()
    let part = try await JournalReader(log.path).read { snapshot throws(JournalError) in
      try snapshot.archivePart(before: position)
    }
    let told = try await log.archive(part, reason: "old", at: noon + .seconds(9_000))
    #expect(told.body.first == part.first && told.body.last == part.last)
    try await log.catchUp()
    return part
  }

  /// A log with every type of event, of which nothing is left to be done.
  private func settled(_ folder: borrowing Folder) async throws -> JournalWriter {
    let log = try await plausible(folder)
    let asking = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.connection.projection(SQL.askingReplay, 1).step()
    }
    try #require(!asking)
    return log
  }

  /// Whatever can be asked of a log up to an event.
  private func answers(_ path: String, upTo head: Int64) async throws -> [String] {
    var answers: [String] = []
    let reader = try JournalReader(path, mode: .readOnly)
    for end in Array(stride(from: 4, through: head, by: 7)) + [head] {
      try await reader.travel(to: end)
      for kind in ReportQuery.Kind.allCases {
        answers.append("\(kind) \(end): \(try await reader.rows(ReportQuery(kind)))")
      }
      for question in Self.questions {
        let kept = Kept()
        try await reader.sql(question) { _, rows in
          kept.add(rows)
          return true
        }
        answers.append("\(question) \(end): \(kept.rows)")
      }
    }
    let other = try JournalReader(path)
    for position in 1...head { answers += try await looks(other, position, head) }
    answers.append("\(try await other.difference(from: 3, to: head))")
    return answers
  }

  private func looks(
    _ reader: JournalReader, _ position: Int64, _ head: Int64
  ) async throws -> [String] {
    let row = try await reader.read { snapshot throws(JournalError) in
      try snapshot.event(at: position)
    }
    let stream = try #require(row).stream
    return try await reader.read { snapshot throws(JournalError) in
      try [
        "\(String(describing: row))",
        "\(snapshot.events(of: stream).filter { $0.position <= head })",
        "\(String(describing: snapshot.events(of: stream, limit: 1)))",
        "\(snapshot.events(after: position, limit: 3).filter { $0.position <= head })",
      ]
    }
  }

  /// Shows only what differs.
  private func expectSame(_ now: [String], _ before: [String]) {
    #expect(now.count == before.count)
    for (now, before) in zip(now, before) where now != before {
      let same = zip(now, before).prefix { $0 == $1 }.count
      let (start, end) = (max(0, same - 80), same + 120)
      func part(_ text: String) -> Substring { text.prefix(end).dropFirst(start) }
      Issue.record("\(before.prefix(40)): \(part(before)) became \(part(now))")
    }
  }

  private static let questions = [
    "SELECT count(*), min(position), max(position), sum(length(body)) FROM events",
    "SELECT type, count(*), max(version) FROM events GROUP BY type ORDER BY type",
    "SELECT e.position, c.type FROM events e LEFT JOIN events c ON c.position = e.cause ORDER BY 1",
    "SELECT position FROM events WHERE stream = 'feed/1' ORDER BY position DESC",
    "SELECT version FROM events WHERE stream = 'feed/1' AND version > 1 ORDER BY version LIMIT 2",
    "SELECT position, version FROM events WHERE stream LIKE 'deliver%' ORDER BY stream, version",
    "SELECT position FROM events WHERE position IN (31, 2, '7', 9.0, 9.5, NULL) ORDER BY 1 DESC",
    "SELECT position FROM events WHERE position > 4.5 AND position < 9.5",
    "SELECT hex(digest), key, cause FROM events ORDER BY position DESC LIMIT 5",
    "SELECT position, body ->> 'feed' FROM events WHERE type = 'poll.completed'",
  ]

  @Test(arguments: [2, 17, 40, 1_000])
  func `every answer is the same once events were archived`(place: Int64) async throws {
    let folder = Folder()
    let log = try await settled(folder)
    let head = try await log.currentHead()
    let before = try await answers(folder.journal, upTo: head.position)
    let early = try JournalReader(folder.journal)
    _ = try await early.read { snapshot throws(JournalError) in try snapshot.head() }
    let part = try await archive(before: min(place, head.position + 1), log)
    if part.last > 30 { #expect(part.leaving > 3) }
    expectSame(try await answers(folder.journal, upTo: head.position), before)
    // Who had it open sees the same, and so does a rebuild.
    let rows = try await early.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 1_000)
    }
    #expect(Int64(rows.count) == head.position + 1)
    let verified = try await early.verify(
      against: (head.position, hexadecimal(head.digest)))
    #expect(verified.problems == [])
    #expect(try await early.checkRebuild() == [])
    _ = try await log.rebuild()
    #expect(try await early.checkRebuild() == [])
    expectSame(try await answers(folder.journal, upTo: head.position), before)
  }

  @Test func `a file that is not at hand is named, and work goes on without it`() async throws {
    let folder = Folder()
    let log = try await settled(folder)
    let part = try await archive(before: 41, log)
    let away = part.path + "-away"
    try FileManager.default.moveItem(atPath: part.path, toPath: away)
    let other = try JournalWriter(folder.journal, naming: naming, at: noon)
    _ = try await other.append(AppendRequest([raised("late")], at: noon + .seconds(9_100)))
    try await other.catchUp()
    let reader = try JournalReader(folder.journal)
    let missing = JournalError.noArchive(path: part.path, first: 1, last: 40)
    await #expect(throws: missing) { _ = try await reader.verify() }
    await #expect(throws: missing) { _ = try await reader.checkRebuild() }
    await #expect(throws: missing) {
      try await reader.sql("SELECT count(*) FROM events") { _, _ in true }
    }
    #expect(missing.description.contains(part.path))
    // Appended after it, and what stays.
    let tail = try await reader.read { snapshot throws(JournalError) in
      try (snapshot.events(after: 41, limit: 5), snapshot.events(of: .instance(1)), snapshot.head())
    }
    #expect(tail.0.count == 5 && !tail.1.isEmpty)
    try FileManager.default.moveItem(atPath: away, toPath: part.path)
    #expect(try await reader.verify().problems == [])
  }

  @Test func `one archive follows another`() async throws {
    let folder = Folder()
    let log = try await settled(folder)
    let head = try await log.currentHead().position
    let before = try await answers(folder.journal, upTo: head)
    try await archive(before: 20, log)
    let second = try await archive(before: 50, log)
    #expect(second.first == 20 && second.last == 49)
    expectSame(try await answers(folder.journal, upTo: head), before)
    #expect(try await JournalReader(folder.journal).verify().problems == [])
    await #expect(throws: JournalError.self) { try await archive(before: 50, log) }
    await #expect(throws: JournalError.self) { try await archive(before: 5_000, log) }
  }

  @Test func `an archive that was altered is noticed, and another file is not taken for it`()
    async throws
  {
    let folder = Folder()
    let log = try await settled(folder)
    let part = try await archive(before: 41, log)
    let whole = try #require(FileManager.default.contents(atPath: part.path))
    try FileManager.default.removeItem(atPath: part.path)
    _ = FileManager.default.createFile(atPath: part.path, contents: whole)
    _ = try run("sqlite3", part.path, "UPDATE blocks SET previous = digest")
    await #expect(throws: JournalError.self) {
      _ = try await JournalReader(folder.journal).verify()
    }
    let next = String(part.path.dropLast(2)) + "50"
    _ = FileManager.default.createFile(atPath: next, contents: whole)
    let other = try JournalWriter(folder.journal, naming: naming, at: noon)
    await #expect(throws: JournalError.self) { try await archive(before: 51, other) }
    #expect(FileManager.default.contents(atPath: next) == whole)
  }

  /// The rows up to event 98 are those of `format-0-held.txt`.
  @Test func `a journal with an archive opens as it was written`() async throws {
    let fixtures = try #require(packageFolder()) + "/Tests/Fixtures"
    let folder = Folder()
    let journal = folder.path + "/format-1.sqlite"
    for ending in ["", ".archive-39"] {
      try FileManager.default.copyItem(
        atPath: "\(fixtures)/format-1.sqlite\(ending)", toPath: journal + ending)
    }
    let reader = try JournalReader(journal)
    #expect(
      try await reader.verify().digest
        == "f55ce61dcfca6065e982748e34d64328cf564ca4a8c81e79a8b4fbc4ce68aa9e")
    let told = try await reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: 0, limit: 98).map {
        "\($0.position) \($0.stream) \($0.version) \($0.type) \(hexadecimal($0.digest))\n"
      }
    }
    #expect(told.joined() == (try text(of: "\(fixtures)/format-0-held.txt")))
  }

  @Test func `a program that knows of no archive finds a later form`() async throws {
    let folder = Folder()
    try await archive(before: 30, try await settled(folder))
    let form = try run("sqlite3", folder.journal, "PRAGMA user_version")
    #expect(String(decoding: form, as: UTF8.self) == "1\n")
  }

  /// `DAYBOOK_ARCHIVED_POLLS` says how many polls; a year of one a minute has 525,600.
  @Test func `a year of quiet polls takes less than 40 MB in its archive`() async throws {
    let count = Int(ProcessInfo.processInfo.environment["DAYBOOK_ARCHIVED_POLLS"] ?? "") ?? 5_000
    let folder = Folder()
    let log = try folder.open()
    var quiet = QuietLog(log)
    try await quiet.write()
    try await quiet.poll(times: count)
    let before = try await log.fileBytes()
    let head = try await log.currentHead().position
    let part = try await archive(before: head + 1, log)
    _ = try await log.wipe(isRewritten: true)
    let bytes = try #require(part.bytes)
    let after = try await log.fileBytes()
    print("archive of \(count) polls: \(bytes) bytes; the journal \(before), then \(after)")
    #expect(Double(bytes) / Double(count) * 525_600 < 40_000_000)
    #expect(after < before)
    #expect(try await JournalReader(folder.journal).verify().problems == [])
  }
}
