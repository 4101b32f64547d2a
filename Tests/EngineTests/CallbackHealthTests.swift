import Domain
import EventStore
import Events
import RawJSON
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// One slow or dead receiver costs the others nothing, and what waits for it is tried as little as
/// its bounds say.
@Suite struct CallbackHealthTests {
  private let stage: EngineStage
  private static let dead = "https://dead.example.com/hook"

  init() throws { stage = try EngineStage() }

  private func worker(
    concurrency: Int = 1, _ retries: RetrySchedule = .waits([.seconds(3_600)])
  ) -> Worker {
    Worker(
      stage.repository, connector: stage.connector, world: stage.world,
      settings: EngineSettings(retrySchedule: retries, concurrency: concurrency))
  }

  private func create(_ more: (String, JSON)...) async throws {
    try await stage.create([(EngineStage.primary, "/" + EngineStage.primary)], more)
  }

  private func work(_ worker: Worker) async throws {
    try await worker.work([.deliver], until: .nothingDue) { _ in }
  }

  private func told(_ prefix: String) async throws -> Int {
    try await stage.told(since: 0).count { $0.hasPrefix(prefix) }
  }

  @Test func `a callback that fails rests, and what waits burns no attempts`() async throws {
    try await create()
    for number in 1...30 { try await stage.ask(number) }
    let worker = worker()
    try await work(worker)
    #expect(stage.requests.count == 10)
    #expect(try await told("breaker.opened breaker/\(EngineStage.hook)") == 1)
    try await work(worker)
    #expect(stage.requests.count == 10)
    // Another process knows it from the journal.
    let other = self.worker()
    try await other.recover()
    try await work(other)
    #expect(stage.requests.count == 10)
    stage.pass(.seconds(31))
    try await work(other)
    #expect(stage.requests.count == 11)
    let row = try await shown().first { $0["attempts"] == .integer(0) }
    #expect(row?["waitsFor"] == .text("breaker"))
    let callback = try await stage.repository.reader.rows(ReportQuery(.callbacks)).first
    #expect(callback?["breaker"] == .text("open"))
    #expect(callback?["nextAt"] == .moment(stage.now + .seconds(30)))
    stage.always("example.com", 204)
    stage.pass(.seconds(31))
    try await work(other)
    // Those that were tried wait for their retries.
    #expect(stage.requests.count == 30)
    #expect(try await told("breaker.closed") == 1)
    #expect(try await told("delivery.exhausted") == 0)
    #expect(try await JournalReader(stage.path).checkRebuild() == [])
  }

  /// The rows of `deliveries`.
  private func shown() async throws -> [Row] {
    try await stage.repository.writer.catchUp()
    return try await stage.repository.reader.rows(ReportQuery(.deliveries))
  }

  @Test func `a person who enables it or sends by hand ends its rest`() async throws {
    try await create()
    for number in 1...20 { try await stage.ask(number) }
    let worker = worker()
    try await work(worker)
    stage.always("example.com", 204)
    try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .enable(callback: EngineStage.hook, reason: nil)
    try await work(worker)
    #expect(stage.requests.count == 20)
  }

  @Test func `who rests does not keep what is held to itself`() async throws {
    try await create()
    for number in 1...20 { try await stage.ask(number) }
    let worker = worker()
    try await work(worker)
    try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .disable(callback: EngineStage.hook, reason: nil)
    try await work(worker)
    #expect(try await told("delivery.held") == 10)
  }

  @Test func `a replay says nothing of the health of a callback`() async throws {
    try await create()
    let replay = try await stage.repository.writer.append(
      AppendRequest(
        [
          NewEvent(
            .newReplay,
            .replayRequested(
              ReplayRequested(
                to: EngineStage.hook, mode: .known(.exact), selection: "", selected: [],
                notifications: 30, changes: 30, hasCredentials: false,
                dueAtMs: stage.now.milliseconds)))
        ], at: stage.now)
    ).first
    for number in 1...30 {
      try await stage.ask(number, of: (ReplayID(replay), EngineStage.hook))
    }
    try await work(worker())
    #expect(stage.requests.count == 30)
    #expect(try await told("breaker.opened") == 0)
  }

