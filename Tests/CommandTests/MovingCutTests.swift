import Foundation
import Glibc
import RawJSON
import Testing

/// Power cuts while a journal is copied, put back, or sealed with another key.
///
/// `DAYBOOK_CUTS` says how many of each, as for the other power cuts.
@Suite(.serialized)
struct MovingCutTests {
  private let cuts = soak("DAYBOOK_CUTS") ?? 6
  private let seed = UInt64(soak("DAYBOOK_CUT_SEED") ?? 1)

  @Test func `a key that was being changed opens every secret after a power cut`() async throws {
    try await withOutage { outage in
      try await cut(outage, calls: 60) { _ in
        ["key", "rotate"]
      } check: { ended, place in
        let verified = try await outage.daybook("verify")
        #expect(verified.status == 0, "\(place): \(verified.text) \(verified.errors)")
        let rotated = try await outage.daybook("key", "rotate")
        #expect(rotated.status == 0, "\(place): \(rotated.errors)")
      }
    }
  }

  @Test func `a backup is whole after a power cut or not there, and there once it was told of`()
    async throws
  {
    try await withOutage { outage in
      let backup = outage.folder + "/backup.journal"
      try await cut(outage, calls: 180) { _ in
        ["backup", backup]
      } check: { ended, place in
        let isThere = FileManager.default.fileExists(atPath: backup)
        #expect(isThere || ended.output.isEmpty, "\(place)")
        if isThere { try await isWhole(backup, outage, place) }
        try? FileManager.default.removeItem(atPath: backup)
        let again = try await outage.daybook("backup", backup)
        #expect(again.status == 0, "\(place): \(again.errors)")
        try FileManager.default.removeItem(atPath: backup)
      }
    }
  }

  @Test func `no event is lost where the power is cut while events are archived`() async throws {
    try await withOutage { outage in
      let words = ["archive", "--before", "head", "--execute", "--yes", "--reason", "old"]
      try await cut(outage, calls: 260) { _ in
        words
      } check: { _, place in
        let verified = try await outage.daybook("-o", "json", "verify")
        #expect(verified.status == 0, "\(place): \(verified.text) \(verified.errors)")
        for words in [["poll", "run", "1"], words, ["verify"], ["rebuild", "--check"]] {
          let done = try await outage.daybook(words)
          #expect(done.status == 0, "\(words), \(place): \(done.text) \(done.errors)")
        }
      }
    }
  }

  @Test func `a restored journal is whole after a power cut or not there`() async throws {
    try await withOutage { outage in
      let (backup, restored) = (
        outage.folder + "/backup.journal", outage.folder + "/restored.journal"
      )
      try #require(try await outage.daybook("backup", backup).status == 0)
      try await cut(outage, calls: 280) { _ in
        ["--journal", restored, "restore", backup]
      } check: { ended, place in
        let isThere = FileManager.default.fileExists(atPath: restored)
        #expect(isThere || ended.output.isEmpty, "\(place)")
        if !isThere {
          let again = try await outage.daybook("--journal", restored, "restore", backup)
          #expect(again.status == 0, "\(place): \(again.errors)")
        }
        try await isWhole(restored, outage, place)
        let marks = try await outage.daybook(
          "--journal", restored, "-o", "jsonl", "events", "--type", "journal.restored")
        #expect(try marks.rows().count == 1, "\(place): \(marks.errors)")
        for name in try FileManager.default.contentsOfDirectory(atPath: outage.folder)
        where name.hasPrefix("restored.journal") {
          try FileManager.default.removeItem(atPath: outage.folder + "/" + name)
        }
      }
    }
  }

  /// A journal with changes that are told and others that wait.
  private func withOutage(_ body: (Outage) async throws -> Void) async throws {
    try await withStage { stage in
      let outage = try await Outage(stage)
      try #require(try await outage.create().status == 0)
      try #require(try await outage.daybook("poll", "run", "1").status == 0)
      _ = try await stage.createEvent("Planning")
      try #require(try await outage.daybook("poll", "run", "1").status == 0)
      try await body(outage)
    }
  }

  /// Cuts the power while a command works, and looks at what may be left.
  private func cut(
    _ outage: Outage, calls: Int, _ words: (Int) -> [String],
    check: (Finished, String) async throws -> Void
  ) async throws {
    for number in 0..<cuts {
      var chance = SeededChance(seed: seed &+ UInt64(number))
      let (at, fate) = (chance.number(1...calls), PowerCutDisk.Fate.allCases[number % 3])
      let (victim, start) = try outage.start(words(number), cutAt: at)
      let ended = try await victim.end()
      let place = "seed \(seed &+ UInt64(number)): cut at call \(at), \(fate) is left"
      #expect([0, 128 + SIGKILL].contains(ended.status), "\(place): \(ended.errors)")
      try outage.disk(after: start).cut(fate, &chance)
      try await check(ended, place)
    }
  }

  /// Its log is whole; its key lies beside the original.
  private func isWhole(_ journal: String, _ outage: Outage, _ place: String) async throws {
    let verified = try await outage.daybook("--journal", journal, "-o", "json", "verify")
    let problems = (try verified.json()["problems"]?.elements ?? []).filter {
      $0.text?.contains("secret") != true
    }
    #expect(problems.isEmpty, "\(place): \(problems)")
  }
}
