import Domain
import EventStore
import Events
import RawJSON
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Changes of one object never overtake each other; the others do as they like.
@Suite struct OrderTests {
  private static func order(_ word: String) -> [(String, JSON)] {
    [("notification.webhook.order", .string(word))]
  }

  /// Delivers what is due, and passes to each retry, for as long as there is any.
  private static func settle(_ stage: EngineStage, _ receiver: Receiver) async throws {
    for _ in 0..<200 {
      try await receiver.worker.work([.notify, .deliver, .replay], until: .nothingDue) { _ in }
      let next = try await stage.repository.reader.read { snapshot throws(JournalError) in
        try snapshot.nextDue([.notify, .deliver, .replay], after: stage.now)
      }
      guard let next else { return }
      stage.pass(next - stage.now)
    }
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `whatever fails, is held, released or killed, no object goes back at the receiver`(
    seed: UInt64
  ) async throws {
    let stage = try EngineStage()
    let receiver = Receiver(stage, seed: seed)
    try await stage.create()
    try await stage.found([])
    var states: [String: Int] = [:]
    for round in 0..<40 {
      for _ in 0..<receiver.draw(0...3) {
        var items: [String] = []
        for object in ["a", "b", "c", "d", "e"] where receiver.draw(0...2) == 0 {
          states[object, default: 0] += 1
          items.append("\(object)\((states[object] ?? 0) % 10)")
        }
        try await stage.found(items, cursor: "S\(round)")
      }
      let replays = Replays(stage.repository, world: stage.world, rules: AddressRules())
      switch receiver.draw(0...5) {
      case 0: try await replays.disable(callback: EngineStage.hook, reason: nil)
      case 1: try await replays.enable(callback: EngineStage.hook, reason: nil)
      case 2:
        // A process that dies in the midst of it, while the next one recovers.
        _ = try await stage.dies(after: receiver.draw(0...12)) { repository, _ in
          try await receiver.worker(repository).work(
            [.notify, .deliver], until: .nothingDue
          ) { _ in }
        }
        try await receiver.worker.recover()
      case 3: stage.pass(.seconds(receiver.draw(1...20)))
      default:
        try await receiver.worker.work([.notify, .deliver], until: .nothingDue) { _ in }
      }
      // What waits for what is the same whichever way it is folded.
      #expect(try await JournalReader(stage.path).checkRebuild() == [])
      if round % 8 == 0 { _ = try await stage.repository.writer.rebuild() }
    }
    receiver.faultPercent = 0
    try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .enable(callback: EngineStage.hook, reason: nil)
    try await receiver.worker.recover()
    try await Self.settle(stage, receiver)
    #expect(receiver.overtaken.isEmpty, "\(receiver.overtaken)")
    let asked = try await stage.requested(since: 0)
    #expect(asked.count > 20 && receiver.accepted.count == asked.count)
  }

  @Test func `a change that fails holds back those of its objects and no other`() async throws {
    let stage = try EngineStage()
    let receiver = Receiver(stage, seed: 1)
    try await stage.create()
    try await stage.found(["a1", "b1"])
    try await stage.found(["a2"], cursor: "1")
    receiver.faultPercent = 100
    try await receiver.worker.work([.notify, .deliver], until: .nothingDue) { _ in }
    receiver.faultPercent = 0
    try await stage.found(["a3", "b2"], cursor: "2")
    try await stage.found(["c1"], cursor: "3")
    try await receiver.worker.work([.notify, .deliver], until: .nothingDue) { _ in }
    // The second tells of b as well, in the same notification.
    #expect(receiver.objects == ["c"])
    try await Self.settle(stage, receiver)
    #expect(Set(receiver.objects) == ["a", "b", "c"] && receiver.overtaken.isEmpty)
  }

  @Test func `with no order the next change of an object does not wait`() async throws {
    let stage = try EngineStage()
    let receiver = Receiver(stage, seed: 1)
    try await stage.create(more: Self.order("none"))
    try await stage.found([])
    try await stage.found(["a1"], cursor: "1")
    receiver.faultPercent = 100
    try await receiver.worker.work([.notify, .deliver], until: .nothingDue) { _ in }
    receiver.faultPercent = 0
    try await stage.found(["a2"], cursor: "2")
    try await receiver.worker.work([.notify, .deliver], until: .nothingDue) { _ in }
    #expect(receiver.objects == ["a"])
    try await Self.settle(stage, receiver)
    #expect(!receiver.overtaken.isEmpty)
  }

  @Test func `in strict order one is sent at a time, is never given up, and can be skipped`()
    async throws
  {
    let stage = try EngineStage()
    let receiver = Receiver(stage, seed: 1)
    receiver.schedule = .waits([.seconds(1)])
    try await stage.create(more: Self.order("strict"))
    try await stage.found([])
    for (place, item) in ["a1", "b1", "c1"].enumerated() {
      try await stage.found([item], cursor: "\(place)")
    }
    receiver.faultPercent = 100
    for _ in 0..<10 {
      try await receiver.worker.work([.notify, .deliver], until: .nothingDue) { _ in }
      stage.pass(.seconds(2))
    }
    #expect(Set(receiver.asked) == ["a"] && receiver.asked.count == 10)
    let first = try #require(try await stage.requested(since: 0).first)
    let position = try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .skip(.delivery(first.delivery), reason: "sent by mail")
    let skipped = try await stage.events(after: position - 1).first?.event()
    guard case .deliverySkipped(let body)? = skipped else {
      Issue.record("\(String(describing: skipped))")
      return
    }
    #expect(body.reason == .known(.asked) && body.text == "sent by mail")
    receiver.faultPercent = 0
    try await Self.settle(stage, receiver)
    #expect(receiver.objects == ["b", "c"])
  }

  @Test func `what is closed or under way cannot be skipped`() async throws {
    let stage = try EngineStage()
    let receiver = Receiver(stage, seed: 1)
    try await stage.create()
    try await stage.ask(1)
    try await receiver.worker.work([.deliver], until: .nothingDue) { _ in }
    let replays = Replays(stage.repository, world: stage.world, rules: AddressRules())
    await #expect(throws: Refusal.self) { _ = try await replays.skip("delivery/1", reason: nil) }
    try await stage.ask(2)
    let deliverer = Deliverer(stage.repository, world: stage.world, settings: EngineSettings())
    _ = await deliverer.record(begin: ["delivery/2"])
    await #expect(throws: Refusal.self) { _ = try await replays.skip("delivery/2", reason: nil) }
  }

  @Test func `an exact replay keeps the order of each object as well`() async throws {
    let stage = try EngineStage()
    let receiver = Receiver(stage, seed: 3)
    try await stage.create(more: Self.order("none"))
    try await stage.found([])
    for number in 1...9 { try await stage.found(["a\(number)"], cursor: "\(number)") }
    try await Self.settle(stage, receiver)
    #expect(receiver.accepted.count == 9)
    receiver.forget()
    receiver.faultPercent = 60
    try await stage.repository.writer.catchUp()
    let other = "https://example.com/other"
    let chosen = try await Replays.selectExact(
      ReportQuery(.deliveries), for: other, from: stage.repository.reader)
    let order = Replays.Order(
      url: other, mode: .exact, rate: nil, concurrency: nil, hasCredentials: false, reason: nil)
    _ = try await Replays(stage.repository, world: stage.world, rules: AddressRules())
      .request(chosen, order)
    try await Self.settle(stage, receiver)
    #expect(receiver.accepted.count == 9 && receiver.overtaken.isEmpty)
    #expect(try await stage.told(since: 0).contains { $0.hasPrefix("replay.completed") })
  }

  @Test func `polls are told of one after the other, whatever the clock says of them`()
    async throws
  {
    let stage = try EngineStage()
    let receiver = Receiver(stage, seed: 1)
    try await stage.create()
    try await stage.found([])
    try await stage.found(["a1"], cursor: "1")
    // Too little to be recorded as a step.
    stage.pass(.seconds(-20))
    try await stage.found(["a2"], cursor: "2")
    stage.pass(.seconds(-1))
    let sequences = try await { () async throws -> [Int64] in
      let later = try #require(
        try await stage.events(after: 0).last { $0.type == PollCompleted.type })
      _ = try await stage.notifier.notify(later.position)
      return try await stage.requested(since: 0).map(\.sequence)
    }()
    #expect(sequences.count == 2 && sequences == sequences.sorted())
    stage.pass(.seconds(60))
    try await Self.settle(stage, receiver)
    #expect(receiver.accepted.count == 2 && receiver.overtaken.isEmpty)
  }

