import Domain
import EventStore
import Events

/// Makes attempts, many at once: it records what is about to be sent, and what came of it, each for
/// all that are at hand in one append. Sending is its caller's.
///
///     answered ──▶ delivery.succeeded, failed, … ┐ in one transaction
///     due ──▶ delivery.attempted ────────────────┤ ──▶ sent, each by itself
///        └──▶ skipped or held, where it must be ─┘
///
/// Lives inside the worker: what it remembers is the worker's.
final class Deliverer {
  let repository: Repository
  let world: World
  let settings: EngineSettings
  /// Told how deliveries are to be made as instances change; nil: by itself.
  private(set) var admission: Admission?
  /// Instances that attempts were made for lately.
  var knownInstances: [InstanceID: KnownInstance] = [:]
  /// Where attempts were made to lately.
  private var knownURLs: [String: KnownURL] = [:]
  /// Deliveries that have let others go first.
  private var steppedBack: Set<StreamName> = []
  /// True where a delivery waits for others to be released first.
  var isReleaseWanted = false

  init(
    _ repository: Repository, world: World, settings: EngineSettings,
    admission: Admission? = nil
  ) {
    self.repository = repository
    self.admission = admission
    self.world = world
    self.settings = settings
  }

  /// The attempts that were begun and ended by one append.
  struct Recorded: Sendable {
    /// Recorded, and to be sent: each of them once.
    var attempts: [Attempt] = []
    /// Reports of attempts whose outcomes are recorded.
    var ended: [AttemptReport] = []
    /// Deliveries that came to rest without an attempt.
    var settled: [(stream: StreamName, report: AttemptReport)] = []
    /// Why one that is due was left as it is: somebody changed it meanwhile.
    var conflict: JournalError?
    /// Why something could not be recorded; `attempts` were all the same, and are to be sent.
    var failure: JournalError?
    /// True where it changed what other deliveries depend on.
    var concernsOthers = false
  }

  /// The next thing to do for one delivery.
  enum Step: Sendable {
    case send(Attempt, AppendRequest)
    case settle(DeliveryFacts, Obstacle, AppendRequest)

    var stream: StreamName {
      switch self {
      case .send(let attempt, _): attempt.stream
      case .settle(let facts, _, _): facts.stream
      }
    }

    var append: AppendRequest {
      switch self {
      case .send(_, let append), .settle(_, _, let append): append
      }
    }
  }

  /// Attempts that have ended and others that begin, to be recorded in one transaction, in that
  /// order.
  ///
  /// Nothing is sent of it before it is recorded, and nothing that `take` does not tell of: a crash
  /// after that shows as `delivery.unknown`, and the same id is sent again.
  struct Batch: Sendable {
    var conclusions: [Conclusion] = []
    var steps: [Step] = []

    var isEmpty: Bool { conclusions.isEmpty && steps.isEmpty }

    /// Takes out what the next append records: what has ended, and the first of what begins. Half
    /// of all attempts are recorded while the other half is under way: all at once, they would wait
    /// together for the disk, and together for their receivers.
    mutating func next(stepsMax: Int) -> Batch {
      defer {
        conclusions = []
        steps = Array(steps.dropFirst(stepsMax))
      }
      return Batch(conclusions: conclusions, steps: Array(steps.prefix(stepsMax)))
    }

    /// Has each conclusion look anew at what it depends on, which was changed meanwhile.
    mutating func separate() {
      for place in conclusions.indices { conclusions[place].isAlone = true }
    }

    /// Those that depend on nothing else.
    fileprivate var together: [Conclusion] { conclusions.filter { !$0.isAlone } }

    /// Records it, but for the conclusions that depend on other streams; those `take` records.
    var requests: [AppendRequest] { together.map(\.append) + steps.map(\.append) }
  }

  /// Records what came of attempts, and then the attempts of deliveries that are due, or why none
  /// is made.
  ///
  /// A task that is cancelled begins nothing. What is not due any more is passed over.
  nonisolated(nonsending) func record(
    _ conclusions: [Conclusion] = [], begin streams: [StreamName] = []
  ) async -> Recorded {
    var batch = Batch(conclusions: conclusions)
    var failure: JournalError?
    do {
      batch.steps = try await steps(of: streams)
    } catch {
      failure = error
    }
    var recorded = await take(repository.writer.append(batch.requests), of: batch)
    recorded.failure = recorded.failure ?? failure
    return recorded
  }

  /// Takes in how `requests` of a batch were answered, and records the rest of it.
  nonisolated(nonsending) func take(
    _ results: [Result<AppendResult, JournalError>], of batch: Batch
  ) async -> Recorded {
    var recorded = Recorded()
    let together = batch.together
    var alone = batch.conclusions.filter(\.isAlone)
    for (conclusion, result) in zip(together, results) {
      switch result {
      case .success: recorded.ended.append(conclusion.report)
      case .failure(.conflict): alone.append(conclusion)
      case .failure(let error): recorded.failure = recorded.failure ?? error
      }
    }
    take(results.dropFirst(together.count), of: batch.steps, &recorded)
    for conclusion in alone { await record(alone: conclusion, &recorded) }
    recorded.concernsOthers = !alone.isEmpty
    return recorded
  }

