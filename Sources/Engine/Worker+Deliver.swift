import Domain
package import EventStore
package import Events

extension Worker {
  /// Makes one attempt of a delivery that is due, or records why none is made.
  ///
  /// - Returns: nil where the delivery is not open any more, or the task is cancelled: what was
  ///   begun comes to its end, and nothing is begun.
  /// - Throws: `conflict` where somebody changed it meanwhile; then nothing was sent.
  package func deliver(_ stream: StreamName) async throws(JournalError) -> Report? {
    let begun = await deliverer.record(begin: [stream])
    if let failure = begun.failure ?? begun.conflict { throw failure }
    try await completeReplays(of: begun.settled.map(\.stream))
    if let settled = begun.settled.first { return .settled(settled.report) }
    guard let attempt = begun.attempts.first else { return nil }
    // A person may be waiting for it, whether it rests or not.
    let answered = noted(
      AnsweredAttempt(attempt: attempt, outcome: await world.perform(attempt.request)),
      isByHand: true)
    try await wallClock.recordStep()
    let conclusions = try await deliverer.conclusions(
      of: [answered])
    let recorded = await deliverer.record(conclusions)
    if let failure = recorded.failure { throw failure }
    try await completeReplays(of: [stream])
    return recorded.ended.first.map { .attempt($0) }
  }

  /// Skips what is pending of an instance that is deleted, many at a time.
  ///
  /// Goes through it by the names of the deliveries, so that one which somebody changed meanwhile
  /// holds up nothing: it is skipped when its turn comes. Killed anywhere, the rest is still due.
  ///
  /// - Throws: `CancellationError` between two batches; `JournalError`.
  package func skipPending(of instance: InstanceID) async throws {
    var last = StreamName(stored: "")
    while true {
      try Task.checkCancellation()
      let after = last
      let streams = try await repository.reader.read { view throws(JournalError) in
        try view.openDeliveries(of: instance, after: after, limit: Limits.tasksPerRound)
      }
      guard let end = streams.last else { return }
      let recorded = await deliverer.skip(streams)
      if let failure = recorded.failure { throw failure }
      try await completeReplays(of: recorded.settled.map(\.stream))
      last = end
    }
  }

  /// Ends replays whose last delivery was just closed.
  func completeReplays(of streams: [StreamName]) async throws(JournalError) {
    for replay in Set(streams.compactMap(\.replayOfDelivery)).sorted() {
      try await complete(replay)
    }
  }

  /// Ends a replay whose deliveries have all come to an end; nothing where they have not.
  package func complete(_ replay: ReplayID) async throws(JournalError) {
    guard try await replayFeeder.complete(replay) else { return }
    admission.control.forget(replay)
  }

  /// Releases what is held without need where a delivery steps back for it; before it is asked what
  /// is due.
  func releaseWanted() async throws(JournalError) {
    guard deliverer.isReleaseWanted else { return }
    deliverer.isReleaseWanted = false
    try await held.release(isWanted: true)
  }

  /// Has the breaker of a callback take in how an attempt ended.
  func noted(_ answered: AnsweredAttempt, isByHand: Bool = false) -> AnsweredAttempt {
    guard let (url, hasFailed) = answered.health else { return answered }
    admission.control.pass(to: world.uptime())
    var noted = answered
    noted.breaker = admission.control.note(
      hasFailed: hasFailed, to: url, .deliver(answered.attempt.stream), isByHand: isByHand,
      wait: settings.breakerWait)
    return noted
  }

  /// Sends attempts that are recorded; their answers go where all are recorded together.
  func send(_ attempts: [(task: DueTask, attempt: Attempt)]) {
    // What waits for the answers holds no bodies: one slow receiver would keep those of all others.
    let sent = attempts.map { (task: $0.task, attempt: $0.attempt.withoutBody) }
    world.send(attempts.map(\.attempt.request)) { [answers] outcomes in
      answers.add(
        outcomes.map { place, outcome in
          let (task, attempt) = sent[place]
          return (task, AnsweredAttempt(attempt: attempt, outcome: outcome))
        })
    }
  }
}