  @Test func `another order than these is refused with its path`() async throws {
    let stage = try EngineStage()
    let refusal = await #expect(throws: Refusal.self) {
      try await stage.create(more: Self.order("fifo"))
    }
    #expect(refusal?.path == "configuration.notification.webhook.order")
  }
}

extension EngineStage {
  fileprivate func create(more: [(String, JSON)]) async throws {
    try await create([(Self.primary, "/" + Self.primary)], more)
  }
}

/// A receiver that fails as a seed has it, and notes what it took first and in which order.
private final class Receiver: Sendable {
  private let stage: EngineStage
  private let state: Mutex<State>

  private struct State {
    var random: Chance
    var faultPercent: UInt64 = 40
    var schedule = RetrySchedule.waits([Duration](repeating: .seconds(3), count: 40))
    var newest: [String: Int] = [:]
    var accepted: Set<String> = []
    var overtaken: [String] = []
    var objects: [String] = []
    var asked: [String] = []
  }

  init(_ stage: EngineStage, seed: UInt64) {
    self.stage = stage
    state = Mutex(State(random: Chance(state: seed)))
  }

  var faultPercent: Int {
    get { state.withLock { Int($0.faultPercent) } }
    set { state.withLock { $0.faultPercent = UInt64(newValue) } }
  }