  @Test func `a receiver that hangs leaves every other one all that it needs`() async throws {
    try await create(("event.notification.callback.url", .string(Self.dead)))
    try await create()
    for number in 1...100 { try await stage.ask(number) }
    for number in 1_001...1_200 { try await stage.ask(number, instance: 2) }
    let gate = Gate()
    let counts = Mutex((dead: 0, live: 0))
    var world = stage.world
    world.perform = { request in
      if request.url == Self.dead {
        counts.withLock { $0.dead += 1 }
        await gate.opened()
        return .failed(NetworkFailure(.timedOut, "it hangs"))
      }
      let isLast = counts.withLock { counts in
        counts.live += 1
        return counts.live == 200
      }
      if isLast { gate.open() }
      return .reply(Reply(status: 204))
    }
    let worker = Worker(
      stage.repository, connector: stage.connector, world: world,
      settings: EngineSettings(retrySchedule: .waits([.seconds(3_600)])))
    try await work(worker)
    // All live ones arrived while it hung: the gate opens with the last of them.
    #expect(counts.withLock { $0.live } == 200)
    #expect(try await told("delivery.succeeded") == 200)
    // Those that were under way then are all that it ever got, and a few until it rests.
    #expect(counts.withLock { $0.dead } <= 24)
  }

  @Test func `many callbacks that rest hide none that does not`() async throws {
    try await create()
    var control = AdmissionControl(attemptsMax: 4)
    let reader = stage.repository.reader
    for number in 1...5 { try await stage.ask(number, instance: InstanceID(Int64(number))) }
    for instance in 1...4 as ClosedRange<Int64> {
      control.breakers["\(instance)"] = Breaker(openUntil: .seconds(60))
      control.set(
        AdmissionControl.Way(url: "\(instance)"), of: instance)
    }
    let (rules, now) = (control, stage.now)
    let found = try await reader.read { snapshot throws(JournalError) in
      var left = rules
      return try snapshot.due([.deliver], at: now, limit: 1) { left.admit($0) }
    }
    #expect(found.map(\.lane) == [5])
  }

  @Test func `no more attempts at once, nor in a second, than an instance says`() async throws {
    try await create(
      ("notification.webhook.concurrency", 2), ("notification.webhook.rate", .string("5")))
    for number in 1...40 { try await stage.ask(number) }
    let seen = Mutex((under: 0, most: 0, times: [Moment]()))
    var world = stage.world
    let now = world.now
    world.perform = { _ in
      seen.withLock { seen in
        seen.under += 1
        seen.most = max(seen.most, seen.under)
        seen.times.append(now())
      }
      await Task.yield()
      seen.withLock { $0.under -= 1 }
      return .reply(Reply(status: 204))
    }
    let worker = Worker(
      stage.repository, connector: stage.connector, world: world, settings: EngineSettings())
    try await work(worker)
    let (_, most, times) = seen.withLock { $0 }
    #expect(times.count == 40 && most <= 2)
    for start in times {
      // One may be early by as much as the one before it was late.
      #expect(times.count { $0 >= start && $0 < start + .seconds(1) } <= 6)
    }
    #expect(try await told("delivery.failed") == 0)
  }

