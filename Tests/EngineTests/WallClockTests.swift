import Domain
import EventStore
import Events
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Jumps of the wall clock are recorded once each, and nothing else is.
@Suite struct WallClockTests {
  private let stage: EngineStage
  private let world: World
  private let jumped: Jumped

  /// How far the wall clock is from the one that never jumps.
  private final class Jumped: Sendable {
    let by = Mutex(Duration.zero)
  }

  init() throws {
    let (stage, jumped) = (try EngineStage(), Jumped())
    (self.stage, self.jumped) = (stage, jumped)
    var world = stage.world
    world.now = { stage.now + jumped.by.withLock { $0 } }
    self.world = world
  }

  private func jump(_ step: Duration) { jumped.by.withLock { $0 += step } }

  private func steps() async throws -> [Int64] {
    try await stage.events(after: 0).compactMap { row in
      if case .clockStepped(let body) = try row.event() { body.byMs } else { nil }
    }
  }

  @Test func `a clock that is set forward is recorded once`() async throws {
    let clock = WallClock(stage.repository, world: world)
    try await clock.recordStep()
    stage.pass(.seconds(10))
    jump(.seconds(3_600))
    try await clock.recordStep()
    stage.pass(.seconds(10))
    try await clock.recordStep()
    #expect(try await steps() == [3_600_000])
  }

  @Test func `a clock that is set back is recorded, and again when it is set right`() async throws {
    let clock = WallClock(stage.repository, world: world)
    stage.pass(.seconds(7_200))
    try await clock.recordStep()
    jump(.seconds(-3_600))
    try await clock.recordStep()
    jump(.seconds(3_600))
    try await clock.recordStep()
    #expect(try await steps() == [-3_600_000, 3_600_000])
  }

  @Test func `drift below the bound is no step`() async throws {
    let clock = WallClock(stage.repository, world: world)
    try await clock.recordStep()
    for _ in 0..<10 {
      jump(Limits.clockStepMin - .milliseconds(1))
      try await clock.recordStep()
    }
    #expect(try await steps() == [])
  }

  @Test func `a clock that stepped back while nothing ran is held against the log`() async throws {
    stage.pass(.seconds(7_200))
    try await stage.append(("journal", .runStarted(RunStarted(process: 1, daybook: "0"))))
    jump(.seconds(-3_600))
    try await WallClock(stage.repository, world: world).recordStep()
    #expect(try await steps() == [-3_600_000])
    // The next process finds the time where that step left it, though the log stands at the later.
    try await WallClock(stage.repository, world: world).recordStep()
    #expect(try await steps() == [-3_600_000])
  }

  @Test func `what was decided before a step back and recorded after it is no other step`()
    async throws
  {
    let clock = WallClock(stage.repository, world: world)
    try await clock.recordStep()
    stage.pass(.seconds(7_200))
    let decidedAt = world.now()
    jump(.seconds(-3_600))
    try await clock.recordStep()
    let run = RunStarted(process: 1, daybook: "0")
    _ = try await stage.repository.writer.append(
      AppendRequest([NewEvent(.journal, .runStarted(run))], at: decidedAt))
    try await WallClock(stage.repository, world: world).recordStep()
    #expect(try await steps() == [-3_600_000])
  }

  @Test func `a clock that went on while nothing ran has not stepped`() async throws {
    stage.pass(.seconds(864_000))
    try await WallClock(stage.repository, world: world).recordStep()
    #expect(try await steps() == [])
  }
}
