import Foundation
import Glibc
import RawJSON
import Testing

/// A journal that is taken away from under a process, or whose place another file takes.
@Suite(.serialized)
struct MovedTests {
  /// How the journal comes away.
  enum Way: CaseIterable, Sendable {
    case renamed, removed, replaced, logRemoved, memoryRemoved, lockRemoved
  }

  private static func apply(_ way: Way, _ journal: String) throws {
    let files = FileManager.default
    switch way {
    case .renamed: try files.moveItem(atPath: journal, toPath: journal + ".aside")
    case .removed: try files.removeItem(atPath: journal)
    case .replaced:
      try files.copyItem(atPath: journal, toPath: journal + ".copy")
      try #require(rename(journal + ".copy", journal) == 0)
    case .logRemoved: try files.removeItem(atPath: journal + "-wal")
    case .memoryRemoved: try files.removeItem(atPath: journal + "-shm")
    case .lockRemoved: try files.removeItem(atPath: journal + ".engine")
    }
  }

  @Test(arguments: Way.allCases)
  func `a run whose journal is taken away ends with a clear error`(way: Way) async throws {
    try await withStage { stage in
      var stage = stage
      stage.environment["DAYBOOK_RETRY"] = "30s,30s,30s"
      try await stage.prepare()
      try await stage.tell(
        "POST", "/sandbox/receiver", #"{"path":"/receiver/hook","answers":[503,503,503]}"#)
      _ = try await stage.createEvent("Planning")
      try await stage.done("poll", "run", "1", Stage.resource)
      let running = try stage.start(["run"], seconds: 60)
      defer { running.signal(SIGKILL) }
      try await wait("the first attempt") {
        try await !stage.rows("events", "--type", "delivery.failed").isEmpty || !running.isRunning
      }
      // Another would follow in thirty seconds.
      let sent = try await stage.received().count
      try #require(sent == 1)
      try Self.apply(way, stage.journal)
      let ended = try await running.end()
      #expect(ended.status == 1, "\(way): \(ended.errors)")
      #expect(ended.errors.contains(stage.journal), "\(way): \(ended.errors)")
      #expect(ended.errors.contains("Nothing more is written or sent"), "\(way): \(ended.errors)")
      #expect(try await stage.received().count == sent)
    }
  }

  @Test func `what was written before the journal was renamed is whole when it is back`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepare()
      let running = try stage.start(["run"], seconds: 60)
      defer { running.signal(SIGKILL) }
      try await wait("run.started") {
        try await !stage.rows("events", "--type", "run.started").isEmpty || !running.isRunning
      }
      let aside = stage.journal + ".aside"
      try FileManager.default.moveItem(atPath: stage.journal, toPath: aside)
      #expect(try await running.end().status == 1)
      try FileManager.default.moveItem(atPath: aside, toPath: stage.journal)
      try await stage.done("verify")
      #expect(try await stage.rows("events", "--type", "run.started").count == 1)
    }
  }
}
