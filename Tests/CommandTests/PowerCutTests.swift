import Foundation
import Glibc
import RawJSON
import Testing

/// Power cuts at moments drawn from a seed: what was synced is left, and any part of the rest.
///
/// `DAYBOOK_CUTS` says how many of each kind; `make soak` asks for 200. A failure names what
/// `DAYBOOK_CUT_SEED` repeats.
@Suite(.serialized)
struct PowerCutTests {
  private let cuts = soak("DAYBOOK_CUTS") ?? 10
  private let seed = UInt64(soak("DAYBOOK_CUT_SEED") ?? 1)

  @Test func `a first instance that was told of outlives a power cut, with its secrets`()
    async throws
  {
    try await withStage { stage in
      let outage = try await Outage(stage)
      let whole = try await outage.create()
      try #require(whole.status == 0, "\(whole.errors)")
      let calls = try outage.disk().calls
      for number in 0..<cuts {
        var chance = SeededChance(seed: seed &+ UInt64(number))
        let fate = PowerCutDisk.Fate.allCases[number % 3]
        try outage.empty()
        // Anywhere, near the end, and when all has been said.
        let first = [1, max(1, calls - 60), calls + 1][number / 3 % 3]
        let at = chance.number(first...max(first, calls))
        let ended = try await outage.create(cutAt: at)
        try outage.cut(fate, &chance)
        try await Self.check(
          outage, wasTold: !ended.output.isEmpty,
          "seed \(seed &+ UInt64(number)): cut at call \(at) of \(calls), \(fate) is left")
      }
    }
  }

  /// Reads, makes the instance where there is none, and polls with what was sealed.
  private static func check(_ outage: Outage, wasTold: Bool, _ place: String) async throws {
    let read = try await outage.daybook("--read-only", "instance", "list")
    let isYoung = read.status == 1 && read.errors.contains("there is no journal")
    #expect(read.status == 0 || isYoung && !wasTold, "\(place): \(read.errors)")
    if read.lines.isEmpty {
      #expect(!wasTold, "\(place)")
      let again = try await outage.create()
      try #require(again.status == 0, "\(place): \(again.errors)")
    }
    let ended = try await outage.daybook(
      "-c", "poll run 1", "-c", "verify", "-c", "rebuild --check")
    #expect(ended.status == 0, "\(place): \(ended.text) \(ended.errors)")
  }

  @Test func `nothing that was told or sent is lost by a power cut`() async throws {
    for (place, part) in shares(of: cuts, each: 25).enumerated() {
      try await withStage { stage in
        var chance = SeededChance(seed: seed &+ UInt64(place))
        let outage = try await Outage(stage)
        try #require(try await outage.create().status == 0)
        try #require(try await outage.daybook("poll", "run", "1").status == 0)
        var ledger = Ledger(outage: outage)
        for number in 1...part {
          try await ledger.round(number, "seed \(seed &+ UInt64(place)), round \(number)", &chance)
        }
      }
    }
  }
}

/// A folder with a journal, and a process there that the power cut ends.
struct Outage {
  let stage: Stage
  let library: String
  let folder: String
  private var log: String { stage.folder + "/powercut.log" }

  init(_ stage: Stage) async throws {
    self.stage = stage
    library = try await stage.powerCut()
    folder = stage.folder + "/kept"
    try empty()
  }

  private var environment: [String: String] { ["DAYBOOK_JOURNAL": folder + "/daybook.journal"] }

  func empty() throws {
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
  }

  /// Runs a command with steady power.
  func daybook(_ arguments: String...) async throws -> Finished {
    try await daybook(arguments)
  }

  func daybook(_ arguments: [String]) async throws -> Finished {
    try await stage.start(arguments, environment: environment).end()
  }

  /// Starts a command that is recorded, and ends at a call of its counted from 1.
  func start(_ arguments: [String], cutAt: Int? = nil) throws -> (Program, PowerCutDisk) {
    try? FileManager.default.removeItem(atPath: log)
    var recorded = environment.merging([
      "LD_PRELOAD": library, "POWERCUT_UNDER": folder, "POWERCUT_LOG": log,
    ]) { $1 }
    recorded["POWERCUT_AT"] = cutAt.map { "\($0)" }
    let disk = try PowerCutDisk(folder)
    return (try stage.start(arguments, environment: recorded), disk)
  }

