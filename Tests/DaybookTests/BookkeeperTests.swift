import Domain
import Engine
import EventStore
import Events
import Sandbox
import Testing

@testable import Daybook

/// The public door in a made-up world: no socket, no clock, no chance of its own.
@Suite struct BookkeeperTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let keeper: Bookkeeper

  init() throws {
    folder = try TestFolder()
    keeper = try world.keeper(in: folder, retryWaits: [.seconds(1), .seconds(5)])
  }

  private func created() async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    return try await keeper.createInstance(instanceJSON(code: code, base: MadeUpWorld.base)).id
  }

  /// An instance with its baseline, and one event entered after it.
  private func watching() async throws -> Int64 {
    let id = try await created()
    _ = try await keeper.poll(instance: id)
    world.pass(.seconds(60))
    world.withSandbox { $0.enter("Planning", at: $1) }
    return id
  }

  private var received: Int { world.withSandbox { sandbox, _ in sandbox.receiver.total } }

  @Test func `a created instance is answered with an id and a token and shown without secrets`()
    async throws
  {
    let code = world.withSandbox { $0.code(at: $1) }
    let (id, token) = try await keeper.createInstance(
      instanceJSON(code: code, base: MadeUpWorld.base))
    #expect(id == 1)
    #expect(token.count == 44)
    let shown = try await keeper.instance(id)
    #expect(shown.contains(#""name":"Team""#))
    #expect(!shown.contains("sandbox-secret") && !shown.contains(token))
  }

  @Test func `a refused code creates nothing`() async throws {
    await #expect(throws: DaybookError.self) {
      try await keeper.createInstance(instanceJSON(code: "wrong", base: MadeUpWorld.base))
    }
    #expect(try await keeper.events().map(\.type) == ["journal.created"])
  }

  @Test func `steps do what is due in order and end with nothing`() async throws {
    let id = try await watching()
    world.pass(.seconds(3_600))
    var outcomes: [StepOutcome] = []
    while let outcome = try await keeper.step() { outcomes.append(outcome) }
    #expect(outcomes.count == 3)
    guard case .polled(let poll)? = outcomes.first, case .attempted(let sent)? = outcomes.last
    else {
      Issue.record("a poll comes first and an attempt last, not \(outcomes)")
      return
    }
    #expect(poll.instance == id && poll.status == .completed && poll.changes == 1)
    #expect(outcomes[1] == .requested(deliveries: 1))
    #expect(sent.status == 204 && sent.outcome == "succeeded" && sent.attempt == 1)
    #expect(received == 1)
  }

  @Test func `a disabled instance is polled by nobody until it is enabled`() async throws {
    let id = try await watching()
    try await keeper.setEnabled(false, instance: id, reason: "holidays")
    world.pass(.seconds(3_600))
    #expect(try await keeper.step() == nil)
    try await keeper.setEnabled(true, instance: id, reason: "back")
    world.pass(.seconds(3_600))
    #expect(try await keeper.step() != nil)
  }

  @Test func `a deleted instance stays in the log and refuses to change`() async throws {
    let id = try await created()
    try await keeper.deleteInstance(id, reason: "moved")
    #expect(try await keeper.events().contains { $0.type == "instance.deleted" })
    await #expect(throws: DaybookError.refused(Refusal(.deleted, "instance \(id) is deleted"))) {
      try await keeper.deleteInstance(id, reason: "again")
    }
  }

  @Test func `the lists tell what was observed and what became of it`() async throws {
    let id = try await watching()
    #expect(try await keeper.poll(instance: id).map(\.changes) == [1])
    try await keeper.deliver()
    let change = try #require(try await keeper.changes().first)
    #expect(change.kind == .created && change.instance == id)
    let delivery = try #require(try await keeper.deliveries().first)
    #expect(delivery.status == "succeeded" && delivery.lastStatus == 204)
    #expect(delivery.changes == 1 && delivery.replay == nil)
    var part = Selection()
    part.types = ["change.observed"]
    #expect(try await keeper.events(part).map(\.position) == [change.position])
    part = Selection()
    part.after = change.position
    #expect(try await keeper.events(part, limit: 1).map(\.position) == [change.position + 1])
  }

  @Test func `a filter that a list does not know is refused`() async throws {
    var part = Selection()
    part.statuses = ["failed"]
    await #expect(
      throws: DaybookError.refused(Refusal(at: "statuses", "events cannot be filtered by it"))
    ) {
      try await keeper.events(part)
    }
  }

  @Test(arguments: ReplayMode.allCases)
  func `a replay sends what was planned`(mode: ReplayMode) async throws {
    let id = try await watching()
    _ = try await keeper.poll(instance: id)
    try await keeper.deliver()
    let other = "\(MadeUpWorld.base)/receiver/other"
    let plan = try await keeper.plannedReplay(of: Selection(), to: other, mode: mode)
    #expect(plan.notifications == 1 && plan.changes == 1 && plan.alreadyDelivered == 0)
    #expect(received == 1)
    let done = try await keeper.replay(Selection(), to: other, mode: mode, reason: "audit")
    #expect(done.state == "completed" && done.succeeded == 1 && done.failed == 0)
    #expect(try await keeper.replayProgress(done.replay) == done)
    let sent = world.withSandbox { sandbox, _ in sandbox.receiver.deliveries }
    let ids = sent.map { $0.headers.first { $0.name.lowercased() == "webhook-id" }?.value }
    #expect(ids.count == 2)
    #expect((ids[0] == ids[1]) == (mode == .exact))
    // An id is a number of 19 digits or a few less.
    #expect((0...3).contains(plan.bytes - Int64(sent[1].body.count)), "\(plan.bytes)")
  }

  @Test func `a change goes out once, however often it was replayed`() async throws {
    let id = try await watching()
    _ = try await keeper.poll(instance: id)
    try await keeper.deliver()
    let other = "\(MadeUpWorld.base)/receiver/other"
    for mode in [ReplayMode.rebuilt, .exact, .rebuilt] {
      let done = try await keeper.replay(Selection(), to: other, mode: mode)
      #expect(done.succeeded == 1)
    }
    // A rebuilt one that is named itself is sent as it went, and stays no change of its own.
    let rebuilt = try #require(try await keeper.deliveries().first { $0.replay != nil })
    let query = ReportQuery(.deliveries)
    let named = try await Replays.selectExact(
      query, only: rebuilt.position, for: other, from: keeper.desk.repository.reader)
    #expect(named.positions == [rebuilt.position])
    let order = Replays.Order(
      url: other, mode: "exact", rate: nil, concurrency: nil, hasCredentials: false, reason: nil)
    _ = try await keeper.desk.replays.request(named, order)
    try await keeper.deliver()
    let all = try await keeper.deliveries()
    #expect(all.count == 5 && all.allSatisfy { $0.status == "succeeded" })
    for mode in ReplayMode.allCases {
      let plan = try await keeper.plannedReplay(of: Selection(), to: other, mode: mode)
      #expect(plan.notifications == 1 && plan.alreadyDelivered == 1, "\(mode)")
    }
  }

  @Test func `an empty replay is refused`() async throws {
    await #expect(throws: DaybookError.refused(Refusal(.invalid, "the selection is empty"))) {
      try await keeper.replay(Selection(), to: "\(MadeUpWorld.base)/receiver/other")
    }
  }

  @Test func `a redelivery goes out under its own id`() async throws {
    let id = try await watching()
    _ = try await keeper.poll(instance: id)
    try await keeper.deliver()
    let first = try #require(try await keeper.deliveries().first)
    try await keeper.redeliver(first.position)
    #expect(received == 2)
    let again = try #require(try await keeper.deliveries().first)
    #expect(again.id == first.id && again.attempts == 2)
  }

  @Test func `a failed delivery is due again after the wait`() async throws {
    let id = try await watching()
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/hook", [.init(status: 503)])
    }
    _ = try await keeper.poll(instance: id)
    try await keeper.deliver()
    #expect(try await keeper.deliveries().first?.status == "failed")
    world.pass(.seconds(2))
    try await keeper.deliver()
    #expect(try await keeper.deliveries().first?.status == "succeeded")
  }

  @Test func `a journal that was only appended to verifies`() async throws {
    _ = try await created()
    let found = try await keeper.verify()
    #expect(found.problems.isEmpty)
    #expect(found.events == (try await keeper.events().last?.position))
    #expect(found.digest.count == 64)
  }

  @Test func `running ends when its task is cancelled, and others are told to wait`() async throws {
    _ = try await created()
    let (started, begun) = AsyncStream<Void>.makeStream()
    let task = Task {
      try await keeper.run { _ in begun.yield() }
    }
    for await _ in started { break }
    await #expect(throws: DaybookError.self) { try await keeper.step() }
    task.cancel()
    try await task.value
    let types = try await keeper.events().map(\.type)
    #expect(types.contains("run.started") && types.last == "run.stopped")
  }

  @Test func `a file of another kind is refused`() throws {
    #expect(throws: DaybookError.self) {
      try Bookkeeper("/dev/null/daybook.journal", in: world.surroundings)
    }
  }

  @Test func `an option out of its range is refused`() throws {
    var options = BookkeeperOptions()
    options.attemptsInFlight = 0
    #expect(throws: DaybookError.refused(Refusal(at: "attemptsInFlight", "0 is not 1 to 256"))) {
      try Bookkeeper("\(folder.path)/other.journal", options, in: world.surroundings)
    }
  }
}
