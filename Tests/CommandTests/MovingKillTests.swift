import Foundation
import Glibc
import RawJSON
import Testing

/// Backups, restorations, imports and changes of the key that are killed at a system call, drawn
/// from a seed, and begun again: nothing is lost, and nothing stands half.
///
/// `DAYBOOK_MOVES` says how many kills of each; `make soak` asks for a hundred.
@Suite(.serialized)
struct MovingKillTests {
  @Test func `a backup that is killed is there whole or not at all`() async throws {
    try await withMoves { stage, moves in
      let file = stage.folder + "/backup.journal"
      let head = try await digest(stage.journal, stage)
      try await moves.kill(["backup", file], stage) { place in
        if FileManager.default.fileExists(atPath: file) {
          #expect(try await digest(file, stage) == head, "\(place)")
          try await stage.done("backup", file, "--replace")
        } else {
          try await stage.done("backup", file)
        }
        #expect(try await digest(file, stage) == head, "\(place)")
        #expect(try await digest(stage.journal, stage) == head, "\(place)")
        try remove(file, of: stage, at: place)
      }
    }
  }

  @Test func `a restoration that is killed leaves a journal that sends nothing, or none`()
    async throws
  {
    try await withMoves { stage, moves in
      let file = stage.folder + "/backup.journal"
      try await stage.done("backup", file)
      let sent = try await stage.received().count
      let restored = stage.folder + "/restored.journal"
      let key = try #require(FileManager.default.contents(atPath: stage.journal + ".key"))
      let words = ["--journal", restored, "restore", file]
      try await moves.kill(words, stage) { place in
        let again = try await stage.start(words).end()
        let isThere = again.status == 1 && again.errors.contains("there is a journal at")
        #expect(again.status == 0 || isThere, "\(place): \(again.errors)")
        _ = FileManager.default.createFile(atPath: restored + ".key", contents: key)
        _ = try await digest(restored, stage)
        let held = try await stage.rows("--journal", restored, "deliveries", "--status", "held")
        #expect(held.count == 1, "\(place)")
        let lineage = try await stage.rows(
          "--journal", restored, "events", "--type", "journal.restored")
        #expect(lineage.count == 1, "\(place)")
        try await stage.done("--journal", restored, "deliver")
        #expect(try await stage.received().count == sent, "\(place)")
        try remove(restored, of: stage, at: place)
      }
    }
  }

  @Test func `an archive that is killed goes on with the same command, and no event is lost`()
    async throws
  {
    try await withMoves { stage, moves in
      let words = ["archive", "--before", "head", "--execute", "--yes", "--reason", "old"]
      var head = ""
      try await moves.kill(words, stage) {
        try await stage.done("poll", "run", "1", Stage.resource)
        let now = try #require(try await stage.rows("head").first)
        let position = try #require(now["position"]?.integer)
        let digest = try #require(now["digest"]?.text)
        head = "\(position):\(digest)"
      } check: { place in
        try await stage.done("verify", "--head", head)
        let again = try await stage.start(words).end()
        let isDone = again.errors.contains("are archived already")
        #expect(again.status == 0 || isDone, "\(place): \(again.errors)")
        try await stage.done("verify", "--head", head)
        try await stage.done("rebuild", "--check")
        let left = try FileManager.default.contentsOfDirectory(atPath: stage.folder)
        #expect(!left.contains { $0.hasSuffix(".part") }, "\(place): \(left)")
      }
      try await stage.done("deliver")
      #expect(try await stage.rows("deliveries", "--status", "succeeded").count == 3)
      let count = try #require(try await stage.rows("head").first?["position"]?.integer)
      #expect(try await stage.rows("events").count == count)
    }
  }

  @Test func `an import that is killed goes on with the same command`() async throws {
    try await withMoves { stage, moves in
      let head = try await digest(stage.journal, stage)
      let (log, rest) = (stage.folder + "/log.jsonl", stage.folder + "/rest.jsonl")
      let first = stage.folder + "/first.jsonl"
      try await stage.done("export", log)
      try await stage.done("export", "--at", "5", first)
      try await stage.done("export", "--after", "5", rest)
      let copy = stage.folder + "/copy.journal"
      for file in [log, rest] {
        try await moves.kill(["--journal", copy, "import", file], stage) {
          if file == rest { try await stage.done("--journal", copy, "import", first) }
        } check: { place in
          if file == log, FileManager.default.fileExists(atPath: copy) {
            #expect(try await digest(copy, stage) == head, "\(place)")
          }
          try await stage.done("--journal", copy, "import", file)
          #expect(try await digest(copy, stage) == head, "\(place)")
          try remove(copy, of: stage, at: place)
        }
      }
    }
  }

  @Test func `a change of the key that is killed leaves every secret to be opened`() async throws {
    try await withMoves { stage, moves in
      try await moves.kill(["key", "rotate"], stage) { place in
        // Tries each secret.
        try await stage.done("--read-only", "verify")
        try await stage.done("verify")
        try await stage.done("key", "rotate")
        let left = try FileManager.default.contentsOfDirectory(atPath: stage.folder)
        #expect(!left.contains { $0.hasSuffix(".rotating") }, "\(place): \(left)")
      }
      try await stage.done("deliver")
      #expect(try await stage.rows("deliveries", "--status", "succeeded").count == 3)
    }
  }

