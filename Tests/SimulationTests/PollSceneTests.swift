import Domain
import Engine
import EventStore
import Events
import Synchronization
import Testing

/// What becomes of one poll when something happens in the middle of it.
@Suite struct PollSceneTests {
  @Test func `a comparison goes on with the absence that could not be asked for`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let answered = Mutex<[String: Int]>([:])
      let questions = Counter()
      // Every other question after an event is lost on its way.
      let worker = play.worker(repository, process) { request, perform in
        guard let event = request.url.firstRange(of: "/events/") else {
          return await perform(request)
        }
        if questions.next() % 2 == 1 { return .failed(NetworkFailure(.reset, "lost")) }
        answered.withLock { $0[String(request.url[event.upperBound...]), default: 0] += 1 }
        return await perform(request)
      }
      play.fill("calendar1", with: 60)
      _ = try await worker.poll(1)
      play.world.state.withLock { state in
        for number in 1...10 {
          state.google.cancelEvent(
            "event\(number)", in: "calendar1", at: state.clock.trueNow)
        }
        state.google.expireCursors()
      }
      var failures = 0
      while true {
        let poll = try await worker.poll(1, isForced: true)
        if poll.status == .completed {
          if poll.changes != 10 { play.note("\(poll)") }
          break
        }
        failures += 1
        let row = try await repository.feed(1)
        if failures > 30 || row?.failures != 1 { return play.note("\(poll), \(row as Any)") }
      }
      if failures < 9 { play.note("only \(failures) failures") }
      let twice = answered.withLock { $0.filter { $0.value != 1 } }
      if !twice.isEmpty { play.note("asked for again: \(twice)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a poll of mail goes on with the message that could not be read`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let number = try await play.watchMail(repository)
      let questions = Counter()
      let worker = play.worker(repository, process) { request, perform in
        guard request.url.contains("format=full") else { return await perform(request) }
        return questions.next() % 2 == 1
          ? .failed(NetworkFailure(.reset, "lost")) : await perform(request)
      }
      let first = try await worker.poll(number)
      if first.status != .completed { play.note("\(first)") }
      play.world.state.withLock { state in
        for _ in 0..<12 { state.google.disturbMail(at: state.clock.trueNow) }
      }
      var failures = 0
      while try await worker.poll(number, isForced: true).status != .completed {
        failures += 1
        let row = try await repository.feed(number)
        // Each got further than the one before.
        if failures > 50 || row?.failures != 1 { return play.note("\(row as Any)") }
      }
      if failures < 3 { play.note("only \(failures) failures") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a token that ends in the middle of a poll is refreshed as often as it does`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let refused = Mutex(0)
      let slept = Mutex<Set<String>>([])
      let worker = play.worker(repository, process) { request, perform in
        // On its way for an hour, once for each page.
        if request.url.contains("pageToken"),
          slept.withLock({ $0.insert(request.url).inserted })
        {
          await play.world.sleep(.seconds(3_600))
        }
        let outcome = await perform(request)
        if case .reply(let reply) = outcome, reply.status == 401 { refused.withLock { $0 += 1 } }
        return outcome
      }
      play.fill("calendar1", with: 60)
      let poll = try await worker.poll(1)
      if poll.status != .completed || poll.pages < 3 { play.note("\(poll)") }
      if refused.withLock({ $0 }) < 2 { play.note("no token ended") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `an access token is refreshed before it ends`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let refused = Mutex(0)
      let worker = play.worker(repository, process) { request, perform in
        let outcome = await perform(request)
        if case .reply(let reply) = outcome, reply.status == 401 { refused.withLock { $0 += 1 } }
        return outcome
      }
      play.fill("calendar1", with: 60)
      for _ in 0..<30 {
        let poll = try await worker.poll(1, isForced: true)
        if poll.status != .completed { play.note("\(poll)") }
        await play.world.sleep(.seconds(240))
      }
      if refused.withLock({ $0 }) > 0 { play.note("a token was used after its end") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `what is configured while a poll is under way holds after it`() async {
    for isWatched in [true, false] {
      let report = await Simulation.run(1) { play in
        let (process, repository) = try play.open(mayDie: false)
        let worker = play.worker(repository, process) { request, perform in
          if request.url.contains("/events?") {
            let updated = FeedUpdated(
              feed: 1, instance: 1, url: "/hubs/general/calendars/calendar1/changed-events",
              intervalMs: 86_400_000, nextAtMs: isWatched ? play.world.now.milliseconds : nil)
            try? await play.append([.feedUpdated(updated)], to: .feed(1), repository)
          }
          return await perform(request)
        }
        let poll = try await worker.poll(1)
        let next = try await repository.feed(1)?.nextAt
        let wanted = Schedule.next(of: 1, every: .seconds(86_400), after: play.world.now)
        if poll.status != .completed || next != (isWatched ? wanted : nil) {
          play.note("\(poll), next \(next as Any)")
        }
      }
      #expect(report.problems.isEmpty, "\(report.text)")
    }
  }

  @Test func `a poll asked for while another is under way is made after it`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let isFirst = once()
      let worker = play.worker(repository, process) { request, perform in
        let outcome = await perform(request)
        guard request.url.contains("/events?"), isFirst() else { return outcome }
        let pollRequest = PollRequested(feed: 1, instance: 1, atMs: play.world.now.milliseconds)
        try? await play.append([.pollRequested(pollRequest)], to: .feed(1), repository)
        return outcome
      }
      for isDue in [true, false] {
        _ = try await worker.poll(1)
        let now = play.world.now
        let due = try await repository.reader.read { snapshot throws(JournalError) in
          try snapshot.due([.poll], at: now, limit: 100)
        }
        if due.contains(where: { $0.subject == .poll(feed: 1) }) != isDue { play.note("\(due)") }
      }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a new authorization is not undone by a refusal of the old one`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let isFirst = once()
      let worker = play.worker(repository, process) { request, perform in
        guard request.url.hasSuffix("/token"), isFirst() else { return await perform(request) }
        try? await play.authorize(1, repository)
        return .reply(
          Reply(
            status: 400, headers: [], body: Array(#"{"error":"invalid_grant"}"#.utf8),
            address: ""))
      }
      play.world.state.withLock { $0.google.forgetAccessTokens() }
      let poll = try await worker.poll(1)
      if poll.status != .completed { play.note("\(poll)") }
      let instance = try await repository.instance(1)
      if !instance.isEnabled { play.note("it is disabled") }
      if isFirst() { play.note("no token was asked for") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a wish does not have a poll that goes on and fails made again at once`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process) { request, perform in
        request.url.contains("pageToken")
          ? .failed(NetworkFailure(.reset, "lost")) : await perform(request)
      }
      play.fill("calendar1", with: 60)
      for _ in 1...2 {
        _ = try await worker.poll(1, isForced: true)
        await play.world.sleep(.seconds(10))
        let pollRequest = PollRequested(feed: 1, instance: 1, atMs: play.world.now.milliseconds)
        try await play.append([.pollRequested(pollRequest)], to: .feed(1), repository)
      }
      await play.world.sleep(.seconds(1))
      let poll = try await worker.poll(1, isForced: true)
      let row = try await repository.feed(1)
      if poll.status != .failed || row?.failures != 3 { play.note("\(poll), \(row as Any)") }
      let now = play.world.now
      let due = try await repository.reader.read { snapshot throws(JournalError) in
        try snapshot.due([.poll], at: now, limit: 100)
      }
      if due.contains(where: { $0.subject == .poll(feed: 1) }) { play.note("due at once") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `what a poll found and could not record, the next one finds`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let isFirst = once()
      let worker = play.worker(repository, process) { request, perform in
        let outcome = await perform(request)
        guard request.url.contains("syncToken="), isFirst() else { return outcome }
        let disabled = FeedDisabled(feed: 1, instance: 1, reason: "a person asked")
        try? await play.append([.feedDisabled(disabled)], to: .feed(1), repository)
        return outcome
      }
      play.fill("calendar1", with: 5)
      _ = try await worker.poll(1)
      play.world.state.withLock { state in
        state.google.renameEvent("event3", in: "calendar1", at: state.clock.trueNow)
      }
      let lost = try await worker.poll(1, isForced: true)
      let enabled = FeedEnabled(feed: 1, instance: 1, nextAtMs: play.world.now.milliseconds)
      try await play.append([.feedEnabled(enabled)], to: .feed(1), repository)
      let found = try await worker.poll(1, isForced: true)
      if lost.status != .skipped || found.changes != 1 { play.note("\(lost), \(found)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a refused grant is told once, until it is taken again`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let questions = Counter()
      let worker = play.worker(repository, process) { request, perform in
        guard request.url.hasSuffix("/token"), questions.next() <= 2 else {
          return await perform(request)
        }
        let body = Array(#"{"error":"invalid_grant"}"#.utf8)
        return .reply(Reply(status: 400, headers: [], body: body, address: ""))
      }
      for isOpen in [true, true, false] {
        play.world.state.withLock { $0.google.forgetAccessTokens() }
        _ = try await worker.poll(1, isForced: true)
        let instance = try await repository.instance(1)
        if instance.isEnabled == isOpen { play.note("enabled: \(instance.isEnabled)") }
        let notice = try await repository.isNoticeOpen(
          .known(.authorizationRefused), instance.stream)
        if notice != isOpen { play.note("the notice is open: \(notice)") }
        if !instance.isEnabled {
          try await play.append(
            try instance.enable(reason: "again"), to: instance.stream, repository)
        }
      }
      let raised = try await play.rows(repository).filter { $0.type == NoticeRaised.type }
      if raised.count != 1 { play.note("\(raised.count) notices") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }

  @Test func `a baseline that a person asks for announces nothing, wherever it joined`() async {
    let report = await Simulation.run(1) { play in
      let (process, repository) = try play.open(mayDie: false)
      let worker = play.worker(repository, process)
      let number = try await play.joinLate("calendar1", repository)
      play.fill("calendar1", with: 5)
      let first = try await worker.poll(number)
      if first.changes != 5 { play.note("\(first)") }
      let reset = CursorReset(
        feed: number, instance: 1, mode: .known(.baseline), reason: "a person asked",
        nextAtMs: play.world.now.milliseconds)
      try await play.append([.cursorReset(reset)], to: .feed(number), repository)
      let second = try await worker.poll(number)
      if second.status != .completed || second.changes != 0 { play.note("\(second)") }
    }
    #expect(report.problems.isEmpty, "\(report.text)")
  }
}

/// True the first time, and never again.
private func once() -> @Sendable () -> Bool {
  let isDone = Counter()
  return { isDone.next() == 1 }
}

/// Counts from 1, whoever asks.
private final class Counter: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

extension Simulation {
  /// How a scene meddles with one request.
  typealias Meddling =
    @Sendable (_ request: Request, _ perform: @Sendable (Request) async -> Outcome) async -> Outcome

  /// An engine whose requests go through the scene’s hands.
  func worker(
    _ repository: Repository, _ process: Int, meddling: @escaping Meddling
  ) -> Worker {
    var seen = world.seen(by: process)
    let perform = seen.perform
    seen.perform = { await meddling($0, perform) }
    return worker(repository, process, in: seen)
  }

  /// A calendar of so many events, from `event1` on, made now.
  fileprivate func fill(_ calendar: String, with count: Int) {
    world.state.withLock { state in
      state.google.fill(calendar, with: count, at: state.clock.trueNow)
    }
  }

  /// - Returns: The number of a new feed of the first instance.
  fileprivate func open(
    _ feed: (FeedID) -> FeedOpened, _ repository: Repository
  ) async throws -> FeedID {
    let number = try await feeds(repository).map(\.feed).max().map { $0.advanced(by: 1) } ?? 1
    try await append([.feedOpened(feed(number))], to: .feed(number), repository)
    return number
  }

  fileprivate func watchMail(_ repository: Repository) async throws -> FeedID {
    world.state.withLock { state in
      for _ in 0..<12 { state.google.disturbMail(at: state.clock.trueNow) }
    }
    return try await open(
      { number in
        FeedOpened(
          feed: number, instance: 1, resource: "mail", url: "/hubs/general/changed-messages",
          collectionKind: "gmail-messages", collection: "me", isSupported: true,
          intervalMs: 60_000, nextAtMs: world.now.milliseconds)
      }, repository)
  }

  /// A calendar as a roster’s poll opens it, that joined an hour after the roster was looked at.
  fileprivate func joinLate(_ calendar: String, _ repository: Repository) async throws -> FeedID {
    try await open(
      { number in
        FeedOpened(
          feed: number, instance: 1, resource: "late",
          url: "/hubs/general/calendars/\(calendar)/changed-events",
          collectionKind: "calendar-events", collection: calendar, isSupported: true,
          intervalMs: 60_000, nextAtMs: world.now.milliseconds,
          rules: PollingRules(createdField: "created"),
          announceFromMs: (world.now - .seconds(3_600)).milliseconds)
      }, repository)
  }

  /// A person authorizes again: new tokens, all that were refused are forgotten.
  fileprivate func authorize(_ instance: InstanceID, _ repository: Repository) async throws {
    let tokens = world.state.withLock { state in
      state.google.authorize(instance, at: state.clock.uptime)
    }
    let expiresAt = world.now + tokens.lifetime
    let granted = AuthorizationGranted(
      instance: instance, scopes: ["calendar"], expiresAtMs: expiresAt.milliseconds,
      isRefreshable: true)
    _ = try await repository.writer.append(
      AppendRequest(
        [NewEvent(.authorization(instance), .authorizationGranted(granted))],
        secrets: [
          try repository.put(
            tokens.access, SecretNames.accessToken, of: instance, expiresAt: expiresAt),
          try repository.put(tokens.refresh, SecretNames.refreshToken, of: instance),
        ], at: world.now))
  }
}
