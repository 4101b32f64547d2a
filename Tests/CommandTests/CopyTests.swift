import Foundation
import Glibc
import RawJSON
import Testing

/// Copies of a journal at work beside it.
@Suite(.serialized)
struct CopyTests {
  @Test func `a run tells that another copy is at work, and takes no restored one for it`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepare()
      let original = try await run(stage, stage.journal)
      defer { original.signal(SIGKILL) }
      let copy = stage.folder + "/copy.journal"
      for suffix in ["", "-wal", ".key"] {
        try FileManager.default.copyItem(
          atPath: stage.journal + suffix, toPath: copy + suffix)
      }
      let second = try await run(stage, copy)
      try await wait("a word on the other copy") {
        second.complained.contains("another copy") || !second.isRunning
      }
      second.signal(SIGTERM)
      let ended = try await second.end()
      #expect(ended.status == 0 && ended.errors.contains("\(original.process)"), "\(ended.errors)")
      let (backup, restored) = (
        stage.folder + "/backup.journal", stage.folder + "/restored.journal"
      )
      try await stage.done("backup", backup)
      try await stage.done("--journal", restored, "restore", backup)
      try FileManager.default.copyItem(atPath: stage.journal + ".key", toPath: restored + ".key")
      let third = try await run(stage, restored)
      third.signal(SIGTERM)
      let last = try await third.end()
      #expect(last.status == 0 && !last.errors.contains("another copy"), "\(last.errors)")
      #expect(last.errors.contains("nothing is sent"), "\(last.errors)")
    }
  }

  /// A run that has begun.
  private func run(_ stage: Stage, _ journal: String) async throws -> Program {
    let program = try stage.start(["run"], environment: ["DAYBOOK_JOURNAL": journal])
    try await wait("a run of \(journal)") {
      let signature = FileManager.default.contents(atPath: journal + ".engine") ?? Data()
      if String(decoding: signature, as: UTF8.self) == "\(program.process)\n" { return true }
      return !program.isRunning
    }
    return program
  }
}
