import Domain
import Engine
import EventStore
import Events
import FoundationEssentials
import Sandbox
import Synchronization
import Testing

@testable import Daybook

/// The public door in a made-up world: no socket, no clock, no chance of its own.
@Suite struct JournalTests {
  private let folder: TestFolder
  private let world = MadeUpWorld()
  private let journal: Journal

  init() throws {
    folder = try TestFolder()
    journal = try world.journal(in: folder, retryWaits: [.seconds(1), .seconds(5)])
  }

  private func created() async throws -> Int64 {
    let code = world.withSandbox { $0.code(at: $1) }
    return try await journal.instances.create(instanceJSON(code: code, base: MadeUpWorld.base)).id
  }

  /// An instance with its baseline, and one event entered after it.
  private func watching() async throws -> Int64 {
    let id = try await created()
    _ = try await journal.polls.run(.instance(id))
    world.pass(.seconds(60))
    world.withSandbox { $0.enter("Planning", at: $1) }
    return id
  }

  private var received: Int { world.withSandbox { sandbox, _ in sandbox.receiver.total } }

  @Test func `a created instance is answered with an id and a token and shown without secrets`()
    async throws
  {
    let code = world.withSandbox { $0.code(at: $1) }
    let created = try await journal.instances.create(
      instanceJSON(code: code, base: MadeUpWorld.base))
    let (id, token) = (created.id, created.token)
    #expect(id == 1)
    #expect(token.count == 44)
    let shown = try await journal.instances.object(id)
    #expect(shown.contains(#""name":"Team""#))
    #expect(!shown.contains("sandbox-secret") && !shown.contains(token))
  }