  /// Skips deliveries whose instance is deleted, all in one transaction; others stay as they are.
  nonisolated(nonsending) func skip(_ streams: [StreamName]) async -> Recorded {
    var recorded = Recorded()
    do {
      let steps = zip(streams, try await facts(of: streams)).compactMap { stream, facts in
        facts.flatMap { $0.known.ends($0.requested) ? step(of: stream, $0) : nil }
      }
      take(await repository.writer.append(steps.map(\.append))[...], of: steps, &recorded)
    } catch {
      recorded.failure = error
    }
    return recorded
  }

  private func take(
    _ results: ArraySlice<Result<AppendResult, JournalError>>, of steps: [Step],
    _ recorded: inout Recorded
  ) {
    for (step, result) in zip(steps, results) {
      switch (result, step) {
      case (.success(let appended), .send(var attempt, _)):
        attempt.position = appended.first
        recorded.attempts.append(attempt)
      case (.success(let appended), .settle(let facts, let obstacle, _)):
        recorded.settled.append((facts.stream, obstacle.report(facts, at: appended.first)))
      case (.failure(let error), _):
        if case .conflict = error {
          recorded.conflict = error
        } else {
          recorded.failure = recorded.failure ?? error
        }
      }
    }
  }

  /// Decides what is next for deliveries that are due; those for which there is nothing to do now
  /// are left out.
  nonisolated(nonsending) func steps(
    of streams: [StreamName]
  ) async throws(JournalError) -> [Step] {
    guard !streams.isEmpty else { return [] }
    return zip(streams, try await facts(of: streams)).compactMap { step(of: $0, $1) }
  }

  /// - Returns: nil where there is nothing to do for it now.
  private func step(of stream: StreamName, _ facts: DeliveryFacts?) -> Step? {
    guard let facts else {
      steppedBack.remove(stream)
      return nil
    }
    let delivery = facts.loaded.delivery
    guard delivery.status != .held || facts.known.ends(facts.requested) else { return nil }
    if let obstacle = self.obstacle(facts) {
      steppedBack.remove(stream)
      return obstacle.append(facts, at: world.now()).map { .settle(facts, obstacle, $0) }
    }
    guard let url = facts.url, let body = facts.body, !Task.isCancelled,
      !stepsBack(stream, isBehind: facts.isBehindHeld && !facts.isBehindQueued)
    else { return nil }
    if let obstacle = delivery.obstacle(behind: facts.heldAhead) {
      return obstacle.append(facts, at: world.now()).map { .settle(facts, obstacle, $0) }
    }
    let (attempt, append) = self.attempt(facts, url: url, body: body)
    return .send(attempt, append)
  }

  /// Looks a URL up by itself; the answer is the same as long as the process lives.
  func known(url: String) -> KnownURL {
    if let known = knownURLs[url] { return known }
    let known = KnownURL(
      // A URL that leads nowhere is skipped.
      host: (try? Origin(of: url))?.authority ?? "",
      refusal: settings.rules.refusal(ofCallbackURL: url))
    if knownURLs.count >= Limits.knownInstancesMax { knownURLs = [:] }
    knownURLs[url] = known
    return known
  }

  /// True where a delivery lets others go first, which were made earlier and are still held for
  /// what is over: a person has enabled their callback, or brought the key back, and nobody has
  /// released them yet.
  ///
  /// - Parameter isBehind: Whether something older is held that goes the same way.
  private func stepsBack(_ stream: StreamName, isBehind: Bool) -> Bool {
    // Once: nothing may keep it back for ever.
    guard isBehind, steppedBack.insert(stream).inserted else {
      steppedBack.remove(stream)
      return false
    }
    isReleaseWanted = true
    return true
  }
}

/// A URL as attempts need it.
struct KnownURL: Sendable {
  /// Goes into the header `Host`.
  let host: String
  /// Why nothing may be sent there; nil where it may.
  let refusal: String?
}

/// An attempt that is recorded.
struct Attempt: Sendable {
  let stream: StreamName
  /// As it stands since the attempt was recorded.
  let delivery: Delivery
  let settings: DeliverySettings
  let url: String
  var request: Request
  /// Masks the instance's secrets in the answer.
  let redaction: Redaction
  /// Position of its `delivery.attempted`; 0 until it is recorded.
  var position: Int64 = 0

  /// The same with nothing left to send.
  var withoutBody: Attempt {
    var attempt = self
    attempt.request.body = []
    return attempt
  }
}

/// An attempt with what came of it.
struct AnsweredAttempt: Sendable {
  let attempt: Attempt
  let outcome: Outcome
  /// Its meaning for the breaker of its callback; nil: none.
  var breaker: Breaker.Change?

  init(attempt: Attempt, outcome: Outcome) {
    self.attempt = attempt
    self.outcome = outcome
  }

  /// The callback whose health it tells of, and what it tells; nil for a replay, and where it says
  /// nothing of the receiver.
  var health: (url: String, hasFailed: Bool)? {
    guard attempt.delivery.requested?.replay == nil else { return nil }
    switch outcome {
    case .reply(let reply): return (attempt.url, !(200..<300).contains(reply.status))
    case .failed(let failure):
      let isOurs = failure.kind == .cancelled || failure.kind == .blocked
      return isOurs ? nil : (attempt.url, true)
    }
  }

  /// True where the receiver said anything. Where it was cut, it may have been about to.
  var isAnswered: Bool {
    if case .failed(let failure) = outcome { failure.kind == .cancelled } else { true }
  }
}