  @Test func `five days of nothing but failure and one given up disable it`() async throws {
    try await create()
    let worker = worker(.waits([.seconds(86_400), .seconds(86_400), .seconds(86_400)]))
    try await stage.ask(1)
    for day in 0..<9 {
      try await work(worker)
      if day < 5 { #expect(try await told("callback.disabled") == 0, "day \(day)") }
      stage.pass(.seconds(86_500))
      try await stage.ask(2 + day)
    }
    #expect(try await told("delivery.exhausted") > 0)
    #expect(try await told("callback.disabled") == 1)
    #expect(try await stage.openNotices().contains("callback-disabled"))
    try await work(worker)
    let before = stage.requests.count
    #expect(try await told("delivery.held") > 3)
    stage.always("example.com", 204)
    try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .enable(callback: EngineStage.hook, reason: "mended")
    #expect(!(try await stage.openNotices().contains("callback-disabled")))
    try await work(worker)
    let released = stage.received(since: before)
    #expect(released.count > 3 && released == released.sorted())
  }

  @Test func `a success in between begins the five days anew`() async throws {
    try await create()
    let worker = worker(.waits([.seconds(3_600)]))
    for day in 0..<12 {
      try await stage.ask(1 + day)
      if day == 4 || day == 8 { stage.answer("example.com", 204) }
      try await work(worker)
      stage.pass(.seconds(3_700))
      try await work(worker)
      stage.pass(.seconds(86_400))
    }
    #expect(try await told("delivery.exhausted") > 3)
    #expect(try await told("callback.disabled") == 0)
  }

  private func worker(_ retries: RetrySchedule) -> Worker { worker(concurrency: 1, retries) }

  @Test
  func `what is queued after one failure waits for a person, with what follows of its object`()
    async throws
  {
    try await create(("notification.webhook.failure.policy", "queue"))
    try await stage.found(["a1", "b1"])
    try await stage.found(["a2"], cursor: "1")
    let worker = worker()
    let all: Set<DueTask.Kind> = [.notify, .deliver]
    try await worker.work(all, until: .nothingDue) { _ in }
    stage.always("example.com", 204)
    try await stage.found(["a3"], cursor: "2")
    try await stage.found(["b2"], cursor: "3")
    try await worker.work(all, until: .nothingDue) { _ in }
    #expect(try await told("delivery.held") == 2)
    #expect(try await told("delivery.succeeded") == 1)
    stage.pass(.seconds(100_000))
    try await worker.recover()
    try await worker.work(all, until: .nothingDue) { _ in }
    #expect(try await told("delivery.succeeded") == 1)
    let before = stage.requests.count
    try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .enable(callback: EngineStage.hook, reason: "mended")
    try await worker.work(all, until: .nothingDue) { _ in }
    let numbers = stage.requests.dropFirst(before).map { request in
      Int(request.headers.first { $0.name == "Daybook-Sequence" }?.value ?? "") ?? 0
    }
    #expect(numbers.count == 2 && numbers == numbers.sorted())
    #expect(try await JournalReader(stage.path).checkRebuild() == [])
  }

  @Test func `an instance has its own schedule and time limits`() async throws {
    try await create(
      ("notification.webhook.retry", "7s"), ("notification.webhook.timeout", "40s"),
      ("notification.webhook.timeout.connect", "2s"))
    try await stage.ask(1)
    let worker = worker()
    try await work(worker)
    let bounds = try #require(stage.requests.first?.bounds)
    #expect(bounds.total == .seconds(40) && bounds.connect == .seconds(2))
    stage.pass(.seconds(9))
    try await work(worker)
    #expect(stage.requests.count == 2)
    #expect(try await told("delivery.exhausted") == 1)
  }

  @Test(arguments: [
    ("concurrency", "0"), ("concurrency", "21"), ("concurrency", "many"), ("rate", "0"),
    ("rate", "1001"), ("timeout", "1ms"), ("timeout", "11m"), ("timeout", "15"),
    ("timeout.connect", "2m"), ("retry", "soon"), ("failure.policy", "drop"),
  ])
  func `a value out of its bounds is refused with its path and says what would do`(
    key: String, value: String
  ) async throws {
    let refusal = await #expect(throws: Refusal.self) {
      try await create(("notification.webhook.\(key)", .string(value)))
    }
    #expect(refusal?.path == "configuration.notification.webhook.\(key)")
    #expect(refusal?.text.contains(value) == true)
    try await create()
    let body: JSON = [
      "configuration": .object(Members([("notification.webhook.\(key)", .string(value))]))
    ]
    await #expect(throws: Refusal.self) { try await stage.instances.update(1, body.bytes()) }
  }
}

/// Lets all through once it is open.
private final class Gate: Sendable {
  private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>]()))

  func open() {
    let waiting = state.withLock { state in
      defer { state = (true, []) }
      return state.waiting
    }
    waiting.forEach { $0.resume() }
  }

  func opened() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}