  @Test func `a refused code creates nothing`() async throws {
    await #expect(throws: DaybookError.self) {
      try await journal.instances.create(instanceJSON(code: "wrong", base: MadeUpWorld.base))
    }
    #expect(try await journal.types() == ["journal.created"])
  }

  @Test func `steps do what is due in order and end with nothing`() async throws {
    let id = try await watching()
    world.pass(.seconds(3_600))
    var outcomes: [StepOutcome] = []
    while let outcome = try await journal.step() { outcomes.append(outcome) }
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
    try await journal.instances.disable(id, reason: "holidays")
    world.pass(.seconds(3_600))
    #expect(try await journal.step() == nil)
    try await journal.instances.enable(id, reason: "back")
    world.pass(.seconds(3_600))
    #expect(try await journal.step() != nil)
  }

  @Test func `a deleted instance stays in the log and refuses to change`() async throws {
    let id = try await created()
    try await journal.instances.delete(id, reason: "moved")
    #expect(try await journal.types().contains("instance.deleted"))
    await #expect(throws: DaybookError.refused(Refusal(.deleted, "instance \(id) is deleted"))) {
      try await journal.instances.delete(id, reason: "again")
    }
  }

  @Test func `the lists tell what was observed and what became of it`() async throws {
    let id = try await watching()
    #expect(try await journal.polls.run(.instance(id)).map(\.changes) == [1])
    try await journal.deliveries.deliver()
    let change = try #require(try await journal.changes.rows().first)
    #expect(change["eventType"] == .text("CREATED") && change["instance"] == .integer(id))
    let delivery = try #require(try await journal.deliveries.rows().first)
    #expect(delivery["status"] == .text("succeeded") && delivery["lastStatus"] == .integer(204))
    #expect(delivery["changes"] == .integer(1) && delivery["replay"] == .null)
    var part = Selection()
    part.types = ["change.observed"]
    #expect(try await journal.events.rows(part).map(\.position) == [change.position])
    part = Selection()
    part.after = change.position
    #expect(try await journal.events.rows(part, limit: 1).map(\.position) == [change.position + 1])
  }

  @Test func `a filter that a list does not know is refused`() async throws {
    var part = Selection()
    part.statuses = ["failed"]
    await #expect(
      throws: DaybookError.refused(Refusal(at: "statuses", "events cannot be filtered by it"))
    ) {
      try await journal.events.rows(part)
    }
  }

  @Test(arguments: ReplayMode.allCases)
  func `a replay sends what was planned`(mode: ReplayMode) async throws {
    let id = try await watching()
    _ = try await journal.polls.run(.instance(id))
    try await journal.deliveries.deliver()
    let other = "\(MadeUpWorld.base)/receiver/other"
    let plan = try await journal.replays.plan(to: other, mode: mode)
    #expect(plan.notifications == 1 && plan.changes == 1 && plan.alreadyDelivered == 0)
    #expect(received == 1)
    let done = try await journal.replays.send(to: other, mode: mode)
    #expect(
      done["state"] == .text("completed") && done["succeeded"] == .integer(1)
        && done["failed"] == .integer(0))
    let replay = try #require(done["replay"]?.integer)
    #expect(try await journal.replays.row(replay) == done)
    let sent = world.withSandbox { sandbox, _ in sandbox.receiver.deliveries }
    let ids = sent.map { $0.headers.first { $0.name.lowercased() == "webhook-id" }?.value }
    #expect(ids.count == 2)
    #expect((ids[0] == ids[1]) == (mode == .exact))
    // An id is a number of 19 digits or a few less.
    #expect((0...3).contains(plan.bytes - Int64(sent[1].body.count)), "\(plan.bytes)")
  }

  @Test func `a change goes out once, however often it was replayed`() async throws {
    let id = try await watching()
    _ = try await journal.polls.run(.instance(id))
    try await journal.deliveries.deliver()
    let other = "\(MadeUpWorld.base)/receiver/other"
    for mode in [ReplayMode.rebuilt, .exact, .rebuilt] {
      let done = try await journal.replays.send(to: other, mode: mode)
      #expect(done["succeeded"] == .integer(1))
    }
    // A rebuilt one that is named itself is sent as it went, and stays no change of its own.
    let rebuilt = try #require(try await journal.deliveries.rows().first { $0["replay"] != .null })
    let named = try await journal.replays.plan(only: rebuilt.position, to: other)
    #expect(named.selection.positions == [rebuilt.position])
    _ = try await journal.replays.request(named)
    try await journal.deliveries.deliver()
    let all = try await journal.deliveries.rows()
    #expect(all.count == 5 && all.allSatisfy { $0["status"] == .text("succeeded") })
    for mode in ReplayMode.allCases {
      let plan = try await journal.replays.plan(to: other, mode: mode)
      #expect(plan.notifications == 1 && plan.alreadyDelivered == 1, "\(mode)")
    }
  }

  @Test func `an empty replay is refused`() async throws {
    await #expect(throws: DaybookError.refused(Refusal(.invalid, "the selection is empty"))) {
      try await journal.replays.send(to: "\(MadeUpWorld.base)/receiver/other")
    }
  }

  @Test func `a redelivery goes out under its own id`() async throws {
    let id = try await watching()
    _ = try await journal.polls.run(.instance(id))
    try await journal.deliveries.deliver()
    let first = try #require(try await journal.deliveries.rows().first)
    try await journal.deliveries.redeliver(first.position)
    #expect(received == 2)
    let again = try #require(try await journal.deliveries.rows().first)
    #expect(again["id"] == first["id"] && again["attempts"] == .integer(2))
  }

  @Test func `a failed delivery is due again after the wait`() async throws {
    let id = try await watching()
    world.withSandbox { sandbox, _ in
      sandbox.receiver.script("/receiver/hook", [.init(status: 503)])
    }
    _ = try await journal.polls.run(.instance(id))
    try await journal.deliveries.deliver()
    #expect(try await journal.deliveries.rows().first?["status"] == .text("failed"))
    world.pass(.seconds(2))
    try await journal.deliveries.deliver()
    #expect(try await journal.deliveries.rows().first?["status"] == .text("succeeded"))
  }

  @Test func `a journal that was only appended to verifies`() async throws {
    _ = try await created()
    let found = try await journal.verify()
    #expect(found.problems.isEmpty)
    #expect(found.events == (try await journal.events.rows().last?.position))
    #expect(found.digest.count == 64)
  }

  @Test func `running ends when its task is cancelled, and others are told to wait`() async throws {
    _ = try await created()
    let (started, begun) = AsyncStream<Void>.makeStream()
    let task = Task {
      try await journal.run { _ in begun.yield() }
    }
    for await _ in started { break }
    await #expect(throws: DaybookError.self) { try await journal.step() }
    task.cancel()
    try await task.value
    let types = try await journal.types()
    #expect(types.contains("run.started") && types.last == "run.stopped")
  }

  @Test func `a file of another kind is refused`() throws {
    #expect(throws: DaybookError.self) {
      try Journal("/dev/null/daybook.journal", in: world.outside)
    }
  }

  @Test func `an option out of its range is refused`() throws {
    var options = JournalOptions()
    options.attemptsInFlight = 0
    #expect(throws: DaybookError.refused(Refusal(at: "attemptsInFlight", "0 is not 1 to 256"))) {
      try Journal("\(folder.path)/other.journal", options, in: world.outside)
    }
  }
}