  func create(cutAt: Int? = nil) async throws -> Finished {
    let form = try stage.write(try await stage.form(), to: "instance.json")
    return try await start(["instance", "create", form], cutAt: cutAt).0.end()
  }

  /// The disk after the recorded command, which found the folder empty.
  func disk() throws -> PowerCutDisk { try disk(after: PowerCutDisk(folder: folder)) }

  func disk(after start: PowerCutDisk) throws -> PowerCutDisk {
    var disk = start
    disk.replay(Array(FileManager.default.contents(atPath: log) ?? Data()))
    return disk
  }

  func cut(_ fate: PowerCutDisk.Fate, _ chance: inout SeededChance) throws {
    try disk().cut(fate, &chance)
  }
}

/// What was changed at Google, and what the receiver and the log have of it after each power cut.
private struct Ledger {
  let outage: Outage
  private var expected: Set<String> = []
  private var told: [String: String] = [:]
  private var bodies: [String: String] = [:]
  private var seen = 0

  init(outage: Outage) { self.outage = outage }

  mutating func round(_ number: Int, _ place: String, _ chance: inout SeededChance) async throws {
    let words = [["poll", "run", "1"], ["deliver"]][number % 2]
    let at = chance.number(1...120)
    let fate = PowerCutDisk.Fate.allCases[chance.number(0...2)]
    let place = "\(place): \(words) cut at call \(at), \(fate) is left"
    for title in ["A \(number)", "B \(number)"] {
      expected.insert("\(try await outage.stage.createEvent(title)) CREATED")
    }
    if words == ["deliver"] {
      #expect(try await outage.daybook("poll", "run", "1").status == 0, "\(place)")
    }
    let (victim, start) = try outage.start(words, cutAt: at)
    let ended = try await victim.end()
    #expect([0, 128 + SIGKILL].contains(ended.status), "\(place): \(ended.errors)")
    try outage.disk(after: start).cut(fate, &chance)
    try await holds(ended, place)
    let again = try await outage.daybook(
      "-c", "poll run 1", "-c", "deliver --until-idle --for 60s", "-c", "verify",
      "-c", "rebuild --check")
    try #require(again.status == 0, "\(place): \(again.errors) \(again.text)")
    try await take(place)
    #expect(Set(told.keys) == expected, "\(place)")
  }

  /// What the command printed is in the log, and so is every attempt that arrived.
  private func holds(_ ended: Finished, _ place: String) async throws {
    for row in try ended.rows() {
      guard let position = row["position"]?.integer else { continue }
      let shown = try await outage.daybook("show", "\(position)")
      #expect(shown.status == 0, "\(place): event \(position) was told of and is gone")
    }
    let rows = try await outage.daybook("--read-only", "deliveries").rows()
    for delivery in try await outage.stage.received(after: seen) {
      let id = try #require(webhookID(delivery))
      let attempts = rows.first { $0["id"]?.text == id }?["attempts"]?.integer ?? 0
      #expect(attempts >= 1, "\(place): \(id) was sent and no attempt is recorded")
    }
  }

  private mutating func take(_ place: String) async throws {
    for delivery in try await outage.stage.received(after: seen) {
      seen = max(seen, delivery["number"]?.integer ?? 0)
      let id = try #require(webhookID(delivery))
      let text = try #require(delivery["body"]?.text)
      #expect(bodies[id] ?? text == text, "\(place): \(id) has two bodies")
      bodies[id] = text
      for event in try JSON.parse(Array(text.utf8))["message"]?["events"]?.elements ?? [] {
        let key = "\(event["objectId"]?.text ?? "") \(event["eventType"]?.text ?? "")"
        #expect(told[key] ?? id == id, "\(place): \(key) was told under two ids")
        told[key] = id
      }
    }
  }
}
