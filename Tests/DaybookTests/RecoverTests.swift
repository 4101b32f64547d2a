import Domain
import Engine
import EventStore
import Events
import Sandbox
import Testing

@testable import Daybook

/// All that a URL has not accepted since a time, sent in one go.
@Suite struct RecoverTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal
  private let hook = "\(MadeUpWorld.base)/receiver/hook"
  private let other = "\(MadeUpWorld.base)/receiver/other"

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(600), .seconds(6_000)])
  }

  private func script(_ statuses: [Int], _ times: Int? = 1) {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script(
        "/receiver/hook", statuses.map { .init(status: $0, times: times) })
    }
  }

  private func see(_ title: String, _ id: Int64) async throws {
    world.pass(.seconds(60))
    world.withSandbox { $0.enter(title, at: $1) }
    _ = try await journal.polls.run(.instance(id))
  }

  /// The ids of the notifications that the receiver took, in the order of arrival.
  private func taken() -> [String] {
    world.withSandbox { sandbox, _ in
      sandbox.receiver.deliveries.filter { $0.path == "/receiver/hook" && $0.status == 204 }
        .compactMap { delivery in delivery.headers.first { $0.name == "webhook-id" }?.value }
    }
  }

  private func ids(_ statuses: [String] = []) async throws -> [String] {
    var part = Selection()
    part.statuses = statuses
    return try await journal.deliveries.rows(part).compactMap { $0["id"]?.string }
  }

  /// One accepted; two given up, one that waits for a retry, and one that is held.
  private func outage() async throws -> Int64 {
    let id = try await world.watch(in: journal)
    try await see("Before", id)
    try await journal.deliveries.deliver()
    script([503], nil)
    for title in ["One", "Two"] { try await see(title, id) }
    for _ in 0..<3 {
      try await journal.deliveries.deliver()
      world.pass(.seconds(20_000))
    }
    try await see("Three", id)
    try await journal.deliveries.deliver()
    try await journal.callbacks.disable(hook, reason: "down")
    try await see("Four", id)
    try await journal.deliveries.deliver()
    return id
  }

  @Test func `after an outage all is accepted, once, under its own id and in its order`()
    async throws
  {
    _ = try await outage()
    let before = taken()
    let disabled = try await journal.callbacks.recovery(of: hook, since: noon)
    #expect(!disabled.isEnabled && disabled.stillHeld == 1)
    await #expect(throws: DaybookError.self) { try await journal.callbacks.recover(disabled) }
    // Whoever was ended before it had released what was held leaves it so.
    let enabled = CallbackEnabled(url: hook, reason: nil)
    _ = try await journal.working().repository.writer.append(
      AppendRequest(
        [NewEvent(.callback(hook), .callbackEnabled(enabled))], at: world.outside.engine.now()))
    script([])
    let plan = try await journal.callbacks.recovery(of: hook, since: noon)
    #expect(plan.row["exhausted"] == .integer(2) && plan.row["retrying"] == .integer(1))
    #expect(plan.row["held"] == .integer(1) && plan.notifications == 4 && plan.changes == 4)
    #expect(plan.row.names == RowTable.recoveryPlans.names)
    let recovered = try await journal.callbacks.recover(plan, reason: "it is back")
    #expect(recovered.count == 4)
    try await recovered.send()
    #expect(taken().sorted() == (try await ids()).sorted())
    #expect(taken().starts(with: before))
    let again = try await journal.callbacks.recovery(of: hook, since: noon)
    #expect(again.notifications == 0 && again.alreadyDelivered == 0)
    var part = Selection()
    part.types = ["delivery.released"]
    let released = try await journal.events.rows(part)
    // They are due in their order; of four objects each is sent as soon as there is room.
    let due = released.compactMap {
      $0["stream"]?.string?.split(separator: "/").last.map(String.init)
    }
    #expect(due == (try await ids()).suffix(4))
    #expect(released.allSatisfy { $0["body"]?.string?.contains("it is back") == true })
  }

  @Test func `a time bounds it, and what the URL knows by another delivery is left out`()
    async throws
  {
    _ = try await outage()
    try await journal.callbacks.enable(hook)
    script([])
    let deliveries = try await journal.deliveries.rows()
    let second = try #require(deliveries[2]["requestedAt"]?.moment)
    let late = try await journal.callbacks.recovery(of: hook, since: second)
    let all = try await journal.callbacks.recovery(of: hook, since: noon)
    #expect(all.notifications == late.notifications + 1)
    let early = try await journal.callbacks.recovery(of: hook, since: noon, until: second)
    #expect(early.notifications == 1)
    // A replay of one under a new id, and of another under its own.
    for (place, mode) in [(1, ReplayMode.rebuilt), (2, .exact)] {
      let plan = try await journal.replays.plan(
        only: deliveries[place]["position"]?.integer, to: hook, mode: mode)
      try await journal.replays.finish(try await journal.replays.request(plan))
    }
    let rest = try await journal.callbacks.recovery(of: hook, since: noon)
    #expect(rest.alreadyDelivered == 2 && rest.row["exhausted"] == .integer(0))
    #expect(rest.notifications == all.notifications - 2)
  }

  @Test func `what was skipped because its URL was not allowed goes there once it is`()
    async throws
  {
    let id = try await world.watch(in: journal)
    try await see("One", id)
    var options = JournalOptions()
    options.googleURL = MadeUpWorld.base
    let strict = try Journal("\(folder.path)/daybook.journal", options, in: world.outside)
    try await strict.deliveries.deliver()
    #expect(try await ids(["skipped"]).count == 1)
    let plan = try await journal.callbacks.recovery(of: hook, since: noon)
    #expect(plan.row["skipped"] == .integer(1) && plan.notifications == 1)
    await #expect(throws: DaybookError.self) {
      try await strict.callbacks.recovery(of: hook, since: noon)
    }
    try await journal.callbacks.recover(plan).send()
    #expect(try await ids(["succeeded"]) == taken())
    #expect(try await journal.audit().totals().isComplete)
  }

  @Test func `a URL that no instance names is refused, and one that deletes with its instance`()
    async throws
  {
    let id = try await outage()
    await #expect(throws: DaybookError.self) {
      try await journal.callbacks.recovery(of: other, since: noon)
    }
    try await journal.instances.delete(id)
    await #expect(throws: DaybookError.self) {
      try await journal.callbacks.recovery(of: hook, since: noon)
    }
  }

  @Test func `what somebody else did meanwhile is left as it is`() async throws {
    _ = try await outage()
    try await journal.callbacks.enable(hook)
    script([])
    let plan = try await journal.callbacks.recovery(of: hook, since: noon)
    let first = try #require(plan.recovery.positions.first)
    try await journal.deliveries.redeliver(first)
    let recovered = try await journal.callbacks.recover(plan)
    #expect(recovered.count == plan.notifications - 1)
    try await recovered.send()
    #expect(Set(taken()).count == taken().count)
    #expect(try await ids(["succeeded"]).sorted() == taken().sorted())
  }
}
