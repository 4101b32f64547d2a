import Foundation
import RawJSON
import Testing

/// Archiving, seen from outside.
@Suite(.serialized)
struct ArchiveTests {
  private static let words = ["--execute", "--yes", "--reason", "old"]

  @Test func `work goes on over what was archived, and copies take it along`() async throws {
    try await withStage { stage in
      try await Self.prepare(stage)
      let lists = ["changes", "deliveries", "cursor list", "events --before 12"]
      var before: [[JSON]] = []
      for list in lists { before.append(try await stage.rows("-c", list)) }
      let head = try #require(try await stage.rows("head").first?["position"]?.integer)

      let plan = try #require(try await stage.rows("archive", "--before", "head").first)
      #expect(plan["executed"] == .bool(false) && plan["last"]?.integer == head - 1)
      #expect(try await stage.daybook("archive", "--before", "head", "--execute").status == 4)
      let done = try await stage.start(["archive", "--before", "head"] + Self.words).end()
      #expect(done.status == 0, "\(done.errors)")
      let file = stage.journal + ".archive-\(head - 1)"
      #expect(FileManager.default.fileExists(atPath: file))
      for (list, rows) in zip(lists, before) {
        #expect(try await stage.rows("-c", list) == rows, "\(list)")
      }
      let sent = try await stage.received().count
      let first = try #require(try await stage.rows("deliveries").first?["position"]?.integer)
      try await stage.done("redeliver", "\(first)", "--execute")
      try await stage.done(
        "replay", "1..\(head)", "--to", stage.url + "/receiver/other", "--execute")
      try await stage.done("deliver")
      #expect(try await stage.received().count == sent + 1)
      #expect(try await stage.received("/receiver/other").count == sent)

      let other = stage.folder + "/elsewhere"
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
      try await stage.done("backup", other + "/copy.journal")
      #expect(try await stage.rows("--journal", other + "/copy.journal", "events").count > head)
      let back = stage.folder + "/back"
      try FileManager.default.createDirectory(atPath: back, withIntermediateDirectories: true)
      try await stage.done(
        "--journal", back + "/new.journal", "restore", other + "/copy.journal")
      try await stage.done("--journal", back + "/new.journal", "rebuild", "--check")
      try await stage.done("verify")
    }
  }

  @Test func `without its file work goes on, and what looks back names it`() async throws {
    try await withStage { stage in
      try await Self.prepare(stage)
      let done = try await stage.start(["archive", "--before", "head"] + Self.words).end()
      #expect(done.status == 0, "\(done.errors)")
      let last = try #require(try await stage.rows("events", "--type", "journal.archived").first)
      let name = try #require(last["body"]?["file"]?.text)
      let file = stage.folder + "/" + name
      let object = try #require(try await stage.rows("changes").first?["objectId"]?.text)
      try FileManager.default.moveItem(atPath: file, toPath: file + "-away")
      _ = try await stage.createEvent("Later")
      try await stage.done("poll", "run", "1", Stage.resource)
      try await stage.done("deliver")
      #expect(try await stage.received().count == 4)
      let forgotten = try await stage.start(["forget", "--object", object] + Self.words).end()
      #expect(forgotten.status == 0 || forgotten.errors.contains(file), "\(forgotten.errors)")
      for words in [["verify"], ["events"], ["sql", "select count(*) from events"], ["export"]] {
        let looked = try await stage.start(words).end()
        #expect(looked.status == 1 && looked.errors.contains(file), "\(words): \(looked.errors)")
      }
      try FileManager.default.moveItem(atPath: file + "-away", toPath: file)
      try await stage.done("verify")
      try await stage.done("rebuild", "--check")
    }
  }

  /// Three changes, told.
  private static func prepare(_ stage: Stage) async throws {
    try await stage.prepare()
    for title in ["Planning", "Review", "Lunch"] {
      _ = try await stage.createEvent(title)
      try await stage.done("poll", "run", "1", Stage.resource)
    }
    try await stage.done("deliver")
  }
}
