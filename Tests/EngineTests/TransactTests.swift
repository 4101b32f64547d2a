import Domain
import EventStore
import Events
import Glibc
import Synchronization
import Testing

@testable import Engine

/// What is decided on a view of the journal is appended only while that view still holds.
@Suite struct TransactTests {
  private let stage: EngineStage
  private let other: Repository
  private static let url = EngineStage.hook
  private static let stream = StreamName.callback(EngineStage.hook)

  init() throws {
    stage = try EngineStage()
    other = try stage.repository(JournalWriter.Hooks())
  }

  private static func disabling(_ reason: String) -> NewEvent {
    NewEvent(stream, .callbackDisabled(CallbackDisabled(url: url, reason: reason)))
  }

  /// Has another process append, and waits for it on this thread: a view is open here.
  private static func appended(_ newEvent: NewEvent, to other: Repository, at now: Moment) {
    let isDone = Atomic(false)
    Task { @MainActor in
      _ = try? await other.writer.append(AppendRequest([newEvent], at: now))
      isDone.store(true, ordering: .releasing)
    }
    while !isDone.load(ordering: .acquiring) { sched_yield() }
  }

  private func reasons() async throws -> [String?] {
    try await stage.events(after: 0).filter { $0.stream == Self.stream }.map { row in
      if case .callbackDisabled(let body) = try row.event() { body.reason } else { nil }
    }
  }

  @Test func `where another writer comes between, it is decided again on what that one wrote`()
    async throws
  {
    let calls = Mutex(0)
    let (other, now) = (other, stage.now)
    let (appended, seen) = try await stage.repository.transact([Self.stream], in: stage.world) {
      view, moment in
      let call = calls.withLock { calls in
        calls += 1
        return calls
      }
      let seen = try view.callback(Self.url).reason ?? "enabled"
      if call == 1 { Self.appended(Self.disabling("theirs"), to: other, at: now) }
      return Decision(AppendRequest([Self.disabling("after \(seen)")], at: moment), answer: seen)
    }
    #expect(calls.withLock { $0 } == 2)
    #expect(appended != nil && seen == "theirs")
    #expect(try await reasons() == ["theirs", "after theirs"])
  }

  @Test func `another stream that moves meanwhile is no conflict`() async throws {
    let calls = Mutex(0)
    let (other, now) = (other, stage.now)
    _ = try await stage.repository.transact([Self.stream], in: stage.world) { _, moment in
      calls.withLock { $0 += 1 }
      let url = "https://example.com/else"
      let event = Event.callbackDisabled(CallbackDisabled(url: url, reason: "theirs"))
      Self.appended(NewEvent(StreamName.callback(url), event), to: other, at: now)
      return Decision(AppendRequest([Self.disabling("ours")], at: moment))
    }
    #expect(calls.withLock { $0 } == 1)
    #expect(try await reasons() == ["ours"])
  }

  @Test func `a stream that the decision adds has to stand still as well`() async throws {
    let calls = Mutex(0)
    let (other, now) = (other, stage.now)
    _ = try await stage.repository.transact([], in: stage.world) { view, moment in
      let isFirst = calls.withLock { calls in
        calls += 1
        return calls == 1
      }
      let version = try view.version(of: Self.stream)
      if isFirst { Self.appended(Self.disabling("theirs"), to: other, at: now) }
      return Decision(
        AppendRequest([Self.disabling("ours")], expecting: [Self.stream: version], at: moment))
    }
    #expect(calls.withLock { $0 } == 2)
    #expect(try await reasons() == ["theirs", "ours"])
  }

  @Test func `past the bound it gives up, and nothing was written`() async throws {
    let calls = Mutex(0)
    let (other, now) = (other, stage.now)
    await #expect(throws: JournalError.busy(path: stage.repository.writer.path)) {
      _ = try await stage.repository.transact([Self.stream], in: stage.world) { _, moment in
        calls.withLock { $0 += 1 }
        Self.appended(Self.disabling("theirs"), to: other, at: now)
        return Decision(AppendRequest([Self.disabling("ours")], at: moment))
      }
    }
    #expect(calls.withLock { $0 } == Limits.conflictsMax)
    #expect(try await reasons().allSatisfy { $0 == "theirs" })
  }

  @Test func `a refusal is thrown as it is, without another try`() async throws {
    let calls = Mutex(0)
    await #expect(throws: Refusal.self) {
      _ = try await stage.repository.transact([Self.stream], in: stage.world) {
        _, _ -> Decision<Void> in
        calls.withLock { $0 += 1 }
        throw Refusal(.conflict, "no")
      }
    }
    #expect(calls.withLock { $0 } == 1)
  }

  @Test func `a decision for nothing appends nothing`() async throws {
    let head = try await stage.head()
    let (appended, answer) = try await stage.repository.transact([Self.stream], in: stage.world) {
      _, moment in Decision(AppendRequest([], at: moment), answer: 7)
    }
    #expect(appended == nil && answer == 7)
    #expect(try await stage.head() == head)
  }

  @Test func `a person who enables a callback and one who disables it meanwhile are both told`()
    async throws
  {
    let replays = Replays(stage.repository, world: stage.world, rules: AddressRules())
    try await replays.disable(callback: Self.url, reason: "first")
    // Disabled already: nothing more is said.
    let head = try await stage.head()
    try await Replays(other, world: stage.world, rules: AddressRules())
      .disable(callback: Self.url, reason: "second")
    #expect(try await stage.head() == head)
    try await Replays(other, world: stage.world, rules: AddressRules())
      .enable(callback: Self.url, reason: "third")
    try await replays.disable(callback: Self.url, reason: "fourth")
    #expect(try await reasons() == ["first", nil, "fourth"])
  }
}