/// The lists look the same at every door.
extension JournalTests {
  @Test func `every list has the columns of its table, in their order and of their kind`()
    async throws
  {
    let id = try await watching()
    _ = try await journal.polls.run(.instance(id))
    try await journal.deliveries.deliver()
    try await journal.replays.send(to: "\(MadeUpWorld.base)/receiver/other")
    let sources: [any RowSource] = [
      journal.events, journal.changes, journal.deliveries, journal.instances, journal.cursors,
      journal.callbacks, journal.notices, journal.replays,
    ]
    #expect(sources.map { $0.table.name }.sorted() == RowTable.lists.map(\.name).sorted())
    for source in sources {
      let table = source.table
      let rows = try await source.rows()
      #expect(!rows.isEmpty || table == .notices, "\(table.name) is empty")
      for row in rows {
        #expect(row.names == table.names)
        for (value, column) in zip(row.values, table.columns) {
          #expect(value.kind == nil || value.kind == column.kind, "\(table.name).\(column.name)")
        }
      }
      #expect(Set(table.main).isSubset(of: table.names))
    }
  }

  @Test func `a trace and a difference have the columns of their tables`() async throws {
    let id = try await watching()
    let position = try #require(try await journal.polls.run(.instance(id)).first?.position)
    let names = Mutex<[[String]]>([])
    try await journal.trace(position) { rows in
      names.withLock { $0 += rows.map(\.names) }
      return true
    }
    let traced = names.withLock { $0 }
    #expect(!traced.isEmpty && traced.allSatisfy { $0 == RowTable.trace.names })
    let differing = try await journal.difference(from: 1, to: position)
    #expect(!differing.isEmpty && differing.allSatisfy { $0.names == RowTable.difference.names })
  }

  @Test func `the past answers as it was and takes nothing`() async throws {
    let id = try await created()
    let head = try await journal.head()
    try await journal.instances.delete(id, reason: "moved")
    let past = try await journal.at(head)
    #expect(try await past.head() == head)
    #expect(try await past.instances.rows().map { $0["id"] } == [.integer(id)])
    #expect(try await journal.instances.rows().isEmpty)
    await #expect(
      throws: DaybookError.refused(
        Refusal(.readOnly, "as of \(head) nothing can be written"))
    ) {
      try await past.instances.disable(id, reason: "late")
    }
    await #expect(throws: DaybookError.self) { try await journal.at(head + 1_000) }
  }

  @Test func `a journal that is opened when needed is made by its first instance alone`()
    async throws
  {
    var options = JournalOptions()
    options.access = .whenNeeded
    options.googleURL = MadeUpWorld.base
    options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])
    let path = "\(folder.path)/later.journal"
    let later = try Journal(path, options, in: world.outside)
    await #expect(throws: DaybookError.missing(path: path)) { try await later.events.rows() }
    await #expect(throws: DaybookError.missing(path: path)) { try await later.step() }
    let code = world.withSandbox { $0.code(at: $1) }
    _ = try await later.instances.create(instanceJSON(code: code, base: MadeUpWorld.base))
    #expect(try await later.types().first == "journal.created")
    options.access = .readOnly
    let shown = try Journal(path, options, in: world.outside)
    #expect(try await shown.instances.rows().count == 1)
    await #expect(throws: DaybookError.self) { try await shown.polls.run(.all) }
  }

  @Test func `no code is spent on a journal whose key is missing`() async throws {
    _ = try await created()
    try FileManager.default.removeItem(atPath: "\(folder.path)/daybook.journal.key")
    let other = try world.journal(in: folder, retryWaits: [])
    let code = world.withSandbox { $0.code(at: $1) }
    let json = instanceJSON(code: code, base: MadeUpWorld.base)
    do {
      _ = try await other.instances.create(json)
      Issue.record("it was created without a key")
    } catch {
      guard case .refused(let refusal) = error else { throw error }
      #expect(refusal.code == .keyMissing)
    }
    // The code is as good as it was.
    _ = try await journal.instances.create(json)
  }
}

extension Journal {
  fileprivate func types() async throws -> [String] {
    try await events.rows().compactMap { $0["type"]?.string }
  }
}

extension Row {
  fileprivate var position: Int64 { self["position"]?.integer ?? 0 }
}

extension Field {
  /// nil for null, which every column may hold.
  fileprivate var kind: RowTable.Column.Kind? {
    switch self {
    case .null: nil
    case .text: .text
    case .integer, .decimal: .integer
    case .flag: .flag
    case .moment: .moment
    case .json: .json
    case .hex: .hex
    }
  }
}