  var schedule: RetrySchedule {
    get { state.withLock { $0.schedule } }
    set { state.withLock { $0.schedule = newValue } }
  }

  /// The notifications that were taken, by delivery.
  var accepted: Set<String> { state.withLock { $0.accepted } }
  /// The objects that were taken after a newer state of them.
  var overtaken: [String] { state.withLock { $0.overtaken } }
  /// The objects in the order in which they were taken.
  var objects: [String] { state.withLock { $0.objects } }
  /// The objects of all requests.
  var asked: [String] { state.withLock { $0.asked } }

  func forget() {
    state.withLock { state in
      state.newest = [:]
      state.accepted = []
      state.objects = []
      state.overtaken = []
    }
  }

  func draw(_ range: ClosedRange<Int>) -> Int {
    state.withLock { Int.random(in: range, using: &$0.random) }
  }

  var worker: Worker { worker(stage.repository) }

  func worker(_ repository: Repository) -> Worker {
    var world = stage.world
    let outside = world.perform
    world.perform = { request in
      request.reach == .callback ? self.answer(request) : await outside(request)
    }
    return Worker(
      repository, connector: stage.connector, world: world,
      settings: EngineSettings(retrySchedule: schedule))
  }

  private func answer(_ request: Request) -> Outcome {
    func header(_ name: String) -> String { request.headers.first { $0.name == name }?.value ?? "" }
    let events = (try? JSON.parse(request.body))?["message"]?["events"]?.elements ?? []
    let names = events.compactMap { $0["objectId"]?.text }
    let sequence = Int(header("Daybook-Sequence")) ?? 0
    let id = header("webhook-id")
    return state.withLock { state in
      state.asked += names
      let fails = UInt64.random(in: 0..<100, using: &state.random) < state.faultPercent
      if fails {
        return Bool.random(using: &state.random)
          ? .reply(Reply(status: 503)) : .failed(NetworkFailure(.reset, "as it may be"))
      }
      if state.accepted.insert(id).inserted {
        state.objects += names
        for name in names {
          if sequence < state.newest[name] ?? 0 { state.overtaken.append("\(name) \(sequence)") }
          state.newest[name] = max(sequence, state.newest[name] ?? 0)
        }
      }
      return .reply(Reply(status: 204))
    }
  }
}

/// SplitMix64.
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
