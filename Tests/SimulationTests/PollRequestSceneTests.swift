import Domain
import Engine
import EventStore
import Events
import Synchronization
import Testing

/// Polls that somebody asked for: what they name as their cause, and what is said when left out.
@Suite struct PollRequestSceneTests {
  @Test func `a poll names what asked for it, and what dropped its cursor`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process)
      let opened = try await play.rows(repository).first {
        $0.type == FeedOpened.type && $0.stream == .feed(1)
      }
      try await play.expect(opened?.position, "the baseline", worker, repository)
      try await play.expect(nil, "on schedule", worker, repository)
      _ = try await play.pollRequest(repository)
      let pollRequest = try await play.pollRequest(repository)
      try await play.expect(pollRequest, "asked for twice", worker, repository)
      try await play.expect(nil, "after it", worker, repository)
      let dropped = try await play.drop(repository)
      try await play.expect(dropped, "dropped", worker, repository)
      let late = try await play.drop(repository)
      try await play.expect(
        try await play.pollRequest(repository), "dropped, then asked for", worker, repository)
      play.world.state.withLock { $0.google.expireCursors() }
      let before = try await play.pollRequest(repository)
      _ = try await worker.poll(1, isForced: true)
      let rows = try await play.rows(repository).filter { $0.position > max(late, before) }
      let expired = rows.first { $0.type == CursorExpired.type }
      let poll = rows.first { $0.type == PollCompleted.type }
      if expired?.cause != before || expired == nil || poll?.cause != expired?.position {
        play.note("\(rows)")
      }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a wish ends with the feed that it was made of`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process)
      _ = try await worker.poll(1)
      _ = try await play.pollRequest(repository)
      let stream = StreamName.instance(1)
      for event: Event in [
        .instanceDisabled(InstanceDisabled(instance: 1, reason: "a person asked")),
        .instanceEnabled(InstanceEnabled(instance: 1, reason: "a person asked")),
      ] {
        try await play.append([event], to: stream, repository)
      }
      try await play.expect(nil, "after the instance was disabled", worker, repository)
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a poll by hand is due to nobody's wish`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process)
      _ = try await worker.poll(1)
      _ = try await play.pollRequest(repository)
      var poll = try await worker.beginByHand(1)
      while await worker.nextRequest(of: poll) != nil {
        guard case .page = try await worker.fetchByHand(&poll) else { break }
      }
      let accepted = try await worker.accept(poll.run)
      let event = try await play.rows(repository).first { $0.position == accepted?.position }
      if event == nil || event?.cause != nil { play.note("\(event as Any)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a poll that is left out says when the next is due, and until when`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process) { request, perform in
        guard request.url.contains("/events?") else { return await perform(request) }
        return .reply(
          Reply(status: 429, headers: [Header("Retry-After", "600")], body: [], address: ""))
      }
      let failed = try await worker.poll(1)
      try await play.expectLeftOut(until: failed.nextAt, worker, repository)
      // A reset makes it due at once, and the provider is left alone all the same.
      _ = try await play.drop(repository)
      try await play.expectLeftOut(
        until: try await repository.feed(1)?.notBefore, worker, repository)
      // One that is not watched is not polled by itself.
      let updated = FeedUpdated(
        feed: 1, instance: 1, url: "/hubs/general/calendars/calendar1/changed-events",
        intervalMs: 60_000, nextAtMs: nil)
      try await play.append([.feedUpdated(updated)], to: .feed(1), repository)
      try await play.expectLeftOut(
        until: try await repository.feed(1)?.notBefore, worker, repository)
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }
}

extension Simulation {
  /// Asks for a poll of the first feed.
  ///
  /// - Returns: The position of the wish.
  fileprivate func pollRequest(_ repository: Repository) async throws -> Int64 {
    await world.sleep(.seconds(1))
    let pollRequest = PollRequested(feed: 1, instance: 1, atMs: world.now.milliseconds)
    try await append([.pollRequested(pollRequest)], to: .feed(1), repository)
    return try await repository.writer.currentHead().position
  }

  /// Drops the cursor of the first feed, for a comparison.
  fileprivate func drop(_ repository: Repository) async throws -> Int64 {
    let reset = CursorReset(
      feed: 1, instance: 1, mode: .known(.comparison), reason: "a person asked",
      nextAtMs: world.now.milliseconds)
    try await append([.cursorReset(reset)], to: .feed(1), repository)
    return try await repository.writer.currentHead().position
  }

  /// Polls the first feed and holds the cause of the poll against what it should be.
  fileprivate func expect(
    _ cause: Int64?, _ what: String, _ worker: Worker, _ repository: Repository
  ) async throws {
    await world.sleep(.seconds(1))
    let poll = try await worker.poll(1, isForced: true)
    let event = try await rows(repository).first { $0.position == poll.position }
    if event?.type != PollCompleted.type || event?.cause != cause {
      note("\(what): \(poll), due to \(event?.cause as Any) and not \(cause as Any)")
    }
  }

  /// Polls the first feed while the provider is to be left alone.
  fileprivate func expectLeftOut(
    until nextAt: Moment?, _ worker: Worker, _ repository: Repository
  ) async throws {
    let skipped = try await worker.poll(1)
    let until = try await repository.feed(1)?.notBefore.rfc3339 ?? "-"
    if skipped.status != .skipped || nextAt == nil || skipped.nextAt != nextAt
      || skipped.error?.contains(until) != true
    {
      note("\(skipped), not \(nextAt as Any)")
    }
  }
}
