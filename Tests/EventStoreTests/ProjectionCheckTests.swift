import Events
import Foundation
import TestSupport
import Testing

@testable import EventStore

/// Damage to the disposable tables of a journal, done by SQLite's own shell.
struct ProjectionDamage: CustomTestStringConvertible, Sendable {
  /// What the cheap look says; empty where only the whole one finds it.
  var cheap: String
  /// Under which name the whole one tells it.
  var whole: String
  var sql: String

  var testDescription: String { sql }

  /// An index without its rows: SQLite takes it for what it was when the rows were written.
  private static let emptied =
    "PRAGMA writable_schema = ON; CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema"
    + " WHERE name = 'agenda_by_due_1';"
    + " DELETE FROM sqlite_schema WHERE name = 'agenda_by_due_1'; PRAGMA writable_schema = RESET;"
    + " UPDATE agenda_1 SET due_at_ms = due_at_ms - 1 WHERE task = 'poll';"
    + " PRAGMA writable_schema = ON;"
    + " INSERT INTO sqlite_schema SELECT type, name, tbl_name, rootpage, sql FROM temp.kept;"

  static let all = [
    ProjectionDamage(
      cheap: "differs from the event that opened feed 1", whole: "feeds",
      sql: "UPDATE feeds_1 SET collection_kind = 'nonsense' WHERE feed = 1"),
    ProjectionDamage(cheap: "the agenda", whole: "agenda", sql: "DELETE FROM agenda_1"),
    ProjectionDamage(cheap: "the table lanes", whole: "lanes", sql: "DELETE FROM lanes_1"),
    ProjectionDamage(
      cheap: "the table lanes", whole: "lanes", sql: "UPDATE lanes_1 SET due_at_ms = 7"),
    ProjectionDamage(cheap: "lacks feed", whole: "feeds", sql: "DELETE FROM feeds_1"),
    ProjectionDamage(
      cheap: "the index agenda_by_lane_1 on agenda_1 is missing", whole: "agenda_by_lane_1",
      sql: "DROP INDEX agenda_by_lane_1"),
    ProjectionDamage(
      cheap: "is not the one", whole: "entries_by_type_1",
      sql: "DROP INDEX entries_by_type_1; CREATE INDEX entries_by_type_1 ON entries_1 (feed)"),
    ProjectionDamage(
      cheap: "the index mine on agenda_1 is none", whole: "mine",
      sql: "CREATE UNIQUE INDEX mine ON agenda_1 (subject)"),
    ProjectionDamage(
      cheap: "the view agenda is not the one", whole: "agenda",
      sql: "DROP VIEW agenda; CREATE VIEW agenda AS SELECT * FROM agenda_1 WHERE task = 'x'"),
    ProjectionDamage(
      cheap: "the view deliveries is missing", whole: "deliveries", sql: "DROP VIEW deliveries"),
    ProjectionDamage(
      cheap: "the view feeds is missing", whole: "feeds",
      sql: "DROP VIEW feeds; CREATE TABLE feeds (mine)"),
    ProjectionDamage(
      cheap: "the table lanes_1 is missing", whole: "lanes_1", sql: "DROP TABLE lanes_1"),
    ProjectionDamage(
      cheap: "the table lanes_1 is not the one", whole: "lanes_1",
      sql: "ALTER TABLE lanes_1 ADD COLUMN more TEXT"),
    ProjectionDamage(
      cheap: "row reports: its position", whole: "projections",
      sql: "UPDATE projections SET position = 9223372036854775807 WHERE name = 'reports'"),
    ProjectionDamage(
      cheap: "row reports: its position", whole: "projections",
      sql: "UPDATE projections SET position = -9223372036854775808 WHERE name = 'reports'"),
    ProjectionDamage(
      cheap: "reports reach to event 3", whole: "projections",
      sql: "UPDATE projections SET position = 3 WHERE name = 'reports'"),
    ProjectionDamage(
      cheap: "row decisions: there is no generation", whole: "projections",
      sql: "UPDATE projections SET generation = 9223372036854775807 WHERE name = 'decisions'"),
    ProjectionDamage(
      cheap: "row decisions: there is no generation", whole: "projections",
      sql: "UPDATE projections SET generation = -1"),
    ProjectionDamage(
      cheap: "row reports: its generation", whole: "projections",
      sql: "UPDATE projections SET generation = 4 WHERE name = 'decisions'"),
    ProjectionDamage(
      cheap: "row reports: it has no such row", whole: "projections",
      sql: "DELETE FROM projections WHERE name = 'reports'"),
    ProjectionDamage(
      cheap: "row rebuild: its generation", whole: "projections",
      sql: "INSERT INTO projections SELECT 'rebuild', 1, revision, 5 FROM projections LIMIT 1"),
    ProjectionDamage(
      cheap: "the trigger spy", whole: "spy",
      sql: "CREATE TRIGGER spy AFTER INSERT ON agenda_1 BEGIN DELETE FROM lanes_1; END"),
    ProjectionDamage(
      cheap: "the trigger spy", whole: "spy",
      sql: "CREATE TRIGGER spy INSTEAD OF INSERT ON feeds BEGIN SELECT 1; END"),
    ProjectionDamage(cheap: "the table agenda", whole: "agenda", sql: emptied),
    ProjectionDamage(
      cheap: "", whole: "objects", sql: "UPDATE objects_1 SET revision = 'other'"),
    ProjectionDamage(
      cheap: "", whole: "deliveries", sql: "UPDATE deliveries_1 SET attempts = attempts + 1"),
  ]
}

