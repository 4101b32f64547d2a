import Events
import Foundation
import TestSupport
import Testing

@testable import EventStore

/// Changes a journal behind Daybook’s back.
private func edit(_ folder: borrowing Folder, _ sql: String) throws {
  _ = try run("sqlite3", folder.journal, sql)
}

/// A journal with every type of event, its report tables caught up.
private func written(_ folder: borrowing Folder) async throws -> JournalWriter {
  let log = try folder.open()
  var plausible = PlausibleLog(log)
  try await plausible.write()
  try await log.catchUp()
  return log
}

@Suite struct StoredValueTests {
  @Test(arguments: [
    "state = 'asleep'", "mode = 'backwards'", "failures = -1", "failures = 9223372036854775807",
    "interval_ms = -9223372036854775808", "rules = 'no JSON'",
  ])
  func `a feed that no event makes is refused with the column and the remedy`(
    change: String
  ) async throws {
    let folder = Folder()
    _ = try await written(folder)
    try edit(folder, "PRAGMA ignore_check_constraints = ON; UPDATE feeds_1 SET \(change)")
    let reader = try JournalReader(folder.journal)
    let column = change.prefix { $0 != " " }
    let error = await #expect(throws: JournalError.self) {
      try await reader.read { snapshot throws(JournalError) in try snapshot.feeds(of: nil) }
    }
    #expect(error?.description.contains("feeds.\(column)") == true)
    #expect(error?.description.contains("`daybook rebuild`") == true)
    #expect(error?.isDamage == true)
  }

  @Test func `counts that no replay or missed object comes to are refused`() async throws {
    let folder = Folder()
    _ = try await written(folder)
    try edit(
      folder,
      "PRAGMA ignore_check_constraints = ON; UPDATE replays_1 SET requested = -1;"
        + " INSERT INTO missed_1 VALUES (77, 'o', 9223372036854775807, NULL, 0)")
    let reader = try JournalReader(folder.journal)
    let replay = ReplayID(
      try #require(Int64(ask(folder, "SELECT min(replay) FROM replays_1"))))
    await #expect(throws: JournalError.self) {
      try await reader.read { snapshot throws(JournalError) in try snapshot.replay(replay) }
    }
    await #expect(throws: JournalError.self) {
      try await reader.read { snapshot throws(JournalError) in try snapshot.missed(of: 77) }
    }
  }

  @Test func `a negative revision is a problem that verify names`() async throws {
    let folder = Folder()
    _ = try await written(folder)
    let trigger = ask(folder, "SELECT sql FROM sqlite_schema WHERE name = 'events_never_change'")
    try edit(
      folder,
      "DROP TRIGGER events_never_change; PRAGMA ignore_check_constraints = ON;"
        + " UPDATE events SET revision = -5 WHERE position = 3; \(trigger)")
    let problems = try await JournalReader(folder.journal).verify().problems
    #expect(problems.contains { $0.hasPrefix("event 3:") })
  }

  @Test func `times at the ends of what can be stored end no sum`() {
    let last = Moment(milliseconds: .max)
    let first = Moment(milliseconds: .min)
    #expect(last + .seconds(1) == last)
    #expect(first - .seconds(1) == first)
    #expect(last - first == .milliseconds(Int64.max))
    #expect(first - last == .milliseconds(Int64.min))
    #expect((last - first + (last - first)).wholeMilliseconds == .max)
    #expect(first.calendarTime.millisecond == 192)
    #expect(last.calendarTime.millisecond == 807)
    #expect(Moment(milliseconds: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
  }
}

/// The first column of one row.
private func ask(_ folder: borrowing Folder, _ sql: String) -> String {
  let answer = try? run("sqlite3", folder.journal, sql)
  return String(decoding: answer ?? Data(), as: UTF8.self).trimmingCharacters(in: .newlines)
}
