import Foundation
import Glibc
import RawJSON
import Testing

/// Processes that are killed at a system call, drawn from a seed, while there is work to do.
///
/// `DAYBOOK_KILLS` says how many; `make soak` asks for 200 and more. Every fifty have a journal of
/// their own, so that what is verified after each does not grow without end; its seed, which a
/// failure names, is what `DAYBOOK_KILL_SEED` repeats.
@Suite(.serialized)
struct KillTests {
  @Test func `no kill loses a change or tells it under two ids`() async throws {
    let kills = soak("DAYBOOK_KILLS") ?? 12
    let seed = UInt64(soak("DAYBOOK_KILL_SEED") ?? 1)
    for (place, part) in shares(of: kills).enumerated() {
      try await withStage { stage in
        let library = try await stage.killswitch()
        try await stage.prepare()
        var trial = Trial(stage: stage, library: library, seed: seed + UInt64(place))
        var rounds = 0
        while trial.kills < part, rounds < part * 4 {
          rounds += 1
          try await trial.round()
        }
        #expect(trial.kills == part, "seed \(seed + UInt64(place)), in \(rounds) rounds")
      }
    }
  }
}

/// What was changed and what has to have been told of it.
private struct Trial {
  let stage: Stage
  let library: String
  var chance: SeededChance
  let seed: UInt64
  var kills = 0
  private var number = 0
  /// Made in the round before: one is renamed in this one, the other cancelled.
  private var young: [String] = []
  /// `objectId` and `eventType`: each happens once.
  private var expected: Set<String> = []
  private var told: [String: String] = [:]
  private var bodies: [String: String] = [:]
  private var seen = 0

  init(stage: Stage, library: String, seed: UInt64) {
    self.stage = stage
    self.library = library
    self.seed = seed
    chance = SeededChance(seed: seed)
  }

  /// Changes something while a process works that will be killed; starts anew; holds everything
  /// together.
  mutating func round() async throws {
    number += 1
    let at = 1 + Int(chance.next() % 260)
    let isLate = chance.next() % 2 == 0
    let words = [["run"], ["run"], ["poll", "run", "1"], ["deliver"]][Int(chance.next() % 4)]
    let place =
      "seed \(seed), round \(number): \(words) killed at call \(at),"
      + " \(isLate ? "late" : "early")"
    var environment = ["LD_PRELOAD": library, "KILLSWITCH_AT": "\(at)"]
    if isLate { environment["KILLSWITCH_LATE"] = "1" }
    if words != ["run"] {
      try await change()
      if words == ["deliver"] { try await stage.done("poll", "run", "1") }
    }
    let victim = try stage.start(words, environment: environment)
    if words == ["run"] {
      try await change()
      try await wait("a run, \(place)") {
        try !victim.isRunning || isSigned(by: victim)
      }
      let beside = try await stage.daybook("poll", "run", "1")
      #expect([0, 5].contains(beside.status), "\(place): \(beside.errors)")
      try await wait("deliveries, \(place)", seconds: 20) {
        guard victim.isRunning else { return true }
        return try await stage.rows("deliveries", "--status", "pending", "attempting", "failed")
          .isEmpty
      }
      victim.signal(SIGTERM)
    }
    let ended = try await victim.end()
    if ended.status == 128 + SIGKILL { kills += 1 }
    try await restart(place)
  }

  /// Whether the process has the engine lock.
  private func isSigned(by victim: Program) throws -> Bool {
    let signature = FileManager.default.contents(atPath: stage.journal + ".engine") ?? Data()
    return String(decoding: signature, as: UTF8.self) == "\(victim.process)\n"
  }

  private mutating func change() async throws {
    let fresh = [
      try await stage.createEvent("A \(number)"), try await stage.createEvent("B \(number)"),
    ]
    if young.count == 2 {
      try await stage.rename(young[0], "C \(number)")
      try await stage.cancel(young[1])
      expected.insert("\(young[0]) UPDATED")
      expected.insert("\(young[1]) DELETED")
    }
    for event in fresh { expected.insert("\(event) CREATED") }
    young = fresh
  }

  private mutating func restart(_ place: String) async throws {
    let ended = try await stage.daybook(
      "-c", "poll run 1", "-c", "deliver --until-idle --for 60s", "-c", "verify",
      "-c", "rebuild --check")
    // An attempt whose outcome is unknown waits for its rung; a rung that fails is no failure here.
    try #require(ended.status == 0, "\(place): \(ended.errors) \(ended.text)")
    for delivery in try await stage.received(after: seen) {
      seen = max(seen, delivery["number"]?.integer ?? 0)
      let id = try #require(webhookID(delivery))
      let text = try #require(delivery["body"]?.text)
      #expect(bodies[id] ?? text == text, "\(place): \(id) has two bodies")
      bodies[id] = text
      let body = try JSON.parse(Array(text.utf8))
      for event in body["message"]?["events"]?.elements ?? [] {
        let key = "\(event["objectId"]?.text ?? "") \(event["eventType"]?.text ?? "")"
        #expect(told[key] ?? id == id, "\(place): \(key) was told under two ids")
        told[key] = id
      }
    }
    #expect(Set(told.keys) == expected, "\(place)")
  }
}
