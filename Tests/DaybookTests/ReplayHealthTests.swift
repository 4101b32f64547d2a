import Events
import Sandbox
import Testing

@testable import Daybook

/// Whatever is answered to a replay, the callback of an instance stays as it is.
@Suite struct ReplayHealthTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private let hook = "\(MadeUpWorld.base)/receiver/hook"

  init() async throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(60)])
    let id = try await world.watch(in: journal)
    for title in ["One", "Two", "Three"] {
      world.pass(.seconds(60))
      world.withSandbox { $0.enter(title, at: $1) }
      _ = try await journal.polls.run(.instance(id))
      try await journal.deliveries.deliver()
    }
  }

  private func script(_ statuses: [Int], _ path: String = "hook") {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/\(path)", statuses.map { .init(status: $0) })
    }
  }

  @Test(arguments: ["hook", "other"])
  func `a 410 stops the replay, and disables no callback`(path: String) async throws {
    script([204, 410], path)
    var options = ReplayOptions()
    options.concurrency = 1
    let stopped = try await journal.replays.send(
      to: "\(MadeUpWorld.base)/receiver/\(path)", options)
    #expect(stopped["state"] == .text("stopped") && stopped["failed"] == .integer(0))
    #expect((stopped["succeeded"]?.integer ?? 3) < 3, "\(stopped)")
    for row in try await journal.callbacks.rows() { #expect(row["state"] == .text("enabled")) }
    #expect(try await journal.notices.rows().isEmpty)
    // What is live goes on meanwhile.
    world.pass(.seconds(60))
    world.withSandbox { $0.enter("Four", at: $1) }
    _ = try await journal.polls.run(.instance(1))
    try await journal.deliveries.deliver()
    let live = try await journal.deliveries.rows().filter { $0["replay"] == .null }
    #expect(live.count == 4 && live.allSatisfy { $0["status"] == .text("succeeded") })
    let replay = try #require(stopped["replay"]?.integer)
    try await journal.replays.resume(replay)
    try await journal.replays.finish(replay)
    let done = try await journal.replays.row(replay)
    #expect(done["state"] == .text("completed") && done["succeeded"] == .integer(3))
  }

  @Test func `a delivery of a replay that was completed stops it anew`() async throws {
    let url = "\(MadeUpWorld.base)/receiver/other"
    let done = try await journal.replays.send(to: url)
    let replay = try #require(done["replay"]?.integer)
    #expect(done["state"] == .text("completed"))
    script([410], "other")
    let last = try #require(try await journal.deliveries.rows().last?["position"]?.integer)
    try await journal.deliveries.redeliver(last)
    #expect(try await journal.replays.row(replay)["state"] == .text("stopped"))
    try await journal.deliveries.deliver()
    #expect(try await journal.deliveries.row(last)["status"] == .text("held"))
    try await journal.replays.resume(replay)
    try await journal.replays.finish(replay)
    #expect(try await journal.replays.row(replay)["state"] == .text("completed"))
    #expect(try await journal.deliveries.row(last)["status"] == .text("succeeded"))
  }
}