@Suite struct ProjectionCheckTests {
  /// Of a log that every type of event is in, report tables behind or not.
  @Test func `a healthy journal passes, also behind, rebuilt and while it is rebuilt`()
    async throws
  {
    let folder = Folder()
    let log = try folder.open()
    try await log.checkProjections()
    var plausible = PlausibleLog(log)
    try await plausible.write()
    try await folder.open().checkProjections()
    try await log.catchUp(limit: 30)
    try await folder.open().checkProjections()
    try await log.catchUp()
    try await folder.open().checkProjections()
    for _ in 0..<30 { _ = try await log.append(AppendRequest(many(100), at: noon)) }
    let stopped = Task {
      try await log.rebuild { position, _ in
        if position >= 500 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: JournalError.stopped) { _ = try await stopped.value }
    try await folder.open().checkProjections()
    _ = try await log.rebuild()
    try await log.checkProjections()
    try await folder.open().checkProjections()
  }

  @Test(arguments: ProjectionDamage.all)
  func `damage is found by the cheap look, by the whole one, and mended`(
    damage: ProjectionDamage
  ) async throws {
    let folder = Folder()
    do {
      let log = try await plausible(folder)
      try await log.checkpoint()
    }
    _ = try run("sqlite3", folder.journal, damage.sql)
    let before = try await JournalReader(folder.journal).read { snapshot throws(JournalError) in
      try snapshot.head()
    }
    if damage.cheap.isEmpty {
      try await folder.open().checkProjections()
    } else {
      let error = await #expect(throws: JournalError.self) {
        try await folder.open().checkProjections()
      }
      let text = error?.description ?? ""
      #expect(text.contains(damage.cheap), "\(text)")
      #expect(text.contains("`daybook rebuild`") && !text.contains("backup"), "\(text)")
    }
    let found = try await JournalReader(folder.journal).checkRebuild()
    #expect(found.map(\.table).contains(damage.whole), "\(found)")
    let log = try JournalWriter(folder.journal, naming: naming, at: noon, isMending: true)
    _ = try await log.rebuild()
    try await log.checkProjections()
    let reader = try JournalReader(folder.journal)
    #expect(try await reader.checkRebuild() == [])
    #expect(try await reader.verify().problems == [])
    #expect(try await log.currentHead() == before)
    try await folder.open().checkProjections()
    let names = String(
      decoding: try run(
        "sqlite3", folder.journal,
        "SELECT count(*) FROM sqlite_schema WHERE name = 'spy' OR name = 'mine'"
          + " OR name GLOB 'lanes_[0-9]*'"), as: UTF8.self)
    #expect(names == "1\n")
  }

