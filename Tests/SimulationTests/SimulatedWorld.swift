import Domain
import Engine
import EventStore
import Events
import Synchronization

/// Everything outside of the engine, drawn from one seed: time, chance, network, and sudden death.
final class SimulatedWorld: Sendable {
  struct State {
    var clock = SimulatedClock()
    var google: SimulatedGoogle
    var receiver: SimulatedReceiver
    /// What the world draws; what the engine draws is apart.
    var random: SeededRandom
    var chance: SeededRandom
    /// Appends out of a thousand that the process does not survive.
    var deathPermille = 0
    /// Whether latencies are long and answers go wrong.
    var isRough = false
    var dead: Set<Int> = []
    var deaths = 0
    var sleepers = 0
    var run: Task<Void, Never>?
    /// Who naps, and out of a thousand answers how many wake him: what he does then meets what the
    /// engine does with the answer.
    var napper: Int?
    var nudgePermille = 0
  }

  let state: Mutex<State>
  /// Runs what the engine does, in the order that the seed says.
  private let executor: SeededExecutor

  init(random: SeededRandom, on executor: SeededExecutor) {
    self.executor = executor
    var random = random
    state = Mutex(
      State(
        google: SimulatedGoogle(random: random.fork()),
        receiver: SimulatedReceiver(random: random.fork()), random: random.fork(),
        chance: random.fork()))
  }

  var now: Moment { state.withLock { $0.clock.now } }
  var uptime: Duration { state.withLock { $0.clock.uptime } }

  func draw<Answer>(_ work: (inout SeededRandom) -> Answer) -> Answer {
    state.withLock { state in
      var random = state.random
      defer { state.random = random }
      return work(&random)
    }
  }

  /// The world as one process sees it.
  func seen(by process: Int) -> World {
    World(
      now: { self.now }, uptime: { self.uptime }, sleep: { await self.sleep($0) },
      chance: { self.state.withLock { $0.chance.next() } },
      perform: { await self.perform($0, by: process) },
      start: { [executor] work in Task(executorPreference: executor) { await work() } })
  }

  // MARK: Time

  func sleep(_ wait: Duration, isNap: Bool = false) async {
    let number = state.withLock { state in
      state.sleepers += 1
      if isNap { state.napper = state.sleepers }
      return state.sleepers
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { wake in
        let instead = state.withLock { $0.clock.add(number, for: wait, wake) }
        instead?.resume()
      }
    } onCancel: {
      let wake = state.withLock { $0.clock.cancel(number) }
      wake?.resume()
    }
    state.withLock { $0.clock.forget(number) }
  }

  private func nudge() {
    let wake = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let napper = state.napper, state.random.happens(permille: state.nudgePermille) else {
        return nil
      }
      state.napper = nil
      return state.clock.cancel(napper)
    }
    wake?.resume()
  }

  /// Moves time on to the next sleeper.
  ///
  /// - Returns: Whether anybody slept.
  func advance() -> Bool {
    let wake = state.withLock { state in
      var random = state.random
      defer { state.random = random }
      return state.clock.advance(&random)
    }
    wake?.resume()
    return wake != nil
  }

  // MARK: Death

  func isDead(_ process: Int) -> Bool { state.withLock { $0.dead.contains(process) } }

  /// Whether a process dies now; one that is dead stays so, whatever it still tries.
  func dies(_ process: Int) -> Bool {
    let (isDead, run) = state.withLock { state -> (Bool, Task<Void, Never>?) in
      if state.dead.contains(process) { return (true, nil) }
      guard state.random.happens(permille: state.deathPermille) else { return (false, nil) }
      state.dead.insert(process)
      state.deaths += 1
      return (true, state.run)
    }
    run?.cancel()
    return isDead
  }

  // MARK: Network

  private func perform(_ request: Request, by process: Int) async -> Outcome {
    let (before, after) = latency()
    let total = request.bounds.total
    await sleep(min(before, total))
    // What is dead or told to stop sends nothing any more.
    if isDead(process) || Task.isCancelled { return failure(.cancelled) }
    guard before < total else { return failure(.timedOut) }
    let outcome = state.withLock { state in
      switch request.reach {
      case .provider: state.google.answer(request, at: state.clock.uptime)
      case .callback: state.receiver.answer(request)
      }
    }
    await sleep(min(after, total - before))
    nudge()
    if isDead(process) || Task.isCancelled { return failure(.cancelled) }
    return before + after < total ? outcome : failure(.timedOut)
  }

  private func latency() -> (Duration, Duration) {
    state.withLock { state in
      func one() -> Duration {
        let longest = state.isRough ? [80, 80, 80, 80, 900, 900, 9_000, 90_000] : [80]
        return .milliseconds(state.random.number(1...(state.random.pick(longest) ?? 80)))
      }
      return (one(), one())
    }
  }

  private func failure(_ kind: NetworkFailure.Kind) -> Outcome {
    .failed(NetworkFailure(kind, "the simulation says so"))
  }
}
