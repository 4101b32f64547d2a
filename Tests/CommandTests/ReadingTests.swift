import Foundation
import Glibc
import RawJSON
import Testing

/// Whoever reads is kept from it neither by a lock that is held nor by a disk that is full.
@Suite(.serialized)
struct ReadingTests {
  /// Holds the lock of the journal's commits, as a process does that was stopped within one.
  private func withLock(
    _ stage: Stage, _ body: () async throws -> Void
  ) async throws {
    let descriptor = open(stage.journal + ".lock", O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    try await body()
  }

  /// A history whose lists are behind the log: nothing was read since.
  private func prepare(_ stage: Stage) async throws {
    try await stage.prepare()
    _ = try await stage.createEvent("Planning")
    try await stage.done("poll", "run", "1", Stage.resource)
    try await stage.done("deliver", "--until-idle", "--for", "30s")
  }

  private static let reads = [
    ["changes"], ["deliveries"], ["instance", "list"], ["instance", "show", "1"],
    ["cursor", "list"], ["notices"], ["events"], ["tail", "-n", "3"], ["trace", "1"],
    ["show", "2"],
    ["sql", "SELECT count(*) AS n FROM deliveries"], ["-c", "at 3", "-c", "events"],
    ["verify"], ["rebuild", "--check"], ["callback", "list"], ["replay", "list"],
  ]

  @Test func `lists are whole while another process holds the lock`() async throws {
    try await withStage { stage in
      try await prepare(stage)
      try await withLock(stage) {
        for words in Self.reads {
          let kept = try await stage.start(["--read-only"] + words).end()
          let read = try await stage.start(words).end()
          #expect(read.status == kept.status, "\(words): \(read.errors)")
          #expect(read.text == kept.text, "\(words)")
          #expect(read.errors == kept.errors, "\(words): \(read.errors)")
        }
        let changes = try await stage.rows("changes")
        #expect(changes.count == 1)
        let refused = try await stage.daybook(
          "callback", "disable", stage.url + "/receiver/hook", "--yes", "--reason", "a test")
        #expect(refused.status == 1)
        #expect(refused.complaint?.contains(".lock") == true, "\(refused.errors)")
      }
      let free = try await stage.rows("changes")
      #expect(free.count == 1)
    }
  }

  @Test(arguments: ["write", "truncate"])
  func `lists are whole where nothing can be written beside the journal`(
    call: String
  ) async throws {
    try await withStage { stage in
      let watch = try await Watch(stage)
      var stage = stage
      stage.environment["DAYBOOK_JOURNAL"] = watch.journal
      try await prepare(stage)
      for words in Self.reads {
        let kept = try await stage.start(["--read-only"] + words).end()
        for ending in ["-wal", "journal", "lock"] {
          let (read, _) = try await watch.watched(words, fail: "\(call):\(ending):\(ENOSPC):1")
          #expect(read.status == kept.status, "\(words), \(ending): \(read.errors)")
          #expect(read.text == kept.text, "\(words), \(ending)")
        }
      }
    }
  }

  @Test func `where no copy can be made either, the lists say how far they reach`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      try await stage.tell(
        "POST", "/sandbox/calendars/primary/generate", #"{"count":5000,"title":"Meeting"}"#)
      try #require(try await stage.rows("changes").isEmpty)
      let head = try #require(try await stage.rows("tail", "-n", "1")[0]["position"]?.integer)
      try await stage.done("poll", "run", "1", Stage.resource)
      let watch = try await Watch(stage)
      try await withLock(stage) {
        // No temporary file takes anything: they have no names any more.
        let (read, _) = try await watch.watched(
          ["changes", "--limit", "5"], fail: "write: (deleted):\(ENOSPC):1",
          environment: ["WATCH_UNDER": stage.folder, "DAYBOOK_JOURNAL": stage.journal])
        #expect(read.status == 0, "\(read.errors)")
        #expect(read.errors.contains("lists reach to event \(head) of "), "\(read.errors)")
        #expect(read.errors.contains(stage.journal + ".lock"), "\(read.errors)")
      }
    }
  }
}
