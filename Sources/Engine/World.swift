package import Domain
package import EventStore
package import Events

/// Everything outside: time, chance, network. Nothing else in the engine may call them.
package struct World: Sendable {
  /// The wall clock.
  package var now: @Sendable () -> Moment
  /// A clock that never jumps, from any start.
  package var uptime: @Sendable () -> Duration
  /// Waits; ends early when the task is cancelled.
  package var sleep: @Sendable (Duration) async -> Void
  /// 64 random bits.
  package var chance: @Sendable () -> UInt64
  /// Carries a request out, to its end also where the task is cancelled meanwhile.
  package var perform: @Sendable (Request) async -> Outcome
  /// Carries many out at once, where that costs less than each by itself; nil: it does not.
  package var performAll: (@Sendable ([Request], @escaping Receiver) -> Void)?
  /// Ends what is under way: with `.cancelled` where no status has come.
  package var cut: @Sendable () -> Void
  /// Begins what nobody waits for.
  package var start: @Sendable (@escaping @Sendable () async -> Void) -> Void

  /// Takes what came of requests, each by its place among those that were sent together.
  package typealias Receiver = @Sendable ([(place: Int, outcome: Outcome)]) -> Void

  package init(
    now: @escaping @Sendable () -> Moment, uptime: @escaping @Sendable () -> Duration,
    sleep: @escaping @Sendable (Duration) async -> Void,
    chance: @escaping @Sendable () -> UInt64,
    perform: @escaping @Sendable (Request) async -> Outcome,
    performAll: (@Sendable ([Request], @escaping Receiver) -> Void)? = nil,
    cut: @escaping @Sendable () -> Void = {},
    start: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void = { work in
      Task { await work() }
    }
  ) {
    self.now = now
    self.uptime = uptime
    self.sleep = sleep
    self.chance = chance
    self.perform = perform
    self.performAll = performAll
    self.cut = cut
    self.start = start
  }

  /// Carries requests out, each to its end, and does not wait: `receive` is told of each once, of
  /// several at a time where they end together.
  package func send(_ requests: [Request], _ receive: @escaping Receiver) {
    guard !requests.isEmpty else { return }
    if let performAll { return performAll(requests, receive) }
    for (place, request) in requests.enumerated() {
      start { [perform] in receive([(place, await perform(request))]) }
    }
  }

  /// Carries a request out, unless the task is cancelled: what was begun comes to its end, and
  /// nothing is begun.
  nonisolated(nonsending) func begin(_ request: Request) async -> Outcome {
    if Task.isCancelled {
      return .failed(NetworkFailure(.cancelled, "Stopped before it was sent"))
    }
    return await perform(request)
  }

  /// A number from 0 up to 1.
  package func fraction() -> Double { Double(chance() >> 11) / Double(1 << 53) }

  /// Random bytes, for keys, salts and names.
  package func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      withUnsafeBytes(of: chance()) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
  }
}

/// Settings that a caller may give.
package struct EngineSettings: Sendable {
  package var retrySchedule: RetrySchedule
  /// For one attempt.
  package var timeout: Duration
  /// Attempts in flight.
  package var concurrency: Int
  package var rules: AddressRules
  /// How the program calls itself in `run.started`.
  package var version: String
  package var process: Int64
  /// How long the engine sleeps at most before it looks whether another process appended.
  package var idleWait: Duration
  /// In place of every instance's own interval, for feeds opened or changed meanwhile; for tests.
  package var interval: Duration?
  /// Failures in a row after which a feed is disabled.
  package var failuresMax: Int
  /// How deliveries are made of instances that do not say otherwise.
  package var delivery = DeliverySettings()
  /// How long after a failure a callback that rests is asked again.
  package var breakerWait = Limits.breakerWait
  /// How long a callback has to fail, and nothing else, until it is disabled.
  package var disableAfter = Limits.disableAfter
  /// Pages of a long poll after which it notes from where it can be gone on with.
  package var pagesPerCheckpoint = Limits.pagesPerCheckpoint
  /// How long evidence is kept, by its use; what is not named stays.
  package var retention: [PayloadUse: Duration] = [:]

  package init(
    retrySchedule: RetrySchedule = .standard, timeout: Duration = Limits.attemptTimeout,
    concurrency: Int = Limits.attemptsInFlight, rules: AddressRules = AddressRules(),
    version: String = "0", process: Int64 = 0, idleWait: Duration = Limits.idleWait,
    interval: Duration? = nil, failuresMax: Int = Limits.failuresMax
  ) {
    self.retrySchedule = retrySchedule
    self.timeout = timeout
    self.concurrency = concurrency
    self.rules = rules
    self.version = version
    self.process = process
    self.idleWait = idleWait
    self.interval = interval
    self.failuresMax = failuresMax
  }

  /// How the deliveries of an instance are made.
  package func delivery(of instance: InstanceSettings?) -> DeliverySettings {
    var program = delivery
    program.retrySchedule = retrySchedule
    program.timeout = timeout
    return instance.map { program.with($0.configuration) } ?? program
  }

  /// How long to wait between two polls of an instance's feeds.
  package func interval(of instance: InstanceSettings) -> Duration {
    interval ?? .seconds(instance.intervalMinutes * 60)
  }
}