  @Test func `a continuous backup that is killed goes on and loses nothing`() async throws {
    try await withMoves { stage, moves in
      let kept = stage.folder + "/kept"
      let words = ["backup", "--continuous", kept, "--every", "100ms"]
      var number = 0
      func change() async throws {
        number += 1
        let hook = stage.url + "/receiver/hook"
        if number.isMultiple(of: 2) {
          try await stage.done("callback", "enable", hook, "--reason", "asked")
        } else {
          try await stage.done("callback", "disable", hook, "--yes", "--reason", "asked")
        }
      }
      try await moves.kill(words, stage, most: 250, seconds: 3) {
        try await change()
      } check: { place in
        let again = try stage.start(words)
        // What it brings there itself shows that it is at work, and hears signals.
        try await change()
        let head = try #require(
          try await stage.rows("head").first?["position"]?.integer)
        try await wait("event \(head) in the folder, \(place)") {
          if !again.isRunning { return true }
          return try await has(head, kept, stage)
        }
        again.signal(SIGTERM)
        let ended = try await again.end()
        #expect(ended.status == 0, "\(place): \(ended.errors)")
        let restored = stage.folder + "/restored.journal"
        let made = try await stage.rows("--journal", restored, "restore", kept).first
        #expect(try await made?["digest"]?.text == digest(stage.journal, stage), "\(place)")
        try remove(restored, of: stage, at: place)
      }
    }
  }

  /// Whether a folder has come as far as an event.
  private func has(_ head: Int, _ folder: String, _ stage: Stage) async throws -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    if names.contains(where: { $0.hasSuffix("-\(padded(head)).jsonl") }) { return true }
    guard names.contains("base.journal") else { return false }
    let base = try await stage.rows("--journal", folder + "/base.journal", "head").first
    return base?["position"]?.integer == head
  }

  private func padded(_ position: Int) -> String {
    String(repeating: "0", count: 12 - "\(position)".count) + "\(position)"
  }

  /// The head of a journal that is whole.
  private func digest(_ journal: String, _ stage: Stage) async throws -> String {
    let verified = try await stage.start(["--journal", journal, "-o", "json", "verify"]).end()
    let row = try verified.json()
    // A copy has no key beside it, which is no fault of the log.
    let problems = (row["problems"]?.elements ?? []).filter {
      $0.text?.contains("secret") != true
    }
    #expect(problems.isEmpty, "\(journal): \(problems)")
    return try #require(row["digest"]?.text)
  }

  /// Takes a file away with what lies beside it, and finds no draft of it.
  private func remove(_ file: String, of stage: Stage, at place: String) throws {
    let name = try #require(file.split(separator: "/").last)
    let own = try FileManager.default.contentsOfDirectory(atPath: stage.folder)
      .filter { $0.hasPrefix(name) }
    let known: Set = ["", "-wal", "-shm", ".key", ".lock", ".engine"]
    #expect(
      Set(own.map { String($0.dropFirst(name.count)) }).isSubset(of: known), "\(place): \(own)")
    for name in own { try FileManager.default.removeItem(atPath: stage.folder + "/" + name) }
  }
}

/// A stage with three deliveries made or waiting, and how often to kill on it.
private func withMoves(_ body: (Stage, inout Moves) async throws -> Void) async throws {
  try await withStage { stage in
    try await stage.prepare()
    for title in ["Planning", "Review"] {
      _ = try await stage.createEvent(title)
      try await stage.done("poll", "run", "1", Stage.resource)
    }
    try await stage.done("deliver")
    _ = try await stage.createEvent("Late")
    try await stage.done("poll", "run", "1", Stage.resource)
    var moves = Moves(library: try await stage.killswitch())
    try await body(stage, &moves)
  }
}

/// Processes that are killed, each at another call.
private struct Moves {
  let library: String
  private var chance = SeededChance(seed: UInt64(soak("DAYBOOK_MOVE_SEED") ?? 1))
  private let count = soak("DAYBOOK_MOVES") ?? 3

  init(library: String) { self.library = library }

  /// Kills a command at calls that it makes, and looks at what it left.
  ///
  /// - Parameter seconds: After which one that ends only when it is told is stopped.
  mutating func kill(
    _ words: [String], _ stage: Stage, most: Int = 600, seconds: Double? = nil,
    before: () async throws -> Void = {},
    check: (String) async throws -> Void
  ) async throws {
    // As many as it makes, learnt from those that came to their end.
    var most = most
    var kills = 0
    var rounds = 0
    while kills < count, rounds < count * 4 + 20 {
      rounds += 1
      let at = 1 + Int(chance.next() % UInt64(most))
      var environment = ["LD_PRELOAD": library, "KILLSWITCH_AT": "\(at)"]
      if chance.next() % 2 == 0 { environment["KILLSWITCH_LATE"] = "1" }
      try await before()
      let victim = try stage.start(words, environment: environment)
      if let seconds {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while victim.isRunning, ContinuousClock.now < deadline {
          usleep(5_000)
        }
        victim.signal(SIGTERM)
      }
      let ended = try await victim.end()
      let wasKilled = ended.status == 128 + SIGKILL
      if wasKilled { kills += 1 } else { most = max(8, at) }
      #expect(wasKilled || ended.status == 0, "\(words), call \(at): \(ended.errors)")
      try await check("\(words.joined(separator: " ")) killed at call \(at)")
    }
    #expect(kills == count, "\(words) in \(rounds) rounds")
  }
}
