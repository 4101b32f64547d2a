import Foundation
import Glibc
import Testing

/// Journals that were half made when their program was killed, and files that look like it.
@Suite struct BirthTests {
  @Test func `a journal whose maker is killed anywhere is made by the next command`() async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      let (ended, calls) = try await watch.create()
      try #require(ended.status == 0, "\(ended.errors)")
      for place in Self.places(calls.filter(\.isChange)) {
        for isLate in [false, true] {
          try watch.empty()
          let killed = try await watch.create(kill: place, isLate: isLate)
          let at = "killed \(isLate ? "after" : "before") call \(place)"
          #expect(killed.ended.status == 128 + SIGKILL, "\(at)")
          try await Self.check(watch, at)
        }
      }
    }
  }

  /// Where one call follows another that is not the same.
  private static func places(_ calls: [Call]) -> [Int] {
    let made = calls.lastIndex(of: Call("sync", ".")) ?? calls.count - 1
    return calls.indices.filter { $0 == 0 || calls[$0] != calls[$0 - 1] }
      .filter { $0 <= made }.map { $0 + 1 }
  }

  /// Reads, goes on, and finds all whole.
  private static func check(_ watch: Watch, _ at: String) async throws {
    for words in [["--read-only", "events"], ["events"]] {
      let read = try await watch.stage.start(
        words, environment: ["DAYBOOK_JOURNAL": watch.journal]
      ).end()
      let isYoung = read.status == 1 && read.errors.contains("there is no journal")
      #expect(read.status == 0 || isYoung, "\(at): \(words): \(read.errors)")
    }
    let again = try await watch.create()
    #expect(again.ended.status == 0, "\(at): \(again.ended.errors)")
    let verified = try await watch.daybook("verify")
    #expect(verified.status == 0, "\(at): \(verified.errors)")
    let known: Set = ["", "-wal", "-shm", ".key", ".lock"]
    let others = try watch.names.filter { !known.contains(String($0.dropFirst(15))) }
    #expect(others == [], "\(at)")
  }

  @Test func `another program's half-written database is refused and left as it is`() async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      try await Self.interrupt(
        watch.journal,
        "PRAGMA application_id = 7; CREATE TABLE notes (text);"
          + " INSERT INTO notes SELECT zeroblob(3000) FROM generate_series(1, 40);",
        "UPDATE notes SET text = randomblob(3000);")
      let before = try stage.contents()
      try #require(before["kept/daybook.journal-journal"]?.isEmpty == false)
      let file = try stage.write(try await stage.form(), to: "instance.json")
      for words in [["events"], ["--read-only", "events"], ["instance", "create", file], ["run"]] {
        let ended = try await stage.start(
          words, environment: ["DAYBOOK_JOURNAL": watch.journal]
        ).end()
        #expect(ended.status == 1, "\(words)")
      }
      let after = try stage.contents()
      for name in ["kept/daybook.journal", "kept/daybook.journal-journal"] {
        #expect(after[name] == before[name])
      }
    }
  }

  @Test func `a journal that another program left half written is rolled back`() async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      #expect(try await watch.create().ended.status == 0)
      try await Self.interrupt(
        watch.journal, "PRAGMA journal_mode = DELETE;",
        "CREATE TABLE more (text);"
          + " INSERT INTO more SELECT randomblob(3000) FROM generate_series(1, 40);")
      let kept = try await watch.daybook("--read-only", "events")
      #expect(kept.status == 1)
      #expect(kept.complaint?.contains("half written") == true, "\(kept.errors)")
      let read = try await watch.daybook("events")
      #expect(read.status == 0, "\(read.errors)")
      let verified = try await watch.daybook("verify")
      #expect(verified.status == 0, "\(verified.errors)")
    }
  }

  @Test func `a write-ahead log whose journal is gone is not thrown away`() async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      #expect(try await watch.create().ended.status == 0)
      // Ended before it copies the write-ahead log back.
      let (_, calls) = try await watch.create()
      let places = calls.filter(\.isChange)
        .indices(of: Call("flock", "daybook.journal.lock")).ranges.flatMap { $0 }
      let killed = try await watch.create(kill: places[places.count - 2] + 1)
      #expect(killed.ended.status == 128 + SIGKILL)
      let log = try #require(FileManager.default.contents(atPath: watch.journal + "-wal"))
      #expect(!log.isEmpty)
      try FileManager.default.moveItem(atPath: watch.journal, toPath: stage.folder + "/aside")
      let created = try await watch.create().ended
      #expect(created.status == 1)
      #expect(created.complaint?.contains("daybook.journal-wal") == true, "\(created.errors)")
      #expect(FileManager.default.contents(atPath: watch.journal + "-wal") == log)
      try FileManager.default.moveItem(atPath: stage.folder + "/aside", toPath: watch.journal)
      #expect(try await watch.daybook("verify").status == 0)
    }
  }

  /// Lets the `sqlite3` shell be killed in the middle of a transaction that has reached the file.
  private static func interrupt(_ path: String, _ before: String, _ within: String) async throws {
    let script = "PRAGMA cache_size = 1; \(before)\nBEGIN;\n\(within)\n.system kill -9 $PPID\n"
    let ended = try await Program(
      "/usr/bin/sqlite3", [path], environment: ["PATH": "/usr/bin:/bin"], input: script
    ).end()
    try #require(ended.status == 128 + SIGKILL, "\(ended.errors)")
  }
}
