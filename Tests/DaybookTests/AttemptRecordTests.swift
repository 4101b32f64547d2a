import Crypto
import Domain
import Events
import Foundation
import GoogleFake
import RawJSON
import Sandbox
import Testing

@testable import Daybook

/// What an attempt leaves behind, seen through the door.
@Suite struct AttemptRecordTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1)])
  }

  /// What `show` has of the newest attempt.
  private func newest() async throws -> (attempt: JSON, response: JSON) {
    var part = Selection()
    part.types = ["delivery.attempted"]
    let rows = try await journal.events.rows(part)
    let position = try #require(rows.last?["position"]?.integer)
    let row = try await journal.events.row(position)
    func json(_ name: String) throws -> JSON {
      try JSON.parse(Array((row[name]?.string ?? "").utf8))
    }
    return (try json("attempt"), try json("response"))
  }

  @Test func `an attempt tells its occasion, its times, and its answer's length and digest`()
    async throws
  {
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
    let (attempt, response) = try await newest()
    #expect(attempt["trigger"]?.text == "schedule")
    #expect(attempt["reason"] == .null)
    #expect(attempt["outcome"]?.text == "succeeded")
    #expect(attempt["errorClass"] == .null)
    #expect(attempt["times"]?["endUs"]?.integer == MadeUpWorld.times.end.map(Int.init))
    #expect(attempt["times"]?["nameUs"] == .null)
    #expect(response["bytes"]?.integer == 0)
    #expect(response["digest"]?.text == hexadecimal(SHA256.hash(data: [])))
    #expect(response["failure"] == .null)
  }

  @Test func `what a person or a replay asked for says why`() async throws {
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
    let delivery = try #require(try await journal.deliveries.rows().first?["position"]?.integer)
    try await journal.deliveries.reopen(delivery, reason: "it was down", askedBy: "alice").send()
    let (byHand, _) = try await newest()
    #expect(byHand["trigger"]?.text == "hand")
    #expect(byHand["reason"]?.text == "it was down")
    #expect(byHand["askedBy"]?.text == "alice")

    let plan = try await journal.replays.plan(
      Selection(), to: "\(MadeUpWorld.base)/receiver/other", mode: .exact)
    var options = ReplayOptions()
    options.reason = "for the new one"
    let replay = try await journal.replays.request(plan, options)
    try await journal.replays.finish(replay)
    let rows = try await journal.deliveries.rows()
    #expect(rows.map { $0["trigger"]?.string } == ["hand", "replay"])
    #expect(rows.map { $0["reason"]?.string } == ["it was down", "for the new one"])
    #expect(rows.allSatisfy { $0["errorClass"] == .null })
    let early = try await journal.at(delivery).deliveries.rows()
    #expect(early.map { $0["trigger"] } == [.null])
  }

  @Test func `a replay's attempts tell who asked for it, also those that try again`() async throws {
    _ = try await world.watch(in: journal)
    try await world.deliver("Planning", in: journal)
    let answers = #"{"path":"/receiver/other","answers":[500,{"status":204}]}"#
    world.withSandbox { sandbox, now in
      _ = sandbox.answer(
        FakeRequest(
          "POST", "/sandbox/receiver", headers: [Header("Content-Type", "application/json")],
          body: Array(answers.utf8)), at: now)
    }
    let plan = try await journal.replays.plan(
      Selection(), to: "\(MadeUpWorld.base)/receiver/other", mode: .exact)
    var options = ReplayOptions()
    (options.reason, options.askedBy) = ("for the new one", "bob")
    let replay = try await journal.replays.request(plan, options)
    var seen: [String?] = []
    while try await journal.step() != nil {
      let (attempt, _) = try await newest()
      if seen.last != attempt["trigger"]?.text { seen.append(attempt["trigger"]?.text) }
      guard attempt["trigger"]?.text != "schedule" else { continue }
      #expect(attempt["askedBy"]?.text == "bob" && attempt["reason"]?.text == "for the new one")
      world.pass(.seconds(5))
    }
    #expect(seen.suffix(2) == ["replay", "retry"], "\(replay): \(seen)")
  }

  @Test func `attempts that an older program recorded tell their occasion all the same`()
    async throws
  {
    let path = "\(folder.path)/older.journal"
    let package = #filePath.dropLast("/DaybookTests/AttemptRecordTests.swift".count)
    try FileManager.default.copyItem(
      atPath: "\(package)/Fixtures/format-0-untimed.sqlite", toPath: path)
    var options = JournalOptions()
    options.access = .readOnly
    let older = try Journal(path, options, in: world.outside)
    let rows = try await older.deliveries.rows()
    #expect(
      rows.map { $0["trigger"]?.string } == [
        "schedule", "retry", "schedule", nil, nil, "replay", "replay",
      ])
    #expect(rows.allSatisfy { $0["times"] == .null })
    #expect(rows.compactMap { $0["errorClass"]?.string } == ["status"])
  }
}