  @Test func `half built tables that are not ours are not gone on with`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    _ = try run(
      "sqlite3", folder.journal,
      "CREATE TABLE agenda_2 (task); CREATE TABLE feeds_9 (x); INSERT INTO projections"
        + " SELECT 'rebuild', 2, revision, 5 FROM projections LIMIT 1")
    try await folder.open().checkProjections()
    let log = try folder.open()
    _ = try await log.rebuild()
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
    let tables = try run(
      "sqlite3", folder.journal,
      "SELECT name FROM sqlite_schema WHERE name GLOB 'feeds_[0-9]*'"
        + " OR name GLOB 'agenda_[0-9]*' ORDER BY name")
    #expect(String(decoding: tables, as: UTF8.self) == "agenda_10\nfeeds_10\n")
  }

  @Test func `a trigger on a disposable table is in nobody's way who only reads`() async throws {
    let folder = Folder()
    _ = try await plausible(folder)
    _ = try run(
      "sqlite3", folder.journal,
      "CREATE TRIGGER spy AFTER INSERT ON entries_1 BEGIN SELECT 1; END")
    for mode in [JournalReader.Mode.shared, .readOnly] {
      #expect(try await JournalReader(folder.journal, mode: mode).verify().problems == [])
    }
    #expect {
      _ = try folder.open()
    } throws: { error in
      guard case JournalError.misfolded = error else { return false }
      return true
    }
    // On a table of somebody else it is refused as before, also to be mended.
    _ = try run(
      "sqlite3", folder.journal,
      "DROP TRIGGER spy; CREATE TRIGGER spy AFTER INSERT ON events BEGIN SELECT 1; END")
    #expect {
      _ = try JournalWriter(folder.journal, naming: naming, at: noon, isMending: true)
    } throws: { error in
      guard case JournalError.damaged = error else { return false }
      return true
    }
  }

  @Test(arguments: [
    "DROP TABLE entries_1; DROP TABLE agenda_1",
    "UPDATE projections SET generation = 9223372036854775807",
    "UPDATE projections SET position = 3 WHERE name = 'reports'; DROP TABLE feeds_1",
  ])
  func `what cannot be folded on names the remedy`(sql: String) async throws {
    let folder = Folder()
    do {
      let log = try await plausible(folder)
      let opened = FeedOpened(
        feed: 9, instance: 1, resource: "r", url: "/r", collectionKind: "k", collection: "c",
        isSupported: true, intervalMs: 60_000, nextAtMs: noon.milliseconds)
      _ = try await log.append(AppendRequest([NewEvent("feed/9", .feedOpened(opened))], at: noon))
    }
    _ = try run("sqlite3", folder.journal, sql)
    let log = try folder.open()
    let disabled = FeedDisabled(feed: 9, instance: 1, reason: "r")
    for error in [
      await #expect(throws: JournalError.self) { try await log.catchUp() },
      await #expect(throws: JournalError.self) {
        _ = try await log.append(
          AppendRequest([NewEvent("feed/9", .feedDisabled(disabled))], at: noon))
      },
    ] {
      #expect(error?.description.contains("`daybook rebuild`") == true, "\(sql): \(error!)")
    }
    _ = try await log.rebuild()
    #expect(try await JournalReader(folder.journal).checkRebuild() == [])
  }

  @Test func `the layout of a statement makes no difference to its schema`() {
    let plain = SchemaObject(kind: "view", name: "v", owner: "v", text: "CREATE VIEW v AS SELECT 1")
    var laidOut = plain
    laidOut.text = "CREATE VIEW v AS -- a comment\n  SELECT 1"
    #expect(laidOut.bareText == plain.bareText)
  }

  @Test func `the schema is the one of this revision`() throws {
    let text = try Projector.wantedSchema(1).map(\.bareText).joined(separator: "\n")
    let digest = hexadecimal(Chain.identity(of: Array(text.utf8), place: 0)).prefix(16)
    // Journals of a revision have the schema of that revision: where this differs, raise it.
    #expect("\(Projector.revision) \(digest)" == "24 6d2469190853da44")
  }
}
